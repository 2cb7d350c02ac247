// One Lua interpreter with its sandbox and its memory account.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "script/lua.h"

namespace pinion::script {

// What the functions of the table `redis` do for the script that runs; the engine implements it.
class ScriptHost {
 public:
  virtual ~ScriptHost() = default;
  // redis.call and redis.pcall: takes the arguments from the stack and leaves the result.
  virtual int Call(lua_State* L, bool raise) = 0;
  virtual int SetResp(lua_State* L) = 0;
  // Whether replicas learn what the script does from here on.
  virtual void SetReplicated(bool yes) = 0;
  virtual int CheckCommand(lua_State* L) = 0;
  virtual int RegisterFunction(lua_State* L) = 0;
  // Every so many instructions. True: the script must end now, with this error.
  virtual const char* Tick() = 0;
  // From within Vm::InvokeProtected: runs the script that is to run.
  virtual void Invoke(lua_State* L) = 0;
};

// Not thread-safe, but for bytes().
class Vm {
 public:
  enum class Kind : uint8_t { kEval, kFunctions };

  // `host` outlives this.
  Vm(Kind kind, ScriptHost& host);
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  // Begins anew with an empty interpreter: every reference is void.
  void Restart();
  [[nodiscard]] lua_State* state() const { return state_; }
  [[nodiscard]] static Vm& Of(lua_State* L);
  [[nodiscard]] ScriptHost& host() { return host_; }
  [[nodiscard]] Kind kind() const { return kind_; }

  // Compiles text, never bytecode. On success the function is in the registry and its reference is returned; else
  // LUA_NOREF, and `error` says why.
  int Compile(std::string_view text, const char* chunk_name, std::string* error);
  // Runs a compiled chunk, which returns nothing. False: `error` says what it raised.
  bool RunChunk(int reference, std::string* error);
  void Forget(int reference) { luaL_unref(state_, LUA_REGISTRYINDEX, reference); }

  // Has ScriptHost::Invoke called in a protected call whose errors are tables {err, source, line}. False: the error is
  // on the stack.
  bool InvokeProtected();
  // What scripts of this interpreter see as the globals KEYS and ARGV. REQUIRES: no script runs.
  void SetKeys(std::span<const std::string_view> keys) { SetList(&keys_, "KEYS", keys); }
  void SetArguments(std::span<const std::string_view> arguments) { SetList(&arguments_, "ARGV", arguments); }
  // Gives the function at the top of the stack the common globals, whatever a script made of them.
  void ResetEnvironment();
  // Between these, globals are those of FUNCTION LOAD: only redis.register_function, redis.log and versions.
  void BeginLoad();
  void EndLoad();
  // Has the garbage of a small heap collected seldom: there it costs more to look at what stays.
  void TuneCollector();
  // Error after error, so that no pcall can go on.
  void EndAtEveryInstruction(lua_State* L);

  [[nodiscard]] int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  // Bytes that scripts may have; 0: no limit.
  void set_limit(int64_t bytes) { limit_ = bytes; }

  // math.random and math.randomseed: as drand48, the same numbers on every machine.
  int32_t NextRandom();
  void SeedRandom(int32_t seed);

 private:
  void Open();
  void Close();
  void SetList(int* reference, const char* name, std::span<const std::string_view> strings);
  void SetGlobal(const char* name);
  static void* Allocate(void* self, void* block, size_t old_size, size_t new_size);

  const Kind kind_;
  ScriptHost& host_;
  std::atomic<int64_t> bytes_{0};
  int64_t limit_ = 0;
  int pause_ = 0;                    // the collector's, in percent; 0: Lua's own
  uint64_t random_;
  lua_State* state_ = nullptr;
  int globals_ = LUA_NOREF;          // the true table
  int globals_meta_ = LUA_NOREF;     // of the table that scripts see
  int visible_globals_ = LUA_NOREF;  // that table
  int load_globals_ = LUA_NOREF;
  int error_handler_ = LUA_NOREF;
  int invoke_ = LUA_NOREF;
  int keys_ = LUA_NOREF;             // the tables that KEYS and ARGV are; none before the first script
  int arguments_ = LUA_NOREF;
};

}  // namespace pinion::script
