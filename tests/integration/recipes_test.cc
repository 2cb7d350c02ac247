// The recipes of docs/recipes.md as a C++ program would use them: through hiredis, from many
// threads at once.
#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;
using ::testing::_;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Ge;
using ::testing::Le;

class RecipesTest : public ServerTest {
 protected:
  // Runs body(client, index) in `count` threads that start at the same moment, each with a
  // connection of its own.
  void Together(int count, const std::function<void(HiredisClient&, int)>& body) {
    std::latch start(count);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        HiredisClient client = ConnectHiredis();
        start.arrive_and_wait();
        body(client, i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  static bool Acquire(HiredisClient& c, const std::string& token, int ms,
                      milliseconds patience = milliseconds(20000)) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (c.Command("SET", "lock", token, "NX", "PX", ms).kind != Reply::Kind::kStatus) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
    return true;
  }
};

TEST_F(RecipesTest, ASessionLivesAsLongAsItIsUsed) {
  HiredisClient c = ConnectHiredis();
  EXPECT_THAT(c.Command("SET", "session:1", "ada", "PX", 300), IsOk());
  for (int i = 0; i < 4; ++i) {
    std::this_thread::sleep_for(milliseconds(120));
    EXPECT_THAT(c.Command("GETEX", "session:1", "PX", 300), IsBulk("ada"));
  }
  std::this_thread::sleep_for(milliseconds(330));
  EXPECT_THAT(c.Command("GETEX", "session:1", "PX", 300), IsNil());
  EXPECT_THAT(c.Command("SET", "session:1", "ada", "XX", "PX", 300), IsNil());
}

TEST_F(RecipesTest, OneOfManyClientsComputesWhatAllOfThemMiss) {
  std::atomic<int> computed{0};
  Together(16, [&](HiredisClient& c, int index) {
    const std::string token = "t" + std::to_string(index);
    Reply page = c.Command("GET", "page");
    while (page.kind == Reply::Kind::kNil) {
      if (c.Command("SET", "page:lock", token, "NX", "PX", 5000).kind == Reply::Kind::kStatus) {
        if (c.Command("GET", "page").kind == Reply::Kind::kNil) {
          ++computed;
          std::this_thread::sleep_for(milliseconds(50));
          EXPECT_THAT(c.Command("SET", "page", "value", "EX", 60), IsOk());
        }
        EXPECT_THAT(c.Command("DELIFEQ", "page:lock", token), IsInt(1));
      }
      page = c.Command("GET", "page");
    }
    EXPECT_THAT(page, IsBulk("value"));
  });
  EXPECT_EQ(computed, 1);
}

TEST_F(RecipesTest, ExactlyTheLimitPassesHoweverManyTry) {
  std::atomic<int> passed{0};
  Together(12, [&](HiredisClient& c, int) {
    for (int i = 0; i < 25; ++i) {
      const Reply reply = c.Command("INCREX", "rate", "BYINT", 1, "UBOUND", 40, "EX", 60, "ENX");
      ASSERT_THAT(reply, AnyOf(IsArray(_, 1), IsArray(40, 0)));
      passed += static_cast<int>(reply.elements[1].integer);
    }
  });
  EXPECT_EQ(passed, 40);
  EXPECT_THAT(ConnectHiredis().Command("TTL", "rate"), IsInt(AllOf(Ge(50), Le(60))));
}

TEST_F(RecipesTest, TheThrottleCountsAllClientsTogether) {
  std::atomic<int> passed{0};
  Together(8, [&](HiredisClient& c, int) {
    for (int i = 0; i < 10; ++i) {
      const Reply reply = c.Command("CL.THROTTLE", "throttle", 14, 1, 600);
      ASSERT_THAT(reply, IsArray(_, 15, _, _, _));
      passed += reply.elements[0].integer == 0;
    }
  });
  EXPECT_EQ(passed, 15);
  EXPECT_THAT(ConnectHiredis().Command("CL.THROTTLE", "throttle", 14, 1, 600),
              IsArray(1, 15, 0, IsInt(Ge(590)), _));
}

TEST_F(RecipesTest, AFlagIsSetAndAnnouncedInOneTransaction) {
  RespClient watcher = Connect();
  EXPECT_THAT(watcher.Command("SUBSCRIBE", "flags"), IsArray("subscribe", "flags", 1));
  HiredisClient c = ConnectHiredis();
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("SET", "flag:dark", "on"), IsQueued());
  EXPECT_THAT(c.Command("PUBLISH", "flags", "dark"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsArray(IsOk(), 1));
  EXPECT_THAT(watcher.ReadReply(), IsArray("message", "flags", "dark"));
  EXPECT_THAT(c.Command("GET", "flag:dark"), IsBulk("on"));
}

TEST_F(RecipesTest, AFlagWithADeadlineAnnouncesItsEndOnTime) {
  RespClient watcher = Connect(3);
  HiredisClient c = ConnectHiredis();
  EXPECT_THAT(c.Command("CONFIG", "SET", "notify-keyspace-events", "K$x"), IsOk());
  watcher.Send("PSUBSCRIBE", "__keyspace@0__:flag:*");
  EXPECT_THAT(watcher.ReadPush(), IsPush("psubscribe", "__keyspace@0__:flag:*", 1));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(c.Command("SET", "flag:dark", "on", "PX", 60), IsOk());
  EXPECT_THAT(watcher.ReadPush(),
              IsPush("pmessage", "__keyspace@0__:flag:*", "__keyspace@0__:flag:dark", "set"));
  EXPECT_THAT(watcher.ReadPush(),
              IsPush("pmessage", "__keyspace@0__:flag:*", "__keyspace@0__:flag:dark", "expired"));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(59));
  EXPECT_THAT(c.Command("GET", "flag:dark"), IsNil());
}

TEST_F(RecipesTest, TheLockLetsOneThreadInAtATime) {
  std::atomic<int> inside{0};
  std::atomic<int> overlaps{0};
  std::atomic<int> shared{
      0};  // read and written apart: only the lock under test makes the two one step
  Together(12, [&](HiredisClient& c, int index) {
    for (int i = 0; i < 40; ++i) {
      const std::string token = std::to_string(index) + "/" + std::to_string(i);
      ASSERT_TRUE(Acquire(c, token, 10000));
      if (inside.fetch_add(1) != 0) ++overlaps;
      const int seen = shared.load(std::memory_order_relaxed);
      std::this_thread::yield();
      shared.store(seen + 1, std::memory_order_relaxed);
      inside.fetch_sub(1);
      ASSERT_THAT(c.Command("DELIFEQ", "lock", token), IsInt(1));
    }
  });
  EXPECT_EQ(overlaps, 0);
  EXPECT_EQ(shared, 12 * 40);
}

TEST_F(RecipesTest, ASlowHolderNeitherReleasesNorProlongsTheNextOnesLock) {
  HiredisClient slow = ConnectHiredis();
  HiredisClient fast = ConnectHiredis();
  ASSERT_TRUE(Acquire(slow, "slow", 40));
  ASSERT_TRUE(Acquire(fast, "fast", 10000));  // as soon as the deadline has passed
  EXPECT_THAT(slow.Command("DELIFEQ", "lock", "slow"), IsInt(0));
  EXPECT_THAT(slow.Command("SET", "lock", "slow", "IFEQ", "slow", "PX", 10000), IsNil());
  EXPECT_THAT(fast.Command("GET", "lock"), IsBulk("fast"));
  EXPECT_THAT(fast.Command("SET", "lock", "fast", "IFEQ", "fast", "PX", 20000), IsOk());
  EXPECT_THAT(fast.Command("PTTL", "lock"), IsInt(Ge(15000)));
  EXPECT_THAT(fast.Command("DELIFEQ", "lock", "fast"), IsInt(1));
  EXPECT_THAT(fast.Command("DELIFEQ", "lock", "fast"), IsInt(0));
}

}  // namespace
}  // namespace pinion::test
