// The handler of CLIENT KILL.
#pragma once

#include "command/context.h"

namespace pinion::admin {

// REQUIRES: ctx.alone().
void ClientKill(command::Context& ctx);

}  // namespace pinion::admin
