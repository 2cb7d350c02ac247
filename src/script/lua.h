// Lua 5.1's own headers, and the few words of it that are missing there. The library is the one that was compiled as
// C++: its errors are exceptions, so destructors of the frames they cross run.
#pragma once

#include <string_view>

#include <lua.hpp>

namespace pinion::script {

inline void PushText(lua_State* L, std::string_view text) { lua_pushlstring(L, text.data(), text.size()); }
// The bytes of a string (or a number, which becomes one) on the stack, where they stay valid.
inline std::string_view TextAt(lua_State* L, int index) {
  size_t size = 0;
  const char* const bytes = lua_tolstring(L, index, &size);
  return {bytes, bytes == nullptr ? 0 : size};
}

// Pushes {err = "CODE text"}. A text that begins with '-' has its code behind it; others are given the code ERR.
void PushError(lua_State* L, std::string_view text);
// Pushes and raises it.
[[noreturn]] void RaiseError(lua_State* L, std::string_view text);

}  // namespace pinion::script
