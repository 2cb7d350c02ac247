// A background thread that frees what would take long to free.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pinion::store {

// Runs jobs in order on its own thread. Thread-safe. The destructor finishes what was given. The thread starts with
// the first job.
class Reclaimer {
 public:
  using Job = std::function<void()>;

  Reclaimer() = default;
  ~Reclaimer();
  Reclaimer(const Reclaimer&) = delete;
  Reclaimer& operator=(const Reclaimer&) = delete;

  // A job that frees so many values, or parts of one.
  void Add(Job job, size_t objects = 1);
  // Values that jobs not yet finished are to free, and those that were freed since the last ResetFreed.
  [[nodiscard]] size_t pending_objects() const { return pending_objects_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t freed_objects() const { return freed_objects_.load(std::memory_order_relaxed); }
  void ResetFreed() { freed_objects_.store(0, std::memory_order_relaxed); }
  // Waits until every job given before has finished.
  void Drain();

 private:
  struct Task {
    Job job;
    size_t objects;
  };

  void Run();
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::vector<Task> tasks_;  // guarded by mutex_
  size_t unfinished_ = 0;    // guarded by mutex_
  bool stopping_ = false;    // guarded by mutex_
  std::thread thread_;       // guarded by mutex_ until stopping
  std::atomic<size_t> pending_objects_{0};
  std::atomic<uint64_t> freed_objects_{0};
};

}  // namespace pinion::store
