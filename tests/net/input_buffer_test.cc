// Tests of how much memory a request that comes in pieces takes.
#include "net/input_buffer.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace pinion::net {
namespace {

TEST(InputBuffer, ALargeRequestGetsWhatItNeedsAndNoMore) {
  constexpr size_t kNeeded = 5 << 20;
  InputBuffer b;
  ASSERT_TRUE(b.Append(std::string(64 << 10, 'x')));
  while (b.size() < kNeeded) {
    ASSERT_TRUE(b.MakeRoom(kNeeded));
    ASSERT_GT(b.room(), 0u);
    ASSERT_LE(b.capacity(), kNeeded);
    // All but two bytes, as when the end of the line is late.
    b.Advance(b.capacity() < kNeeded || b.room() <= 2 ? std::min<size_t>(b.room(), 1 << 20) : b.room() - 2);
  }
  EXPECT_EQ(b.capacity(), kNeeded);
}

// Growing may copy all that has come.
TEST(InputBuffer, ALargeRequestInSmallPiecesGrowsItRarely) {
  constexpr size_t kNeeded = 100 << 20;
  InputBuffer b;
  ASSERT_TRUE(b.Append(std::string(64 << 10, 'x')));
  int growths = 0;
  while (b.size() < kNeeded) {
    const size_t before = b.capacity();
    ASSERT_TRUE(b.MakeRoom(kNeeded));
    growths += b.capacity() != before;
    b.Advance(std::min<size_t>(b.room(), 64 << 10));
  }
  EXPECT_LE(growths, 5);
}

TEST(InputBuffer, ARequestOfUnknownLengthDoublesIt) {
  InputBuffer b;
  ASSERT_TRUE(b.MakeRoom(0));
  const size_t first = b.capacity();
  b.Advance(first);
  ASSERT_TRUE(b.MakeRoom(0));
  EXPECT_EQ(b.capacity(), 2 * first);
}

}  // namespace
}  // namespace pinion::net
