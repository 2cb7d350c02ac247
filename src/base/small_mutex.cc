// Waiting for a shard's lock. The kernel's futex is called directly: std::atomic cannot wait for a limited time.
#include "base/small_mutex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace pinion {
namespace {

// How long a waiting thread sleeps before it looks whether it must give up.
constexpr long kLookNanos = 5'000'000;

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

void FutexWait(std::atomic<uint32_t>* word, uint32_t value, bool for_a_moment) {
  const timespec moment{0, kLookNanos};
  ::syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, for_a_moment ? &moment : nullptr, nullptr, 0);
}

}  // namespace

thread_local constinit LockWait* LockWait::current = nullptr;

void SmallMutex::LockSlow() {
  for (int i = 0; i < 200; ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    if (state_.load(std::memory_order_relaxed) == kFree && try_lock()) return;
  }
  LockWait* const wait = LockWait::current;
  if (wait != nullptr) wait->Begin();
  for (;;) {
    while (state_.exchange(kContended, std::memory_order_acquire) != kFree) {
      FutexWait(&state_, kContended, wait != nullptr);
      if (wait != nullptr) wait->Look();
    }
    if (wait == nullptr || wait->End()) return;
    unlock();
    wait->AwaitTurn();
  }
}

void SmallMutex::WakeOne() { ::syscall(SYS_futex, &state_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0); }

}  // namespace pinion
