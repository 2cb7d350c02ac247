// The shard's lock: exclusion, visibility and waking, with many threads.
#include "base/small_mutex.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

namespace pinion {
namespace {

TEST(SmallMutexTest, IsFourBytes) { EXPECT_EQ(sizeof(SmallMutex), 4u); }

TEST(SmallMutexTest, TryLockFailsWhileHeld) {
  SmallMutex m;
  ASSERT_TRUE(m.try_lock());
  EXPECT_FALSE(m.try_lock());
  m.unlock();
  m.lock();
  EXPECT_FALSE(m.try_lock());
  m.unlock();
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

TEST(SmallMutexTest, AnElidedLockNeverRefuses) {
  SmallMutex m;
  m.Elide();
  m.lock();
  EXPECT_TRUE(m.try_lock());
  m.unlock();
  m.unlock();
  m.lock();
  m.unlock();
}

TEST(SmallMutexTest, GuardsPlainDataBetweenThreads) {
  constexpr int kThreads = 4, kRounds = 20'000;
  SmallMutex m;
  int64_t value = 0;
  int inside = 0;
  std::atomic<bool> shared{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        if (t % 2 == 0) {
          m.lock();
        } else {
          while (!m.try_lock()) std::this_thread::yield();
        }
        if (++inside != 1) shared = true;
        ++value;
        --inside;
        m.unlock();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(value, kThreads * kRounds);
  EXPECT_FALSE(shared);
}

// The holder sleeps, so that the others stop spinning and wait in the kernel; nobody may sleep through its wake-up.
TEST(SmallMutexTest, WaitersThatSleepAreWoken) {
  SmallMutex m;
  int turns = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const std::lock_guard lock(m);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        ++turns;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(turns, 200);
}

}  // namespace
}  // namespace pinion
