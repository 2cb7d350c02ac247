// SCRIPT KILL and FUNCTION KILL.
#pragma once

#include "command/context.h"

namespace pinion::script {

// Ends the busy script, or the busy function, unless it has written.
void KillBusy(command::Context& ctx, bool function);

}  // namespace pinion::script
