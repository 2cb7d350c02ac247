// APPEND, GETRANGE, SUBSTR and SETRANGE over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

TEST_F(StringTest, AppendGrowsTheValueThroughEveryWayItIsHeld) {
  std::string expected;
  for (const size_t step : {0u, 1u, 5u, 60u, 200u, 4000u, 10'000u, 100'000u}) {
    const std::string tail(step, static_cast<char>('a' + step % 26));
    expected += tail;
    EXPECT_THAT(Do("APPEND", "k", tail), IsInt(static_cast<int64_t>(expected.size())));
    EXPECT_THAT(Do("GET", "k"), IsBulk(expected));
  }
}

TEST_F(StringTest, AppendKeepsTheDeadline) {
  Do("SET", "k", "1", "EX", 100);
  EXPECT_THAT(Do("APPEND", "k", "2"), IsInt(2));
  EXPECT_THAT(Do("INCR", "k"), IsInt(13));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
}

TEST_F(StringTest, AppendedIntegersAreEncodedAsRedisEncodesThem) {
  Do("APPEND", "k", "12");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("int"));
  Do("APPEND", "k", "3");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("raw"));
}

TEST_F(StringTest, AppendWhileALargeReplyIsUnderWayLeavesTheReplyAlone) {
  const std::string value(3'000'000, 'x');
  Do("SET", "k", value);
  for (int i = 0; i < 8; ++i) client().Send("GET", "k");
  client().Send("APPEND", "k", "y");
  client().Send("SETRANGE", "k", 0, "z");
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(client().ReadReply().text == value);
  EXPECT_THAT(client().ReadReply(), IsInt(3'000'001));
  EXPECT_THAT(client().ReadReply(), IsInt(3'000'001));
}

TEST_F(StringTest, GetRangeCountsFromBothEnds) {
  struct Case { const char* start; const char* end; const char* part; };
  constexpr Case kCases[] = {
      {"0", "3", "This"}, {"-3", "-1", "ing"}, {"0", "-1", "This is a string"}, {"10", "100", "string"},
      {"5", "3", ""},     {"-1", "-5", ""},    {"-100", "3", "This"},           {"-100", "-50", "T"},
      {"-50", "-100", ""}, {"16", "20", ""},   {"-9223372036854775808", "9223372036854775807", "This is a string"},
  };
  Do("SET", "k", "This is a string");
  for (const auto& [start, end, part] : kCases) {
    EXPECT_THAT(Do("GETRANGE", "k", start, end), IsBulk(part)) << start << " " << end;
    EXPECT_THAT(Do("SUBSTR", "k", start, end), IsBulk(part)) << start << " " << end;
  }
  Do("SET", "k", -1234);
  EXPECT_THAT(Do("GETRANGE", "k", 1, 2), IsBulk("12"));
  EXPECT_THAT(Do("GETRANGE", "none", 0, -1), IsBulk(""));
  EXPECT_THAT(Do("GETRANGE", "none", "x", -1), IsError(kNotAnInteger));
}

TEST_F(StringTest, SetRangeOverwritesAndPadsWithZeros) {
  EXPECT_THAT(Do("SETRANGE", "k", 0, ""), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("SETRANGE", "k", 2, "ab"), IsInt(4));
  EXPECT_THAT(Do("GET", "k"), IsBulk(std::string("\0\0ab", 4)));
  EXPECT_THAT(Do("SETRANGE", "k", 1, "xyz"), IsInt(4));
  EXPECT_THAT(Do("SETRANGE", "k", 100, ""), IsInt(4));
  EXPECT_THAT(Do("GET", "k"), IsBulk(std::string("\0xyz", 4)));
  EXPECT_THAT(Do("SETRANGE", "k", 6, "!"), IsInt(7));
  EXPECT_THAT(Do("GET", "k"), IsBulk(std::string("\0xyz\0\0!", 7)));
}

TEST_F(StringTest, SetRangeOnAnIntegerAndOnALargeValueKeepsTheRest) {
  Do("SET", "k", 123456, "EX", 100);
  EXPECT_THAT(Do("SETRANGE", "k", 1, "x"), IsInt(6));
  EXPECT_THAT(Do("GET", "k"), IsBulk("1x3456"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  std::string large(20'000, 'a');
  Do("SET", "k", large);
  EXPECT_THAT(Do("SETRANGE", "k", 10'000, "bb"), IsInt(20'000));
  large.replace(10'000, 2, "bb");
  EXPECT_THAT(Do("GET", "k"), IsBulk(large));
}

TEST_F(StringTest, SetRangeRefusesOffsetsBelowZeroAndWhatIsNoOffset) {
  EXPECT_THAT(Do("SETRANGE", "k", -1, "x"), IsError("ERR offset is out of range"));
  EXPECT_THAT(Do("SETRANGE", "k", "1.5", "x"), IsError(kNotAnInteger));
}

TEST_F(StringTest, NoStringGrowsBeyondTheLimit) {
  constexpr const char* kTooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
  EXPECT_THAT(Do("SETRANGE", "k", 536'870'912, "x"), IsError(kTooLong));
  EXPECT_THAT(Do("SETRANGE", "k", "9223372036854775807", "x"), IsError(kTooLong));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("CONFIG", "SET", "proto-max-bulk-len", 1'048'576), IsOk());
  EXPECT_THAT(Do("SETRANGE", "k", 1'048'575, "x"), IsInt(1'048'576));
  EXPECT_THAT(Do("APPEND", "k", "x"), IsError(kTooLong));
  EXPECT_THAT(Do("SETRANGE", "k", 1'048'575, "xy"), IsError(kTooLong));
  EXPECT_THAT(Do("STRLEN", "k"), IsInt(1'048'576));
}

TEST_F(StringTest, ChangesOfPartsAreAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("APPEND", "k", "1");
                Do("APPEND", "k", "");
                Do("SETRANGE", "k", 0, "");
                Do("SETRANGE", "k", 0, "x");
              }),
              ElementsAre("append k", "append k", "setrange k"));
}

}  // namespace
}  // namespace pinion::test
