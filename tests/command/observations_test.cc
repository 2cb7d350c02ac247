// Tests of rates and peaks.
#include "command/observations.h"

#include <gtest/gtest.h>

namespace pinion::command {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(Observations, TheFirstLookKnowsNoRate) {
  Observations o;
  EXPECT_EQ(o.Observe(kSecond, {1000, 0, 0}).commands, 0);
}

TEST(Observations, ARateCoversTheTimeSinceTheLookBefore) {
  Observations o;
  (void)o.Observe(kSecond, {1000, 0, 0});
  const auto rates = o.Observe(3 * kSecond, {1500, 2048, 4096});
  EXPECT_DOUBLE_EQ(rates.commands, 250);
  EXPECT_DOUBLE_EQ(rates.bytes_in, 1024);
  EXPECT_DOUBLE_EQ(rates.bytes_out, 2048);
}

TEST(Observations, LooksInQuickSuccessionShareABase) {
  Observations o;
  (void)o.Observe(kSecond, {0, 0, 0});
  (void)o.Observe(2 * kSecond, {100, 0, 0});
  EXPECT_NEAR(o.Observe(2 * kSecond + 10, {101, 0, 0}).commands, 101, 0.1);
}

TEST(Observations, TotalsThatWentBackBeginAnew) {
  Observations o;
  (void)o.Observe(kSecond, {1000, 0, 0});
  EXPECT_EQ(o.Observe(2 * kSecond, {10, 0, 0}).commands, 0);
  EXPECT_DOUBLE_EQ(o.Observe(3 * kSecond, {20, 0, 0}).commands, 10);
}

TEST(Observations, ThePeakStays) {
  Observations o;
  EXPECT_EQ(o.Peak(10), 10);
  EXPECT_EQ(o.Peak(30), 30);
  EXPECT_EQ(o.Peak(20), 30);
}

}  // namespace
}  // namespace pinion::command
