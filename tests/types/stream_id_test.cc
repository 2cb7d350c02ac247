// Stream IDs as text, and their neighbours.
#include "types/stream_id.h"

#include <string>

#include <gtest/gtest.h>

namespace pinion::types {
namespace {

std::string Text(StreamId id) {
  char text[kMaxStreamIdText];
  return std::string(text, FormatStreamId(id, text));
}

// The ID that a text is read as, or "none"; "*" stands behind one whose sequence number is open.
std::string Parsed(std::string_view text) {
  const auto id = ParseStreamId(text, 7, true);
  return id ? Text(id->id) + (id->any_seq ? "*" : "") : "none";
}

TEST(StreamId, IsReadAsRedisReadsIt) {
  using namespace std::string_literals;
  EXPECT_EQ(Parsed("1-2"), "1-2");
  EXPECT_EQ(Parsed("5"), "5-7");
  EXPECT_EQ(Parsed("5-*"), "5-0*");
  EXPECT_EQ(Parsed("18446744073709551615-18446744073709551615"), "18446744073709551615-18446744073709551615");
  // What strtoull takes beyond canonical numbers.
  EXPECT_EQ(Parsed("007-01"), "7-1");
  EXPECT_EQ(Parsed(" 1-\t2"), "1-2");
  EXPECT_EQ(Parsed("+1-+2"), "1-2");
  EXPECT_EQ(Parsed("1--02"), "1-18446744073709551614");
  EXPECT_EQ(Parsed("1-2\0x"s), "1-2");
  for (const auto& text : {"", "-", "+", "-1", "1-", "1--2", "1-2-3", "1-x", "x-1", "1 -2", "1-**", "1-2*", "*",
                           "*-1", "18446744073709551616", "1-18446744073709551616", "1.5", "0x1"}) {
    EXPECT_EQ(Parsed(text), "none") << text;
  }
  EXPECT_EQ(Parsed("1-" + std::string(125, '0')), "1-0");
  EXPECT_EQ(Parsed("1-" + std::string(126, '0')), "none");
  EXPECT_FALSE(ParseStreamId("5-*", 0, false).has_value());
}

TEST(StreamId, HasNeighboursButAtTheEnds) {
  EXPECT_EQ((StreamId{1, 2}).Next(), (StreamId{1, 3}));
  EXPECT_EQ((StreamId{1, kMaxStreamId.seq}).Next(), (StreamId{2, 0}));
  EXPECT_EQ(kMaxStreamId.Next(), std::nullopt);
  EXPECT_EQ((StreamId{1, 2}).Previous(), (StreamId{1, 1}));
  EXPECT_EQ((StreamId{1, 0}).Previous(), (StreamId{0, kMaxStreamId.seq}));
  EXPECT_EQ(kMinStreamId.Previous(), std::nullopt);
}

}  // namespace
}  // namespace pinion::types
