// What DUMP gives and MIGRATE sends.
#pragma once

#include <string>

#include "command/services.h"
#include "store/entry.h"

namespace pinion::persist {

// The value as RESTORE takes it: type, value, version and checksum.
[[nodiscard]] std::string PayloadOf(const command::Services& services, const store::Entry& e);

}  // namespace pinion::persist
