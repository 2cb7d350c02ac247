// Saves the keyspace into a file, at once or by a child process, and loads it.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include <tl/expected.hpp>

#include "command/persistence.h"
#include "command/services.h"
#include "persist/keyspace_writer.h"

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

  // Whether writes are refused may have changed with an option. Any thread.
  void ApplyOptions();
  // Loads the file that the options name, if it exists. The error is a sentence. REQUIRES: nobody else is inside the
  // gate.
  [[nodiscard]] tl::expected<void, std::string> LoadAtStart();

  // BGSAVE: a child writes what the keyspace is now to the file that the options name. False, with the reason in the
  // log, when a child runs already or none can be made. REQUIRES: the caller is alone behind the gate.
  [[nodiscard]] bool StartBackgroundSave();
  // The next tick that finds no child starts a BGSAVE.
  void ScheduleBackgroundSave();
  [[nodiscard]] bool in_background() const;

 private:
  struct Child {
    pid_t pid;
    std::string temporary;
    int64_t began_nanos;  // monotonic
    int64_t changes;      // that the file will show
  };

  [[nodiscard]] WriteOptions CurrentOptions();
  [[nodiscard]] std::string FileName() const;
  [[nodiscard]] int64_t CountChanges() const;
  [[nodiscard]] bool MustSave() const;
  // What a save that showed so many changes has come to.
  void NoteSaved(int64_t changes);
  // A background save has failed.
  void NoteFailed();
  [[nodiscard]] bool StartChild(int64_t changes);
  void ReapChild();
  tl::expected<void, std::string> Load(const std::string& path, bool flush, bool merge, command::Worker& worker);

  command::Services& services_;

  mutable std::mutex mutex_;     // guards what follows
  std::optional<Child> child_;
  Status status_;                // but for what is counted when asked
  int64_t changes_at_save_ = 0;
  int64_t last_try_ = 0;         // of a background save, wall-clock seconds
  bool scheduled_ = false;
};

}  // namespace pinion::persist
