// A background thread that frees what would take long to free.
#pragma once

#include <condition_variable>
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

  void Add(Job job);
  // Jobs not yet finished.
  [[nodiscard]] size_t pending();
  // Waits until every job given before has finished.
  void Drain();

 private:
  void Run();
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::vector<Job> jobs_;   // guarded by mutex_
  size_t unfinished_ = 0;   // guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::thread thread_;      // guarded by mutex_ until stopping
};

}  // namespace pinion::store
