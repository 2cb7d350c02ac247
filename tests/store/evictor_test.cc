// Eviction: what goes first under each policy, and when there is no room.
#include "store/evictor.h"

#include <gtest/gtest.h>

#include "store/database.h"

namespace pinion::store {
namespace {

class SilentListener final : public KeyspaceListener {
 public:
  void OnKeyEvent(EventClass event_class, std::string_view, std::string_view, uint32_t) override {
    evicted += event_class == kEventEvicted;
  }
  void OnEarlierDue(uint32_t, UnixMillis) override {}
  int evicted = 0;
};

class EvictorTest : public testing::Test {
 protected:
  void Set(int i, UnixMillis deadline = kNoDeadline) {
    const std::string name = "key:" + std::to_string(i);
    const Key key = keyspace_.MakeKey(name);
    Database db(keyspace_, 0, clock_.WallMillis(), accessor_);
    db.Write(key).SetString(std::string(100, 'v'), deadline);
  }
  bool Exists(int i) {
    const std::string name = "key:" + std::to_string(i);
    const Key key = keyspace_.MakeKey(name);
    return Database(keyspace_, 0, clock_.WallMillis(), accessor_).Peek(key) != nullptr;
  }
  // Asks for room until the evictor says that all is done or that nothing can be done.
  bool MakeRoom() {
    bool room = false;
    for (int i = 0; i < 1000; ++i) room = evictor_.MakeRoom(clock_.WallMillis(), false, accessor_);
    return room;
  }

  ManualClock clock_{1'700'000'000'000'000};
  SilentListener listener_;
  Accessor accessor_{7, &listener_};
  Keyspace keyspace_{{16, 4, false}, clock_};
  Evictor evictor_{keyspace_};
};

TEST_F(EvictorTest, WithoutALimitThereIsAlwaysRoom) {
  for (int i = 0; i < 1000; ++i) Set(i);
  EXPECT_FALSE(evictor_.limited());
  EXPECT_TRUE(MakeRoom());
}

TEST_F(EvictorTest, NoevictionRefusesAndKeepsEveryKey) {
  for (int i = 0; i < 1000; ++i) Set(i);
  evictor_.Configure({keyspace_.UsedBytes() / 2, {}, 5});
  EXPECT_FALSE(MakeRoom());
  EXPECT_EQ(keyspace_.CountKeys(0).keys, 1000u);
}

TEST_F(EvictorTest, AllkeysLruEvictsMostlyWhatWasLongNotUsed) {
  for (int i = 0; i < 1000; ++i) Set(i);
  clock_.AdvanceMillis(3'600'000);
  for (int i = 1000; i < 2000; ++i) Set(i);
  keyspace_.settings().notify_mask = kEventEvicted | kEventKeyevent;
  const int64_t limit = keyspace_.UsedBytes() * 6 / 10;
  evictor_.Configure({limit, {EvictionPolicy::Order::kLru, false}, 10});
  EXPECT_TRUE(MakeRoom());
  EXPECT_LE(keyspace_.UsedBytes(), limit);
  int old_left = 0, new_left = 0;
  for (int i = 0; i < 1000; ++i) old_left += Exists(i);
  for (int i = 1000; i < 2000; ++i) new_left += Exists(i);
  EXPECT_GT(new_left, 950);
  EXPECT_LT(old_left, 500);
  EXPECT_EQ(listener_.evicted, 2000 - old_left - new_left);
  EXPECT_EQ(accessor_.stats.evicted.Get(), listener_.evicted);
}

TEST_F(EvictorTest, VolatilePoliciesNeverTouchKeysWithoutADeadline) {
  for (int i = 0; i < 500; ++i) Set(i);
  for (int i = 500; i < 1000; ++i) Set(i, clock_.WallMillis() + 1000 * (i + 1));
  evictor_.Configure({1, {EvictionPolicy::Order::kSoonest, true}, 5});
  EXPECT_FALSE(MakeRoom()) << "the other keys are still too much";
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(Exists(i));
  EXPECT_EQ(keyspace_.CountKeys(0).keys, 500u);
}

TEST_F(EvictorTest, VolatileTtlEvictsWhatIsDueSoonest) {
  for (int i = 0; i < 1000; ++i) Set(i, clock_.WallMillis() + 1000 + i * 1000);
  evictor_.Configure({keyspace_.UsedBytes() / 2, {EvictionPolicy::Order::kSoonest, true}, 10});
  EXPECT_TRUE(MakeRoom());
  int early = 0, late = 0;
  for (int i = 0; i < 500; ++i) early += Exists(i);
  for (int i = 500; i < 1000; ++i) late += Exists(i);
  EXPECT_LT(early * 4, late);
}

}  // namespace
}  // namespace pinion::store
