// From a batch of requests to their replies: plan and prefetch, admit, lock, call, count.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "command/acl_log.h"
#include "command/blocked_clients.h"
#include "command/context.h"
#include "command/script_turn.h"
#include "command/services.h"
#include "resp/parser.h"
#include "resp/reply_writer.h"
#include "store/gate.h"

namespace pinion::command {

// One for the server; its state is the workers'. A call runs on the worker's thread, inside the gate.
class Dispatcher {
 public:
  // What the script that calls a command may do.
  struct ScriptRights {
    bool read_only = false;
    bool allow_oom = false;
  };

  explicit Dispatcher(Services& services);

  // Executes requests of one session in order. It stops early when the session must wait, before a request (CLIENT
  // PAUSE) or for the reply of the last one executed (a blocking command): then it is resumed through its link.
  // REQUIRES: the worker is inside the gate.
  struct BatchResult {
    size_t executed;
    bool waits = false;
  };
  BatchResult RunBatch(Worker& worker, Session& session, const resp::RequestBatch& batch, resp::OutputBuffer* out);

  // For EXEC: runs one queued command in the locks that are held. Its reply, its statistics and its effects are as
  // if sent alone.
  void RunQueued(Context& exec, const QueuedCommand& queued);
  // For a client that waits: runs its command once more. When there was something, true; its statistics are as if it
  // had been sent now. See BlockedClients for what may be held.
  bool RunAgain(Worker& worker, const BlockedRequest& request, std::span<const uint32_t> held,
                resp::ReplyWriter& reply);
  // Counts a command that waited and will not run again; an error as one that it replied.
  void AccountEnded(Worker& worker, const BlockedRequest& request, std::string_view error);

  // After requests, or other work that may have changed keys: sends out what is to be told of it. REQUIRES: the worker
  // holds no shard's lock.
  void EndTurn(Worker& worker);
  // Keeps the memory of who read what within its limit, a step a call. The same requirement.
  void LimitTracking(Worker& worker);

  // For the append-only file: does what it says, as in a transaction, and replies. False: there is no such command.
  // REQUIRES: the worker is alone, and has the interpreter if there may be a script.
  [[nodiscard]] bool Replay(Worker& worker, Session& session, std::span<const std::string_view> args,
                            resp::ReplyWriter& reply);
  // For redis.call: runs a command in the script's session, or replies why it may not run. REQUIRES: the worker has the
  // interpreter.
  void CallFromScript(Worker& worker, Session& script, ScriptRights rights, std::span<const std::string_view> args,
                      resp::ReplyWriter& reply);
  // From within a running script, now and then: past busy-reply-threshold serves everybody else with BUSY. True when
  // the script must end.
  [[nodiscard]] bool ServeDuringScript(Worker& worker);
  // A script begins, and has ended.
  void BeginScript(Context& ctx, std::string_view name, bool is_function);
  void EndScript();
  // Why no writes are taken now, as saving fails or replicas are missing. Empty: they are.
  [[nodiscard]] std::string_view WhyNoWrites() const;
  // SCRIPT KILL and its kin see a script that runs only when it is busy. Waits outside the gate until one is, or none
  // runs. In a transaction, which nobody may come between, it does not wait: there nothing runs but what is busy.
  void AwaitScriptState(Context& ctx);
  // DEBUG SET-DISABLE-DENY-SCRIPTS: for tests that want commands called which scripts are refused. REQUIRES: behind the
  // closed gate.
  void LetScriptsCallAll(bool yes) { scripts_call_all_ = yes; }
  ScriptTurn& script_turn() { return script_turn_; }
  RunningScript& running_script() { return running_script_; }
  // Nobody else is served before the busy script goes on. For whoever has ended it.
  void DismissOthers(Worker& worker);
  // The script that runs, if it is busy and so stands still for the caller; else null.
  [[nodiscard]] RunningScript* BusyScript();
  // Why nobody may do anything now. REQUIRES: a script is busy.
  [[nodiscard]] std::string_view BusyError() const;
  // The worker's turn to run scripts. It may have it already: when scripts stand in a row in a batch, waking the others
  // between any two of them would cost more than the scripts.
  void TakeScriptTurn(Worker& worker);
  void GiveScriptTurn(Worker& worker);
  // For how long the script has run that RunningScript tells of.
  [[nodiscard]] int64_t ScriptMillis() const;

  // The gate, as every event of a loop passes it. Inside, worker.alone tells whether as a busy script's guest.
  void EnterGate(Worker& worker);
  void LeaveGate(Worker& worker);
  // Does what cannot be left undone: if it would have to wait for a busy script's shard, once more as its guest.
  template <typename F>
  void Insist(Worker& worker, F&& f) {
    for (bool done = false; !done;) {
      try {
        f();
        done = true;
      } catch (const store::ScriptBusy&) {
        LeaveGate(worker);
        EnterGate(worker);
      }
    }
  }

  // For sessions that reset: drops transaction, subscriptions, tracking, monitor state and a wait. Takes shard locks
  // itself unless the worker is alone.
  void ResetSession(Worker& worker, Session& session);
  // For those that end. Does nothing the second time.
  void EndSession(Worker& worker, Session& session);
  // Forgets watched keys. Takes shard locks itself unless `locked` says that they (or the gate) are held.
  void Unwatch(Worker& worker, Session& session, bool locked);

  // Lets sessions of this worker that CLIENT PAUSE stalled go on, when the pause is over. On its loop; returns when
  // to look again (INT64_MAX: no pause).
  UnixMillis ResumePaused(Worker& worker);

 private:
  void BeginBatch(Worker& worker, Session& session);
  static void NoteBatch(Worker& worker, size_t requests, uint64_t began);
  BatchResult RunRequests(Worker& worker, Session& session, const resp::RequestBatch& batch, resp::OutputBuffer* out);
  // Writes what commands have to tell other sessions, and this one beside its reply.
  void DeliverMessages(Worker& worker);
  // Requests planned and prefetched ahead of execution: enough to hide memory latency, few enough to stay in the
  // first-level cache.
  static constexpr size_t kWindow = 32;
  // Between two requests: lets the next one have the script turn, unless it needs none or others have waited for long.
  void PassScriptTurn(Worker& worker, const Command* next);
  // Looks up commands and hashes first keys; with several requests, asks the cache for what they will touch.
  void Prepare(Worker& worker, const Session& session, const resp::RequestBatch& batch, size_t first, size_t count);
  void PrefetchMembers(Worker& worker, const Session& session, const resp::RequestBatch& batch, size_t first,
                       size_t count);
  enum class Executed { kDone, kPaused, kBlocked };  // kPaused: not executed
  Executed Execute(Worker& worker, Session& session, std::span<const std::string_view> args, const Plan& plan,
                   resp::ReplyWriter& reply);
  // Admission: when the command must not run, writes the error and returns false.
  bool Admit(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
             resp::ReplyWriter& reply);
  // Why the session's user may not make the call, if so; a refusal is logged with `client`'s line. Here and below
  // the answer is almost always in session.unrestricted, which the caller has looked at.
  [[nodiscard]] std::optional<Denial> CheckPermission(Worker& worker, const Session& session, const Session& client,
                                                      const Command& c, std::span<const std::string_view> args,
                                                      AclLogContext context);
  // The error for a session that is not unrestricted; empty: it may run the command.
  [[nodiscard]] std::string WhyRefused(Worker& worker, const Session& session, const Command& c,
                                       std::span<const std::string_view> args);
  // Whether the user may still run what was queued; else replies the error.
  [[nodiscard]] bool MayRunQueued(Worker& worker, const Session& session, const QueuedCommand& queued,
                                  resp::ReplyWriter& reply);
  // Replies the error of a command that does not run, which dooms a transaction. The batch goes on.
  void Reject(Worker& worker, Session& session, const Command* c, std::span<const std::string_view> args,
              std::string_view error, resp::ReplyWriter& reply);
  void CloseForHttp(Session& session);
  void RejectUnknown(Worker& worker, Session& session, std::span<const std::string_view> args,
                     resp::ReplyWriter& reply);
  // Whether the command, or for EXEC a queued one, has any of the flags.
  [[nodiscard]] static bool RunsAny(const Session& session, const Command& c, uint64_t flags);
  void Stall(Worker& worker, Session& session);
  [[nodiscard]] bool MustPause(const Session& session, const Command& c, std::span<const std::string_view> args,
                               UnixMillis now);

  void Queue(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
             resp::ReplyWriter& reply);
  // Admits and runs a command. May throw store::ScriptBusy, before it has done anything.
  Executed Perform(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                   const Plan& plan, resp::ReplyWriter& reply);
  // Runs the handler under the locks that the row asks for, and serves whom it made ready. False when the client now
  // waits.
  bool CallLocked(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                  const Plan& plan, resp::ReplyWriter& reply);
  bool CallByRow(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                 resp::ReplyWriter& reply);
  void CallKeys(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                resp::ReplyWriter& reply);
  void CallAlone(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                 resp::ReplyWriter& reply);
  void CallInterpreter(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                       resp::ReplyWriter& reply);
  void CallExec(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                resp::ReplyWriter& reply);
  // Fills worker.keys with the request's keys.
  void CollectKeys(Worker& worker, const Command& c, std::span<const std::string_view> args);
  // worker.shards becomes the sorted shards of worker.keys, which are asked into the cache.
  void CollectShards(Worker& worker);

  // After a command ran: counts it, and shows it to those who look on.
  void Account(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
               uint64_t began, const resp::ReplyWriter& reply);
  void Count(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
             uint64_t began, const resp::ReplyWriter& reply);
  void ShowMonitors(Worker& worker, const Session& session, const Command& c, std::span<const std::string_view> args);
  bool CountErrors(Worker& worker, const resp::ReplyWriter& reply, bool of_script = false);
  void FeedMonitors(Worker& worker, const Session& session, std::span<const std::string_view> args);

  void NoteSlow(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                int64_t micros);
  static std::vector<std::string_view> Redacted(const Worker& worker, std::span<const std::string_view> args);

  [[nodiscard]] bool MayCallFromScript(Worker& worker, const Session& script, ScriptRights rights, const Command* c,
                                       std::span<const std::string_view> args, resp::ReplyWriter& reply);

  Services& services_;
  ScriptTurn script_turn_;
  RunningScript running_script_;
  bool scripts_call_all_ = false;
  std::atomic<int64_t> told_of_http_{0};  // when the log was, in wall microseconds
  const double nanos_per_cycle_ = NanosPerCycle();
  const uint64_t cycles_per_milli_ = static_cast<uint64_t>(1e6 / nanos_per_cycle_);
  BlockedClients blocked_;
};

}  // namespace pinion::command
