// Tests of the random generator and the system's.
#include "base/random.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

namespace pinion {
namespace {

TEST(Random, GivesSplitMix64sPublishedNumbers) {
  Random random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
}

TEST(Random, IsRepeatable) {
  Random a(9);
  Random b(9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Next(), b.Next());
}

TEST(Random, BelowStaysBelowAndIsEven) {
  Random random(2);
  std::array<int, 10> seen{};
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t v = random.Below(10);
    ASSERT_LT(v, 10u);
    ++seen[v];
  }
  for (const int n : seen) EXPECT_NEAR(n, 10'000, 500);
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(Random, UnitStaysInItsInterval) {
  Random random(3);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double v = random.Unit();
    ASSERT_GE(v, 0);
    ASSERT_LT(v, 1);
    sum += v;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.01);
}

TEST(SecureRandom64, DoesNotRepeat) {
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(SecureRandom64());
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace pinion
