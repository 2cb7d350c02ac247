// The dispatcher's part in scripts: taking turns, commands called from within, and everybody else during a long one.
#include <algorithm>

#include "base/log.h"
#include "command/acl_user.h"
#include "command/dispatcher.h"
#include "command/journaling.h"
#include "command/keys.h"
#include "command/pubsub.h"
#include "command/script_scope.h"
#include "command/script_turn.h"
#include "command/shard_locks.h"
#include "command/tracking.h"
#include "config/config.h"
#include "resp/errors.h"
#include "store/evictor.h"
#include "store/gate.h"

namespace pinion::command {

namespace error = resp::error;

namespace {

// A batch of the worker is half done while others are served from within one of its commands. Keeps what the batch
// goes on with.
class BatchSetAside {
 public:
  explicit BatchSetAside(Worker& worker)
      : worker_(worker), now_micros_(worker.now_micros), cycles_(worker.cycles), errors_seen_(worker.errors_seen),
        touch_(worker.accessor.touch), out_of_memory_(worker.out_of_memory) {
    Swap();
    worker_.nested = true;
  }
  ~BatchSetAside() {
    Swap();
    worker_.nested = false;
    worker_.now_micros = now_micros_;
    worker_.cycles = cycles_;
    worker_.errors_seen = errors_seen_;
    worker_.accessor.touch = touch_;
    worker_.out_of_memory = out_of_memory_;
  }
  BatchSetAside(const BatchSetAside&) = delete;
  BatchSetAside& operator=(const BatchSetAside&) = delete;

 private:
  void Swap() {
    hidden_args_.swap(worker_.hidden_args);
    plans_.swap(worker_.plans);
    keys_.swap(worker_.keys);
    shards_.swap(worker_.shards);
    std::swap(script_, worker_.script);
    std::swap(has_script_turn_, worker_.has_script_turn);
  }
  Worker& worker_;
  const int64_t now_micros_;
  const uint64_t cycles_;
  const uint32_t errors_seen_;
  const bool touch_, out_of_memory_;
  std::vector<size_t> hidden_args_;
  std::vector<Plan> plans_;
  std::vector<store::Key> keys_;
  std::vector<uint32_t> shards_;
  ScriptScope* script_ = nullptr;
  bool has_script_turn_ = false;
};

}  // namespace

// --- The gate and the turn -------------------------------------------------------------------

void Dispatcher::EnterGate(Worker& worker) {
  if (worker.nested) [[unlikely]] return;
  worker.alone = services_.gate.Enter(worker.index) == store::Gate::Side::kGuest;
}

void Dispatcher::LeaveGate(Worker& worker) {
  if (worker.nested) [[unlikely]] return;
  worker.alone = false;
  services_.gate.Leave(worker.index);
}

void Dispatcher::TakeScriptTurn(Worker& worker) {
  if (worker.has_script_turn) return;
  if (!script_turn_.TryTake()) [[unlikely]] {
    LeaveGate(worker);
    if (!script_turn_.Take()) throw store::ScriptBusy();
    EnterGate(worker);  // as one of many: only the one whose turn it is can be busy
    worker.now_micros = services_.clock.WallMicros();
    worker.cycles = ReadCycles();
  }
  worker.has_script_turn = true;
  worker.script_turn_since = worker.cycles;
}

void Dispatcher::GiveScriptTurn(Worker& worker) {
  worker.has_script_turn = false;
  script_turn_.Give();
}

void Dispatcher::PassScriptTurn(Worker& worker, const Command* next) {
  const uint64_t longest = cycles_per_milli_ / 4;
  const bool passes =
      next != nullptr && next->Has(kInterpreter) && worker.cycles - worker.script_turn_since < longest;
  if (!passes) GiveScriptTurn(worker);
}

void Dispatcher::AwaitScriptState(Context& ctx) {
  Worker& worker = ctx.worker();
  if (worker.alone || ctx.in_exec()) return;
  LeaveGate(worker);
  script_turn_.AwaitFreeOrBusy();
  EnterGate(worker);
}

void Dispatcher::CallInterpreter(Worker& worker, Session& session, const Command& c,
                                 std::span<const std::string_view> args, resp::ReplyWriter& reply) {
  ScriptScope scope(services_, worker);
  worker.keys.clear();
  CollectKeys(worker, c, args);
  CollectShards(worker);
  std::vector<uint32_t>& shards = worker.script_shards;
  shards.swap(worker.shards);
  ShardLocks locks(services_.keyspace, shards);
  scope.SetShards(shards);
  // Whom it may serve at its end must be within reach then.
  if (blocked_.NeedsMoreThan(shards, worker.keys, session.db)) scope.BecomeAlone();
  Context ctx(services_, worker, session, c, args, worker.keys, reply);
  RunHandler(ctx);
  if (!worker.accessor.ready.empty()) blocked_.Serve(worker, shards);
}

// --- Commands called by scripts --------------------------------------------------------------

bool Dispatcher::MayCallFromScript(Worker& worker, const Session& script, ScriptRights rights, const Command* c,
                                   std::span<const std::string_view> args, resp::ReplyWriter& reply) {
  const auto refuse = [&](std::string_view text) {
    if (c != nullptr) worker.stats.by_command[c->id].rejected.Add(1);
    reply.Error(text);
    CountErrors(worker, reply);
    return false;
  };
  if (c == nullptr) return refuse("ERR Unknown command called from script");
  if (!c->FitsArity(args.size())) return refuse("ERR Wrong number of args calling command from script");
  if (c->Has(kNoScript) && !scripts_call_all_) return refuse("ERR This Redis command is not allowed from script");
  if (!script.unrestricted) [[unlikely]] {
    const auto denial = CheckPermission(worker, script, *running_script_.caller, *c, args, AclLogContext::kLua);
    if (denial) {
      return refuse("ERR ACL failure in script: " + DescribeDenial(*script.user, *c, args, *denial, false));
    }
  }
  if (rights.read_only && c->Has(kWrite | kMayReplicate)) {
    return refuse("ERR Write commands are not allowed from read-only scripts.");
  }
  // Once a script has written it is let through to its end.
  if (c->Has(kWrite) && !running_script_.wrote) {
    if (const std::string_view why = WhyNoWrites(); !why.empty()) return refuse(why);
  }
  if (c->Has(kDenyOom) && worker.out_of_memory && !rights.allow_oom && !running_script_.wrote &&
      services_.evictor.limited()) {
    return refuse(error::kOutOfMemory);
  }
  return true;
}

void Dispatcher::CallFromScript(Worker& worker, Session& script, ScriptRights rights,
                                std::span<const std::string_view> args, resp::ReplyWriter& reply) {
  const Command* const c = services_.registry.FindCall(args);
  const uint32_t outer_errors = std::exchange(worker.errors_seen, reply.error_count());
  if (MayCallFromScript(worker, script, rights, c, args, reply)) {
    if (c->Has(kWrite)) running_script_.wrote = true;
    store::Key one;
    std::span<const store::Key> keys;
    if (c->first_key != 0 && c->first_key == c->last_key && c->parent == nullptr) [[likely]] {
      one = services_.keyspace.MakeKey(args[static_cast<size_t>(c->first_key)]);
      keys = {&one, 1};
    } else {
      worker.keys.clear();
      CollectKeys(worker, *c, args);
      keys = worker.keys;
    }
    const bool strays = c->RunsAlone(args) || c->Has(kLocksItself) ||
                        !std::all_of(keys.begin(), keys.end(),
                                     [&](const store::Key& k) { return worker.script->Covers(k.shard); });
    if (strays) [[unlikely]] worker.script->BecomeAlone();
    const uint64_t began = worker.cycles = ReadCycles();
    Context ctx(services_, worker, script, *c, args, keys, reply, true);
    RunHandler(ctx);
    // What a script reads, its caller may cache.
    const Session& caller = *running_script_.caller;
    if (caller.tracking != nullptr) [[unlikely]] services_.tracking.Remember(ctx, caller);
    Account(worker, script, *c, args, began, reply);
    ++running_script_.caller->commands;
  }
  worker.errors_seen = outer_errors;
}

// --- A script's begin and end, and its busy time ---------------------------------------------

void Dispatcher::BeginScript(Context& ctx, std::string_view name, bool is_function) {
  ctx.NoEffect();  // but those of the commands it calls
  RunningScript& s = running_script_;
  s.name = name;
  s.is_function = is_function;
  s.args = ctx.args();
  s.caller = &ctx.session();
  s.began_cycles = ctx.worker().cycles;
  s.wrote = s.killed = false;
  // Monitors see a script before the commands it calls.
  if (services_.pubsub.HasMonitors()) [[unlikely]] FeedMonitors(ctx.worker(), ctx.session(), ctx.args());
}

// What the script has locked is still locked; whom it has made ready is served at the end of its request.
void Dispatcher::EndScript() {
  running_script_.name = {};
  running_script_.args = {};
  running_script_.caller = nullptr;
  if (services_.gate.busy()) [[unlikely]] services_.gate.EndBusy();
}

int64_t Dispatcher::ScriptMillis() const {
  return static_cast<int64_t>((ReadCycles() - running_script_.began_cycles) / cycles_per_milli_);
}

bool Dispatcher::ServeDuringScript(Worker& worker) {
  RunningScript& s = running_script_;
  if (s.abort.load(std::memory_order_relaxed)) return true;
  if (!services_.gate.busy()) {
    const int64_t threshold = services_.config.settings().busy_reply_threshold.load(std::memory_order_relaxed);
    const int64_t millis = ScriptMillis();
    if (threshold <= 0 || millis < threshold) return false;
    Log(LogLevel::kWarning,
        "Slow script detected: still in execution after {} milliseconds. You can try killing the script using the {} "
        "command. Script name is: {}.",
        millis, s.is_function ? "FUNCTION KILL" : "SCRIPT KILL", s.name);
    worker.script->BecomeBusy();
  }
  {
    BatchSetAside aside(worker);
    services_.loops.ServeOthers(worker.index);
  }
  if (!s.killed) services_.gate.ReceiveGuests();
  return s.killed || s.abort.load(std::memory_order_relaxed);
}

void Dispatcher::DismissOthers(Worker& worker) {
  services_.gate.DismissGuests();
  services_.loops.StopServingOthers(worker.index);
}

RunningScript* Dispatcher::BusyScript() { return services_.gate.busy() ? &running_script_ : nullptr; }

std::string_view Dispatcher::BusyError() const {
  return running_script_.is_function ? error::kBusyFunction : error::kBusyScript;
}

}  // namespace pinion::command
