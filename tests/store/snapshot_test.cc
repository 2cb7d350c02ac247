// Tests of the snapshot: what is delivered is what was there at the instant, whatever happens meanwhile.
#include "store/snapshot.h"

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "tests/store/store_test_util.h"
#include "types/hash.h"
#include "types/set.h"

namespace pinion::store {
namespace {

using FullKey = std::pair<uint32_t, std::string>;
using Image = std::map<FullKey, std::string>;

// What an entry holds, with its deadline, in words.
std::string Show(const Entry& e) {
  std::string text = std::to_string(e.deadline()) + ' ';
  if (e.is_string()) return text + TextOf(e);
  std::map<std::string, int> members;
  types::Borrowed<types::Set>(e.pointer())->ForEach([&](const types::ListpackItem& m) {
    char scratch[kMaxInt64Text];
    ++members[std::string(m.View(scratch))];
  });
  for (const auto& [member, n] : members) text += member + '*' + std::to_string(n) + ' ';
  return text;
}

// A keyspace whose loop and consumer the test plays.
class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() { stop_ = [] { return false; }; }

  Image Now() {
    Image image;
    for (uint32_t i = 0; i < s_.keyspace.shard_count(); ++i) {
      for (uint32_t db = 0; db < s_.keyspace.database_count(); ++db) {
        s_.keyspace.shard(i).db(db).table.ForEach([&](Entry* e) { image[{db, std::string(e->key())}] = Show(*e); });
      }
    }
    return image;
  }
  void Begin() {
    expected_ = Now();
    s_.keyspace.snapshot().Begin([](const Entry& e, std::string* out) { out->append(e.key()) += '\n' + Show(e); });
  }
  // Walks to the end with a consumer beside it, and says whether all was as it should be.
  void Finish() {
    std::thread consumer([this] { Consume(); });
    while (s_.keyspace.snapshot().Walk(0, s_.keyspace.shard_count(), 100) != Snapshot::Pace::kOver) {
      std::this_thread::yield();
    }
    consumer.join();
  }
  void Consume() {
    auto delivery = Snapshot::Delivery::kGoesOn;
    while (delivery == Snapshot::Delivery::kGoesOn) {
      delivery = s_.keyspace.snapshot().Deliver(
          [this](uint32_t db, const auto& e) { Note(db, e); },
          [this] {
            if (stop_()) s_.keyspace.snapshot().Discard();
          });
    }
    end_ = delivery;
  }
  void Note(uint32_t db, const Entry& e) { Note(db, e.key(), Show(e)); }
  void Note(uint32_t db, std::string_view encoded) {
    const size_t end = encoded.find('\n');
    Note(db, encoded.substr(0, end), std::string(encoded.substr(end + 1)));
  }
  void Note(uint32_t db, std::string_view key, std::string value) {
    EXPECT_TRUE(got_.emplace(FullKey(db, key), std::move(value)).second) << key << " came twice";
  }
  void FinishAndCompare() {
    Finish();
    EXPECT_EQ(end_, Snapshot::Delivery::kComplete);
    EXPECT_TRUE(got_ == expected_) << got_.size() << " keys for " << expected_.size();
    EXPECT_FALSE(s_.keyspace.snapshot().running());
    EXPECT_EQ(s_.keyspace.snapshot().progress().held, 0u);
    EXPECT_TRUE(s_.Consistent());
    got_.clear();
  }

  void AddMembers(std::string_view key, int from, int to, uint32_t db = 0) {
    const Key k = s_.keyspace.MakeKey(key);
    Database d = s_.Db(db);
    WriteGuard w = d.Write(k);
    types::Set set;
    size_t before = 0;
    const bool there = w.exists();
    if (there) {
      set = types::Set::Adopt(w.TakeOutObject());
      before = set.AllocatedBytes();
    }
    for (int i = from; i < to; ++i) set.Add("member" + std::to_string(i), types::SetLimits());
    if (there) {
      const auto more = static_cast<int64_t>(set.AllocatedBytes() - before);
      w.PutBackObject(set.Release(), more);
    } else {
      w.SetObject(types::ValueType::kSet, set.Release(), kNoDeadline);
    }
    w.MarkChanged();
  }
  void Rename(std::string_view from, std::string_view to) {
    if (from == to) return;
    const Key a = s_.keyspace.MakeKey(from), b = s_.keyspace.MakeKey(to);
    Database d = s_.Db();
    WriteGuard source = d.Write(a), target = d.Write(b);
    if (source.exists()) target.TakeFrom(source);
  }
  void Expire(std::string_view key, UnixMillis deadline) {
    const Key k = s_.keyspace.MakeKey(key);
    Database d = s_.Db();
    WriteGuard w = d.Write(k);
    if (w.exists()) w.SetDeadline(deadline);
  }

  TestStore s_;
  Image expected_, got_;
  std::function<bool()> stop_;
  Snapshot::Delivery end_ = Snapshot::Delivery::kGoesOn;
};

std::string KeyOf(uint64_t i) { return "key" + std::to_string(i); }

TEST_F(SnapshotTest, OfNothingItIsEmpty) {
  Begin();
  FinishAndCompare();
}

TEST_F(SnapshotTest, HasEveryKeyOfEveryDatabase) {
  for (uint64_t i = 0; i < 5000; ++i) {
    s_.Set(KeyOf(i), Pattern(i % 6000), i % 3 ? kNoDeadline : kStart + 1000, i % 4);
  }
  for (int i = 0; i < 100; ++i) AddMembers("set" + std::to_string(i), 0, i * 20);
  for (int round = 0; round < 3; ++round) {  // which bit is the right one alternates
    Begin();
    FinishAndCompare();
  }
}

TEST_F(SnapshotTest, ChangesBeforeTheWalkAreNotInIt) {
  for (uint64_t i = 0; i < 100; ++i) s_.Set(KeyOf(i), Pattern(i * 90));
  AddMembers("small", 0, 5);
  AddMembers("large", 0, 5000);
  AddMembers("going", 0, 5000);
  AddMembers("renamed", 0, 5000);
  Begin();
  for (uint64_t i = 0; i < 100; i += 3) s_.Set(KeyOf(i), "new");
  for (uint64_t i = 1; i < 100; i += 3) s_.Del(KeyOf(i));
  for (uint64_t i = 2; i < 100; i += 3) Expire(KeyOf(i), kStart + 5);
  for (uint64_t i = 100; i < 200; ++i) s_.Set(KeyOf(i), "born");
  AddMembers("small", 5, 9);
  AddMembers("large", 5000, 5009);
  s_.Del("going");
  Rename("renamed", "small");
  Expire("small", kStart + 7);
  AddMembers("small", 0, 6000);
  s_.clock.AdvanceMillis(10);
  s_.ExpireAll();
  FinishAndCompare();
  EXPECT_EQ(s_.Get(KeyOf(2)), "(nil)");
}

TEST_F(SnapshotTest, ALentObjectMayChangeMoveAndGo) {
  for (int i = 0; i < 40; ++i) AddMembers("large" + std::to_string(i), 0, 3000);
  Begin();
  // Everything is lent, and the consumer has not come to it yet.
  while (s_.keyspace.snapshot().Walk(0, s_.keyspace.shard_count(), 100) != Snapshot::Pace::kOver) {
  }
  for (int i = 0; i < 40; i += 4) AddMembers("large" + std::to_string(i), 3000, 3010);
  for (int i = 1; i < 40; i += 4) s_.Del("large" + std::to_string(i));
  for (int i = 2; i < 40; i += 4) Rename("large" + std::to_string(i), "new" + std::to_string(i));
  for (int i = 2; i < 40; i += 8) AddMembers("new" + std::to_string(i), 3000, 3010);
  for (int i = 3; i < 40; i += 4) Expire("large" + std::to_string(i), kStart + 1000);
  for (int i = 3; i < 40; i += 8) s_.Set("large" + std::to_string(i), "text");
  FinishAndCompare();
  AddMembers("new6", 1, 2);  // its mark of a loan is stale
  Begin();
  FinishAndCompare();
}

TEST_F(SnapshotTest, DatabasesAreSwappedAndEmptied) {
  for (uint64_t i = 0; i < 4000; ++i) s_.Set(KeyOf(i), "v" + std::to_string(i), kNoDeadline, i % 4);
  AddMembers("large", 0, 5000, 1);
  Begin();
  ASSERT_EQ(s_.keyspace.snapshot().Walk(0, 7, 1'000'000), Snapshot::Pace::kOver);
  s_.keyspace.Swap(0, 1, s_.accessor);
  s_.Set("after the swap", "1");
  s_.Set(KeyOf(1), "2");
  s_.keyspace.Flush(2, s_.accessor);
  s_.keyspace.Flush(0, s_.accessor);
  s_.Set(KeyOf(2), "again", kNoDeadline, 2);
  s_.keyspace.Swap(2, 3, s_.accessor);
  s_.keyspace.Flush(2, s_.accessor);
  FinishAndCompare();
}

TEST_F(SnapshotTest, WhatIsDiscardedIsWalkedToItsEnd) {
  for (uint64_t i = 0; i < 3000; ++i) s_.Set(KeyOf(i), Pattern(i % 300));
  for (int i = 0; i < 20; ++i) AddMembers("large" + std::to_string(i), 0, 3000);
  Begin();
  stop_ = [n = 0]() mutable { return ++n == 100; };
  Finish();
  EXPECT_EQ(end_, Snapshot::Delivery::kCutShort);
  EXPECT_EQ(got_.size(), 100u);
  EXPECT_FALSE(s_.keyspace.snapshot().running());
  got_.clear();
  stop_ = [] { return false; };
  Begin();
  FinishAndCompare();
}

TEST_F(SnapshotTest, AfterAnAbandonedOneTheNextIsWhole) {
  for (uint64_t i = 0; i < 3000; ++i) s_.Set(KeyOf(i), Pattern(i % 300));
  for (int i = 0; i < 20; ++i) AddMembers("large" + std::to_string(i), 0, 3000);
  Begin();
  (void)s_.keyspace.snapshot().Walk(0, 8, 1'000'000);
  s_.Del("large3");
  s_.keyspace.Flush(0, s_.accessor);
  s_.keyspace.snapshot().Abandon();
  Consume();
  EXPECT_EQ(end_, Snapshot::Delivery::kCutShort);
  EXPECT_TRUE(got_.empty());
  for (uint64_t i = 0; i < 300; ++i) s_.Set(KeyOf(i), "anew");
  Begin();
  FinishAndCompare();
}

TEST_F(SnapshotTest, WhatNobodyTakesHasAnEnd) {
  constexpr size_t kMegabyte = 1 << 20;
  for (uint64_t i = 0; i < 10'000; ++i) s_.Set(KeyOf(i), Pattern(4000));
  Begin();
  for (int i = 0; i < 1000; ++i) {
    if (s_.keyspace.snapshot().Walk(0, s_.keyspace.shard_count(), 1000) == Snapshot::Pace::kWaits) break;
  }
  const auto progress = s_.keyspace.snapshot().progress();
  EXPECT_EQ(progress.keys, 10'000u);
  EXPECT_LT(progress.keys_done, 10'000u);
  EXPECT_GT(progress.held, 15 * kMegabyte);
  EXPECT_LT(progress.held, 18 * kMegabyte);
  FinishAndCompare();
}

// Writers, the walk and the consumer at once: a random history, and the image is that of the instant.
TEST_F(SnapshotTest, AModelOfRandomChangesAgrees) {
  constexpr uint64_t kKeys = 2000;
  Random random(7);
  const auto change = [&] {
    const std::string key = KeyOf(random.Below(kKeys));
    switch (random.Below(12)) {
      case 0: s_.Del(key); break;
      case 1: Rename(key, KeyOf(random.Below(kKeys))); break;
      case 2: Expire(key, kStart + static_cast<UnixMillis>(random.Below(100'000))); break;
      case 3: s_.Set(key, Pattern(random.Below(9000))); break;
      case 4: s_.Set(key, std::to_string(random.Below(1000))); break;
      case 5: {
        const std::string set = "set" + std::to_string(random.Below(50));
        const auto from = static_cast<int>(random.Below(2000));
        AddMembers(set, from, from + static_cast<int>(random.Below(200)));
        break;
      }
      case 6: s_.Del("set" + std::to_string(random.Below(50))); break;
      case 7: Rename("set" + std::to_string(random.Below(50)), "set" + std::to_string(random.Below(50))); break;
      case 8:
        if (random.Below(200) == 0) s_.keyspace.Swap(0, static_cast<uint32_t>(random.Below(3)), s_.accessor);
        if (random.Below(500) == 0) s_.keyspace.Flush(static_cast<uint32_t>(random.Below(3)), s_.accessor);
        break;
      case 9:
        s_.clock.AdvanceMillis(1);
        s_.ExpireAll();
        break;
      default: s_.Set(key, Pattern(random.Below(100)), kNoDeadline, static_cast<uint32_t>(random.Below(3)));
    }
  };
  for (int i = 0; i < 5000; ++i) change();
  for (int round = 0; round < 20; ++round) {
    Begin();
    std::thread consumer([this] { Consume(); });
    Snapshot& snapshot = s_.keyspace.snapshot();
    do {
      for (uint64_t n = random.Below(20); n > 0; --n) change();
    } while (snapshot.Walk(0, s_.keyspace.shard_count(), 1) != Snapshot::Pace::kOver || random.Below(100) != 0);
    consumer.join();
    ASSERT_EQ(end_, Snapshot::Delivery::kComplete);
    ASSERT_TRUE(got_ == expected_) << "round " << round << ": " << got_.size() << " keys for " << expected_.size();
    ASSERT_TRUE(s_.Consistent());
    got_.clear();
  }
}

}  // namespace
}  // namespace pinion::store
