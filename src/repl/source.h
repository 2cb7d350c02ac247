// The source of replication: the stream of effects, and the replicas that follow it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/blocked_clients.h"
#include "command/context.h"
#include "command/replication.h"
#include "repl/backlog.h"
#include "repl/snapshot_pipe.h"
#include "repl/snapshot_sender.h"

namespace pinion::repl {

// What Redis calls a master, as one for the server. The stream is the effects of all workers in one order, with SELECT
// where the database changes, as bytes counted from 1 on: a replica that has received n bytes is at offset n.
//
// Until the first replica comes there is no stream, and nobody tells of effects. Then, and until long after the last
// one has gone (repl-backlog-ttl), each unit is appended under one mutex by the thread that made it, while it holds the
// shards: so the order is that of the locks. The mutex is a leaf but for the mailboxes of loops. Each replica has its
// share of the stream copied into a buffer, which its own loop empties into its connection; one whose buffer passes
// client-output-buffer-limit is dropped, never waited for.
class Source final : public command::Replication {
 public:
  explicit Source(command::Services& services);
  static Source& Of(command::Context& ctx) { return static_cast<Source&>(*ctx.services().replication); }

  // command::Replication
  uint64_t Append(const command::EffectUnit& unit) override;
  [[nodiscard]] bool HasEnoughReplicas() const override;
  void Forget(command::Session& session) override;
  void OnTick(command::Worker& worker) override;
  [[nodiscard]] Status status() const override;
  void ResetStats() override;

  // The loops have stopped, or are about to: nothing more is posted to them from other threads.
  void Stop();

  // The session becomes a replica's and is sent a snapshot, then the stream from there on. `announce` writes
  // "+FULLRESYNC id offset" in front, and has the replica acknowledge. REQUIRES: ctx.alone().
  void SyncFully(command::Context& ctx, bool announce);
  // The same from an offset in a stream that the replica has followed before. False when that cannot be: it was another
  // stream, or the backlog no longer has it. REQUIRES: ctx.alone().
  [[nodiscard]] bool Resume(command::Context& ctx, std::string_view id, uint64_t from);
  void CountRefusedResumption();

  // A replica has received the stream up to `offset`.
  void Acknowledge(command::Context& ctx, uint64_t offset);
  // How many replicas have received the stream up to `offset`.
  [[nodiscard]] size_t CountAcknowledged(uint64_t offset) const;
  // The context's request waits for so many: they are asked, and it is answered with their number as soon as there are.
  void AnswerWhenAcknowledged(command::Context& ctx, uint64_t offset, size_t replicas);

 private:
  enum class State : uint8_t {
    kWaitsForSnapshot,   // one that is for others, or for a file, must end first
    kSnapshotIsTaken,    // and will be sent when it is complete
    kSnapshotIsSent,
    kAwaitsAcknowledgement,  // of the snapshot: its end could not be told from what comes behind it
    kOnline
  };
  struct Replica {
    size_t worker;
    std::string address;
    int port;
    bool announce;              // knows +FULLRESYNC, and acknowledges
    bool takes_stream;
    bool reads_to_mark;         // and will say that it has found it, if it takes the stream
    State state = State::kWaitsForSnapshot;
    uint64_t acknowledged = 0;
    int64_t heard_at = 0;       // monotonic milliseconds
    std::string ready;          // may go to its connection
    std::string held;           // the stream since its snapshot, until that is sent
    std::shared_ptr<SnapshotPipe::Reader> snapshot;
    std::string mark;           // stands behind the snapshot
    bool feeding = false;       // its loop knows that there is something ready
    bool dropped = false;       // its connection is about to be closed
    int64_t over_soft_since = 0;  // monotonic milliseconds; 0: it is not
  };
  struct Waiting {
    std::weak_ptr<command::BlockedRequest> request;
    uint64_t offset;
    size_t replicas;
  };

  [[nodiscard]] int64_t Now() const;  // monotonic milliseconds
  void StartStream();
  void StopStream();
  Replica& Add(command::Context& ctx, bool announce);
  // A snapshot may begin. Behind the closed gate that stays so.
  [[nodiscard]] bool MayTakeSnapshot() const;
  // For all who wait for one. REQUIRES: the gate is held exclusively, and MayTakeSnapshot().
  void TakeSnapshot();
  // There is more of the snapshot, or it has ended. Any thread.
  void OnSnapshotGrown();

  // With mutex_ held.
  void Write(std::string_view bytes);
  void WriteSelect(uint32_t db);
  void Wake(uint64_t session, Replica& r);
  void Drop(uint64_t session, Replica& r, std::string_view why);
  [[nodiscard]] bool IsGood(const Replica& r) const;
  void CountGood();
  [[nodiscard]] size_t Acknowledged(uint64_t offset) const;
  void CheckLimit(uint64_t session, Replica& r);

  // Answers the requests that wait for no more replicas than there are now.
  void AnswerAcknowledged(command::Worker& worker);
  // The same, of its own on that worker's loop. Any thread, also with mutex_ held.
  void AnswerAcknowledgedSoon(size_t worker);

  // On the replica's loop.
  void Feed(command::Worker& worker, uint64_t session);
  void FeedSnapshot(command::Session& session, SnapshotPipe::Reader& snapshot);
  // With mutex_ held: the replica has been given its whole snapshot.
  void EndSnapshot(uint64_t session, Replica& r);
  void GoOnline(uint64_t session, Replica& r);
  void WatchReplicas();
  void EndIdleStream(command::Worker& worker);

  command::Services& services_;

  mutable std::mutex mutex_;  // guards all that follows but for what says otherwise
  std::string id_;            // 40 hexadecimal digits
  uint64_t offset_ = 0;
  int64_t selected_ = -1;     // the database that the stream is in; -1: it must say so
  std::optional<Backlog> backlog_;
  std::map<uint64_t, Replica> replicas_;  // by session
  std::vector<Waiting> waiting_;
  std::string scratch_;
  std::shared_ptr<SnapshotPipe> pipe_;       // of the last snapshot
  int64_t alone_since_ = 0;   // when the last replica went
  int64_t pinged_at_ = 0;
  int64_t full_syncs_ = 0, resumed_syncs_ = 0, refused_resumptions_ = 0;
  std::atomic<int64_t> good_{0};  // any thread
  std::unique_ptr<SnapshotSender> sender_;  // of the last snapshot; changes behind the closed gate
};

}  // namespace pinion::repl
