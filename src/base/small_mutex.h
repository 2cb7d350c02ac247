// The lock of one shard: four bytes, so that it shares a cache line with what it guards.
#pragma once

#include <atomic>
#include <cstdint>

namespace pinion {

// A mutex that spins briefly and then sleeps in the kernel. With a single event loop it is switched off (Elide):
// then lock and unlock cost one load. Satisfies Lockable. After Drepper, "Futexes Are Tricky" (2011), mutex 3.
class SmallMutex {
 public:
  // REQUIRES: no other thread uses the shard, now or later.
  void Elide() { state_.store(kElided, std::memory_order_relaxed); }

  [[nodiscard]] bool try_lock() {
    uint32_t expected = kFree;
    return state_.load(std::memory_order_relaxed) == kElided ||
           state_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void lock() {
    if (!try_lock()) [[unlikely]] LockSlow();
  }
  void unlock() {
    if (state_.load(std::memory_order_relaxed) == kElided) return;
    if (state_.exchange(kFree, std::memory_order_release) == kContended) [[unlikely]] state_.notify_one();
  }

 private:
  static constexpr uint32_t kFree = 0, kHeld = 1, kContended = 2, kElided = 3;
  void LockSlow() {
    for (int i = 0; i < 200; ++i) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
      if (state_.load(std::memory_order_relaxed) == kFree && try_lock()) return;
    }
    while (state_.exchange(kContended, std::memory_order_acquire) != kFree) {
      state_.wait(kContended, std::memory_order_relaxed);
    }
  }
  std::atomic<uint32_t> state_{kFree};
};

}  // namespace pinion
