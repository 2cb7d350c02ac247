// Tests of the ring that remembers the latest bytes of the stream.
#include "repl/backlog.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::repl {
namespace {

std::string From(const Backlog& b, uint64_t from) {
  std::string out;
  b.CopyFrom(from, &out);
  return out;
}

TEST(BacklogTest, BeginsEmptyBehindAnOffset) {
  const Backlog b(10, 100);
  EXPECT_EQ(b.size(), 0u);
  EXPECT_EQ(b.first(), 101u);
  EXPECT_FALSE(b.Has(100));
  EXPECT_TRUE(b.Has(101));
  EXPECT_FALSE(b.Has(102));
  EXPECT_EQ(From(b, 101), "");
}

TEST(BacklogTest, ForgetsTheOldestBytes) {
  Backlog b(5, 0);
  b.Append("abc");
  EXPECT_EQ(From(b, 1), "abc");
  EXPECT_EQ(From(b, 3), "c");
  b.Append("defg");
  EXPECT_FALSE(b.Has(2));
  EXPECT_EQ(b.first(), 3u);
  EXPECT_EQ(From(b, 3), "cdefg");
  EXPECT_EQ(From(b, 8), "");
  b.Append("0123456789");
  EXPECT_EQ(b.first(), 13u);
  EXPECT_EQ(From(b, 13), "56789");
}

TEST(BacklogTest, KeepsWhatFitsWhenItsSizeChanges) {
  Backlog b(5, 0);
  b.Append("abcdefg");
  b.Resize(3);
  EXPECT_EQ(b.first(), 5u);
  EXPECT_EQ(From(b, 5), "efg");
  b.Resize(8);
  b.Append("hij");
  EXPECT_EQ(From(b, 5), "efghij");
}

TEST(BacklogTest, IsTheEndOfAllThatWasAppended) {
  Random random(1);
  for (size_t capacity : {1, 2, 7, 64}) {
    Backlog b(capacity, 0);
    std::string all;
    for (int i = 0; i < 300; ++i) {
      const std::string piece(random.Below(2 * capacity + 1), static_cast<char>('a' + i % 26));
      b.Append(piece);
      all += piece;
      ASSERT_EQ(b.size(), std::min(capacity, all.size()));
      ASSERT_EQ(From(b, b.first()), all.substr(all.size() - b.size()));
      const uint64_t some = b.first() + random.Below(b.size() + 1);
      ASSERT_EQ(From(b, some), all.substr(some - 1));
    }
  }
}

}  // namespace
}  // namespace pinion::repl
