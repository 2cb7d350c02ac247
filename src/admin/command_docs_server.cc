// placeholder
#include "admin/command_docs.h"
namespace pinion::admin {
const std::span<const CommandDoc> kServerDocs = {};
}
