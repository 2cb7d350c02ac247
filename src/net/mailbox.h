// Tasks for a loop from any thread: one lock to leave a task, one to take all, one wake-up for a whole batch.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

namespace pinion::net {

// Thread-safe.
class Mailbox {
 public:
  using Task = std::function<void()>;
  enum class Put { kFirst, kMore, kClosed };  // kFirst: the box was empty, so its owner must be woken

  // Leaves `task` behind those left before. When closed, the task stays with the caller.
  [[nodiscard]] Put Leave(Task& task) {
    std::lock_guard lock(mutex_);
    if (closed_) return Put::kClosed;
    tasks_.push_back(std::move(task));
    return tasks_.size() == 1 ? Put::kFirst : Put::kMore;
  }

  // Exchanges the waiting tasks with `empty`, whose memory is thus reused.
  void TakeAll(std::vector<Task>* empty) {
    std::lock_guard lock(mutex_);
    tasks_.swap(*empty);
  }

  // From now on nothing is accepted. The tasks still waiting are moved to `rest`.
  void Close(std::vector<Task>* rest) {
    std::lock_guard lock(mutex_);
    closed_ = true;
    tasks_.swap(*rest);
  }

 private:
  std::mutex mutex_;
  std::vector<Task> tasks_;
  bool closed_ = false;
};

}  // namespace pinion::net
