// The lock of one shard: four bytes, so that it shares a cache line with what it guards.
#pragma once

#include <atomic>
#include <cstdint>

namespace pinion {

// What a thread does around its waits for a SmallMutex. A thread that has none just waits.
class LockWait {
 public:
  virtual ~LockWait() = default;
  // The thread is about to sleep. REQUIRES: it holds no SmallMutex.
  virtual void Begin() = 0;
  // Every few milliseconds while it waits. May throw: then the wait is given up.
  virtual void Look() = 0;
  // It has got the mutex. False: it must give it back, call AwaitTurn and begin anew.
  [[nodiscard]] virtual bool End() = 0;
  // Blocks until the thread may have a mutex again. May throw as Look.
  virtual void AwaitTurn() = 0;

  // For the calling thread; null: none.
  static void Use(LockWait* wait) { current = wait; }
  static thread_local constinit LockWait* current;
};

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
  // Throws what the thread's LockWait throws, and has not locked then.
  void lock() {
    if (!try_lock()) [[unlikely]] LockSlow();
  }
  void unlock() {
    if (state_.load(std::memory_order_relaxed) == kElided) return;
    if (state_.exchange(kFree, std::memory_order_release) == kContended) [[unlikely]] WakeOne();
  }

 private:
  static constexpr uint32_t kFree = 0, kHeld = 1, kContended = 2, kElided = 3;
  void LockSlow();
  void WakeOne();
  std::atomic<uint32_t> state_{kFree};
};

}  // namespace pinion
