// Random fields of hashes are fair: chi-square tests of every way to pick, also after large deletions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "base/random.h"
#include "tests/types/hash_test_util.h"
#include "types/hash.h"

namespace pinion::types {
namespace {

// Whether counts of draws, all equally likely, look like it: chi-square within seven standard deviations of its
// mean. `at_once` different fields came with each draw.
::testing::AssertionResult AreFair(const std::map<std::string, size_t>& counts, size_t fields, size_t draws,
                                   size_t at_once = 1) {
  if (counts.size() > fields) return ::testing::AssertionFailure() << counts.size() << " different fields";
  const auto n = static_cast<double>(fields);
  const double expected = static_cast<double>(draws * at_once) / n;
  double chi_square = static_cast<double>(fields - counts.size()) * expected;
  for (const auto& [field, count] : counts) {
    chi_square += std::pow(static_cast<double>(count) - expected, 2) / expected;
  }
  const double mean = n - static_cast<double>(at_once);
  if (std::abs(chi_square - mean) < 7 * mean * std::sqrt(2 / (n - 1))) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "chi-square " << chi_square << ", mean " << mean;
}

std::map<std::string, size_t> CountSamples(const Hash& h, size_t draws, Random& random) {
  std::map<std::string, size_t> counts;
  for (size_t i = 0; i < draws; ++i) ++counts[Text(h.Sample(random).field)];
  return counts;
}

void Fill(Hash& h, int from, int to, const HashLimits& limits) {
  for (int i = from; i < to; ++i) h.Set("f" + std::to_string(i), std::to_string(i), limits);
}

class HashSampleTest : public ::testing::TestWithParam<HashLimits> {};

TEST_P(HashSampleTest, EveryFieldIsEquallyLikely) {
  Random random(1);
  Hash h;
  Fill(h, 0, 100, GetParam());
  EXPECT_TRUE(AreFair(CountSamples(h, 20'000, random), 100, 20'000));
  std::map<std::string, size_t> counts;
  h.SampleRepeatedly(20'000, random, [&](const HashPair& pair) {
    ASSERT_EQ(Text(pair.field), "f" + Text(pair.value));
    ++counts[Text(pair.field)];
  });
  EXPECT_TRUE(AreFair(counts, 100, 20'000));
}

TEST_P(HashSampleTest, AlsoRightAfterLargeDeletions) {
  Random random(2);
  Hash h;
  Fill(h, 0, 900, GetParam());
  for (int i = 0; i < 900; ++i) {
    if (i % 9 != 4) h.Remove("f" + std::to_string(i));
  }
  EXPECT_TRUE(AreFair(CountSamples(h, 20'000, random), 100, 20'000));
}

TEST_P(HashSampleTest, DifferentFieldsAreDifferentAndEachEquallyLikely) {
  Random random(3);
  Hash h;
  Fill(h, 0, 60, GetParam());
  for (const size_t count : {1, 5, 14, 30, 59}) {
    std::map<std::string, size_t> counts;
    for (int draw = 0; draw < 1500; ++draw) {
      std::set<std::string> met;
      h.SampleDistinct(count, random, [&](const HashPair& pair) { met.insert(Text(pair.field)); });
      ASSERT_EQ(met.size(), count);
      for (const auto& field : met) ++counts[field];
    }
    EXPECT_TRUE(AreFair(counts, 60, 1500, count)) << count;
  }
}

TEST_P(HashSampleTest, PairsOfDifferentFieldsAreEquallyLikely) {
  Random random(4);
  Hash h;
  Fill(h, 0, 12, GetParam());
  std::map<std::string, size_t> counts;
  for (int draw = 0; draw < 20'000; ++draw) {
    std::set<std::string> met;
    h.SampleDistinct(2, random, [&](const HashPair& pair) { met.insert(Text(pair.field)); });
    ++counts[*met.begin() + "," + *met.rbegin()];
  }
  EXPECT_TRUE(AreFair(counts, 66, 20'000));
}

TEST_P(HashSampleTest, AsManyAsThereAreOrMoreAreAll) {
  Random random(5);
  Hash h;
  Fill(h, 0, 20, GetParam());
  for (const size_t count : {size_t{20}, size_t{21}, SIZE_MAX}) {
    std::set<std::string> met;
    h.SampleDistinct(count, random, [&](const HashPair& pair) { met.insert(Text(pair.field)); });
    EXPECT_EQ(met.size(), 20u);
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, HashSampleTest, ::testing::Values(kSmall, kNone));

TEST(HashSampleTest, ALargeHashThatShrankIsStillFair) {
  Random random(6);
  Hash h;
  Fill(h, 0, 50'000, kNone);
  for (int i = 0; i < 50'000; ++i) {
    if (i < 10'000 ? i % 50 != 0 : i % 400 != 0) h.Remove("f" + std::to_string(i));
  }
  EXPECT_EQ(h.size(), 300u);
  EXPECT_TRUE(AreFair(CountSamples(h, 40'000, random), 300, 40'000));
}

}  // namespace
}  // namespace pinion::types
