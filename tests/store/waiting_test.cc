// Waiters: who has the claim, whose turn it is, and which changes make a key ready.
#include "store/waiter.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/store_test_util.h"
#include "types/list.h"

namespace pinion::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WaitingTest : public ::testing::Test {
 protected:
  std::shared_ptr<Waiter> Wait(std::string_view key, Waiter::Wish wish = {.type = ValueType::kList}, uint32_t db = 0) {
    auto w = std::make_shared<Waiter>(s.keyspace.NextTicket(), wish);
    s.keyspace.WaitFor(s.keyspace.MakeKey(key), db, w);
    return w;
  }
  // Keys that became ready since the last call, as "db:key".
  std::vector<std::string> Ready() {
    std::vector<std::string> out;
    for (const ReadyKey& r : s.accessor.ready) out.push_back(std::to_string(r.db) + ":" + r.key);
    s.accessor.ready.clear();
    return out;
  }
  Shard& ShardOf(std::string_view key) { return s.keyspace.shard(s.keyspace.MakeKey(key).shard); }

  TestStore s;
};

TEST_F(WaitingTest, TheClaimIsHadByOneAndCanBeGivenBack) {
  Waiter w(1, {});
  EXPECT_TRUE(w.Claim());
  w.GiveBack();
  EXPECT_FALSE(w.over());
  EXPECT_TRUE(w.Claim());
  w.End();
  EXPECT_TRUE(w.over());
  EXPECT_FALSE(w.Claim());
}

TEST_F(WaitingTest, ManyThreadsThatClaimEndItOnce) {
  for (int round = 0; round < 200; ++round) {
    Waiter w(1, {});
    std::atomic<int> ended{0}, tries{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        while (w.Claim()) {
          if (++tries < 20) {
            w.GiveBack();
          } else {
            ++ended;
            w.End();
          }
        }
      });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(ended, 1);
  }
}

TEST_F(WaitingTest, QueuesAreInTheOrderOfArrival) {
  const Key k = s.keyspace.MakeKey("k");
  const auto a = Wait("k"), b = Wait("k"), c = Wait("k");
  s.keyspace.StopWaiting(k, 0, b->ticket);
  std::vector<uint64_t> tickets;
  for (const auto& [ticket, w] : s.keyspace.FindWaiters(k, 0)->waiters()) tickets.push_back(ticket);
  EXPECT_THAT(tickets, ElementsAre(a->ticket, c->ticket));
  s.keyspace.StopWaiting(k, 0, a->ticket);
  s.keyspace.StopWaiting(k, 0, a->ticket);
  s.keyspace.StopWaiting(k, 0, c->ticket);
  EXPECT_EQ(s.keyspace.FindWaiters(k, 0), nullptr);
  EXPECT_EQ(ShardOf("k").waited, 0u);
}

TEST_F(WaitingTest, CountsFollowTheQueues) {
  const auto feeder = Wait("k", {.type = ValueType::kList, .feeds = true});
  const auto reader = Wait("k", {.type = ValueType::kStream, .when_gone = true});
  Wait("other", {.type = ValueType::kList});
  EXPECT_EQ(ShardOf("k").feeders, 1u);
  EXPECT_EQ(s.keyspace.CountWaitedKeys().keys, 2);
  EXPECT_EQ(s.keyspace.CountWaitedKeys().when_gone, 1);
  ASSERT_TRUE(reader->Claim());
  reader->End();
  EXPECT_EQ(s.keyspace.CountWaitedKeys().keys, 2);
  EXPECT_EQ(s.keyspace.CountWaitedKeys().when_gone, 0);
  s.keyspace.StopWaiting(s.keyspace.MakeKey("k"), 0, feeder->ticket);
  EXPECT_EQ(ShardOf("k").feeders, 0u);
}

TEST_F(WaitingTest, CreatingDeletingAndRetypingMakeReadyAndOtherChangesDoNot) {
  Wait("k");
  s.Set("elsewhere", "v");
  s.Set("k", "v", kNoDeadline, 1);
  EXPECT_THAT(Ready(), IsEmpty());
  s.Set("k", "v");
  EXPECT_THAT(Ready(), ElementsAre("0:k"));
  s.Set("k", "another");
  EXPECT_THAT(Ready(), IsEmpty());
  const Key k = s.keyspace.MakeKey("k");
  {
    Database d = s.Db();
    d.Write(k).SetObject(ValueType::kList, types::List().Release(), kNoDeadline);
  }
  EXPECT_THAT(Ready(), ElementsAre("0:k"));
  {
    Database d = s.Db();
    WriteGuard w = d.Write(k);
    w.MarkChanged();
    w.WakeWaiters();
  }
  EXPECT_THAT(Ready(), ElementsAre("0:k"));
  s.Del("k");
  EXPECT_THAT(Ready(), ElementsAre("0:k"));
}

TEST_F(WaitingTest, ExpiryFlushAndSwapMakeReady) {
  Wait("k");
  Wait("k", {}, 1);
  s.Set("k", "v", kStart + 5);
  Ready();
  s.clock.AdvanceMillis(5);
  s.ExpireAll();
  EXPECT_THAT(Ready(), ElementsAre("0:k"));
  s.keyspace.Flush(1, s.accessor);
  EXPECT_THAT(Ready(), ElementsAre("1:k"));
  s.keyspace.Swap(0, 2, s.accessor);
  EXPECT_THAT(Ready(), ElementsAre("0:k"));
}

}  // namespace
}  // namespace pinion::store
