// Priorities and bursts.
#include "base/background_thread.h"

#include <sched.h>
#include <sys/resource.h>

#include "base/clock.h"

namespace pinion {
namespace {

constexpr int kNiceness = 5;
constexpr int64_t kBurstNanos = 100'000;

}  // namespace

BackgroundThread::BackgroundThread() : burst_began_(SystemClock().MonotonicNanos()) {
  // For Linux a thread is a process of its own in this; where it is not allowed all go on alike.
  (void)setpriority(PRIO_PROCESS, 0, kNiceness);
}

void BackgroundThread::Look() {
  const int64_t now = SystemClock().MonotonicNanos();
  if (now - burst_began_ < kBurstNanos) return;
  sched_yield();
  burst_began_ = SystemClock().MonotonicNanos();
}

}  // namespace pinion
