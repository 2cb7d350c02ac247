// Tests of the clocks.
#include "base/clock.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace pinion {
namespace {

TEST(SystemClock, TellsTheTimeOfTheSystem) {
  const auto now = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  };
  const int64_t before = now();
  const int64_t told = SystemClock().WallMicros();
  const int64_t millis = SystemClock().WallMillis();
  EXPECT_GE(told, before);
  EXPECT_LE(told, now());
  EXPECT_LE(millis - told / 1000, 1000);
}

TEST(SystemClock, MeasuresASleep) {
  const int64_t start = SystemClock().MonotonicNanos();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_GE(SystemClock().MonotonicNanos() - start, 5'000'000);
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock(1'000'000);
  EXPECT_EQ(clock.WallMicros(), 1'000'000);
  EXPECT_EQ(clock.WallMillis(), 1000);
  clock.AdvanceMillis(5);
  clock.AdvanceMicros(999);
  EXPECT_EQ(clock.WallMicros(), 1'005'999);
  EXPECT_EQ(clock.WallMillis(), 1005);
  EXPECT_EQ(clock.MonotonicNanos(), 1'005'999'000);
}

TEST(Cycles, ConvertToTheTimeTheClockMeasures) {
  const double nanos_per_cycle = NanosPerCycle();
  EXPECT_GT(nanos_per_cycle, 0.05);
  EXPECT_LT(nanos_per_cycle, 100);
  EXPECT_EQ(NanosPerCycle(), nanos_per_cycle);
  const int64_t start = SystemClock().MonotonicNanos();
  const uint64_t start_cycles = ReadCycles();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double by_cycles = static_cast<double>(ReadCycles() - start_cycles) * nanos_per_cycle;
  const double by_clock = static_cast<double>(SystemClock().MonotonicNanos() - start);
  EXPECT_NEAR(by_cycles / by_clock, 1.0, 0.1);
}

}  // namespace
}  // namespace pinion
