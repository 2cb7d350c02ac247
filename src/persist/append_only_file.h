// The append-only file as a whole: on and off, loading, rewrites, and what is known of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "command/append_only.h"
#include "command/blocked_clients.h"
#include "command/services.h"
#include "persist/aof_directory.h"
#include "persist/append_log.h"
#include "persist/background_save.h"

namespace pinion::persist {

// One for the server; docs/aof.md tells of the files and the threads. A rewrite is a snapshot that is written as the
// next base, while what happens from its instant on goes to a new increment; the manifest takes in the increment when
// the rewrite begins and the base when it has ended. When the file is turned on there is no base yet that goes with
// the increments, so they are kept beside the manifest until then.
class AppendOnlyFile final : public command::AppendOnly {
 public:
  explicit AppendOnlyFile(command::Services& services);
  ~AppendOnlyFile() override { Stop(); }
  [[nodiscard]] static AppendOnlyFile& Of(command::Services& services) {
    return static_cast<AppendOnlyFile&>(*services.append_only);
  }

  // command::AppendOnly
  [[nodiscard]] Status status() const override;
  [[nodiscard]] bool enabled() const override { return state() != State::kOff; }
  [[nodiscard]] bool rewrites() const override;
  [[nodiscard]] bool MustCommit(uint64_t end) const override { return log_.MustCommit(end); }
  [[nodiscard]] bool Commit(uint64_t end) override { return log_.Commit(end); }
  [[nodiscard]] bool IsSynced(uint64_t end) const override { return state() == State::kOn && log_.synced() >= end; }
  void AnswerWhenSynced(command::Context& ctx, uint64_t end) override;
  void LoadAgain(command::Context& ctx) override;
  [[nodiscard]] bool may_stop() const override { return state() != State::kWaits; }
  void OnTick(command::Worker& worker) override;

  // With appendonly yes: loads what is there, and goes on behind it. The error is a sentence. REQUIRES: nobody else is
  // inside the gate.
  [[nodiscard]] tl::expected<void, std::string> Start();
  // The option appendonly has changed. The error is a reason. REQUIRES: the gate is held exclusively.
  [[nodiscard]] tl::expected<void, std::string> ApplyOption();
  // The loops have stopped: has everything on the disk.
  void Stop();

  // BGREWRITEAOF. All REQUIRE: the gate is held exclusively.
  // No snapshot is on its way.
  [[nodiscard]] bool MayRewrite() const;
  // False, with the reason in the log, when it cannot begin. REQUIRES: MayRewrite().
  [[nodiscard]] bool StartRewrite();
  void ScheduleRewrite();

 private:
  enum class State : uint8_t {
    kOff,
    kWaits,  // for its first base
    kOn
  };
  // The file that goes on from a rewrite's instant.
  struct Increment {
    std::atomic<bool> begun{false};
    int64_t sequence = 0;
  };
  struct Rewrite {
    std::unique_ptr<BackgroundSave> save;
    int64_t began_nanos = 0;  // monotonic
  };
  struct Waiting {
    std::weak_ptr<command::BlockedRequest> request;
    uint64_t end;
    size_t worker;
  };

  [[nodiscard]] State state() const { return state_.load(std::memory_order_acquire); }
  [[nodiscard]] tl::expected<void, std::string> OpenDirectory();
  [[nodiscard]] tl::expected<void, std::string> LoadFiles(command::Worker& worker);
  [[nodiscard]] tl::expected<void, std::string> WriteFirstBase();
  [[nodiscard]] FileOptions BaseFileOptions() const;
  void NoteSizes();
  void TurnOff();

  std::shared_ptr<Increment> BeginIncrement();
  // On the snapshot's thread, when the base is written. Returns an errno, or 0.
  [[nodiscard]] int AdoptBase(const AofManifest::File& base, State began_in, const Increment& increment);
  void EndFinished();
  void NoteFailed();
  void StopRewrite();
  [[nodiscard]] bool MustRewrite() const;
  [[nodiscard]] bool HasGrown() const;
  void AnswerSynced();
  [[nodiscard]] bool PostponesSync() const;

  command::Services& services_;
  std::atomic<State> state_{State::kOff};
  std::unique_ptr<AofDirectory> directory_;  // changes behind the closed gate, while nobody writes
  AppendLog log_;
  std::atomic<uint64_t> older_bytes_{0};     // of all files but the one that is written
  std::atomic<uint64_t> base_bytes_{0};
  std::atomic<bool> rewriting_{false};

  mutable std::mutex mutex_;                 // guards what follows; a leaf
  Rewrite rewrite_;                          // its save is null when there is none
  Status status_;                            // of rewrites that have ended
  bool scheduled_ = false;
  int64_t retry_at_ = 0;                     // monotonic nanoseconds

  std::mutex waiting_mutex_;                 // guards what follows; before a loop's mailbox
  std::vector<Waiting> waiting_;
};

}  // namespace pinion::persist
