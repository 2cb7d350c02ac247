// The reclaimer's thread.
#include "store/reclaimer.h"

#include <utility>

namespace pinion::store {

Reclaimer::~Reclaimer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Reclaimer::Add(Job job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    ++unfinished_;
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }
  wake_.notify_one();
}

size_t Reclaimer::pending() {
  std::lock_guard lock(mutex_);
  return unfinished_;
}

void Reclaimer::Drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return unfinished_ == 0; });
}

void Reclaimer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::vector<Job> batch = std::exchange(jobs_, {});
    lock.unlock();
    for (Job& job : batch) {
      job();
      job = nullptr;  // what the job holds is freed here, not under the lock
    }
    lock.lock();
    unfinished_ -= batch.size();
    if (unfinished_ == 0) idle_.notify_all();
  }
}

}  // namespace pinion::store
