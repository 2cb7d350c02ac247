// Tests of counters and the histogram.
#include "base/counter.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion {
namespace {

TEST(Counter, Counts) {
  Counter counter;
  counter.Add(5);
  counter.Add(-2);
  EXPECT_EQ(counter.Get(), 3);
  counter.Set(10);
  EXPECT_EQ(counter.Get(), 10);
}

TEST(Histogram, IsZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max(), 0u);
  EXPECT_EQ(histogram.Quantile(0.5), 0u);
  histogram.ForEachPowerOfTwo([](uint64_t, uint64_t) { FAIL(); });
}

TEST(Histogram, IsExactForSmallValues) {
  Histogram histogram;
  for (uint64_t v = 0; v < 32; ++v) histogram.Record(v);
  EXPECT_EQ(histogram.Quantile(0), 0u);
  EXPECT_EQ(histogram.Quantile(0.5), 15u);
  EXPECT_EQ(histogram.Quantile(0.75), 23u);
  EXPECT_EQ(histogram.Quantile(1), 31u);
  EXPECT_EQ(histogram.count(), 32u);
  EXPECT_EQ(histogram.max(), 31u);
}

TEST(Histogram, NeverReportsMoreThanItsGreatestValue) {
  Histogram histogram;
  histogram.Record(1'000'001);
  EXPECT_EQ(histogram.Quantile(0.5), 1'000'001u);
  EXPECT_EQ(histogram.Quantile(1), 1'000'001u);
}

TEST(Histogram, QuantilesAreWithinAStepOfTheTruth) {
  Random random(11);
  Histogram histogram;
  std::vector<uint64_t> values;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(random.Next() >> (16 + random.Below(48)));
    histogram.Record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double q : {0.01, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const uint64_t truth = values[static_cast<size_t>(q * 50'000) - 1];
    const uint64_t told = histogram.Quantile(q);
    EXPECT_GE(told, truth) << q;
    EXPECT_LE(static_cast<double>(told), static_cast<double>(truth) * 1.0625 + 1) << q;
  }
  EXPECT_EQ(histogram.max(), values.back());
}

TEST(Histogram, TakesValuesOfAllSizes) {
  Histogram histogram;
  for (int bit = 0; bit < 64; ++bit) histogram.Record(uint64_t{1} << bit);
  histogram.Record(UINT64_MAX);
  EXPECT_EQ(histogram.count(), 65u);
  EXPECT_EQ(histogram.max(), UINT64_MAX);
  EXPECT_GE(histogram.Quantile(1), (uint64_t{1} << 48) - 1);
}

TEST(Histogram, MergesAndResets) {
  Histogram a;
  Histogram b;
  for (uint64_t v = 0; v < 100; ++v) {
    a.Record(v);
    b.Record(v + 1000);
  }
  a.Merge(b);
  EXPECT_EQ(a.count(), 200u);
  EXPECT_EQ(a.max(), 1099u);
  EXPECT_LT(a.Quantile(0.5), 104u);
  EXPECT_GE(a.Quantile(0.51), 1000u);
  EXPECT_EQ(b.count(), 100u);
  a.Reset();
  EXPECT_EQ(a.count(), 0u);
  EXPECT_EQ(a.max(), 0u);
  EXPECT_EQ(a.Quantile(0.9), 0u);
}

TEST(Histogram, GivesCumulativeCountsByPowersOfTwo) {
  Histogram histogram;
  for (const uint64_t v : {0, 15, 16, 31, 100, 1000}) histogram.Record(v);
  std::vector<std::pair<uint64_t, uint64_t>> seen;
  histogram.ForEachPowerOfTwo(
      [&seen](uint64_t bound, uint64_t count) { seen.emplace_back(bound, count); });
  const std::vector<std::pair<uint64_t, uint64_t>> expected = {
      {15, 2}, {31, 4}, {127, 5}, {1023, 6}};
  EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace pinion
