// A snapshot on its way into a file.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "persist/saved_file.h"
#include "rdb/keyspace.h"
#include "store/snapshot.h"

namespace pinion::persist {

// The consumer of the snapshot that has just begun, on a thread of its own. Made and destroyed by whoever owns it;
// any thread may ask finished().
class BackgroundSave {
 public:
  struct Target {
    std::string temporary, path;  // see WriteFile
    FileOptions options;
    std::function<int()> then = {};  // done when the file is there, on the thread; its errno is the save's
  };
  // REQUIRES: the gate is held exclusively since the snapshot has begun, and the preface is of that moment.
  BackgroundSave(store::Snapshot& snapshot, std::string preface, rdb::KeyspaceOptions options, Target target);
  // Waits for its end.
  ~BackgroundSave() { thread_.join(); }
  BackgroundSave(const BackgroundSave&) = delete;
  BackgroundSave& operator=(const BackgroundSave&) = delete;

  [[nodiscard]] bool finished() const { return finished_.load(std::memory_order_acquire); }
  // 0, or the errno of what went wrong. REQUIRES: finished().
  [[nodiscard]] int error() const { return error_; }

 private:
  void Run();

  store::Snapshot& snapshot_;
  const std::string preface_;
  const rdb::KeyspaceOptions options_;
  const Target target_;
  int error_ = 0;
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

}  // namespace pinion::persist
