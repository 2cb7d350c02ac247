// Opening the libraries.
#include "script/libraries.h"

#include <cmath>
#include <limits>

#include "script/vm.h"

extern "C" {
int luaopen_bit(lua_State* L);
int luaopen_cjson(lua_State* L);
}

namespace pinion::script {
namespace {

int Random(lua_State* L) {
  constexpr double kRange = std::numeric_limits<int32_t>::max();
  const double r = std::fmod(static_cast<double>(Vm::Of(L).NextRandom()), kRange) / kRange;
  switch (lua_gettop(L)) {
    case 0:
      lua_pushnumber(L, r);
      return 1;
    case 1: {
      const int most = luaL_checkint(L, 1);
      luaL_argcheck(L, 1 <= most, 1, "interval is empty");
      lua_pushnumber(L, std::floor(r * most) + 1);
      return 1;
    }
    case 2: {
      const int least = luaL_checkint(L, 1);
      const int most = luaL_checkint(L, 2);
      luaL_argcheck(L, least <= most, 2, "interval is empty");
      const double width = static_cast<double>(most) - least + 1;
      lua_pushnumber(L, std::floor(r * width) + least);
      return 1;
    }
    default:
      return luaL_error(L, "wrong number of arguments");
  }
}

int RandomSeed(lua_State* L) {
  Vm::Of(L).SeedRandom(luaL_checkint(L, 1));
  return 0;
}

// The library's own negates the number of digits, and writes far out of its buffer when that has no negation.
int PushHex(lua_State* L) {
  if (lua_gettop(L) >= 2) {
    constexpr lua_Number kMostDigits = 8;
    const lua_Number digits = luaL_checknumber(L, 2);
    lua_pushnumber(L, digits < -kMostDigits ? -kMostDigits : digits > kMostDigits ? kMostDigits : digits);
    lua_replace(L, 2);
  }
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void Open(lua_State* L, lua_CFunction open, const char* name) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
  lua_setglobal(L, name);
}

}  // namespace

void OpenDataLibraries(lua_State* L) {
  Open(L, luaopen_cjson, "cjson");
  Open(L, luaopen_bit, "bit");
  lua_getglobal(L, "bit");
  lua_getfield(L, -1, "tohex");
  lua_pushcclosure(L, PushHex, 1);
  lua_setfield(L, -2, "tohex");
  lua_pop(L, 1);
  Open(L, OpenMessagePack, "cmsgpack");
  Open(L, OpenStruct, "struct");
}

void ReplaceRandom(lua_State* L) {
  lua_getglobal(L, LUA_MATHLIBNAME);
  lua_pushcfunction(L, Random);
  lua_setfield(L, -2, "random");
  lua_pushcfunction(L, RandomSeed);
  lua_setfield(L, -2, "randomseed");
  lua_pop(L, 1);
}

}  // namespace pinion::script
