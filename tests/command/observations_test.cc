// Tests of rates and peaks.
#include "command/observations.h"

#include <gtest/gtest.h>

namespace pinion::command {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(Observations, OneSampleMakesNoRate) {
  Observations o;
  EXPECT_EQ(o.rates().commands, 0);
  o.Sample(kSecond, {.commands = 1000});
  EXPECT_EQ(o.rates().commands, 0);
}

TEST(Observations, ARateCoversTheTimeBetweenSamples) {
  Observations o;
  o.Sample(kSecond, {1000, 0, 0, 10, 50});
  o.Sample(3 * kSecond, {1500, 2048, 4096, 30, 150});
  const auto rates = o.rates();
  EXPECT_DOUBLE_EQ(rates.commands, 250);
  EXPECT_DOUBLE_EQ(rates.bytes_in, 1024);
  EXPECT_DOUBLE_EQ(rates.bytes_out, 2048);
  EXPECT_DOUBLE_EQ(rates.turns, 10);
  EXPECT_DOUBLE_EQ(rates.busy_micros, 50);
}

TEST(Observations, OldSamplesAreForgotten) {
  Observations o;
  o.Sample(kSecond, {.commands = 0});
  for (int i = 1; i <= 15; ++i) o.Sample((1 + i) * kSecond, {.commands = 1500});
  EXPECT_DOUBLE_EQ(o.rates().commands, 100);
  o.Sample(17 * kSecond, {.commands = 1500});
  EXPECT_DOUBLE_EQ(o.rates().commands, 0);
}

TEST(Observations, TotalsThatWentBackBeginAnew) {
  Observations o;
  o.Sample(kSecond, {.commands = 1000});
  o.Sample(2 * kSecond, {.commands = 10});
  EXPECT_EQ(o.rates().commands, 0);
  o.Sample(3 * kSecond, {.commands = 20});
  EXPECT_DOUBLE_EQ(o.rates().commands, 10);
}

TEST(Observations, ThePeakStays) {
  Observations o;
  EXPECT_EQ(o.Peak(10), 10);
  EXPECT_EQ(o.Peak(30), 30);
  EXPECT_EQ(o.Peak(20), 30);
}

}  // namespace
}  // namespace pinion::command
