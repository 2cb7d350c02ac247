// Documentation of the commands about transactions.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kTransactionTexts[] = {
    {"discard", "2.0.0", "Gives up a transaction.", "O(N) where N is the number of queued commands"},
    {"exec", "1.2.0", "Runs the commands of a transaction.", "Depends on the commands"},
    {"multi", "1.2.0", "Begins a transaction: the commands that follow are queued.", "O(1)"},
    {"unwatch", "2.2.0", "Forgets all watched keys.", "O(N) where N is the number of watched keys"},
    {"watch", "2.2.0", "Makes the next transaction depend on keys staying as they are.", "O(1) for every key",
     "key:key ..."},
};

}  // namespace

const std::span<const CommandDoc> kTransactionDocs = kTransactionTexts;

}  // namespace pinion::admin
