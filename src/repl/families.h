// The command families of replication.
#pragma once

#include "command/row.h"

namespace pinion::repl {

extern const command::Family kSyncFamily;
extern const command::Family kRoleFamily;
extern const command::Family kWaitFamily;

}  // namespace pinion::repl
