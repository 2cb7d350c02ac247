// The libraries beside Lua's own: cjson, cmsgpack, struct, bit, and a math.random with the same numbers everywhere.
#pragma once

#include "script/lua.h"

namespace pinion::script {

// Makes the globals cjson, cmsgpack, struct and bit.
void OpenDataLibraries(lua_State* L);
// Puts the random numbers of the interpreter in the place of the C library's. REQUIRES: L belongs to a Vm.
void ReplaceRandom(lua_State* L);

// Each pushes its table.
int OpenMessagePack(lua_State* L);
int OpenStruct(lua_State* L);

}  // namespace pinion::script
