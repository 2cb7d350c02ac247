// The keyspace over its shards: expiry, watching, counting, flushing, swapping, scanning and sampling.
#include "store/keyspace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/store/store_test_util.h"

namespace pinion::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Event = RecordingListener::Event;

std::string Name(int i) { return "key:" + std::to_string(i); }

TEST(KeyspaceTest, KeysWithOneTagShareAShardAndOthersSpread) {
  TestStore s({.shards = 256, .databases = 1});
  std::set<uint32_t> shards;
  for (int i = 0; i < 5000; ++i) {
    const std::string plain = Name(i), tagged = "{user}:" + plain;
    shards.insert(s.keyspace.MakeKey(plain).shard);
    EXPECT_EQ(s.keyspace.MakeKey(tagged).shard, s.keyspace.MakeKey("user").shard);
    EXPECT_EQ(s.keyspace.MakeKey(tagged).hash, HashKey(tagged));
  }
  EXPECT_EQ(shards.size(), 256u);
}

TEST(KeyspaceTest, DatabasesAreApart) {
  TestStore s;
  s.Set("k", "zero", kNoDeadline, 0);
  s.Set("k", "three", kStart + 10, 3);
  EXPECT_EQ(s.Get("k", 0), "zero");
  EXPECT_EQ(s.Get("k", 1), "(nil)");
  EXPECT_EQ(s.Get("k", 3), "three");
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 1u);
  EXPECT_EQ(s.keyspace.CountKeys(0).volatile_keys, 0u);
  EXPECT_EQ(s.keyspace.CountKeys(3, true).volatile_keys, 1u);
  EXPECT_TRUE(s.Del("k", 3));
  EXPECT_EQ(s.Get("k", 0), "zero");
}

TEST(KeyspaceTest, TheMemoryCountIsTheSumOfItsPartsAndReturnsToZero) {
  TestStore s;
  EXPECT_EQ(s.keyspace.UsedBytes(), 0);
  int64_t expected = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::string value = Pattern(static_cast<size_t>(i) * 3);
    s.Set(Name(i), value, i % 3 == 0 ? kStart + 100 + i : kNoDeadline, static_cast<uint32_t>(i % 4));
    expected += static_cast<int64_t>(MakeEntry(Name(i), value, s.DeadlineOf(Name(i), static_cast<uint32_t>(i % 4)))->TotalBytes());
  }
  EXPECT_TRUE(s.Consistent());
  EXPECT_EQ(s.keyspace.UsedBytes() - s.keyspace.TableBytes(), expected);
  EXPECT_EQ(s.keyspace.UsedBytes(true), s.keyspace.UsedBytes());
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(s.Del(Name(i), static_cast<uint32_t>(i % 4)));
  EXPECT_TRUE(s.Consistent());
  EXPECT_EQ(s.keyspace.UsedBytes(), s.keyspace.TableBytes());
  for (uint32_t i = 0; i < s.keyspace.shard_count(); ++i) {
    for (uint32_t d = 0; d < 4; ++d) EXPECT_EQ(s.keyspace.shard(i).db(d).table.bytes(), 0u);
  }
}

// --- Expiry ---------------------------------------------------------------------------------------

TEST(KeyspaceExpiryTest, KeysGoInTheirMillisecondAndTheNextDueTimeIsTold) {
  TestStore s;
  s.keyspace.settings().notify_mask = kEventKeyevent | kEventExpired;
  s.Set("a", "1", kStart + 10);
  s.Set("b", "2", kStart + 20, 2);
  s.Set("c", "3");
  EXPECT_EQ(s.ExpireAll(), kStart + 10);
  s.clock.AdvanceMillis(9);
  s.ExpireAll();
  EXPECT_THAT(s.listener.TakeEvents(), IsEmpty());
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 2u);
  s.clock.AdvanceMillis(1);
  EXPECT_EQ(s.ExpireAll(), kStart + 20);
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventExpired, "expired", "a", 0}));
  s.clock.AdvanceMillis(15);
  EXPECT_EQ(s.ExpireAll(), kForever);
  EXPECT_THAT(s.listener.TakeEvents(), ElementsAre(Event{kEventExpired, "expired", "b", 2}));
  EXPECT_EQ(s.accessor.stats.expired.Get(), 2);
  EXPECT_EQ(s.accessor.stats.expire_lag_us.count(), 2u);
  EXPECT_EQ(s.accessor.stats.expire_lag_us.max(), 5000u);
  EXPECT_TRUE(s.Consistent());
  EXPECT_EQ(s.Get("c"), "3");
}

TEST(KeyspaceExpiryTest, TheListenerHearsOfEarlierDeadlinesOnly) {
  TestStore s;
  const std::string a = "{t}a", b = "{t}b", c = "{t}c";
  const uint32_t shard = s.keyspace.MakeKey(a).shard;
  s.Set(a, "1", kStart + 50);
  EXPECT_THAT(s.listener.TakeDue(), ElementsAre(std::pair(shard, kStart + 50)));
  s.Set(b, "1", kStart + 60);
  s.Set("{t}d", "1");
  EXPECT_THAT(s.listener.TakeDue(), IsEmpty());
  s.Set(c, "1", kStart + 5);
  EXPECT_THAT(s.listener.TakeDue(), ElementsAre(std::pair(shard, kStart + 5)));
  EXPECT_EQ(s.keyspace.shard(shard).next_due, kStart + 5);
  s.clock.AdvanceMillis(5);
  EXPECT_EQ(s.ExpireAll(), kStart + 50);
  EXPECT_EQ(s.keyspace.shard(shard).next_due, kStart + 50);
}

TEST(KeyspaceExpiryTest, WorksInSlicesOfItsBudget) {
  TestStore s;
  for (int i = 0; i < 20'000; ++i) s.Set(Name(i), "v", kStart + 10);
  s.clock.AdvanceMillis(10);
  // The clock stands still, so a budget of nothing means the smallest slice.
  size_t calls = 0;
  uint64_t left = 20'000;
  while (left != 0) {
    const UnixMillis next = s.keyspace.ExpireDue(0, 16, s.now(), 0, s.accessor);
    const uint64_t now_left = s.keyspace.CountKeys(0).keys;
    ASSERT_LE(left - now_left, 64u);
    ASSERT_EQ(next <= s.now(), now_left != 0);
    left = now_left;
    ASSERT_LT(++calls, 1000u);
  }
  EXPECT_GE(calls, 20'000u / 64);
  EXPECT_EQ(s.accessor.stats.expired.Get(), 20'000);
}

TEST(KeyspaceExpiryTest, ServesOnlyTheShardsItIsGiven) {
  TestStore s;
  for (int i = 0; i < 1000; ++i) s.Set(Name(i), "v", kStart + 1);
  s.clock.AdvanceMillis(1);
  s.keyspace.ExpireDue(4, 8, s.now(), 1'000'000, s.accessor);
  for (uint32_t i = 0; i < 16; ++i) {
    EXPECT_EQ(s.keyspace.shard(i).db0.table.size() == 0, i >= 4 && i < 8) << i;
  }
}

TEST(KeyspaceExpiryTest, IsSwitchedOffByItsSetting) {
  TestStore s;
  s.Set("k", "v", kStart + 1);
  s.keyspace.settings().active_expire = false;
  s.clock.AdvanceMillis(5);
  EXPECT_GT(s.ExpireAll(), s.now());
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 1u);
  EXPECT_EQ(s.Get("k"), "(nil)");  // a read goes by the deadline all the same
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 0u);
}

TEST(KeyspaceExpiryTest, ARemovedOrMovedDeadlineIsForgotten) {
  TestStore s;
  s.Set("gone", "v", kStart + 10);
  s.Set("kept", "v", kStart + 10);
  s.Set("later", "v", kStart + 10);
  s.Del("gone");
  s.Set("kept", "w");
  s.Set("later", "v", kStart + 30);
  s.clock.AdvanceMillis(20);
  s.ExpireAll();
  EXPECT_EQ(s.accessor.stats.expired.Get(), 0);
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 2u);
  s.clock.AdvanceMillis(10);
  s.ExpireAll();
  EXPECT_EQ(s.accessor.stats.expired.Get(), 1);
  EXPECT_EQ(s.Get("kept"), "w");
}

TEST(KeyspaceExpiryTest, GoesOnAfterTheClockWasSetBack) {
  TestStore s;
  s.Set("old", "v", kStart + 1000);
  s.clock.AdvanceMillis(500);
  s.ExpireAll();
  s.clock.AdvanceMillis(-3'600'000);
  const std::string tagged = "{old}new";
  s.Set(tagged, "v", s.now() + 10);
  s.clock.AdvanceMillis(10);
  s.ExpireAll();
  EXPECT_EQ(s.accessor.stats.expired.Get(), 1);
  EXPECT_EQ(s.Get("old"), "v");
}

TEST(KeyspaceExpiryTest, ExpiresExactlyWhatIsDueAmongManyRandomDeadlines) {
  TestStore s({.shards = 64, .databases = 2});
  Random random(9);
  std::multimap<UnixMillis, std::string> model;
  for (int i = 0; i < 20'000; ++i) {
    const UnixMillis at = kStart + 1 + static_cast<int64_t>(random.Below(100'000));
    s.Set(Name(i), "v", at, static_cast<uint32_t>(i % 2));
    model.emplace(at, Name(i));
  }
  UnixMillis next = s.ExpireAll();
  while (!model.empty()) {
    ASSERT_LE(next, model.begin()->first);
    s.clock.AdvanceMillis(std::max<int64_t>(next - s.now(), 0));
    next = s.ExpireAll();
    model.erase(model.begin(), model.upper_bound(s.now()));
    ASSERT_EQ(s.keyspace.CountKeys(0).keys + s.keyspace.CountKeys(1).keys, model.size());
  }
  EXPECT_EQ(s.accessor.stats.expire_lag_us.max(), 0u);
  EXPECT_EQ(next, kForever);
  EXPECT_TRUE(s.Consistent());
}

// --- Watching -------------------------------------------------------------------------------------

class WatchTest : public testing::Test {
 protected:
  std::shared_ptr<WatchFlag> Watch(std::string_view key, uint32_t db = 0) {
    auto flag = std::make_shared<WatchFlag>();
    s.keyspace.Watch(s.keyspace.MakeKey(key), db, flag, s.now());
    return flag;
  }
  TestStore s;
};

TEST_F(WatchTest, EveryKindOfChangeDirtiesAndNothingElse) {
  s.Set("k", "v");
  const Key k = s.keyspace.MakeKey("k");
  const auto changed_by = [&](auto&& change) {
    const auto flag = Watch("k"), other_db = Watch("k", 1), other_key = Watch("x");
    Database d = s.Db();
    change(d);
    EXPECT_FALSE(other_db->dirty || other_key->dirty);
    for (const auto& f : {flag, other_db, other_key}) {
      s.keyspace.Unwatch(k, 0, f);
      s.keyspace.Unwatch(k, 1, f);
      s.keyspace.Unwatch(s.keyspace.MakeKey("x"), 0, f);
    }
    return flag->dirty.load();
  };
  EXPECT_FALSE(changed_by([&](Database& d) { (void)d.Read(k); }));
  EXPECT_FALSE(changed_by([&](Database& d) { (void)d.Peek(k); }));
  EXPECT_FALSE(changed_by([&](Database& d) { (void)d.Write(k).exists(); }));
  EXPECT_FALSE(changed_by([&](Database& d) { d.Write(k).Notify(kEventString, "set"); }));
  EXPECT_TRUE(changed_by([&](Database& d) { d.Write(k).SetString("w", kNoDeadline); }));
  EXPECT_TRUE(changed_by([&](Database& d) { d.Write(k).SetInteger(1); }));
  EXPECT_TRUE(changed_by([&](Database& d) { d.Write(k).EditString(3)[0] = 'a'; }));
  EXPECT_TRUE(changed_by([&](Database& d) { d.Write(k).SetDeadline(kStart + 1000); }));
  EXPECT_TRUE(changed_by([&](Database& d) { d.Write(k).MarkChanged(); }));
  EXPECT_TRUE(changed_by([&](Database& d) { d.Write(k).Delete(); }));
  EXPECT_TRUE(changed_by([&](Database& d) { d.Write(k).SetString("new", kNoDeadline); }));
  EXPECT_EQ(s.keyspace.shard(k.shard).watched, 0u);
}

TEST_F(WatchTest, ManyWatchersOfOneKeyAreAllDirtied) {
  const auto a = Watch("k"), b = Watch("k"), c = Watch("k");
  s.keyspace.Unwatch(s.keyspace.MakeKey("k"), 0, b);
  s.Set("k", "v");
  EXPECT_TRUE(a->dirty);
  EXPECT_FALSE(b->dirty);
  EXPECT_TRUE(c->dirty);
}

TEST_F(WatchTest, ExpiryIsAChangeUnlessTheKeyWasExpiredWhenWatched) {
  s.keyspace.settings().active_expire = false;
  s.Set("k", "v", kStart + 10);
  const auto before = Watch("k");
  const Key k = s.keyspace.MakeKey("k");
  EXPECT_FALSE(s.keyspace.ExpiredSinceWatch(k, 0, before, s.now()));
  s.clock.AdvanceMillis(10);
  EXPECT_TRUE(s.keyspace.ExpiredSinceWatch(k, 0, before, s.now()));
  const auto after = Watch("k");
  EXPECT_FALSE(s.keyspace.ExpiredSinceWatch(k, 0, after, s.now()));
  EXPECT_EQ(s.Get("k"), "(nil)");
  EXPECT_TRUE(before->dirty);
  EXPECT_FALSE(after->dirty);
  s.Set("k", "again");
  EXPECT_TRUE(after->dirty);
}

TEST_F(WatchTest, FlushDirtiesWatchersOfKeysThatExist) {
  s.Set("here", "v");
  s.Set("here", "v", kNoDeadline, 1);
  const auto here = Watch("here"), absent = Watch("absent"), other = Watch("here", 1);
  EXPECT_EQ(s.keyspace.Flush(0, s.accessor), 1u);
  EXPECT_TRUE(here->dirty);
  EXPECT_FALSE(absent->dirty);
  EXPECT_FALSE(other->dirty);
}

TEST_F(WatchTest, FlushOfAKeyThatWasExpiredWhenWatchedIsNoChange) {
  s.keyspace.settings().active_expire = false;
  s.Set("k", "v", kStart + 1);
  const auto before = Watch("k");
  s.clock.AdvanceMillis(2);
  const auto after = Watch("k");
  s.keyspace.Flush(0, s.accessor);
  EXPECT_TRUE(before->dirty);
  EXPECT_FALSE(after->dirty);
  s.Set("k", "new");
  EXPECT_TRUE(after->dirty);
}

TEST_F(WatchTest, SwapDirtiesWhoeverSeesAnotherValue) {
  s.Set("both", "0");
  s.Set("both", "1", kNoDeadline, 1);
  s.Set("zero", "0");
  s.Set("one", "1", kNoDeadline, 1);
  s.Set("two", "2", kNoDeadline, 2);
  const auto both = Watch("both"), zero = Watch("zero"), one = Watch("one"), none = Watch("none");
  const auto zero_from_one = Watch("zero", 1), two = Watch("two", 2), two_from_zero = Watch("two");
  s.keyspace.Swap(0, 1, s.accessor);
  EXPECT_TRUE(both->dirty && zero->dirty && one->dirty && zero_from_one->dirty);
  EXPECT_FALSE(none->dirty || two->dirty || two_from_zero->dirty);
}

TEST_F(WatchTest, SwapTakesExpiredKeysForAbsentOnes) {
  s.keyspace.settings().active_expire = false;
  for (const uint32_t db : {0u, 1u}) s.Set("stale in both", "v", kStart + 1, db);
  s.Set("stale in one", "v", kStart + 1, 1);
  s.Set("stale then live", "v", kStart + 1);
  s.Set("stale then live", "w", kNoDeadline, 1);
  const auto live_before = Watch("stale in both");
  s.clock.AdvanceMillis(2);
  const auto both = Watch("stale in both"), one = Watch("stale in one"), live = Watch("stale then live");
  s.keyspace.Swap(0, 1, s.accessor);
  EXPECT_TRUE(live_before->dirty);
  EXPECT_FALSE(both->dirty);
  EXPECT_FALSE(one->dirty);
  EXPECT_TRUE(live->dirty);
  // Removing what has long been expired changes nothing either.
  EXPECT_EQ(s.Get("stale in both"), "(nil)");
  EXPECT_EQ(s.Get("stale in one"), "(nil)");
  EXPECT_FALSE(both->dirty);
  EXPECT_FALSE(one->dirty);
}

// --- Whole-keyspace work --------------------------------------------------------------------------

TEST(KeyspaceWholeTest, FlushEmptiesOneDatabaseAndItsWheels) {
  TestStore s;
  for (int i = 0; i < 5000; ++i) {
    s.Set(Name(i), Pattern(static_cast<size_t>(i)), i % 2 ? kStart + 10 : kNoDeadline);
    s.Set(Name(i), "other", kStart + 1'000'000, 2);
  }
  EXPECT_EQ(s.keyspace.Flush(0, s.accessor), 5000u);
  EXPECT_EQ(s.keyspace.Flush(0, s.accessor), 0u);
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 0u);
  EXPECT_EQ(s.keyspace.CountKeys(0).volatile_keys, 0u);
  EXPECT_EQ(s.keyspace.CountKeys(2).keys, 5000u);
  EXPECT_TRUE(s.Consistent());
  s.clock.AdvanceMillis(10);
  s.ExpireAll();
  EXPECT_EQ(s.accessor.stats.expired.Get(), 0);
  s.Set(Name(1), "new", kStart + 20);
  EXPECT_EQ(s.Get(Name(1)), "new");
  s.keyspace.reclaimer().Drain();
  EXPECT_EQ(s.keyspace.reclaimer().pending_objects(), 0u);
}

TEST(KeyspaceWholeTest, SwapExchangesKeysAndDeadlines) {
  TestStore s;
  s.Set("k", "zero", kStart + 10);
  s.Set("k", "three", kStart + 20, 3);
  s.keyspace.Swap(0, 3, s.accessor);
  s.keyspace.Swap(1, 1, s.accessor);
  EXPECT_EQ(s.Get("k", 0), "three");
  EXPECT_EQ(s.Get("k", 3), "zero");
  EXPECT_TRUE(s.Consistent());
  s.clock.AdvanceMillis(10);
  s.ExpireAll();
  EXPECT_EQ(s.Get("k", 0), "three");
  EXPECT_EQ(s.keyspace.CountKeys(3).keys, 0u);
}

TEST(KeyspaceWholeTest, ABigValueIsFreedInTheBackground) {
  TestStore s;
  s.Set("big", Pattern(3 << 20));
  EXPECT_GT(s.keyspace.UsedBytes(), 3 << 20);
  s.Del("big");
  s.keyspace.reclaimer().Drain();
  EXPECT_EQ(s.keyspace.UsedBytes(), s.keyspace.TableBytes());
}

TEST(KeyspaceWholeTest, RandomKeyIsUniformAndNeverExpired) {
  TestStore s;
  std::string out;
  EXPECT_FALSE(s.keyspace.RandomKey(0, s.now(), false, s.accessor, &out));
  constexpr int kKeys = 300, kDraws = 60'000;
  for (int i = 0; i < kKeys; ++i) s.Set(Name(i), "v");
  for (int i = 0; i < 100; ++i) s.Set("stale:" + std::to_string(i), "v", kStart + 1);
  s.clock.AdvanceMillis(1);
  std::map<std::string, int> counts;
  for (int i = 0; i < kDraws; ++i) {
    ASSERT_TRUE(s.keyspace.RandomKey(0, s.now(), i % 2 == 0, s.accessor, &out));
    ++counts[out];
  }
  ASSERT_EQ(counts.size(), static_cast<size_t>(kKeys));
  double chi = 0;
  for (const auto& [key, n] : counts) {
    const double expected = double{kDraws} / kKeys;
    chi += (n - expected) * (n - expected) / expected;
  }
  EXPECT_LT(std::abs(chi - (kKeys - 1)) / std::sqrt(2.0 * (kKeys - 1)), 5.5);
  EXPECT_GT(s.accessor.stats.expired.Get(), 0);
}

TEST(KeyspaceWholeTest, RandomKeyFindsNothingAmongExpiredKeysOnly) {
  TestStore s;
  for (int i = 0; i < 50; ++i) s.Set(Name(i), "v", kStart + 1);
  s.clock.AdvanceMillis(1);
  std::string out;
  EXPECT_FALSE(s.keyspace.RandomKey(0, s.now(), false, s.accessor, &out));
  EXPECT_EQ(s.keyspace.CountKeys(0).keys, 0u);
}

TEST(KeyspaceScanTest, VisitsAllShardsAndLeavesExpiredKeysOut) {
  for (const size_t count : {1u, 10u, 5000u}) {
    TestStore s({.shards = 64, .databases = 2});
    for (int i = 0; i < 2000; ++i) s.Set(Name(i), "v", i % 10 == 0 ? kStart + 1 : kNoDeadline, 1);
    s.clock.AdvanceMillis(1);
    std::multiset<std::string> seen;
    uint64_t cursor = 0;
    do {
      cursor = s.keyspace.Scan(1, cursor, count, s.now(), count == 10,
                               [&](const Entry& e) { seen.emplace(e.key()); });
    } while (cursor != 0);
    ASSERT_EQ(seen.size(), 1800u);
    for (int i = 0; i < 2000; ++i) EXPECT_EQ(seen.count(Name(i)), i % 10 == 0 ? 0u : 1u);
  }
}

TEST(KeyspaceScanTest, AnEmptyKeyspaceIsDoneInFewCallsThatEachDoLittle) {
  TestStore s({.shards = 4096, .databases = 1});
  uint64_t cursor = 0;
  int calls = 0;
  do {
    cursor = s.keyspace.Scan(0, cursor, 10, s.now(), false, [](const Entry&) { FAIL(); });
    ASSERT_LT(++calls, 40);
  } while (cursor != 0);
  EXPECT_GT(calls, 10);
}

TEST(KeyspaceScanTest, AnyNumberIsAHarmlessCursor) {
  TestStore s;
  for (int i = 0; i < 1000; ++i) s.Set(Name(i), "v");
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    (void)s.keyspace.Scan(0, random.Next() >> random.Below(64), 10, s.now(), false, [](const Entry&) {});
  }
  EXPECT_EQ(s.keyspace.Scan(0, UINT64_MAX, 10, s.now(), false, [](const Entry&) { FAIL(); }), 0u);
}

TEST(KeyspaceScanTest, CursorsOfTheDefaultShardsAreExactAsDoubles) {
  TestStore s({.shards = 256, .databases = 1});
  for (int i = 0; i < 50'000; ++i) s.Set(Name(i), "v");
  uint64_t cursor = 0;
  do {
    cursor = s.keyspace.Scan(0, cursor, 10, s.now(), false, [](const Entry&) {});
    ASSERT_LT(cursor, uint64_t{1} << 53);
  } while (cursor != 0);
}

}  // namespace
}  // namespace pinion::store
