// The thread that writes a snapshot for replicas.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "repl/snapshot_pipe.h"

namespace pinion::command {
struct Services;
}

namespace pinion::repl {

// Begins a snapshot, and is its consumer: an RDB file of the oldest version that can hold the data, since a replica may
// be older than this server, goes into a pipe.
class SnapshotSender {
 public:
  // Calls `tell` on its thread whenever there is something new in the pipe, and at the end. REQUIRES: the gate is held
  // exclusively, and no snapshot runs.
  SnapshotSender(command::Services& services, std::shared_ptr<SnapshotPipe> pipe, std::function<void()> tell);
  // Waits for its end.
  ~SnapshotSender() { thread_.join(); }
  SnapshotSender(const SnapshotSender&) = delete;
  SnapshotSender& operator=(const SnapshotSender&) = delete;

  // Any thread. Then its destruction waits for nothing.
  [[nodiscard]] bool finished() const { return finished_.load(std::memory_order_acquire); }
  // Ends it soon, without a result. REQUIRES: the gate is held exclusively, or the loops have stopped.
  void Stop();

 private:
  void Run(const std::string& preface, bool compress, int64_t key_delay_micros);

  command::Services& services_;
  const std::shared_ptr<SnapshotPipe> pipe_;
  const std::function<void()> tell_;
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

}  // namespace pinion::repl
