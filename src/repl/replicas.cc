// The replicas: feeding them, hearing from them, and dropping those that cannot follow.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "command/alone.h"
#include "command/dispatcher.h"
#include "config/config.h"
#include "repl/source.h"
#include "store/gate.h"

namespace pinion::repl {

using command::Context;
using command::Session;
using command::Worker;

namespace {

constexpr size_t kSnapshotWindow = 16 << 20;  // bytes of a snapshot that a connection may hold unsent

template <typename T>
T Load(const std::atomic<T>& v) {
  return v.load(std::memory_order_relaxed);
}

}  // namespace

// --- Feeding ---------------------------------------------------------------------------------

void Source::Wake(uint64_t session, Replica& r) {
  if (r.dropped || std::exchange(r.feeding, true)) return;
  Worker& worker = *services_.workers[r.worker];
  services_.loops.Post(r.worker, [this, &worker, session] { Feed(worker, session); });
}

void Source::Feed(Worker& worker, uint64_t id) {
  const auto it = worker.sessions.find(id);
  if (it == worker.sessions.end() || it->second->killed) return;
  Session& session = *it->second;
  for (;;) {
    std::string ready;
    std::shared_ptr<SnapshotPipe::Reader> snapshot;
    {
      std::lock_guard lock(mutex_);
      const auto found = replicas_.find(id);
      if (found == replicas_.end() || found->second.dropped) return;
      Replica& r = found->second;
      r.feeding = false;
      ready.swap(r.ready);
      if (r.state == State::kSnapshotIsSent) snapshot = r.snapshot;
    }
    if (!ready.empty()) session.link.Push().Append(ready);
    if (snapshot == nullptr) return;
    FeedSnapshot(session, *snapshot);
    std::lock_guard lock(mutex_);
    const auto found = replicas_.find(id);
    if (found == replicas_.end() || found->second.dropped || !snapshot->AtEnd()) return;
    EndSnapshot(id, found->second);
  }
}

// Gives the connection as much as it should hold; there will be more by and by, and OnTick comes again.
void Source::FeedSnapshot(Session& session, SnapshotPipe::Reader& snapshot) {
  for (;;) {
    const size_t held = session.link.usage().output_size;
    if (held >= kSnapshotWindow) return;
    const SnapshotPipe::Reader::Piece piece = snapshot.Next(kSnapshotWindow - held);
    if (piece.bytes.empty()) return;
    session.link.Push().Append(piece.bytes);
  }
}

// A replica that reads up to a mark looks for it at the end of what has come: nothing may follow before it says that it
// has found it.
void Source::EndSnapshot(uint64_t session, Replica& r) {
  r.snapshot.reset();
  r.heard_at = Now();
  r.ready.append(std::exchange(r.mark, {}));
  if (!r.reads_to_mark || !r.takes_stream) return GoOnline(session, r);
  r.state = State::kAwaitsAcknowledgement;
}

void Source::GoOnline(uint64_t session, Replica& r) {
  r.state = State::kOnline;
  r.ready.append(std::exchange(r.held, {}));
  CountGood();
  Wake(session, r);
  if (!waiting_.empty()) AnswerAcknowledgedSoon(r.worker);  // it may have acknowledged before
}

// What waits here counts like what waits in the connection; that one keeps its limit itself.
void Source::CheckLimit(uint64_t session, Replica& r) {
  const config::OutputBufferLimit& limit =
      services_.config.settings().client_output_buffer_limit[static_cast<size_t>(config::ClientClass::kReplica)];
  const uint64_t size = r.ready.size() + r.held.size();
  const uint64_t hard = Load(limit.hard_bytes), soft = Load(limit.soft_bytes);
  bool exceeded = hard != 0 && size >= hard;
  if (soft == 0 || size < soft) {
    r.over_soft_since = 0;
  } else {
    const int64_t now = Now();
    if (r.over_soft_since == 0) r.over_soft_since = now;
    exceeded |= now - r.over_soft_since > static_cast<int64_t>(Load(limit.soft_seconds)) * 1000;
  }
  if (exceeded) Drop(session, r, "it is past its output buffer limit");
}

// --- Hearing from them -----------------------------------------------------------------------

bool Source::IsGood(const Replica& r) const {
  const int64_t most = Load(services_.config.settings().min_replicas_max_lag);
  return r.state == State::kOnline && !r.dropped && (most == 0 || (Now() - r.heard_at) / 1000 <= most);
}

void Source::CountGood() {
  good_ = std::count_if(replicas_.begin(), replicas_.end(), [this](const auto& r) { return IsGood(r.second); });
}

bool Source::HasEnoughReplicas() const {
  return Load(good_) >= Load(services_.config.settings().min_replicas_to_write);
}

size_t Source::Acknowledged(uint64_t offset) const {
  return static_cast<size_t>(std::count_if(replicas_.begin(), replicas_.end(), [offset](const auto& r) {
    return r.second.state == State::kOnline && r.second.acknowledged >= offset;
  }));
}

size_t Source::CountAcknowledged(uint64_t offset) const {
  std::lock_guard lock(mutex_);
  return Acknowledged(offset);
}

void Source::Acknowledge(Context& ctx, uint64_t offset) {
  {
    std::lock_guard lock(mutex_);
    const auto it = replicas_.find(ctx.session().id);
    if (it == replicas_.end()) return;
    it->second.acknowledged = std::max(it->second.acknowledged, offset);
    it->second.heard_at = Now();
    if (it->second.state == State::kAwaitsAcknowledgement) GoOnline(it->first, it->second);
    CountGood();
  }
  AnswerAcknowledged(ctx.worker());
}

void Source::AnswerAcknowledged(Worker& worker) {
  std::vector<std::pair<std::shared_ptr<command::BlockedRequest>, size_t>> answers;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const Waiting& w) {
      std::shared_ptr<command::BlockedRequest> request = w.request.lock();
      if (request == nullptr || request->over()) return true;
      const size_t n = Acknowledged(w.offset);
      if (n < w.replicas) return false;
      answers.emplace_back(std::move(request), n);
      return true;
    });
  }
  for (const auto& [request, n] : answers) services_.blocked->Answer(worker, request, fmt::format(":{}\r\n", n));
}

void Source::AnswerAcknowledgedSoon(size_t worker) {
  services_.loops.Post(worker, [this, &worker = *services_.workers[worker]] {
    AnswerAcknowledged(worker);
    services_.dispatcher->EndTurn(worker);
  });
}

void Source::AnswerWhenAcknowledged(Context& ctx, uint64_t offset, size_t replicas) {
  std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [](const Waiting& w) {
    const std::shared_ptr<command::BlockedRequest> earlier = w.request.lock();
    return earlier == nullptr || earlier->over();
  });
  waiting_.push_back({ctx.session().waiting, offset, replicas});
  if (Acknowledged(offset) >= replicas) return AnswerAcknowledgedSoon(ctx.worker().index);  // since they were counted
  if (!replicas_.empty()) Write("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n");
}

// --- As time goes by -------------------------------------------------------------------------

void Source::OnTick(Worker& worker) {
  if (services_.gate.busy()) return;
  std::vector<uint64_t> unfinished;
  bool take = false;
  {
    std::lock_guard lock(mutex_);
    if (!backlog_) return;
    for (const auto& [session, r] : replicas_) {
      if (r.worker == worker.index && r.snapshot != nullptr) unfinished.push_back(session);
      take |= r.state == State::kWaitsForSnapshot && !r.dropped;
    }
    take = take && worker.index == 0;
  }
  for (uint64_t session : unfinished) Feed(worker, session);
  if (worker.index != 0) return;
  WatchReplicas();
  EndIdleStream(worker);
  if (!take || !MayTakeSnapshot()) return;
  try {
    const command::Alone alone(services_, worker);
    if (MayTakeSnapshot()) TakeSnapshot();
  } catch (const store::ScriptBusy&) {  // a later tick will do
    services_.dispatcher->LeaveGate(worker);
    services_.dispatcher->EnterGate(worker);
  }
}

void Source::WatchReplicas() {
  const config::Settings& settings = services_.config.settings();
  std::lock_guard lock(mutex_);
  const int64_t now = Now();
  const auto backlog_size = static_cast<size_t>(Load(settings.repl_backlog_size));
  if (backlog_ && backlog_->capacity() != backlog_size) backlog_->Resize(backlog_size);
  const bool ping = !replicas_.empty() && now - pinged_at_ >= Load(settings.repl_ping_replica_period) * 1000;
  if (ping) {
    pinged_at_ = now;
    // While writes are paused the stream stands still: somebody may be waiting for all replicas to have it.
    if (!services_.pause.Active(services_.clock.WallMillis())) Write("*1\r\n$4\r\nPING\r\n");
  }
  for (auto& [session, r] : replicas_) {
    CheckLimit(session, r);
    if (r.state >= State::kAwaitsAcknowledgement) {
      if (r.announce && now - r.heard_at > Load(settings.repl_timeout) * 1000) {
        Drop(session, r, "nothing was heard from it for repl-timeout");
      }
    } else if (ping && r.state != State::kSnapshotIsSent) {
      r.ready.push_back('\n');  // keeps it from giving up
      Wake(session, r);
    }
  }
  CountGood();
}

}  // namespace pinion::repl
