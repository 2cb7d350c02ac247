// The stream: appending to it, and its beginning and end.
#include "repl/source.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/random.h"
#include "command/alone.h"
#include "command/delivery.h"
#include "command/dispatcher.h"
#include "command/journaling.h"
#include "config/config.h"
#include "store/gate.h"
#include "store/keyspace.h"

namespace pinion::repl {

using command::Context;
using command::Session;
using command::Worker;

namespace {

constexpr size_t kKeepScratch = 64 * 1024;

std::string MakeId() {
  return fmt::format("{:016x}{:016x}{:08x}", SecureRandom64(), SecureRandom64(),
                     static_cast<uint32_t>(SecureRandom64()));
}

}  // namespace

Source::Source(command::Services& services) : services_(services), id_(MakeId()) {
  services.replication = this;
}

int64_t Source::Now() const { return services_.clock.MonotonicNanos() / 1'000'000; }

// --- The stream ------------------------------------------------------------------------------

uint64_t Source::Append(const command::EffectUnit& unit) {
  std::lock_guard lock(mutex_);
  scratch_.clear();
  if (unit.transaction) scratch_.append("*1\r\n$5\r\nMULTI\r\n");
  size_t begin = 0;
  for (const command::Effect& e : unit.effects) {
    WriteSelect(e.db);
    scratch_.append(unit.text.substr(begin, e.end - begin));
    begin = e.end;
  }
  if (unit.transaction) scratch_.append("*1\r\n$4\r\nEXEC\r\n");
  Write(scratch_);
  if (scratch_.capacity() > kKeepScratch) scratch_ = {};
  return offset_;
}

void Source::WriteSelect(uint32_t db) {
  if (selected_ == static_cast<int64_t>(db)) return;
  selected_ = static_cast<int64_t>(db);
  scratch_.append("*2\r\n$6\r\nSELECT\r\n");
  command::AppendBulk(std::to_string(db), &scratch_);
}

void Source::Write(std::string_view bytes) {
  offset_ += bytes.size();
  if (backlog_) backlog_->Append(bytes);
  for (auto& [session, r] : replicas_) {
    if (r.dropped || !r.takes_stream || r.state == State::kWaitsForSnapshot) continue;
    if (r.state == State::kOnline) {
      r.ready.append(bytes);
      Wake(session, r);
    } else {
      r.held.append(bytes);
    }
    CheckLimit(session, r);
  }
}

void Source::StartStream() {
  {
    std::lock_guard lock(mutex_);
    if (backlog_) return;
    const int64_t size = services_.config.settings().repl_backlog_size.load(std::memory_order_relaxed);
    backlog_.emplace(static_cast<size_t>(size), offset_);
    selected_ = -1;
    pinged_at_ = Now();
  }
  command::Listen(services_, command::Listener::kReplicas, this);
}

// Nobody can resume a stream that has a gap: the next one has another name.
void Source::StopStream() {
  command::Listen(services_, command::Listener::kReplicas, nullptr);
  std::lock_guard lock(mutex_);
  backlog_.reset();
  id_ = MakeId();
}

// --- Beginning to follow ---------------------------------------------------------------------

Source::Replica& Source::Add(Context& ctx, bool announce) {
  Session& session = ctx.session();
  const command::ReplicaState& state = *session.replica;
  std::string_view host = session.link.peer();
  host = host.substr(0, host.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Replica r{session.worker.index, std::string(state.address.empty() ? host : std::string_view(state.address)),
            state.listening_port, announce, !state.rdb_only,
            state.reads_to_mark && (announce || state.rdb_only)};
  r.heard_at = Now();
  return replicas_.insert_or_assign(session.id, std::move(r)).first->second;
}

void Source::SyncFully(Context& ctx, bool announce) {
  StartStream();
  ctx.session().replica->following = true;
  ctx.session().link.SetOutputClass(command::ClientLink::OutputClass::kReplica);
  {
    std::lock_guard lock(mutex_);
    ++full_syncs_;
    Add(ctx, announce);
  }
  if (MayTakeSnapshot()) TakeSnapshot();  // else a tick will
}

bool Source::Resume(Context& ctx, std::string_view id, uint64_t from) {
  Session& session = ctx.session();
  std::lock_guard lock(mutex_);
  if (!backlog_ || id != id_ || !backlog_->Has(from)) return false;
  ++resumed_syncs_;
  session.replica->following = true;
  session.link.SetOutputClass(command::ClientLink::OutputClass::kReplica);
  Replica& r = Add(ctx, true);
  r.state = State::kOnline;
  r.acknowledged = from - 1;
  r.ready = session.replica->resumes ? fmt::format("+CONTINUE {}\r\n", id_) : "+CONTINUE\r\n";
  backlog_->CopyFrom(from, &r.ready);
  Wake(session.id, r);
  CountGood();
  return true;
}

void Source::CountRefusedResumption() {
  std::lock_guard lock(mutex_);
  ++refused_resumptions_;
}

// --- Snapshots -------------------------------------------------------------------------------

bool Source::MayTakeSnapshot() const {
  return !services_.keyspace.snapshot().running() && (sender_ == nullptr || sender_->finished());
}

// The instant of the snapshot and the offset in the stream are one: nobody else is inside the gate.
void Source::TakeSnapshot() {
  sender_.reset();
  std::shared_ptr<SnapshotPipe> pipe;
  bool wanted = false;
  {
    std::lock_guard lock(mutex_);
    selected_ = -1;
    const bool lengths_wanted = std::any_of(replicas_.begin(), replicas_.end(), [](const auto& r) {
      return r.second.state == State::kWaitsForSnapshot && !r.second.reads_to_mark;
    });
    pipe = pipe_ = std::make_shared<SnapshotPipe>(lengths_wanted);
    for (auto& [session, r] : replicas_) {
      if (r.dropped || r.state != State::kWaitsForSnapshot) continue;
      wanted = true;
      r.snapshot = std::make_shared<SnapshotPipe::Reader>(pipe);
      r.acknowledged = offset_;
      r.state = State::kSnapshotIsTaken;
      if (r.announce) r.ready.append(fmt::format("+FULLRESYNC {} {}\r\n", id_, offset_));
      if (r.reads_to_mark) {
        r.mark = MakeId();
        r.ready.append(fmt::format("$EOF:{}\r\n", r.mark));
        r.state = State::kSnapshotIsSent;
      }
      Wake(session, r);
    }
  }
  if (!wanted) return;  // they have gone meanwhile
  sender_ = std::make_unique<SnapshotSender>(services_, std::move(pipe), [this] { OnSnapshotGrown(); });
}

void Source::OnSnapshotGrown() {
  std::lock_guard lock(mutex_);
  const SnapshotPipe::State state = pipe_->state();
  for (auto& [session, r] : replicas_) {
    if (r.dropped || r.snapshot == nullptr) continue;
    if (state == SnapshotPipe::State::kBroken) {
      Drop(session, r, "its snapshot was given up");
      continue;
    }
    if (r.state == State::kSnapshotIsTaken && state == SnapshotPipe::State::kWhole) {
      r.ready.append(fmt::format("${}\r\n", pipe_->size()));
      r.state = State::kSnapshotIsSent;
    }
    if (r.state == State::kSnapshotIsSent) Wake(session, r);
  }
}

void Source::Stop() {
  if (sender_ == nullptr) return;
  sender_->Stop();
  sender_.reset();
}

// --- Ending ----------------------------------------------------------------------------------

void Source::Forget(Session& session) {
  std::lock_guard lock(mutex_);
  if (replicas_.erase(session.id) == 0) return;
  if (replicas_.empty()) alone_since_ = Now();
  CountGood();
}

// With `mutex_` held the connection cannot be touched: its loop closes it.
void Source::Drop(uint64_t session, Replica& r, std::string_view why) {
  if (std::exchange(r.dropped, true)) return;
  Log(LogLevel::kWarning, "Replica {}:{} (client id={}) is dropped: {}", r.address, r.port, session, why);
  r.ready = {};
  r.held = {};
  r.snapshot.reset();
  Worker& worker = *services_.workers[r.worker];
  services_.loops.Post(r.worker, [&worker, session] {
    const auto it = worker.sessions.find(session);
    if (it != worker.sessions.end()) it->second->link.Kill();
  });
}

void Source::EndIdleStream(Worker& worker) {
  const int64_t ttl = services_.config.settings().repl_backlog_ttl.load(std::memory_order_relaxed) * 1000;
  {
    std::lock_guard lock(mutex_);
    if (!backlog_ || ttl == 0 || !replicas_.empty() || Now() - alone_since_ < ttl) return;
  }
  try {
    const command::Alone alone(services_, worker);
    {
      std::lock_guard lock(mutex_);
      if (!replicas_.empty()) return;  // one came meanwhile
    }
    StopStream();
  } catch (const store::ScriptBusy&) {  // a later tick will do
    services_.dispatcher->LeaveGate(worker);
    services_.dispatcher->EnterGate(worker);
  }
}

// --- Looking on ------------------------------------------------------------------------------

command::Replication::Status Source::status() const {
  std::lock_guard lock(mutex_);
  Status s;
  s.id = id_;
  s.offset = offset_;
  s.good_replicas = static_cast<size_t>(good_.load(std::memory_order_relaxed));
  s.has_backlog = backlog_.has_value();
  if (backlog_) {
    s.backlog_first = backlog_->first();
    s.backlog_bytes = backlog_->size();
  }
  const int64_t now = Now();
  for (const auto& [session, r] : replicas_) {
    constexpr std::string_view kStates[] = {"wait_bgsave", "wait_bgsave", "send_bulk", "send_bulk", "online"};
    s.replicas.push_back({r.address, std::string(kStates[static_cast<size_t>(r.state)]), r.port, r.acknowledged,
                          r.state == State::kOnline ? (now - r.heard_at) / 1000 : 0});
  }
  s.full_syncs = full_syncs_;
  s.resumed_syncs = resumed_syncs_;
  s.refused_resumptions = refused_resumptions_;
  return s;
}

void Source::ResetStats() {
  std::lock_guard lock(mutex_);
  full_syncs_ = resumed_syncs_ = refused_resumptions_ = 0;
}

}  // namespace pinion::repl
