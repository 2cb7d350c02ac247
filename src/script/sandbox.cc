// Building the sandbox.
#include "script/sandbox.h"

#include <array>
#include <string>

#include "script/libraries.h"
#include "script/redis_api.h"

namespace pinion::script {
namespace {

constexpr const char* kReadOnly = "Attempt to modify a readonly table";

// Its address is the key under which the metatable of a protected table keeps the true one.
const char kProtected = 0;

int RefuseWrite(lua_State* L) { return luaL_error(L, kReadOnly); }

int RefuseRead(lua_State* L) {
  if (lua_isstring(L, 2) == 0) return luaL_error(L, "Script attempted to access a nonexistent global variable");
  return luaL_error(L, "Script attempted to access nonexistent global variable '%s'", lua_tostring(L, 2));
}

// Pushes the true table behind a protected one; false, pushing nothing, when the value is something else. Protected
// tables alone have a metatable with the field kProtected as a key.
bool PushTrueTable(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || lua_getmetatable(L, index) == 0) return false;
  lua_pushlightuserdata(L, const_cast<char*>(&kProtected));
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (!lua_isnil(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

// Puts a protected table in the place of the one at the top of the stack.
void Protect(lua_State* L) {
  const int real = lua_gettop(L);
  lua_newtable(L);                       // what scripts see
  lua_newtable(L);                       // its metatable
  lua_pushvalue(L, real);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, RefuseWrite);
  lua_setfield(L, -2, "__newindex");
  lua_pushlightuserdata(L, const_cast<char*>(&kProtected));
  lua_pushvalue(L, real);
  lua_rawset(L, -3);
  // getmetatable gives another that cannot be written to, and setmetatable refuses.
  lua_newtable(L);
  lua_newtable(L);
  lua_pushcfunction(L, RefuseWrite);
  lua_setfield(L, -2, "__newindex");
  lua_pushlightuserdata(L, const_cast<char*>(&kProtected));
  lua_newtable(L);
  lua_rawset(L, -3);
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_replace(L, real);
}

void ProtectField(lua_State* L, int table, const char* name) {
  lua_getfield(L, table, name);
  Protect(L);
  lua_setfield(L, table, name);
}

// The functions below stand before the library's own, which is their upvalue.
int CallOriginal(lua_State* L) { return lua_tocfunction(L, lua_upvalueindex(1))(L); }

int UnlessProtected(lua_State* L) {
  if (PushTrueTable(L, 1)) {
    lua_pushstring(L, kReadOnly);
    return lua_error(L);
  }
  return CallOriginal(L);
}

int OnTrueTable(lua_State* L) {
  if (PushTrueTable(L, 1)) lua_replace(L, 1);
  return CallOriginal(L);
}

// pairs gives the table to the script: the true one must not get there, so `next` finds it again each time.
int Pairs(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

// As Redis: what an error table says is what a script gets, not the table.
int ProtectedCall(lua_State* L) {
  luaL_checkany(L, 1);
  const int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  lua_checkstack(L, 4);
  if (status == 0) {
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return lua_gettop(L);
  }
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "err");
    if (lua_isstring(L, -1) != 0) lua_replace(L, -2);  // what is no text comes behind the table, as from Redis
  }
  lua_pushboolean(L, 0);
  lua_insert(L, 1);
  return lua_gettop(L);
}

int LoadText(lua_State* L, std::string_view text, const char* name) {
  if (text.starts_with(*LUA_SIGNATURE)) {
    lua_pushnil(L);
    lua_pushliteral(L, "binary code cannot be loaded");
    return 2;
  }
  if (luaL_loadbuffer(L, text.data(), text.size(), name) == 0) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

int LoadString(lua_State* L) {
  size_t size = 0;
  const char* const text = luaL_checklstring(L, 1, &size);
  return LoadText(L, {text, size}, luaL_optstring(L, 2, text));
}

int Load(lua_State* L) {
  const char* const name = luaL_optstring(L, 2, "=(load)");
  luaL_checktype(L, 1, LUA_TFUNCTION);
  std::string text;
  for (;;) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) break;
    if (lua_isstring(L, -1) == 0) return luaL_error(L, "reader function must return a string");
    const std::string_view piece = TextAt(L, -1);
    if (piece.empty()) break;
    text += piece;
    lua_pop(L, 1);
  }
  return LoadText(L, text, name);
}

// Level 0 would change the globals of every script to come.
int SetFunctionEnvironment(lua_State* L) {
  if (lua_isnumber(L, 1) != 0 && lua_tonumber(L, 1) == 0) return luaL_error(L, kReadOnly);
  return CallOriginal(L);
}

// What would change how the interpreter collects for all scripts has no effect.
int CollectGarbage(lua_State* L) {
  const std::string_view option = luaL_optstring(L, 1, "collect");
  if (option == "stop" || option == "restart" || option == "setpause" || option == "setstepmul") {
    lua_pushinteger(L, 0);
    return 1;
  }
  return CallOriginal(L);
}

void Wrap(lua_State* L, int table, const char* name, lua_CFunction function) {
  lua_getfield(L, table, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, table, name);
}

void Remove(lua_State* L, int table, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    lua_pushnil(L);
    lua_setfield(L, table, name);
  }
}

void OpenLibrary(lua_State* L, lua_CFunction open, const char* name) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

void OpenBase(lua_State* L) {
  OpenLibrary(L, luaopen_base, "");
  const int g = LUA_GLOBALSINDEX;
  Remove(L, g, {"dofile", "loadfile", "print", "require", "module"});
  lua_register(L, "pcall", ProtectedCall);
  lua_register(L, "load", Load);
  lua_register(L, "loadstring", LoadString);
  for (const char* name : {"setmetatable", "rawset"}) Wrap(L, g, name, UnlessProtected);
  for (const char* name : {"next", "rawget"}) Wrap(L, g, name, OnTrueTable);
  Wrap(L, g, "setfenv", SetFunctionEnvironment);
  Wrap(L, g, "collectgarbage", CollectGarbage);
  lua_getglobal(L, "next");
  lua_pushcclosure(L, Pairs, 1);
  lua_setglobal(L, "pairs");
}

void OpenTable(lua_State* L) {
  OpenLibrary(L, luaopen_table, LUA_TABLIBNAME);
  lua_getglobal(L, LUA_TABLIBNAME);
  for (const char* name : {"insert", "remove", "sort"}) Wrap(L, lua_gettop(L), name, UnlessProtected);
  lua_pop(L, 1);
}

void OpenString(lua_State* L) {
  OpenLibrary(L, luaopen_string, LUA_STRLIBNAME);
  // The metatable of all strings is no one script's to change.
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_newtable(L);
  Protect(L);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

// Of os there is the clock only.
void OpenOs(lua_State* L) {
  OpenLibrary(L, luaopen_os, LUA_OSLIBNAME);
  lua_getglobal(L, LUA_OSLIBNAME);
  lua_newtable(L);
  lua_getfield(L, -2, "clock");
  lua_setfield(L, -2, "clock");
  lua_setglobal(L, LUA_OSLIBNAME);
  lua_pop(L, 1);
}

}  // namespace

void InstallSandbox(lua_State* L, bool functions) {
  OpenBase(L);
  OpenTable(L);
  OpenString(L);
  OpenLibrary(L, luaopen_math, LUA_MATHLIBNAME);
  OpenOs(L);
  OpenDataLibraries(L);
  ReplaceRandom(L);
  PushRedisApi(L, !functions);
  Protect(L);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "server");
  lua_setglobal(L, "redis");

  constexpr std::array kTables = {LUA_TABLIBNAME, LUA_STRLIBNAME, LUA_MATHLIBNAME, LUA_OSLIBNAME, LUA_COLIBNAME,
                                  "cjson",        "cmsgpack",     "struct",        "bit"};
  for (const char* name : kTables) ProtectField(L, LUA_GLOBALSINDEX, name);

  lua_pushvalue(L, LUA_GLOBALSINDEX);    // the true table
  lua_newtable(L);
  lua_pushcfunction(L, RefuseRead);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  Protect(L);                            // what scripts see
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "_G");
  lua_pushvalue(L, -1);
  lua_replace(L, LUA_GLOBALSINDEX);
  lua_getmetatable(L, -1);
  lua_insert(L, -2);

  if (!functions) {
    lua_pushnil(L);
    return;
  }
  lua_newtable(L);
  PushLoadApi(L);
  lua_newtable(L);
  lua_pushcfunction(L, RefuseRead);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  Protect(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "server");
  lua_setfield(L, -2, "redis");
  lua_newtable(L);
  lua_pushcfunction(L, RefuseRead);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}

}  // namespace pinion::script
