// Running scripts: the way in, the calls back, the way out.
#include "script/engine.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/sha1.h"
#include "command/acl_user.h"
#include "command/no_peer.h"
#include "command/registry.h"
#include "config/config.h"
#include "resp/errors.h"
#include "script/conversion.h"
#include "script/shebang.h"
#include "store/evictor.h"

namespace pinion::script {

using command::Context;

namespace {

constexpr int64_t kLeastRoom = 64 << 20;  // memory that a script may take whatever maxmemory is
constexpr size_t kKeepOutput = 1 << 20;   // memory that is kept between calls

void PushStrings(lua_State* L, std::span<const std::string_view> strings) {
  lua_createtable(L, static_cast<int>(strings.size()), 0);
  int i = 0;
  for (std::string_view s : strings) {
    PushText(L, s);
    lua_rawseti(L, -2, ++i);
  }
}

// As Redis writes numbers that become arguments: integers in full, others with the fewest digits that read back.
size_t FormatNumber(double v, char* out) {
  constexpr double kMostInteger = 0x1p62;
  if (v >= -kMostInteger && v <= kMostInteger && v == std::trunc(v)) return FormatInt64(static_cast<int64_t>(v), out);
  return FormatDouble(v, out);
}

}  // namespace

// In whose name scripts call commands on one worker.
class Engine::Caller {
 public:
  explicit Caller(command::Worker& worker) : session(0, worker, peer_) {
    session.script = true;
    session.authenticated = true;
  }

 private:
  command::NoPeer peer_;

 public:
  command::Session session;
};

Engine::Engine(command::Services& services)
    : services_(services), functions_(functions_vm_, services.clock), callers_(services.workers.size()) {
  services.scripts = this;
}

Engine::~Engine() = default;

Engine::Caller& Engine::CallerOn(command::Worker& worker) {
  std::unique_ptr<Caller>& caller = callers_[worker.index];
  if (caller == nullptr) caller = std::make_unique<Caller>(worker);
  return *caller;
}

// --- Scripts ---------------------------------------------------------------------------------

tl::expected<Script*, std::string> Engine::Define(std::string_view text, bool loaded) {
  Script* known = scripts_.FindText(text);
  std::string sha;
  if (known == nullptr) {
    sha = ToHex(Sha1(text));
    known = scripts_.FindSha(sha);
  }
  if (known != nullptr) {
    if (loaded) scripts_.Keep(*known);
    return known;
  }
  const auto head = ReadScriptHead(text);
  if (!head) return tl::unexpected(head.error());
  std::string error;
  const int function = eval_.Compile(text.substr(head->length), "@user_script", &error);
  if (function == LUA_NOREF) return tl::unexpected("ERR Error compiling script (new function): " + error);
  Script& script = scripts_.Add(std::move(sha), text, head->flags, function, loaded);
  while (const std::unique_ptr<Script> surplus = scripts_.TakeSurplus()) {
    eval_.Forget(surplus->function);
    evicted_scripts_.fetch_add(1, std::memory_order_relaxed);
  }
  ShareUsage();
  return &script;
}

void Engine::FlushScripts() {
  scripts_.Clear();
  eval_.Restart();
  ShareUsage();
}

std::vector<std::string_view> Engine::LibraryCodes() const {
  std::vector<std::string_view> codes;
  for (const auto& [name, library] : functions_.libraries().libraries()) codes.push_back(library->code);
  return codes;
}

tl::expected<void, std::string> Engine::AddLibraries(const std::vector<std::string>& codes, Present present) {
  const auto policy = present == Present::kGo            ? Functions::Restore::kFlush
                      : present == Present::kAreReplaced ? Functions::Restore::kReplace
                                                         : Functions::Restore::kAppend;
  auto added = functions_.RestoreAll(codes, policy);
  ShareUsage();
  return added;
}

void Engine::ShareUsage() {
  cached_scripts_.store(static_cast<int64_t>(scripts_.size()), std::memory_order_relaxed);
  scripts_bytes_.store(scripts_.bytes(), std::memory_order_relaxed);
  const LibrarySet& libraries = functions_.libraries();
  libraries_.store(static_cast<int64_t>(libraries.libraries().size()), std::memory_order_relaxed);
  function_count_.store(static_cast<int64_t>(libraries.function_count()), std::memory_order_relaxed);
  functions_bytes_.store(libraries.bytes(), std::memory_order_relaxed);
}

command::ScriptEngine::Usage Engine::usage() const {
  Usage u;
  u.vm_eval = eval_.bytes();
  u.scripts_eval = scripts_bytes_.load(std::memory_order_relaxed);
  u.cached_scripts = cached_scripts_.load(std::memory_order_relaxed);
  u.vm_functions = functions_vm_.bytes();
  u.functions = functions_bytes_.load(std::memory_order_relaxed);
  u.libraries = libraries_.load(std::memory_order_relaxed);
  u.function_count = function_count_.load(std::memory_order_relaxed);
  u.evicted_scripts = evicted_scripts_.load(std::memory_order_relaxed);
  return u;
}

// --- Running ---------------------------------------------------------------------------------

bool Engine::MayRun(Context& ctx, const Invocation& invocation) {
  if (invocation.flags & kNoShebang) return true;
  const bool out_of_memory = ctx.worker().out_of_memory && services_.evictor.limited();
  if (out_of_memory && !(invocation.flags & (kAllowOom | kNoWrites))) {
    ctx.reply().Error(resp::error::kOutOfMemory);
    return false;
  }
  if (invocation.read_only && !(invocation.flags & kNoWrites)) {
    ctx.reply().Error("ERR Can not execute a script with write flag using *_ro command.");
    return false;
  }
  const std::string_view why = services_.dispatcher->WhyNoWrites();
  if (!why.empty() && !(invocation.flags & kNoWrites)) {
    ctx.reply().Error(why);
    return false;
  }
  return true;
}

void Engine::Run(Context& ctx, const Invocation& invocation) {
  if (!MayRun(ctx, invocation)) return;
  const bool declares = !(invocation.flags & kNoShebang);
  Running running{ctx,
                  invocation,
                  CallerOn(ctx.worker()),
                  {invocation.read_only || (declares && (invocation.flags & kNoWrites)),
                   declares && (invocation.flags & kAllowOom)}};
  running.caller.session.db = ctx.session().db;
  running.caller.session.protocol = 2;
  if (running.caller.session.user != ctx.session().user) running.caller.session.user = ctx.session().user;
  running.caller.session.unrestricted = ctx.session().unrestricted;
  Vm& vm = invocation.is_function ? functions_vm_ : eval_;
  const int64_t maxmemory = services_.config.settings().maxmemory.load(std::memory_order_relaxed);
  vm.set_limit(maxmemory == 0 ? 0 : vm.bytes() + std::max(maxmemory, kLeastRoom));
  services_.dispatcher->BeginScript(ctx, invocation.name, invocation.is_function);
  running_ = &running;
  const auto start = ctx.reply().Begin();
  if (!vm.InvokeProtected()) {
    ctx.reply().out().Truncate(start);
    ReplyFailure(vm, running);
  }
  lua_settop(vm.state(), 0);
  vm.set_limit(0);
  ctx.worker().effects.Mute(false);
  running_ = nullptr;
  services_.dispatcher->EndScript();
}

void Engine::Invoke(lua_State* L) {
  const Running& r = *running_;
  const auto rest = r.ctx.args().subspan(3);
  const auto keys = rest.first(r.invocation.keys), arguments = rest.subspan(r.invocation.keys);
  if (r.invocation.is_function) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, r.invocation.function);
    PushStrings(L, keys);
    PushStrings(L, arguments);
    lua_call(L, 2, 1);
  } else {
    eval_.SetKeys(keys);
    eval_.SetArguments(arguments);
    lua_rawgeti(L, LUA_REGISTRYINDEX, r.invocation.function);
    eval_.ResetEnvironment();
    lua_call(L, 0, 1);
  }
  WriteReply(L, r.caller.session.protocol, r.ctx.reply());
}

// The error is at the top of the stack.
void Engine::ReplyFailure(Vm& vm, const Running& running) {
  lua_State* const L = vm.state();
  resp::ReplyWriter& reply = running.ctx.reply();
  if (!lua_istable(L, -1)) {
    const std::string_view why = lua_isstring(L, -1) != 0 ? TextAt(L, -1) : "execution failure";
    return reply.Error(fmt::format("ERR Error running script {}, {}", running.invocation.name, why.substr(0, 100)));
  }
  const ErrorInfo error = ReadErrorTable(L);
  std::string text(error.text.empty() ? "ERR unknown error" : error.text);
  if (!error.source.empty() && !error.line.empty()) {
    text += fmt::format(" script: {}, on {}:{}.", running.invocation.name, error.source, error.line);
  }
  error.counted ? reply.RepeatedError(text) : reply.Error(text);
}

const char* Engine::Tick() {
  if (functions_.TimedOut()) return "FUNCTION LOAD timeout";
  if (running_ == nullptr || !services_.dispatcher->ServeDuringScript(running_->ctx.worker())) return nullptr;
  return "Script killed by user with SCRIPT KILL.";
}

// --- What scripts call -----------------------------------------------------------------------

const char* Engine::ReadArguments(lua_State* L, int argc) {
  if (argc == 0) return "Please specify at least one argument for this redis lib call";
  args_.clear();
  bool room_for_numbers = false;
  for (int i = 1; i <= argc; ++i) {
    const int type = lua_type(L, i);
    if (type == LUA_TSTRING) {
      args_.push_back(TextAt(L, i));
    } else if (type == LUA_TNUMBER) {
      // Once for all numbers of the call: there are views into it.
      if (!std::exchange(room_for_numbers, true)) {
        numbers_.resize(std::max(numbers_.size(), static_cast<size_t>(argc) * kMaxDoubleText));
      }
      char* const text = numbers_.data() + static_cast<size_t>(i - 1) * kMaxDoubleText;
      args_.emplace_back(text, FormatNumber(lua_tonumber(L, i), text));
    } else {
      return "Command arguments must be strings or integers";
    }
  }
  return nullptr;
}

// Values of one or a few kilobytes are sent by reference; only then is the reply in pieces.
std::string_view Engine::OutputText() {
  iovec piece[2];
  if (output_.Gather(0, piece, 2) == 1) return {static_cast<const char*>(piece[0].iov_base), piece[0].iov_len};
  joined_.clear();
  output_.CopySince({}, &joined_);
  return joined_;
}

int Engine::Call(lua_State* L, bool raise) {
  if (running_ == nullptr) RaiseError(L, "redis.call/pcall can only be called inside a script invocation");
  const char* const wrong = ReadArguments(L, lua_gettop(L));
  if (wrong != nullptr) {
    PushError(L, wrong);
    return raise ? lua_error(L) : 1;
  }
  command::Session& session = running_->caller.session;
  output_.Clear();
  resp::ReplyWriter reply(&output_, session.protocol);
  services_.dispatcher->CallFromScript(running_->ctx.worker(), session, running_->rights, args_, reply);
  lua_settop(L, 0);
  const std::string_view text = OutputText();
  const bool failed = text.starts_with('-');
  PushReply(L, text);
  if (output_.capacity() > kKeepOutput) {
    output_.Clear();
    output_.Shrink(kKeepOutput);
    joined_ = {};
  }
  return raise && failed ? lua_error(L) : 1;
}

int Engine::SetResp(lua_State* L) {
  if (running_ == nullptr) RaiseError(L, "redis.setresp can only be called inside a script invocation");
  if (lua_gettop(L) != 1) RaiseError(L, "redis.setresp() requires one argument.");
  const double version = lua_tonumber(L, 1);
  if (version != 2 && version != 3) RaiseError(L, "RESP version must be 2 or 3.");
  running_->caller.session.protocol = static_cast<uint8_t>(version);
  return 0;
}

void Engine::SetReplicated(bool yes) {
  if (running_ != nullptr) running_->ctx.worker().effects.Mute(!yes);
}

int Engine::CheckCommand(lua_State* L) {
  if (running_ == nullptr) RaiseError(L, "redis.acl_check_cmd can only be called inside a script invocation");
  if (const char* const wrong = ReadArguments(L, lua_gettop(L)); wrong != nullptr) RaiseError(L, wrong);
  const command::Command* const c = services_.registry.FindCall(args_);
  if (c == nullptr) RaiseError(L, "Invalid command passed to server.acl_check_cmd()");
  const command::Session& caller = running_->ctx.session();
  lua_pushboolean(L, caller.unrestricted || !caller.user->Check(*c, args_));
  return 1;
}

int Engine::RegisterFunction(lua_State* L) { return functions_.Register(L); }

}  // namespace pinion::script
