// The table `redis` (and `server`) that scripts call the server through.
#pragma once

#include "script/lua.h"

namespace pinion::script {

// Pushes it; `debugging`: with breakpoint, debug and replicate_commands, which functions do not have.
void PushRedisApi(lua_State* L, bool debugging);
// Pushes the one that FUNCTION LOAD sees.
void PushLoadApi(lua_State* L);

}  // namespace pinion::script
