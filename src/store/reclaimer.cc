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

void Reclaimer::Add(Job job, size_t objects) {
  pending_objects_.fetch_add(objects, std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    tasks_.push_back({std::move(job), objects});
    ++unfinished_;
    if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  }
  wake_.notify_one();
}

void Reclaimer::Drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return unfinished_ == 0; });
}

void Reclaimer::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    std::vector<Task> batch = std::exchange(tasks_, {});
    lock.unlock();
    for (auto& [job, objects] : batch) {
      job();
      job = nullptr;  // what the job holds is freed here, not under the lock
      freed_objects_.fetch_add(objects, std::memory_order_relaxed);
      pending_objects_.fetch_sub(objects, std::memory_order_relaxed);
    }
    lock.lock();
    unfinished_ -= batch.size();
    if (unfinished_ == 0) idle_.notify_all();
  }
}

}  // namespace pinion::store
