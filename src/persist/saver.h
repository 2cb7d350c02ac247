// Saves the keyspace into a file, at once or in the background, and loads it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "command/persistence.h"
#include "command/services.h"
#include "persist/background_save.h"
#include "persist/saved_file.h"
#include "rdb/keyspace.h"

namespace pinion::persist {

// One for the server. What begins, ends or is loaded runs alone behind the gate, or on worker 0's tick; any thread may
// look at status().
class Saver final : public command::Persistence {
 public:
  explicit Saver(command::Services& services);
  ~Saver() override;
  [[nodiscard]] static Saver& Of(command::Services& services) {
    return static_cast<Saver&>(*services.persistence);
  }

  // command::Persistence
  [[nodiscard]] Status status() const override;
  [[nodiscard]] bool Save() override;
  [[nodiscard]] bool has_save_points() const override;
  void StopBackground() override;
  void Reload(command::Context& ctx, const ReloadOptions& options) override;
  void OnTick(command::Worker& worker) override;
  [[nodiscard]] std::string_view WhyNoWrites() const override;

  // Whether writes are refused may have changed with an option. Any thread.
  void ApplyOptions();
  // Writing the append-only file fails with this errno, or goes well (0). Any thread.
  void NoteAppendError(int error) {
    append_error_.store(error, std::memory_order_relaxed);
    ApplyOptions();
  }
  // Loads the file that the options name, if it exists. The error is a sentence. REQUIRES: nobody else is inside the
  // gate.
  [[nodiscard]] tl::expected<void, std::string> LoadAtStart();

  struct LoadMode {
    bool flush = false;          // all keys and functions go first
    bool merge = false;          // keys of the file replace keys that are there
    bool keeps_expired = false;  // what passed its deadline meanwhile: the append-only file goes on from there
  };
  // The same of any file. REQUIRES as before.
  [[nodiscard]] tl::expected<void, std::string> Load(const std::string& path, LoadMode mode, command::Worker& worker);
  // The data are what a file holds: save points begin to count.
  void NoteNothingToSave();

  // What is written of the keyspace as it is now, to a file for itself or to an append-only file's base, and how.
  // REQUIRES: the gate is held exclusively.
  [[nodiscard]] rdb::KeyspaceOptions ContentOptions(bool is_base);
  [[nodiscard]] FileOptions CurrentFileOptions() const;

  // BGSAVE: begins to write what the keyspace is now to the file that the options name. REQUIRES: the caller is alone
  // behind the gate, and !in_background().
  void StartBackgroundSave();
  // The next tick that finds nothing running starts a BGSAVE.
  void ScheduleBackgroundSave();
  // A snapshot is on its way, into a file or to replicas, of which there may be one at a time. Any thread.
  [[nodiscard]] bool in_background() const;

 private:
  struct Running {
    std::unique_ptr<BackgroundSave> save;
    int64_t began_nanos;  // monotonic
    int64_t changes;      // that the file will show
  };

  [[nodiscard]] std::string FileName() const;
  [[nodiscard]] int64_t CountChanges() const;
  [[nodiscard]] bool MustSave() const;
  // What a save that showed so many changes has come to.
  void NoteSaved(int64_t changes);
  // A background save has failed.
  void NoteFailed();
  void EndFinished();
  // For a file or for replicas: one snapshot runs at a time. With mutex_ held.
  [[nodiscard]] bool SnapshotRuns() const;

  command::Services& services_;
  std::atomic<int> append_error_{0};

  mutable std::mutex mutex_;     // guards what follows
  Running running_;              // its save is null when there is none
  Status status_;                // but for what is counted when asked
  int64_t changes_at_save_ = 0;
  int64_t last_try_ = 0;         // of a background save, wall-clock seconds
  bool scheduled_ = false;
};

}  // namespace pinion::persist
