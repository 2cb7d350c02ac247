// redis.call and its kin.
#include "script/redis_api.h"

#include <string>

#include "base/log.h"
#include "base/sha1.h"
#include "pinion/version.h"
#include "resp/errors.h"
#include "script/vm.h"

namespace pinion::script {
namespace {

constexpr int kVersionNumber = 0x00070204;  // of kRedisVersion

int Call(lua_State* L) { return Vm::Of(L).host().Call(L, true); }
int Pcall(lua_State* L) { return Vm::Of(L).host().Call(L, false); }
int SetResp(lua_State* L) { return Vm::Of(L).host().SetResp(L); }
int CheckCommand(lua_State* L) { return Vm::Of(L).host().CheckCommand(L); }
int RegisterFunction(lua_State* L) { return Vm::Of(L).host().RegisterFunction(L); }

int Sha1Hex(lua_State* L) {
  if (lua_gettop(L) != 1) RaiseError(L, "wrong number of arguments");
  PushText(L, ToHex(Sha1(TextAt(L, 1))));
  return 1;
}

int ErrorReply(lua_State* L) {
  if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) {
    PushError(L, "wrong number or type of arguments");
    return 1;
  }
  std::string text(resp::error::UpToNul(TextAt(L, 1)));
  if (!text.starts_with('-')) text.insert(0, 1, '-');
  PushError(L, text);
  return 1;
}

int StatusReply(lua_State* L) {
  if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) {
    PushError(L, "wrong number or type of arguments");
    return 1;
  }
  lua_newtable(L);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "ok");
  return 1;
}

int WriteLog(lua_State* L) {
  const int argc = lua_gettop(L);
  if (argc < 2) RaiseError(L, "redis.log() requires two arguments or more.");
  if (lua_isnumber(L, 1) == 0) RaiseError(L, "First argument must be a number (log level).");
  const auto level = static_cast<int>(lua_tonumber(L, 1));
  if (level < static_cast<int>(LogLevel::kDebug) || level > static_cast<int>(LogLevel::kWarning)) {
    RaiseError(L, "Invalid debug level.");
  }
  if (!LogEnabled(static_cast<LogLevel>(level))) return 0;
  std::string line;
  for (int i = 2; i <= argc; ++i) {
    if (lua_isstring(L, i) == 0) continue;
    if (i != 2) line += ' ';
    line += TextAt(L, i);
  }
  LogLine(static_cast<LogLevel>(level), line);
  return 0;
}

constexpr int kReplReplica = 2;

// There is no append-only file: only what is said of replicas matters.
int SetRepl(lua_State* L) {
  if (lua_gettop(L) != 1) RaiseError(L, "redis.set_repl() requires one argument.");
  const auto flags = static_cast<int>(lua_tonumber(L, 1));
  if ((flags & ~3) != 0) {
    RaiseError(L, "Invalid replication flags. Please use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  }
  Vm::Of(L).host().SetReplicated((flags & kReplReplica) != 0);
  return 0;
}

int ReplicateCommands(lua_State* L) {
  lua_pushboolean(L, 1);
  return 1;
}

int Breakpoint(lua_State* L) {
  lua_pushboolean(L, 0);
  return 1;
}

int Debug(lua_State*) { return 0; }

void SetInteger(lua_State* L, const char* name, int value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

void SetFunctions(lua_State* L, const luaL_Reg* functions) {
  for (; functions->name != nullptr; ++functions) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}

// Logging and versions: what both tables have.
void SetCommon(lua_State* L) {
  static constexpr luaL_Reg kLog[] = {{"log", WriteLog}, {nullptr, nullptr}};
  SetFunctions(L, kLog);
  SetInteger(L, "LOG_DEBUG", static_cast<int>(LogLevel::kDebug));
  SetInteger(L, "LOG_VERBOSE", static_cast<int>(LogLevel::kVerbose));
  SetInteger(L, "LOG_NOTICE", static_cast<int>(LogLevel::kNotice));
  SetInteger(L, "LOG_WARNING", static_cast<int>(LogLevel::kWarning));
  PushText(L, kRedisVersion);
  lua_setfield(L, -2, "REDIS_VERSION");
  SetInteger(L, "REDIS_VERSION_NUM", kVersionNumber);
}

}  // namespace

void PushRedisApi(lua_State* L, bool debugging) {
  static constexpr luaL_Reg kFunctions[] = {
      {"call", Call},
      {"pcall", Pcall},
      {"setresp", SetResp},
      {"sha1hex", Sha1Hex},
      {"error_reply", ErrorReply},
      {"status_reply", StatusReply},
      {"set_repl", SetRepl},
      {"acl_check_cmd", CheckCommand},
      {nullptr, nullptr},
  };
  static constexpr luaL_Reg kDebugging[] = {
      {"breakpoint", Breakpoint}, {"debug", Debug}, {"replicate_commands", ReplicateCommands}, {nullptr, nullptr}};
  lua_newtable(L);
  SetFunctions(L, kFunctions);
  if (debugging) SetFunctions(L, kDebugging);
  SetCommon(L);
  SetInteger(L, "REPL_NONE", 0);
  SetInteger(L, "REPL_AOF", 1);
  SetInteger(L, "REPL_SLAVE", kReplReplica);
  SetInteger(L, "REPL_REPLICA", kReplReplica);
  SetInteger(L, "REPL_ALL", 3);
}

void PushLoadApi(lua_State* L) {
  static constexpr luaL_Reg kFunctions[] = {{"register_function", RegisterFunction}, {nullptr, nullptr}};
  lua_newtable(L);
  SetFunctions(L, kFunctions);
  SetCommon(L);
}

}  // namespace pinion::script
