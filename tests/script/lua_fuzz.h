// A Lua state with one library, for fuzzing it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "script/libraries.h"
#include "script/lua.h"

namespace pinion::script {

// Pushes the named function of the library.
class FuzzState {
 public:
  explicit FuzzState(lua_CFunction open) : L(luaL_newstate()) {
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
    library_ = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  ~FuzzState() { lua_close(L); }
  void PushFunction(const char* name) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, library_);
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
  }
  lua_State* const L;

 private:
  int library_;
};

}  // namespace pinion::script
