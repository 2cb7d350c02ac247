// Tests of holding several shards' locks at once.
#include "command/shard_locks.h"

#include <array>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"

namespace pinion::command {
namespace {

TEST(ShardLocks, HoldEveryShardForTheirLifetimeAndNoOther) {
  store::Keyspace keyspace({16, 1, false}, SystemClock());
  const std::vector<uint32_t> shards = {1, 3, 7};
  const auto free = [&](uint32_t i) {
    bool locked = false;  // another thread's try: the mutex is not recursive
    std::thread([&] {
      locked = keyspace.shard(i).mutex.try_lock();
      if (locked) keyspace.shard(i).mutex.unlock();
    }).join();
    return locked;
  };
  {
    ShardLocks locks(keyspace, shards);
    for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(free(i), i != 1 && i != 3 && i != 7) << i;
  }
  for (uint32_t i = 0; i < 16; ++i) EXPECT_TRUE(free(i)) << i;
}

TEST(ShardLocks, OfNoShardLockNothing) {
  store::Keyspace keyspace({16, 1, false}, SystemClock());
  ShardLocks locks(keyspace, {});
  for (uint32_t i = 0; i < 16; ++i) {
    ASSERT_TRUE(keyspace.shard(i).mutex.try_lock());
    keyspace.shard(i).mutex.unlock();
  }
}

TEST(ShardLocks, ThreadsThatWantOverlappingShardsExcludeEachOtherAndFinish) {
  constexpr int kRounds = 3000;
  store::Keyspace keyspace({16, 1, false}, SystemClock());
  std::array<int, 16> counts{};  // each guarded by its shard's lock
  std::array<int, 16> expected{};
  std::vector<std::thread> threads;
  std::array<std::array<int, 16>, 4> wanted{};
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Random random(t + 1);
      for (int i = 0; i < kRounds; ++i) {
        std::vector<uint32_t> shards;
        for (uint32_t s = 0; s < 16; ++s) {
          if (random.Below(3) == 0) shards.push_back(s);
        }
        ShardLocks locks(keyspace, shards);
        for (uint32_t s : shards) {
          ++counts[s];
          ++wanted[t][s];
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (const auto& w : wanted) {
    for (size_t s = 0; s < 16; ++s) expected[s] += w[s];
  }
  EXPECT_EQ(counts, expected);
}

}  // namespace
}  // namespace pinion::command
