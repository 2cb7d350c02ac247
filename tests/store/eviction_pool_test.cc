// Tests of the candidates for eviction.
#include "store/eviction_pool.h"

#include <string>

#include <gtest/gtest.h>

namespace pinion::store {
namespace {

TEST(EvictionPoolTest, GivesTheBestFirst) {
  EvictionPool pool;
  pool.Offer(3, 0, "three");
  pool.Offer(9, 1, "nine");
  pool.Offer(5, 0, "five");
  const auto best = pool.TakeBest();
  ASSERT_TRUE(best);
  EXPECT_EQ(best->key, "nine");
  EXPECT_EQ(best->db, 1u);
  EXPECT_EQ(pool.TakeBest()->key, "five");
  EXPECT_EQ(pool.TakeBest()->key, "three");
  EXPECT_FALSE(pool.TakeBest());
}

TEST(EvictionPoolTest, KeepsTheBestOfMany) {
  EvictionPool pool;
  for (uint64_t i = 0; i < 100; ++i) pool.Offer(i * 37 % 100, 0, std::to_string(i * 37 % 100));
  EXPECT_EQ(pool.size(), EvictionPool::kSize);
  for (uint64_t i = 99; i > 99 - EvictionPool::kSize; --i) EXPECT_EQ(pool.TakeBest()->score, i);
}

TEST(EvictionPoolTest, AKeyStandsInItOnce) {
  EvictionPool pool;
  pool.Offer(7, 0, "k");
  pool.Offer(2, 0, "k");
  pool.Offer(7, 1, "k");
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(pool.TakeBest()->db, 1u);
  EXPECT_EQ(pool.TakeBest()->score, 2u);
}

TEST(EvictionPoolTest, ForgetsWhatIsOfAnotherAge) {
  EvictionPool pool;
  pool.SetAge(1);
  pool.Offer(1, 0, "k");
  pool.SetAge(1);
  EXPECT_EQ(pool.size(), 1u);
  pool.SetAge(2);
  EXPECT_EQ(pool.size(), 0u);
}

}  // namespace
}  // namespace pinion::store
