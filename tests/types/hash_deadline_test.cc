// Deadlines of fields: their order, what becomes of them when the hash changes, and what they cost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/types/hash_test_util.h"
#include "types/deadline_heap.h"
#include "types/hash.h"

namespace pinion::types {
namespace {

TEST(DeadlineHeapTest, DoesWhatASortedListDoes) {
  Random random(11);
  DeadlineHeap heap;
  std::vector<HashItem*> items(3000);
  std::map<HashItem*, int64_t> model;
  for (auto& e : items) e = HashItem::SetTimed(HashItem::New("f", "v"), true);
  for (int step = 0; step < 30'000; ++step) {
    HashItem* e = items[random.Below(items.size())];
    const auto deadline = static_cast<int64_t>(random.Below(step % 3 ? 50 : uint64_t{1} << 46));
    const auto found = model.find(e);
    if (found == model.end()) {
      heap.Insert(e, deadline);
      model[e] = deadline;
    } else if (random.Below(3) == 0) {
      heap.Change(e->heap_position(), deadline);
      found->second = deadline;
    } else if (step < 15'000 ? random.Below(3) == 0 : random.Below(8) != 0) {
      heap.Remove(e->heap_position());
      model.erase(found);
    }
    ASSERT_EQ(heap.size(), model.size());
    if (!model.empty()) {
      ASSERT_EQ(heap.DeadlineAt(heap.First()->heap_position()), heap.Earliest());
      ASSERT_EQ(model[heap.First()], heap.Earliest());
    }
    if (step % 1000 == 0) {
      ASSERT_TRUE(heap.CheckInvariants());
      for (const auto& [item, d] : model) ASSERT_EQ(heap.DeadlineAt(item->heap_position()), d);
    }
  }
  int64_t last = 0;
  while (heap.size() > 0) {
    ASSERT_GE(heap.Earliest(), last);
    last = heap.Earliest();
    ASSERT_EQ(last, std::min_element(model.begin(), model.end(), [](const auto& a, const auto& b) {
                      return a.second < b.second;
                    })->second);
    model.erase(heap.First());
    heap.Remove(0);
  }
  EXPECT_LT(heap.bytes(), 200u);
  for (auto* e : items) HashItem::Delete(e);
}

// Small and large hashes alike.
class HashDeadlineTest : public ::testing::TestWithParam<HashLimits> {
 protected:
  static void Fill(Hash& h, int fields) {
    for (int i = 0; i < fields; ++i) h.Set("f" + std::to_string(i), "v", GetParam());
  }
};

TEST_P(HashDeadlineTest, DueFieldsGoTheEarliestFirst) {
  Hash h;
  Fill(h, 10);
  for (int i = 0; i < 5; ++i) h.SetDeadline("f" + std::to_string(2 * i), 100 - i);
  EXPECT_EQ(h.NextDeadline(), 96);
  EXPECT_EQ(h.RemoveDue(95, 100), 0u);
  EXPECT_EQ(h.RemoveDue(99, 2), 2u);
  EXPECT_EQ(h.NextDeadline(), 98);
  EXPECT_FALSE(h.Contains("f8"));
  EXPECT_FALSE(h.Contains("f6"));
  EXPECT_EQ(h.RemoveDue(99, 100), 2u);
  EXPECT_EQ(h.NextDeadline(), 100);
  EXPECT_EQ(h.RemoveDue(100, 100), 1u);
  EXPECT_EQ(h.NextDeadline(), -1);
  EXPECT_EQ(h.size(), 5u);
  for (int i = 1; i < 10; i += 2) EXPECT_TRUE(h.Contains("f" + std::to_string(i)));
}

TEST_P(HashDeadlineTest, TheLastDueFieldEmptiesTheHash) {
  Hash h;
  Fill(h, 300);
  for (int i = 0; i < 300; ++i) h.SetDeadline("f" + std::to_string(i), 7);
  EXPECT_EQ(h.RemoveDue(7, 299), 299u);
  EXPECT_EQ(h.size(), 1u);
  EXPECT_EQ(h.RemoveDue(7, 299), 1u);
  EXPECT_TRUE(h.empty());
  EXPECT_EQ(h.Release(), nullptr);
}

TEST_P(HashDeadlineTest, ANewValueDropsTheDeadlineUnlessItIsKept) {
  Hash h;
  Fill(h, 2);
  h.SetDeadline("f0", 5);
  h.Set("f0", "a longer value than before", GetParam(), OldDeadline::kKept);
  EXPECT_EQ(h.Deadline("f0"), 5);
  h.SetDeadline("f0", 6);
  EXPECT_EQ(h.NextDeadline(), 6);
  h.Set("f0", "w", GetParam());
  EXPECT_EQ(h.Deadline("f0"), -1);
  EXPECT_EQ(h.NextDeadline(), -1);
  EXPECT_EQ(h.size(), 2u);
}

TEST_P(HashDeadlineTest, RemovingAFieldLeavesTheDeadlinesOfOthers) {
  Hash h;
  Fill(h, 20);
  for (int i = 0; i < 20; ++i) h.SetDeadline("f" + std::to_string(i), 1000 + i);
  for (const int i : {0, 7, 19, 8, 1}) h.Remove("f" + std::to_string(i));
  for (int i = 0; i < 20; ++i) {
    const auto deadline = h.Deadline("f" + std::to_string(i));
    if (deadline) {
      EXPECT_EQ(*deadline, 1000 + i);
    }
  }
  EXPECT_EQ(h.NextDeadline(), 1002);
}

TEST_P(HashDeadlineTest, ACloneHasTheDeadlinesButNoPlaceInAWheel) {
  Hash h;
  Fill(h, 3);
  h.SetDeadline("f1", kMaxFieldDeadline);
  EXPECT_EQ(h.wheel_position(), UINT32_MAX);
  h.set_wheel_position(12);
  Hash copy = h.Clone();
  EXPECT_EQ(copy.Deadline("f1"), kMaxFieldDeadline);
  EXPECT_EQ(copy.Deadline("f0"), -1);
  EXPECT_EQ(copy.wheel_position(), UINT32_MAX);
  h.SetDeadline("f0", 1);
  EXPECT_EQ(h.wheel_position(), 12u);
  EXPECT_EQ(copy.NextDeadline(), kMaxFieldDeadline);
}

INSTANTIATE_TEST_SUITE_P(Forms, HashDeadlineTest, ::testing::Values(kSmall, kNone));

TEST(HashDeadlineTest, SurviveTheChangeToALargeHash) {
  Hash h;
  for (int i = 0; i < 100; ++i) h.Set(std::to_string(i), "v", kSmall);
  for (int i = 0; i < 100; i += 3) h.SetDeadline(std::to_string(i), 500 - i);
  EXPECT_EQ(h.EncodingName(), "listpackex");
  h.set_wheel_position(4);
  h.Set("100", std::string(65, 'x'), kSmall);
  EXPECT_EQ(h.EncodingName(), "hashtable");
  EXPECT_EQ(h.wheel_position(), 4u);
  EXPECT_EQ(h.NextDeadline(), 401);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(h.Deadline(std::to_string(i)), i % 3 == 0 ? 500 - i : -1);
  EXPECT_TRUE(h.CheckInvariants());
}

TEST(HashDeadlineTest, ASmallHashIsPlainAgainWithoutThem) {
  Hash h;
  h.Set("f", "v", kSmall);
  const size_t before = h.AllocatedBytes();
  h.SetDeadline("f", 3);
  EXPECT_EQ(h.EncodingName(), "listpackex");
  h.SetDeadline("f", -1);
  EXPECT_EQ(h.EncodingName(), "listpack");
  EXPECT_EQ(h.AllocatedBytes(), before);
  EXPECT_EQ(Text(h.Get("f")), "v");
}

// A field's ordinal has 16 bits.
TEST(HashDeadlineTest, AHashOfManyFieldsInAListpackBecomesLargeForThem) {
  constexpr HashLimits kEndless{.max_listpack_entries = SIZE_MAX, .max_listpack_value = 64};
  Listpack fields;
  for (int i = 0; i < 65'534;) {
    Listpack some;  // a long listpack is slow to append to
    for (const int end = std::min(i + 500, 65'534); i < end; ++i) some.Append(i), some.Append("");
    fields.AppendAll(some);
  }
  Hash h = Hash::Adopt(fields.Release());
  h.SetDeadline("65533", 9);
  EXPECT_EQ(h.EncodingName(), "listpackex");
  h.Set("a", "", kEndless);
  h.SetDeadline("a", 10);
  EXPECT_EQ(h.EncodingName(), "listpackex");
  Hash plain = h.Clone();
  h.Set("b", "", kEndless);
  EXPECT_EQ(h.EncodingName(), "hashtable");
  EXPECT_EQ(h.Deadline("65533"), 9);
  EXPECT_EQ(h.Deadline("a"), 10);
  EXPECT_EQ(h.size(), 65'536u);

  plain.RemoveDue(10, 2);
  for (const char* field : {"65533", "a", "b"}) plain.Set(field, "", kEndless);
  EXPECT_EQ(plain.EncodingName(), "listpack");
  plain.SetDeadline("b", 10);
  EXPECT_EQ(plain.EncodingName(), "hashtable");
  EXPECT_EQ(plain.NextDeadline(), 10);
}

// Bytes that deadlines on all of n fields add, a field. Sizes of records are rounded up to eight bytes, so fields
// are of all lengths.
double CostOfDeadlines(size_t n, const HashLimits& limits) {
  Random random(n);
  Hash h;
  for (size_t i = 0; i < n; ++i) h.Set("field:" + std::to_string(i), std::string(i % 8, 'v'), limits);
  const size_t before = h.AllocatedBytes();
  for (size_t i = 0; i < n; ++i) {
    h.SetDeadline("field:" + std::to_string(i), 1'700'000'000'000 + static_cast<int64_t>(random.Below(1 << 30)));
  }
  return static_cast<double>(h.AllocatedBytes() - before) / static_cast<double>(n);
}

TEST(HashDeadlineTest, CostAtMostTwentyBytesEach) {
  for (const size_t n : {2, 3, 4, 8, 9, 30, 512}) EXPECT_LE(CostOfDeadlines(n, kSmall), 20) << n;
  for (const size_t n : {700, 1000, 1025, 5000, 50'000}) EXPECT_LE(CostOfDeadlines(n, kNone), 20) << n;
}

}  // namespace
}  // namespace pinion::types
