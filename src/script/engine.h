// The interpreters and what is in them; runs scripts and functions for the handlers of this room.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "command/context.h"
#include "command/dispatcher.h"
#include "command/script_engine.h"
#include "resp/output_buffer.h"
#include "script/functions.h"
#include "script/script_cache.h"
#include "script/vm.h"

namespace pinion::script {

// One for the server. REQUIRES of all but usage() and ResetStats(): the caller has the script turn (kInterpreter).
class Engine final : public command::ScriptEngine, private ScriptHost {
 public:
  explicit Engine(command::Services& services);
  ~Engine() override;
  [[nodiscard]] static Engine& Of(command::Context& ctx) { return Of(ctx.services()); }
  [[nodiscard]] static Engine& Of(command::Services& services) { return static_cast<Engine&>(*services.scripts); }

  // One call of EVAL, FCALL or their kin. The arguments behind numkeys are keys, then others.
  struct Invocation {
    std::string_view name;      // SHA1, or the function's name
    uint32_t flags;             // ScriptFlag
    int function;               // in the registry of its interpreter
    bool is_function;
    bool read_only;             // called by the _RO form
    size_t keys;
  };
  // Replies what the script returns, or why it did not.
  void Run(command::Context& ctx, const Invocation& invocation);

  // The script of that text, compiled and kept if it is new. Errors are whole.
  [[nodiscard]] tl::expected<Script*, std::string> Define(std::string_view text, bool loaded);
  [[nodiscard]] Script* FindSha(std::string_view sha) { return scripts_.FindSha(sha); }
  void FlushScripts();

  [[nodiscard]] Functions& functions() { return functions_; }
  void LibrariesChanged() { ShareUsage(); }

  [[nodiscard]] Usage usage() const override;
  void ResetStats() override { evicted_scripts_.store(0, std::memory_order_relaxed); }
  [[nodiscard]] std::vector<std::string_view> LibraryCodes() const override;
  [[nodiscard]] tl::expected<void, std::string> AddLibraries(const std::vector<std::string>& codes,
                                                             Present present) override;

 private:
  class Caller;
  struct Running {
    command::Context& ctx;
    const Invocation& invocation;
    Caller& caller;
    command::Dispatcher::ScriptRights rights;
  };

  // ScriptHost
  int Call(lua_State* L, bool raise) override;
  int SetResp(lua_State* L) override;
  void SetReplicated(bool yes) override;
  int CheckCommand(lua_State* L) override;
  int RegisterFunction(lua_State* L) override;
  const char* Tick() override;
  void Invoke(lua_State* L) override;

  [[nodiscard]] bool MayRun(command::Context& ctx, const Invocation& invocation);
  Caller& CallerOn(command::Worker& worker);
  // Fills args_ from the stack, where strings stay. Null, or why not.
  const char* ReadArguments(lua_State* L, int argc);
  [[nodiscard]] std::string_view OutputText();
  void ReplyFailure(Vm& vm, const Running& running);
  void ShareUsage();

  command::Services& services_;
  Vm eval_{Vm::Kind::kEval, *this};
  Vm functions_vm_{Vm::Kind::kFunctions, *this};
  Functions functions_;
  ScriptCache scripts_;
  std::vector<std::unique_ptr<Caller>> callers_;   // by worker
  Running* running_ = nullptr;

  // Scratch of redis.call.
  std::vector<std::string_view> args_;
  std::vector<char> numbers_;
  resp::OutputBuffer output_;
  std::string joined_;

  // What other threads see.
  std::atomic<int64_t> cached_scripts_{0}, scripts_bytes_{0}, evicted_scripts_{0};
  std::atomic<int64_t> libraries_{0}, function_count_{0}, functions_bytes_{0};
};

}  // namespace pinion::script
