// Tests of the key hash, its seed and hash tags.
#include "base/hash.h"

#include <gtest/gtest.h>

namespace pinion {
namespace {

// Puts the process's seed back when a test is done with it.
class HashSeed : public testing::Test {
 protected:
  ~HashSeed() override { g_hash_seed = drawn_; }
  const uint64_t drawn_ = g_hash_seed;
};

TEST_F(HashSeed, IsDrawnBeforeMain) { EXPECT_NE(drawn_, 0u); }

TEST_F(HashSeed, ChangesTheHash) {
  g_hash_seed = 1;
  const uint64_t one = HashKey("key");
  EXPECT_EQ(HashKey("key"), one);
  g_hash_seed = 2;
  EXPECT_NE(HashKey("key"), one);
}

TEST(Digest64, IsUnseededXxh3) {
  EXPECT_EQ(Digest64(""), 0x2d06800538d394c2u);  // the published value for empty input
  const uint64_t seed = g_hash_seed;
  const uint64_t digest = Digest64("key");
  g_hash_seed = seed + 1;
  EXPECT_EQ(Digest64("key"), digest);
  g_hash_seed = seed;
}

TEST(HashTag, IsWhatStandsInTheFirstBraces) {
  EXPECT_EQ(HashTag("{user1000}.following"), "user1000");
  EXPECT_EQ(HashTag("a{b}c{d}"), "b");
  EXPECT_EQ(HashTag("foo{{bar}}zap"), "{bar");
}

TEST(HashTag, IsTheKeyWhenThereIsNone) {
  for (const char* key : {"", "plain", "foo{}{bar}", "open{only", "close}only", "}{", "{}"})
    EXPECT_EQ(HashTag(key), key);
}

}  // namespace
}  // namespace pinion
