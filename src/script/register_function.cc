// Reading redis.register_function's arguments.
#include "script/register_function.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "command/registry.h"
#include "script/shebang.h"

namespace pinion::script {
namespace {

// From the array at the top of the stack; raises an error for a name that is none.
uint32_t ReadFlags(lua_State* L) {
  uint32_t flags = 0;
  for (int i = 1;; ++i) {
    lua_rawgeti(L, -1, i);
    if (lua_isnil(L, -1)) break;
    const auto known = std::find_if(kFlagNames.begin(), kFlagNames.end(), [&](const FlagName& f) {
      return lua_isstring(L, -1) != 0 && command::EqualsNoCase(f.name, TextAt(L, -1));
    });
    if (known == kFlagNames.end()) RaiseError(L, "unknown flag given");
    flags |= known->flag;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return flags;
}

std::string ReadText(lua_State* L, const char* error) {
  if (lua_isstring(L, -1) == 0) RaiseError(L, error);
  lua_pushvalue(L, -1);  // a number would become a string where it stands
  std::string text(TextAt(L, -1));
  lua_pop(L, 1);
  return text;
}

struct Given {
  std::optional<std::string> name;
  std::optional<std::string> description;
  uint32_t flags = 0;
  bool callback = false;   // at index 2
};

// The value of one named argument is at the top of the stack, the table at index 1, the callback's place at 2.
void ReadNamed(lua_State* L, std::string_view key, Given* given) {
  using command::EqualsNoCase;
  if (EqualsNoCase(key, "function_name")) {
    given->name = ReadText(L, "function_name argument given to server.register_function must be a string");
  } else if (EqualsNoCase(key, "description")) {
    given->description = ReadText(L, "description argument given to server.register_function must be a string");
  } else if (EqualsNoCase(key, "callback")) {
    if (!lua_isfunction(L, -1)) {
      RaiseError(L, "callback argument given to server.register_function must be a function");
    }
    lua_pushvalue(L, -1);
    lua_replace(L, 2);
    given->callback = true;
  } else if (EqualsNoCase(key, "flags")) {
    if (!lua_istable(L, -1)) {
      RaiseError(L, "flags argument to server.register_function must be a table representing function flags");
    }
    given->flags = ReadFlags(L);
  } else {
    RaiseError(L, "unknown argument given to server.register_function");
  }
}

Given ReadNamedArguments(lua_State* L) {
  if (!lua_istable(L, 1)) {
    RaiseError(L,
               "calling server.register_function with a single argument is only applicable to Lua table (representing "
               "named arguments).");
  }
  Given given;
  lua_pushnil(L);  // the callback's place
  lua_pushnil(L);
  while (lua_next(L, 1) != 0) {
    if (lua_type(L, -2) != LUA_TSTRING) {
      RaiseError(L, "named argument key given to server.register_function is not a string");
    }
    ReadNamed(L, TextAt(L, -2), &given);
    lua_pop(L, 1);
  }
  if (!given.name) RaiseError(L, "server.register_function must get a function name argument");
  if (!given.callback) RaiseError(L, "server.register_function must get a callback argument");
  return given;
}

Given ReadPositionalArguments(lua_State* L) {
  Given given;
  lua_pushvalue(L, 1);
  given.name = ReadText(L, "first argument to server.register_function must be a string");
  lua_pop(L, 1);
  if (!lua_isfunction(L, 2)) RaiseError(L, "second argument to server.register_function must be a function");
  return given;
}

}  // namespace

void ReadFunction(lua_State* L, Library* library) {
  const int argc = lua_gettop(L);
  if (argc < 1 || argc > 2) RaiseError(L, "wrong number of arguments to server.register_function");
  Given given = argc == 1 ? ReadNamedArguments(L) : ReadPositionalArguments(L);
  if (!IsLibraryName(*given.name)) RaiseError(L, kBadLibraryName);
  if (library->Find(*given.name) != nullptr) RaiseError(L, "Function already exists in the library");
  auto function = std::make_unique<Function>();
  function->name = std::move(*given.name);
  function->description = std::move(given.description);
  function->flags = given.flags;
  lua_pushvalue(L, 2);
  function->function = luaL_ref(L, LUA_REGISTRYINDEX);
  library->functions.push_back(std::move(function));
}

}  // namespace pinion::script
