// The B+ tree of records against std::map.
#include "types/record_tree.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::types {
namespace {

struct Number {
  uint64_t number;
  uint64_t value;
  [[nodiscard]] uint64_t key() const { return number; }
};
using Tree = RecordTree<Number>;
using RecordModel = std::map<uint64_t, uint64_t>;

void ExpectSame(const Tree& tree, const RecordModel& model) {
  ASSERT_TRUE(tree.CheckInvariants());
  ASSERT_EQ(tree.size(), model.size());
  auto at = tree.First();
  for (const auto& [key, value] : model) {
    ASSERT_TRUE(at);
    ASSERT_EQ(at->number, key);
    ASSERT_EQ(at->value, value);
    at.Next();
  }
  ASSERT_FALSE(at);
  at = tree.Last();
  for (auto it = model.rbegin(); it != model.rend(); ++it, at.Previous()) {
    ASSERT_TRUE(at);
    ASSERT_EQ(at->number, it->first);
  }
  ASSERT_FALSE(at);
}

// What the tree finds around a key.
void ExpectSameAround(const Tree& tree, const RecordModel& model, uint64_t key) {
  const auto above = model.lower_bound(key);
  const auto after = tree.AtOrAfter(key);
  ASSERT_EQ(static_cast<bool>(after), above != model.end());
  if (after) {
    ASSERT_EQ(after->number, above->first);
  }
  const auto beyond = model.upper_bound(key);
  const auto before = tree.AtOrBefore(key);
  ASSERT_EQ(static_cast<bool>(before), beyond != model.begin());
  if (before) {
    ASSERT_EQ(before->number, std::prev(beyond)->first);
  }
  const Number* found = tree.Find(key);
  ASSERT_EQ(found != nullptr, model.contains(key));
}

TEST(RecordTree, HoldsWhatAMapHoldsUnderRandomChanges) {
  for (const uint64_t range : {30u, 500u, 20'000u}) {
    HeapUse use;
    {
      Tree tree(&use);
      RecordModel model;
      Random random(range);
      for (int round = 0; round < 8; ++round) {
        const uint64_t insertions = round % 2 == 0 ? 8 : 2;  // of ten: the tree grows, then shrinks
        for (int i = 0; i < 3000; ++i) {
          const uint64_t key = random.Below(range);
          if (random.Below(10) < insertions) {
            ASSERT_EQ(tree.Insert({key, static_cast<uint64_t>(i)}), model.emplace(key, i).second);
          } else {
            ASSERT_EQ(tree.Erase(key), model.erase(key) == 1);
          }
          if (i % 50 == 0) ExpectSameAround(tree, model, random.Below(range));
        }
        ExpectSame(tree, model);
      }
      for (const auto& [key, value] : RecordModel(model)) {
        ASSERT_TRUE(tree.Erase(key));
        model.erase(key);
        if (model.size() % 1000 == 0) ExpectSame(tree, model);
      }
      EXPECT_TRUE(tree.empty());
      EXPECT_FALSE(tree.First());
      EXPECT_FALSE(tree.Last());
    }
    EXPECT_EQ(use.bytes, 0u);
    EXPECT_EQ(use.blocks, 0u);
  }
}

TEST(RecordTree, IsFullWhenFilledInOrder) {
  constexpr uint64_t kRecords = 50'000;
  HeapUse use;
  Tree tree(&use);
  for (uint64_t i = 0; i < kRecords; ++i) ASSERT_TRUE(tree.Insert({i, i}));
  EXPECT_TRUE(tree.CheckInvariants());
  EXPECT_LT(use.bytes, kRecords * sizeof(Number) * 11 / 10);
}

TEST(RecordTree, IsEmptiedFromTheFront) {
  constexpr uint64_t kRecords = 20'000;
  HeapUse use;
  Tree tree(&use);
  for (uint64_t i = 0; i < kRecords; ++i) tree.Insert({i, i});
  for (uint64_t i = 0; i < kRecords; ++i) {
    ASSERT_EQ(tree.First()->number, i);
    ASSERT_TRUE(tree.Erase(i));
    if (i % 1000 == 0) {
      ASSERT_TRUE(tree.CheckInvariants());
    }
  }
  EXPECT_EQ(use.bytes, 0u);
}

TEST(RecordTree, TakesRecordsBeforeAllOthers) {
  HeapUse use;
  Tree tree(&use);
  RecordModel model;
  for (uint64_t i = 20'000; i > 0; --i) {
    tree.Insert({i, i});
    model[i] = i;
  }
  ExpectSame(tree, model);
  // The leftmost subtree joins others after it took keys below its own bound.
  Random random(1);
  for (uint64_t i = 1; i <= 20'000; ++i) {
    if (random.Below(20) != 0) {
      tree.Erase(i);
      model.erase(i);
    }
  }
  ExpectSame(tree, model);
  for (uint64_t i = 0; i < 5000; ++i) {
    const uint64_t key = random.Below(20'000);
    ASSERT_EQ(tree.Insert({key, i}), model.emplace(key, i).second);
  }
  ExpectSame(tree, model);
}

TEST(RecordTree, GivesMemoryBackAsItThinsOut) {
  HeapUse use;
  Tree tree(&use);
  for (uint64_t i = 0; i < 50'000; ++i) tree.Insert({i, i});
  for (uint64_t i = 0; i < 50'000; ++i) {
    if (i % 100 != 0) tree.Erase(i);
  }
  EXPECT_TRUE(tree.CheckInvariants());
  EXPECT_EQ(tree.size(), 500u);
  EXPECT_LT(use.bytes, 500u * sizeof(Number) * 10);
}

TEST(RecordTree, ARecordMayBeChangedWhereItStands) {
  HeapUse use;
  Tree tree(&use);
  tree.Insert({7, 1});
  tree.Find(7)->value = 2;
  EXPECT_EQ(tree.First()->value, 2u);
  EXPECT_FALSE(tree.Insert({7, 3}));
  EXPECT_EQ(tree.First()->value, 2u);
}

}  // namespace
}  // namespace pinion::types
