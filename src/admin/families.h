// The families of this room, for the one list in server/.
#pragma once

#include "command/row.h"

namespace pinion::admin {

extern const command::Family kAclFamily;
extern const command::Family kClientFamily;
extern const command::Family kClusterFamily;
extern const command::Family kCommandFamily;
extern const command::Family kConfigFamily;
extern const command::Family kDebugFamily;
extern const command::Family kInfoFamily;
extern const command::Family kKeyspaceFamily;
extern const command::Family kLatencyFamily;
extern const command::Family kLolwutFamily;
extern const command::Family kMemoryFamily;
extern const command::Family kModuleFamily;
extern const command::Family kMonitorFamily;
extern const command::Family kObjectFamily;
extern const command::Family kShutdownFamily;
extern const command::Family kSlowLogFamily;
extern const command::Family kTimeFamily;

}  // namespace pinion::admin
