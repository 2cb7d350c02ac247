// The world that scripts see: which libraries and functions there are, and that none of it can be changed.
#pragma once

#include "script/lua.h"

namespace pinion::script {

// Fills a fresh interpreter. Leaves on the stack: the true table of globals; the metatable of the empty table that
// scripts see in its place; that table; and the globals of FUNCTION LOAD (nil unless `functions`).
//
// Lua 5.1 has no read-only tables. Every table a script can reach from its globals is an empty one that reads from the
// true table and refuses to be written; the functions that would write to it behind its back (rawset, table.insert,
// setmetatable...) refuse as well, and those that look at its inside (pairs, next, rawget) look at the true one.
void InstallSandbox(lua_State* L, bool functions);

}  // namespace pinion::script
