// The path of every request through the command layer.
#include "command/dispatcher.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "command/alone.h"
#include "command/append_only.h"
#include "command/clients.h"
#include "command/journaling.h"
#include "command/keys.h"
#include "command/persistence.h"
#include "command/pubsub.h"
#include "command/replication.h"
#include "command/script_scope.h"
#include "command/shard_locks.h"
#include "command/tracking.h"
#include "config/config.h"
#include "resp/errors.h"
#include "store/evictor.h"
#include "store/gate.h"

namespace pinion::command {

namespace error = resp::error;

namespace {

// Runs the handler. A client that tracks is remembered while the shards of what it read are still locked.
void Invoke(Context& ctx) {
  RunHandler(ctx);
  if (ctx.session().tracking != nullptr) [[unlikely]] ctx.services().tracking.Remember(ctx, ctx.session());
}

// CLIENT CACHING is for one command, or for one transaction.
void EndCaching(Session& session, const Command* c) {
  if (session.in_transaction() || (c != nullptr && c->Has(kKeepsCaching))) return;
  session.tracking->caching = false;
}

// Takes a finished reply back when CLIENT REPLY says so. SKIP covers the command that asked for it and the next one.
void SettleReply(Session& session, resp::ReplyWriter& reply, const resp::OutputBuffer::Mark& start,
                 bool pushes = false) {
  if (session.reply_mode == ReplyMode::kOn) [[likely]] return;
  if (!pushes) reply.out().Truncate(start);
  if (session.reply_mode == ReplyMode::kSkipNext) {
    session.reply_mode = ReplyMode::kSkipThis;
  } else if (session.reply_mode == ReplyMode::kSkipThis) {
    session.reply_mode = ReplyMode::kOn;
  }
}

}  // namespace

Dispatcher::Dispatcher(Services& services)
    : services_(services), script_turn_(services.gate), blocked_(services, *this) {
  services.dispatcher = this;
  services.blocked = &blocked_;
  services.pubsub.SetBlocked(&blocked_);
}

Dispatcher::BatchResult Dispatcher::RunBatch(Worker& worker, Session& session, const resp::RequestBatch& batch,
                                             resp::OutputBuffer* out) {
  const uint64_t outer = worker.client;  // the caller of a busy script that lets others run meanwhile
  BeginBatch(worker, session);
  const uint64_t began = worker.cycles;
  const BatchResult result = RunRequests(worker, session, batch, out);
  NoteBatch(worker, batch.size(), began);
  if (worker.has_script_turn) [[unlikely]] GiveScriptTurn(worker);
  worker.client = outer;
  EndTurn(worker);
  return result;
}

void Dispatcher::BeginBatch(Worker& worker, Session& session) {
  worker.now_micros = services_.clock.WallMicros();
  session.active_micros = worker.now_micros;
  worker.accessor.touch = !session.no_touch;
  worker.cycles = ReadCycles();
  worker.errors_seen = 0;
  worker.client = session.id;
  // What others told of before this batch came is said before its replies.
  if (worker.inbox.waiting()) [[unlikely]] services_.pubsub.Deliver(worker);
  if (session.tracking != nullptr) [[unlikely]] LimitTracking(worker);
  const bool limits_clients = services_.config.settings().maxmemory_clients.load(std::memory_order_relaxed) != 0;
  if (limits_clients && !worker.alone) [[unlikely]] {
    EvictClients(services_, worker, &session);
  }
}

// The records that INFO debug tells of. The clock was read when the last command was counted.
void Dispatcher::NoteBatch(Worker& worker, size_t requests, uint64_t began) {
  const auto cycles = static_cast<int64_t>(worker.cycles - began);
  if (cycles > worker.stats.longest_batch.Get()) [[unlikely]] worker.stats.longest_batch.Set(cycles);
  if (static_cast<int64_t>(requests) > worker.stats.most_requests.Get()) [[unlikely]] {
    worker.stats.most_requests.Set(static_cast<int64_t>(requests));
  }
}

void Dispatcher::EndTurn(Worker& worker) {
  if (!worker.invalidations.broadcast.empty()) [[unlikely]] services_.tracking.SendBroadcasts(worker);
  if (worker.inbox_touched) DeliverMessages(worker);
}

void Dispatcher::DeliverMessages(Worker& worker) {
  services_.tracking.Send(worker);
  if (!worker.handovers.empty()) [[unlikely]] {
    if (!worker.invalidations.broadcast.empty()) services_.tracking.SendBroadcasts(worker);
    // They are replies too, and go out before this batch's.
    if (const uint64_t end = worker.effects.TakeUncommitted()) (void)services_.append_only->Commit(end);
    blocked_.HandOver(worker);
  }
  services_.pubsub.Deliver(worker);
}

void Dispatcher::LimitTracking(Worker& worker) {
  services_.tracking.Limit(worker, static_cast<size_t>(services_.config.settings().tracking_table_max_keys.load(
                                       std::memory_order_relaxed)));
  if (worker.inbox_touched) DeliverMessages(worker);
}

Dispatcher::BatchResult Dispatcher::RunRequests(Worker& worker, Session& session, const resp::RequestBatch& batch,
                                                resp::OutputBuffer* out) {
  resp::ReplyWriter reply(out, session.protocol);
  const size_t n = batch.size();
  for (size_t first = 0; first < n; first += kWindow) {
    const size_t count = std::min(kWindow, n - first);
    Prepare(worker, session, batch, first, count);
    for (size_t i = 0; i < count; ++i) {
      if (session.closing || session.killed.load(std::memory_order_relaxed)) return {n};
      const Executed done = Execute(worker, session, batch[first + i], worker.plans[i], reply);
      if (done != Executed::kDone) [[unlikely]] return {first + i + (done == Executed::kBlocked), true};
      if (session.tracking != nullptr) [[unlikely]] EndCaching(session, worker.plans[i].command);
      if (worker.has_script_turn) [[unlikely]] {
        PassScriptTurn(worker, i + 1 < count ? worker.plans[i + 1].command : nullptr);
      }
    }
  }
  return {n};
}

Dispatcher::Executed Dispatcher::Execute(Worker& worker, Session& session, std::span<const std::string_view> args,
                                         const Plan& plan, resp::ReplyWriter& reply) {
  const Command* c = plan.command;
  if (c == nullptr) [[unlikely]] {
    session.last_command = nullptr;
    RejectUnknown(worker, session, args, reply);
    return Executed::kDone;
  }
  if (!c->subcommands.empty() && args.size() > 1) {
    const Command* sub = c->FindSubcommand(args[1]);
    if (sub == nullptr) {
      session.last_command = nullptr;
      Reject(worker, session, c, args, error::UnknownSubcommand(args[1], ToUpper(c->name)), reply);
      return Executed::kDone;
    }
    c = sub;
  }
  session.last_command = c;
  if (!c->FitsArity(args.size())) [[unlikely]] {
    Reject(worker, session, c, args, error::WrongArity(c->full_name), reply);
    return Executed::kDone;
  }
  const auto start = reply.Begin();
  for (;;) {
    try {
      if (services_.gate.busy() && !worker.alone) [[unlikely]] {
        LeaveGate(worker);
        EnterGate(worker);
      }
      return Perform(worker, session, *c, args, plan, reply);
    } catch (const store::ScriptBusy&) {  // what it waited for is a script that goes on and on: once more, as its guest
      reply.out().Truncate(start);
      LeaveGate(worker);
      EnterGate(worker);
    }
  }
}

Dispatcher::Executed Dispatcher::Perform(Worker& worker, Session& session, const Command& command,
                                         std::span<const std::string_view> args, const Plan& plan,
                                         resp::ReplyWriter& reply) {
  const Command* const c = &command;
  if (!Admit(worker, session, *c, args, reply)) [[unlikely]] return Executed::kDone;
  if (MustPause(session, *c, args, worker.now())) [[unlikely]] {
    Stall(worker, session);
    return Executed::kPaused;
  }
  if (session.in_transaction() && !c->Has(kNotQueued)) {
    Queue(worker, session, *c, args, reply);
    return Executed::kDone;
  }
  const auto start = reply.Begin();
  const uint64_t began = worker.cycles;
  reply.set_protocol(session.protocol);
  if (!CallLocked(worker, session, *c, args, plan, reply)) [[unlikely]] {
    // It is counted when its wait is over, with the time it then takes.
    ShowMonitors(worker, session, *c, args);
    if (worker.inbox_touched) DeliverMessages(worker);
    return Executed::kBlocked;
  }
  Account(worker, session, *c, args, began, reply);
  // The clock is read once a batch; what follows a command that took long must not live in its past.
  if (worker.cycles - began > cycles_per_milli_) [[unlikely]] worker.now_micros = services_.clock.WallMicros();
  SettleReply(session, reply, start, c->Has(kPushes));
  if (worker.inbox_touched) DeliverMessages(worker);
  return Executed::kDone;
}

bool Dispatcher::RunsAny(const Session& session, const Command& c, uint64_t flags) {
  if (c.Has(flags)) return true;
  if (!c.Has(kLocksQueued) || !session.transaction) return false;
  return std::any_of(session.transaction->queue.begin(), session.transaction->queue.end(),
                     [flags](const QueuedCommand& q) { return q.command->Has(flags); });
}

bool Dispatcher::MustPause(const Session& session, const Command& c, std::span<const std::string_view> args,
                           UnixMillis now) {
  if (services_.pause.until.load(std::memory_order_relaxed) == 0 || !services_.pause.Active(now)) [[likely]] {
    return false;
  }
  if (session.monitor || session.follows()) return false;
  if (!services_.pause.writes_only.load(std::memory_order_relaxed)) return true;
  // While another script runs nobody may look at what this one declares: then it waits like one that writes.
  const bool has_turn = session.worker.has_script_turn;
  if (c.row->only_reads != nullptr && (has_turn || script_turn_.TryTake())) {
    const bool only_reads = c.row->only_reads(services_, args);
    if (!has_turn) script_turn_.Give();
    if (only_reads) return false;
  }
  return RunsAny(session, c, kWrite | kMayReplicate);
}

// The connection waits until ResumePaused: at the end of the pause at the latest.
void Dispatcher::Stall(Worker& worker, Session& session) {
  if (!session.paused) worker.paused.push_back(session.id);
  session.paused = true;
  services_.loops.WakeAt(worker.index, services_.pause.until.load(std::memory_order_relaxed));
}

// In the order in which Redis refuses.
bool Dispatcher::Admit(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                       resp::ReplyWriter& reply) {
  const auto refuse = [&](std::string_view text) {
    Reject(worker, session, &c, args, text, reply);
    return false;
  };
  if (c.Has(kProtected)) {
    const auto allowed = services_.config.settings().enable_debug_command.load(std::memory_order_relaxed);
    if (allowed == config::ProtectedAction::kNo ||
        (allowed == config::ProtectedAction::kLocal && !session.link.is_loopback() && !session.link.is_unix())) {
      return refuse(error::ProtectedCommand(c.parent ? c.parent->name : c.name));
    }
  }
  if (!session.unrestricted) [[unlikely]] {
    const std::string why = WhyRefused(worker, session, c, args);
    if (!why.empty()) return refuse(why);
  }
  if (session.in_transaction() && c.Has(kNoMulti)) return refuse(error::kNotInTransaction);
  if (services_.evictor.limited() && !services_.gate.busy()) [[unlikely]] {
    // Whatever the command: buffers may have grown. What is told of evicted keys comes before the reply.
    worker.out_of_memory = !services_.evictor.MakeRoom(worker.now(), worker.alone, worker.accessor);
    if (!worker.accessor.ready.empty()) blocked_.ServeAlone(worker);
    if (worker.inbox_touched) DeliverMessages(worker);
    if (worker.out_of_memory && RunsAny(session, c, kDenyOom)) return refuse(error::kOutOfMemory);
  }
  if (RunsAny(session, c, kWrite)) {
    if (const std::string_view why = WhyNoWrites(); !why.empty()) [[unlikely]] return refuse(why);
  }
  if (session.protocol == 2 && session.subscribed() && !c.Has(kInSubscribed)) {
    return refuse(error::NotWhileSubscribed(c.full_name));
  }
  if (session.monitor && (c.Has(kRead) || RunsAny(session, c, kWrite | kMayReplicate))) {
    return refuse(error::kReplicaKeyspace);
  }
  if (services_.gate.busy() && !c.Has(kAllowBusy)) [[unlikely]] return refuse(BusyError());
  return true;
}

std::string_view Dispatcher::WhyNoWrites() const {
  if (services_.persistence != nullptr && services_.persistence->refuses_writes()) [[unlikely]] {
    return services_.persistence->WhyNoWrites();
  }
  if (services_.config.settings().min_replicas_to_write.load(std::memory_order_relaxed) == 0) [[likely]] return {};
  const bool enough = services_.replication == nullptr || services_.replication->HasEnoughReplicas();
  return enough ? std::string_view() : error::kNoReplicas;
}

void Dispatcher::Reject(Worker& worker, Session& session, const Command* c, std::span<const std::string_view> args,
                        std::string_view text, resp::ReplyWriter& reply) {
  const auto start = reply.Begin();
  reply.set_protocol(session.protocol);
  if (c != nullptr) worker.stats.by_command[c->id].rejected.Add(1);
  if (session.in_transaction()) {
    session.transaction->failed = true;
    session.transaction->queue.clear();
    session.transaction->queued_bytes = 0;
  }
  if (c != nullptr && c->Has(kLocksQueued)) {
    // EXEC itself was refused: the transaction is over, and monitors, which saw MULTI, are told so.
    reply.Error(error::ExecAbortBecause(text));
    if (services_.pubsub.HasMonitors()) FeedMonitors(worker, session, args);
    Unwatch(worker, session, worker.alone);
    session.transaction.reset();
  } else {
    reply.Error(text);
  }
  CountErrors(worker, reply);
  SettleReply(session, reply, start);
}

// Counts the error replies since the last call: those of a queued command are its own, not EXEC's as well.
bool Dispatcher::CountErrors(Worker& worker, const resp::ReplyWriter& reply, bool of_script) {
  if (reply.error_count() == worker.errors_seen) [[likely]] return false;
  worker.errors_seen = reply.error_count();
  if (reply.last_error_repeated()) return true;
  worker.stats.errors.Add(1);
  worker.stats.CountError(reply.last_error(), of_script);
  return true;
}

// A browser on this machine, which a page from elsewhere has send lines of its choice. The lines behind are not read.
void Dispatcher::CloseForHttp(Session& session) {
  constexpr int64_t kSilence = 60'000'000;
  const int64_t now = session.worker.now_micros;
  int64_t before = told_of_http_.load(std::memory_order_relaxed);
  if ((before == 0 || now - before > kSilence) && told_of_http_.compare_exchange_strong(before, now)) {
    Log(LogLevel::kWarning,
        "A client sent POST or Host: as if this were a web server. That may be an attack through a browser, so its "
        "connection is closed: addr={}",
        session.link.peer());
  }
  session.closing = true;
  session.link.Kill();
}

void Dispatcher::RejectUnknown(Worker& worker, Session& session, std::span<const std::string_view> args,
                               resp::ReplyWriter& reply) {
  if (EqualsNoCase(args[0], "POST") || EqualsNoCase(args[0], "HOST:")) return CloseForHttp(session);
  const auto rest = args.subspan(1);
  Reject(worker, session, nullptr, args, error::UnknownCommand(args[0], rest.data(), rest.size()), reply);
}

void Dispatcher::Queue(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                       resp::ReplyWriter& reply) {
  TransactionState& t = *session.transaction;
  if (!t.failed && !session.watch_failed()) {  // what cannot be executed any more is not kept
    QueuedCommand& q = t.queue.emplace_back();
    q.command = &c;
    q.args.assign(args.begin(), args.end());
    for (const std::string& a : q.args) t.queued_bytes += a.size() + sizeof(std::string);
  }
  const auto start = reply.Begin();
  reply.Raw("+QUEUED\r\n");
  SettleReply(session, reply, start);
  worker.cycles = ReadCycles();
}

bool Dispatcher::CallLocked(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                            const Plan& plan, resp::ReplyWriter& reply) {
  if (c.first_key != 0 && c.first_key == c.last_key && c.parent == nullptr) [[likely]] {
    store::Shard& shard = services_.keyspace.shard(plan.key.shard);
    store::MaybeLock lock(shard.mutex, worker.alone);
    if (shard.waited == 0) [[likely]] {
      Context ctx(services_, worker, session, c, args, {&plan.key, 1}, reply);
      Invoke(ctx);
      return true;
    }
  }
  return CallByRow(worker, session, c, args, reply);
}

bool Dispatcher::CallByRow(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                           resp::ReplyWriter& reply) {
  if (c.RunsAlone(args)) {
    CallAlone(worker, session, c, args, reply);
  } else if (c.Has(kLocksQueued)) {
    CallExec(worker, session, c, args, reply);
  } else if (c.Has(kInterpreter)) {
    CallInterpreter(worker, session, c, args, reply);
  } else if (!c.row->keys.empty()) {
    CallKeys(worker, session, c, args, reply);
  } else {
    Context ctx(services_, worker, session, c, args, {}, reply);
    Invoke(ctx);
  }
  // Keys that became ready in shards that were let go before their time, or that the row does not name.
  if (!worker.accessor.ready.empty()) blocked_.ServeAlone(worker);
  return session.waiting == nullptr;
}

void Dispatcher::CollectKeys(Worker& worker, const Command& c, std::span<const std::string_view> args) {
  static thread_local std::vector<KeyPosition> positions;
  positions.clear();
  FindKeys(c, args, &positions);
  for (const KeyPosition& p : positions) worker.keys.push_back(services_.keyspace.MakeKey(args[p.argument]));
}

void Dispatcher::CollectShards(Worker& worker) {
  worker.shards.clear();
  for (const store::Key& k : worker.keys) worker.shards.push_back(k.shard);
  if (worker.shards.size() < 2) return;
  std::sort(worker.shards.begin(), worker.shards.end());
  worker.shards.erase(std::unique(worker.shards.begin(), worker.shards.end()), worker.shards.end());
}

void Dispatcher::CallKeys(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                          resp::ReplyWriter& reply) {
  worker.keys.clear();
  CollectKeys(worker, c, args);
  CollectShards(worker);
  if (worker.alone) worker.shards.clear();
  {
    ShardLocks locks(services_.keyspace, worker.shards);
    if (!c.Has(kWrite) || !blocked_.NeedsMoreThan(worker.shards, worker.keys, session.db)) {
      if (worker.keys.size() > 2) {
        const auto table = [&](const store::Key& k) -> store::Table& {
          return services_.keyspace.shard(k.shard).db(session.db).table;
        };
        for (const store::Key& k : worker.keys) table(k).PrefetchBucket(k.hash);
        for (const store::Key& k : worker.keys) table(k).PrefetchEntry(k.hash);
      }
      Context ctx(services_, worker, session, c, args, worker.keys, reply);
      Invoke(ctx);
      if (!worker.accessor.ready.empty()) blocked_.Serve(worker, worker.shards);
      return;
    }
  }
  CallAlone(worker, session, c, args, reply);
}

void Dispatcher::CallAlone(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                           resp::ReplyWriter& reply) {
  const Alone alone(services_, worker);
  worker.now_micros = services_.clock.WallMicros();  // it may have waited
  worker.keys.clear();
  CollectKeys(worker, c, args);
  Context ctx(services_, worker, session, c, args, worker.keys, reply);
  Invoke(ctx);
  if (!worker.accessor.ready.empty()) blocked_.Serve(worker, {});
}

void Dispatcher::CallExec(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                          resp::ReplyWriter& reply) {
  std::optional<ScriptScope> script;
  if (RunsAny(session, c, kInterpreter)) script.emplace(services_, worker);
  worker.keys.clear();
  bool needs_all = false;
  if (session.transaction) {
    for (QueuedCommand& q : session.transaction->queue) {
      q.views.assign(q.args.begin(), q.args.end());
      needs_all |= q.command->Has(kLocksItself) || q.command->RunsAlone(q.views);
      CollectKeys(worker, *q.command, q.views);
    }
    for (const auto& w : session.transaction->watched) worker.keys.push_back(services_.keyspace.MakeKey(w.key));
  }
  if (!needs_all) {
    CollectShards(worker);
    const std::vector<uint32_t> shards = worker.shards;  // RunQueued reuses the scratch
    ShardLocks locks(services_.keyspace, shards);
    if (script) script->SetShards(shards);
    if (!blocked_.NeedsMoreThan(shards, worker.keys, session.db)) {
      Context ctx(services_, worker, session, c, args, {}, reply);
      Invoke(ctx);
      if (!worker.accessor.ready.empty()) blocked_.Serve(worker, shards);
      return;
    }
  }
  CallAlone(worker, session, c, args, reply);
}

void Dispatcher::RunQueued(Context& exec, const QueuedCommand& queued) {
  Worker& worker = exec.worker();
  resp::ReplyWriter& reply = exec.reply();
  exec.NoEffect();  // but those of the queued commands
  worker.keys.clear();
  CollectKeys(worker, *queued.command, queued.views);
  const uint64_t began = worker.cycles = ReadCycles();
  reply.set_protocol(exec.session().protocol);
  if (!exec.session().unrestricted && !MayRunQueued(worker, exec.session(), queued, reply)) [[unlikely]] return;
  Context ctx(services_, worker, exec.session(), *queued.command, queued.views, worker.keys, reply, true);
  Invoke(ctx);
  Account(worker, exec.session(), *queued.command, queued.views, began, reply);
}

void Dispatcher::Account(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                         uint64_t began, const resp::ReplyWriter& reply) {
  Count(worker, session, c, args, began, reply);
  ShowMonitors(worker, session, c, args);
  worker.hidden_args.clear();
}

void Dispatcher::ShowMonitors(Worker& worker, const Session& session, const Command& c,
                              std::span<const std::string_view> args) {
  if (services_.pubsub.HasMonitors() && !c.Has(kSkipMonitor | kAdmin)) [[unlikely]] {
    FeedMonitors(worker, session, args);
  }
}

void Dispatcher::Count(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                       uint64_t began, const resp::ReplyWriter& reply) {
  const uint64_t now = ReadCycles();
  const uint64_t cycles = now - began;
  worker.cycles = now;
  CommandStats& s = worker.stats.by_command[c.id];
  s.calls.Add(1);
  s.cycles.Add(static_cast<int64_t>(cycles));
  worker.stats.commands.Add(1);
  ++session.commands;
  if (CountErrors(worker, reply, c.Has(kInterpreter))) [[unlikely]] s.failed.Add(1);
  const double nanos = static_cast<double>(cycles) * nanos_per_cycle_;
  const config::Settings& settings = services_.config.settings();
  if (settings.latency_tracking.load(std::memory_order_relaxed)) {
    Histogram* h = s.latency.load(std::memory_order_relaxed);
    if (h == nullptr) [[unlikely]] {
      h = new Histogram;
      s.latency.store(h, std::memory_order_release);
    }
    h->Record(static_cast<uint64_t>(nanos));
  }
  // Thresholds are in micro- and milliseconds; both are looked at only for what took long enough to be near one.
  if (nanos >= 1000 || settings.slowlog_log_slower_than.load(std::memory_order_relaxed) == 0) [[unlikely]] {
    NoteSlow(worker, session, c, args, static_cast<int64_t>(nanos / 1000));
  }
}

UnixMillis Dispatcher::ResumePaused(Worker& worker) {
  if (worker.paused.empty()) return INT64_MAX;
  if (services_.pause.Active(services_.clock.WallMillis())) {
    return services_.pause.until.load(std::memory_order_relaxed);
  }
  for (uint64_t id : std::exchange(worker.paused, {})) {
    const auto it = worker.sessions.find(id);
    if (it == worker.sessions.end()) continue;
    it->second->paused = false;
    it->second->link.Resume();
  }
  return INT64_MAX;
}

}  // namespace pinion::command
