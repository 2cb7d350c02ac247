// Hashes: a model test of each form, conversions, deadlines, sampling and what they cost.
#include "types/hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/types/hash_test_util.h"

namespace pinion::types {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(HashTest, AnEmptyOneHoldsNothing) {
  Hash h;
  EXPECT_TRUE(h.empty());
  EXPECT_EQ(h.size(), 0u);
  EXPECT_EQ(h.AllocatedBytes(), 0u);
  EXPECT_EQ(h.Get("f"), std::nullopt);
  EXPECT_FALSE(h.Contains("f"));
  EXPECT_FALSE(h.Remove("f"));
  EXPECT_EQ(h.Deadline("f"), std::nullopt);
  EXPECT_EQ(h.NextDeadline(), -1);
  EXPECT_EQ(h.RemoveDue(1, 10), 0u);
  EXPECT_TRUE(h.Clone().empty());
  EXPECT_EQ(h.Release(), nullptr);
}

TEST(HashTest, ASmallOneKeepsTheOrderOfItsFields) {
  Hash h;
  EXPECT_TRUE(h.Set("b", "1", kSmall));
  EXPECT_TRUE(h.Set("a", "text", kSmall));
  EXPECT_FALSE(h.Set("b", "22", kSmall));
  EXPECT_TRUE(h.Set("", "", kSmall));
  EXPECT_THAT(InOrder(h), ElementsAre(Pair("b", "22"), Pair("a", "text"), Pair("", "")));
  EXPECT_TRUE(h.Remove("a"));
  EXPECT_FALSE(h.Remove("a"));
  EXPECT_THAT(InOrder(h), ElementsAre(Pair("b", "22"), Pair("", "")));
  EXPECT_EQ(h.EncodingName(), "listpack");
}

TEST(HashTest, IntegersAreFoundByTheirText) {
  for (const HashLimits& limits : {kSmall, kNone}) {
    Hash h;
    h.Set("-17", "9223372036854775807", limits);
    h.Set("017", "-0", limits);
    EXPECT_EQ(Text(h.Get("-17")), "9223372036854775807");
    EXPECT_EQ(h.Get("-17")->length(), 19u);
    EXPECT_EQ(Text(h.Get("017")), "-0");
    EXPECT_FALSE(h.Contains("17"));
  }
}

TEST(HashTest, OutgrowsItsLimitsAndStaysLarge) {
  Hash h;
  const HashLimits limits{.max_listpack_entries = 3, .max_listpack_value = 5};
  for (const char* field : {"a", "b", "c"}) h.Set(field, "12345", limits);
  EXPECT_EQ(h.EncodingName(), "listpack");
  h.Set("d", "x", limits);
  EXPECT_EQ(h.EncodingName(), "hashtable");
  EXPECT_THAT(Contents(h), ElementsAre(Pair("a", "12345"), Pair("b", "12345"), Pair("c", "12345"), Pair("d", "x")));
  for (const char* field : {"b", "c", "d"}) h.Remove(field);
  EXPECT_EQ(h.EncodingName(), "hashtable");

  Hash long_field, long_value, many;
  long_field.Set("123456", "x", limits);
  EXPECT_EQ(long_field.EncodingName(), "hashtable");
  long_value.Set("x", "12345", limits);
  EXPECT_EQ(long_value.EncodingName(), "listpack");
  long_value.Set("x", "123456", limits);
  EXPECT_EQ(long_value.EncodingName(), "hashtable");
  many.Expect(3, limits);
  EXPECT_TRUE(many.empty());
  many.Expect(4, limits);
  many.Set("a", "1", limits);
  EXPECT_EQ(many.EncodingName(), "hashtable");
}

TEST(HashTest, GivesItselfUpAsAWordAndIsTakenOver) {
  for (const HashLimits& limits : {kSmall, kNone}) {
    Hash h;
    h.Set("f", "v", limits);
    h.SetDeadline("f", 77);
    void* word = h.Release();
    EXPECT_TRUE(h.empty());
    Hash again = Hash::Adopt(word);
    EXPECT_EQ(Text(again.Get("f")), "v");
    Hash moved = std::move(again);
    EXPECT_EQ(moved.Deadline("f"), 77);
    EXPECT_TRUE(moved.Remove("f"));
    EXPECT_TRUE(moved.empty());
    EXPECT_EQ(moved.Release(), nullptr);
  }
}

TEST(HashTest, LongFieldsAndValuesOfEveryLength) {
  Hash h;
  std::map<std::string, std::string> model;
  Random random(7);
  const size_t lengths[] = {0, 1, 254, 255, 256, 257, 4095, 4096, 4097, 70'000, 3, 5000, 300, 4096, 12};
  for (const size_t field_length : {0, 1, 63, 64, 255, 256, 5000}) {
    const std::string field(field_length, 'f');
    for (const size_t length : lengths) {
      const std::string value(length, static_cast<char>('a' + length % 26));
      h.Set(field, value, kNone, length % 2 != 0 ? OldDeadline::kKept : OldDeadline::kDropped);
      model[field] = value;
      ASSERT_EQ(Text(h.Get(field)), value);
      if (length % 3 == 0) h.SetDeadline(field, static_cast<int64_t>(length) + 1);
      ASSERT_EQ(Text(h.Get(field)), value);
      ASSERT_TRUE(h.CheckInvariants());
    }
  }
  EXPECT_EQ(Contents(h), model);
  EXPECT_EQ(Contents(h.Clone()), model);
}

TEST(HashTest, LongValuesAreSharedAndStayAsTheyWere) {
  Hash h;
  const std::string value(HashItem::kMaxInline + 1, 'v');
  h.Set("f", value, kNone);
  ASSERT_TRUE(h.Get("f")->shareable());
  const Blob shared = h.Get("f")->Share();
  h.Set("f", std::string(HashItem::kMaxInline + 1, 'w'), kNone);
  EXPECT_EQ(shared.view(), value);
  h.Remove("f");
  EXPECT_EQ(shared.view(), value);
  h.Set("f", std::string(HashItem::kMaxInline, 'v'), kNone);
  EXPECT_FALSE(h.Get("f")->shareable());
  EXPECT_FALSE(h.Get("f")->Share());
}

// Random operations against a map, with every limit at which a hash changes its form.
class HashModelTest : public ::testing::TestWithParam<HashLimits> {};

TEST_P(HashModelTest, DoesWhatAMapDoes) {
  const HashLimits limits = GetParam();
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    Random random(seed);
    Hash h;
    std::map<std::string, std::string> values;
    std::map<std::string, int64_t> deadlines;
    const uint64_t fields = seed % 2 ? 12 : 200;
    for (int step = 0; step < 1500; ++step) {
      const std::string field = RandomText(random, fields);
      const bool there = values.contains(field);
      switch (random.Below(10)) {
        case 0: case 1: case 2: {
          const std::string value = RandomText(random, 1'000'000);
          EXPECT_EQ(h.Set(field, value, limits), !there);
          values[field] = value;
          deadlines.erase(field);
          break;
        }
        case 3: {
          const std::string value(random.Below(80), 'k');
          EXPECT_EQ(h.Set(field, value, limits, OldDeadline::kKept), !there);
          values[field] = value;
          break;
        }
        case 4:
          EXPECT_EQ(h.Remove(field), there);
          values.erase(field);
          deadlines.erase(field);
          break;
        case 5: case 6: {
          if (!there) break;
          const auto deadline = static_cast<int64_t>(random.Below(300)) - 1;
          h.SetDeadline(field, deadline);
          if (deadline < 0) {
            deadlines.erase(field);
          } else {
            deadlines[field] = deadline;
          }
          break;
        }
        case 7: {
          if (random.Below(8) != 0) break;
          const auto now = static_cast<int64_t>(random.Below(200));
          const size_t most = random.Below(2) ? SIZE_MAX : random.Below(5);
          size_t due = 0;
          for (const auto& [f, d] : deadlines) due += d <= now;
          EXPECT_EQ(h.RemoveDue(now, most), std::min(due, most));
          // Which of several equal ones went first is the hash's affair.
          std::erase_if(values, [&](const auto& v) { return !h.Contains(v.first); });
          const size_t before = deadlines.size();
          std::erase_if(deadlines, [&](const auto& d) { return d.second <= now && !values.contains(d.first); });
          EXPECT_EQ(before - deadlines.size(), std::min(due, most));
          break;
        }
        case 8:
          if (random.Below(20) == 0) h = h.Clone();
          break;
        default:
          EXPECT_EQ(Text(h.Get(field)), there ? values[field] : "(none)");
          EXPECT_EQ(h.Contains(field), there);
      }
      ASSERT_EQ(h.size(), values.size());
      ASSERT_EQ(h.empty(), values.empty());
      int64_t next = -1;
      for (const auto& [f, d] : deadlines) next = next < 0 ? d : std::min(next, d);
      ASSERT_EQ(h.NextDeadline(), next);
      if (there) {
        const auto d = deadlines.find(field);
        const auto expected = d != deadlines.end() ? d->second : -1;
        ASSERT_EQ(h.Deadline(field), values.contains(field) ? std::optional(expected) : std::nullopt);
      }
      if (step % 50 == 0) {
        ASSERT_TRUE(h.empty() || h.CheckInvariants());
        ASSERT_EQ(Contents(h), values);
        for (const auto& [f, v] : values) ASSERT_EQ(h.Deadline(f), deadlines.contains(f) ? deadlines[f] : -1);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Limits, HashModelTest,
                         ::testing::Values(HashLimits{512, 64}, HashLimits{0, 64}, HashLimits{10, 64},
                                           HashLimits{150, 64}, HashLimits{100'000, 12}));

TEST(HashTest, ALargeOneIsWalkedWholeByCursorWhileItChanges) {
  Random random(3);
  Hash h;
  for (int i = 0; i < 3000; ++i) h.Set("stays" + std::to_string(i), "", kNone);
  for (int i = 0; i < 3000; ++i) h.Set("goes" + std::to_string(i), "", kNone);
  std::set<std::string> seen;
  uint64_t cursor = 0;
  int calls = 0;
  do {
    size_t met = 0;
    cursor = h.Scan(cursor, 20, [&](const HashPair& pair) {
      seen.insert(Text(pair.field));
      ++met;
    });
    EXPECT_LT(met, 200u);
    for (int i = 0; i < 40; ++i) h.Remove("goes" + std::to_string(random.Below(3000)));
    if (++calls % 3 == 0) h.Set("new" + std::to_string(calls), "", kNone);
  } while (cursor != 0);
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(seen.contains("stays" + std::to_string(i))) << i;
  EXPECT_GT(calls, 20);
}

TEST(HashTest, ASmallOneIsWalkedInOneStep) {
  Hash h;
  for (int i = 0; i < 100; ++i) h.Set(std::to_string(i), "", kSmall);
  size_t met = 0;
  EXPECT_EQ(h.Scan(0, 1, [&](const HashPair&) { ++met; }), 0u);
  EXPECT_EQ(met, 100u);
}

}  // namespace
}  // namespace pinion::types
