// Opening, serving, timing out and closing clients.
#include "server/request_handler.h"

#include "command/acl_sessions.h"
#include "command/append_only.h"
#include "command/blocked_clients.h"
#include "command/clients.h"
#include "command/key_events.h"
#include "command/observations.h"
#include "command/persistence.h"
#include "command/replication.h"
#include "config/config.h"
#include "resp/reply_writer.h"
#include "store/evictor.h"
#include "store/keyspace.h"

namespace pinion::server {
namespace {

// Expiring works in slices of this length, between which ready requests are served.
constexpr int64_t kExpireSliceMicros = 250;

// So does walking for a snapshot.
constexpr int64_t kSnapshotSliceMicros = 200;

// How long it waits when its consumer is behind.
constexpr int64_t kSnapshotPauseMillis = 1;

// While a script is busy nothing expires; then it is looked at again this often.
constexpr int64_t kBusyPauseMillis = 50;

constexpr std::string_view kProtectedModeError =
    "-DENIED Pinion is running in protected mode because protected mode is enabled and no password is set for the "
    "default user. In this mode connections are only accepted from the loopback interface. To connect from other "
    "machines, do one of these: 1) set a password with the 'requirepass' option or CONFIG SET requirepass; 2) bind "
    "only to addresses that trusted machines reach, and turn protected mode off with 'protected-mode no' or, from "
    "this machine, CONFIG SET protected-mode no.\r\n";

ClientConnection& ClientOf(net::Connection& c) { return static_cast<ClientConnection&>(*c.state()); }

// Leaves out connections that were refused and are still being told so: those have no client.
template <typename F>
void ForEachClient(net::Loop& loop, F&& f) {
  loop.ForEachConnection([&](net::Connection& c) {
    if (c.state() != nullptr) f(c, ClientOf(c));
  });
}

}  // namespace

// Enters on construction, leaves on destruction.
class RequestHandler::InsideGate {
 public:
  InsideGate(command::Services& services, command::Worker& worker)
      : dispatcher_(*services.dispatcher), worker_(worker) {
    dispatcher_.EnterGate(worker_);
  }
  ~InsideGate() { dispatcher_.LeaveGate(worker_); }
  InsideGate(const InsideGate&) = delete;
  InsideGate& operator=(const InsideGate&) = delete;

 private:
  command::Dispatcher& dispatcher_;
  command::Worker& worker_;
};

command::Worker& RequestHandler::WorkerOf(net::Connection& c) { return *services_.workers[c.loop().index()]; }

std::unique_ptr<net::ConnectionState> RequestHandler::OnOpen(net::Connection& c) {
  command::Worker& worker = WorkerOf(c);
  InsideGate inside(services_, worker);
  const bool is_protected = services_.config.settings().protected_mode.load(std::memory_order_relaxed) &&
                            services_.acl.default_user()->needs_no_password();
  if (is_protected && !c.is_unix() && !c.peer_is_loopback()) {
    c.push_buffer().Append(kProtectedModeError);
    return nullptr;
  }
  auto client = std::make_unique<ClientConnection>(c, worker, services_.config.settings());
  command::Session& session = client->session();
  command::BecomeDefaultUser(services_, session);
  session.created_micros = session.active_micros = services_.clock.WallMicros();
  worker.sessions.emplace(session.id, &session);
  return client;
}

net::BatchResult RequestHandler::OnRequests(net::Connection& c, const resp::RequestBatch& batch,
                                            resp::OutputBuffer* out) {
  command::Worker& worker = WorkerOf(c);
  command::Dispatcher::BatchResult result{};
  {
    InsideGate inside(services_, worker);
    result = services_.dispatcher->RunBatch(worker, ClientOf(c).session(), batch, out);
  }
  if (worker.effects.uncommitted() != 0) [[unlikely]] {
    const bool held = services_.append_only->MustCommit(worker.effects.uncommitted()) && c.loop().HoldOutput();
    if (!held && !Commit(worker)) c.Kill();
  }
  return {result.executed, result.waits};
}

// Better no reply than one that says too much.
bool RequestHandler::Commit(command::Worker& worker) {
  return services_.append_only->Commit(worker.effects.TakeUncommitted());
}

// One sync for all requests that came together.
bool RequestHandler::OnRelease(net::Loop& loop) { return Commit(*services_.workers[loop.index()]); }

void RequestHandler::OnProtocolError(net::Connection& c, std::string_view message, resp::OutputBuffer* out) {
  resp::ReplyWriter reply(out, ClientOf(c).session().protocol);
  std::string text("ERR ");
  text.append(message);
  reply.Error(text);
  WorkerOf(c).stats.CountError(text);
  WorkerOf(c).stats.errors.Add(1);
}

void RequestHandler::OnClose(net::Connection& c) {
  command::Worker& worker = WorkerOf(c);
  InsideGate inside(services_, worker);
  command::Session& session = ClientOf(c).session();
  services_.dispatcher->EndSession(worker, session);
  worker.sessions.erase(session.id);
}

void RequestHandler::ApplyOutputLimits(net::Loop& loop) {
  ForEachClient(loop, [](net::Connection&, ClientConnection& client) { client.ApplyOutputLimit(); });
}

void RequestHandler::OnPosted(size_t index, const std::function<void()>& task) {
  InsideGate inside(services_, *services_.workers[index]);
  task();
}

// What must not grow past its limit, also where no requests come.
void RequestHandler::KeepLimits(command::Worker& worker) {
  try {
    services_.dispatcher->LimitTracking(worker);
    command::EvictClients(services_, worker, nullptr);
    const UnixMillis now = services_.clock.WallMillis();
    if (services_.evictor.Exceeded(now, worker.accessor)) services_.loops.WakeAt(worker.index, now);
  } catch (const store::ScriptBusy&) {  // the next tick goes on
  }
  try {
    services_.persistence->OnTick(worker);
    services_.append_only->OnTick(worker);
  } catch (const store::ScriptBusy&) {
  }
  if (!worker.accessor.ready.empty()) services_.blocked->ServeAlone(worker);
  services_.dispatcher->EndTurn(worker);
}

void RequestHandler::SampleRates() {
  const auto net = services_.host.net_totals();
  int64_t commands = 0;
  for (const auto& w : services_.workers) commands += w->stats.commands.Get();
  services_.observations.Sample(services_.clock.WallMicros(),
                                {commands, net.bytes_in, net.bytes_out, net.turns, net.busy_micros});
}

void RequestHandler::OnTick(net::Loop& loop) {
  command::Worker& worker = *services_.workers[loop.index()];
  InsideGate inside(services_, worker);
  if (!worker.alone) {
    if (loop.index() == 0) SampleRates();
    KeepLimits(worker);
    services_.replication->OnTick(worker);
  }
  const int64_t timeout = services_.config.settings().timeout.load(std::memory_order_relaxed);
  if (timeout == 0) return;
  const int64_t now = services_.clock.WallMicros();
  ForEachClient(loop, [&](net::Connection& c, ClientConnection& client) {
    const command::Session& s = client.session();
    const bool may_be_idle = s.subscribed() || s.monitor || s.follows() || s.waiting != nullptr;
    if (!may_be_idle && now - s.active_micros > timeout * 1'000'000) c.Kill();
  });
}

// Returns when to be called next.
UnixMillis RequestHandler::WalkSnapshot(size_t index, UnixMillis now) {
  using Pace = store::Snapshot::Pace;
  store::Snapshot& snapshot = services_.keyspace.snapshot();
  if (!snapshot.running()) return net::Loop::kNever;
  const uint32_t shards = services_.keyspace.shard_count();
  const Pace pace = snapshot.Walk(command::FirstShardOf(index, shards, services_.workers.size()),
                                  command::FirstShardOf(index + 1, shards, services_.workers.size()),
                                  kSnapshotSliceMicros);
  if (pace == Pace::kOver) return net::Loop::kNever;
  return pace == Pace::kGoesOn ? now : now + kSnapshotPauseMillis;
}

// As long as too much is kept and some of it can go, in slices. Returns when to be called next.
UnixMillis RequestHandler::EvictExcess(command::Worker& worker, UnixMillis now) {
  store::Evictor& evictor = services_.evictor;
  const bool goes_on = evictor.Exceeded(now, worker.accessor) && evictor.MakeRoom(now, false, worker.accessor) &&
                       evictor.Exceeded(now, worker.accessor);
  return goes_on ? now : net::Loop::kNever;
}

UnixMillis RequestHandler::OnWake(size_t index) {
  command::Worker& worker = *services_.workers[index];
  InsideGate inside(services_, worker);
  if (worker.alone) return services_.clock.WallMillis() + kBusyPauseMillis;
  const uint32_t shards = services_.keyspace.shard_count();
  const UnixMillis now = services_.clock.WallMillis();
  UnixMillis next = now + kBusyPauseMillis;
  try {
    next = services_.keyspace.ExpireDue(
        command::FirstShardOf(index, shards, services_.workers.size()),
        command::FirstShardOf(index + 1, shards, services_.workers.size()), now, kExpireSliceMicros, worker.accessor);
    next = std::min({next, WalkSnapshot(index, now), EvictExcess(worker, now)});
  } catch (const store::ScriptBusy&) {
    return std::min(next, now + kBusyPauseMillis);
  }
  if (!worker.accessor.ready.empty()) services_.blocked->ServeAlone(worker);
  services_.dispatcher->EndTurn(worker);
  return std::min({next, services_.blocked->FinishOverdue(worker), services_.dispatcher->ResumePaused(worker)});
}

}  // namespace pinion::server
