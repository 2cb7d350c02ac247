// What a library says to redis.register_function.
#pragma once

#include "script/library.h"
#include "script/lua.h"

namespace pinion::script {

// Reads the arguments, positional or named, from the stack and adds the function to the library. Raises a Lua error
// when they do not fit.
void ReadFunction(lua_State* L, Library* library);

}  // namespace pinion::script
