// MGET, MSET, MSETNX and MSETEX over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

TEST_F(StringTest, MGetReturnsEveryValueInOrder) {
  EXPECT_THAT(Do("MSET", "a", "1", "b", "two"), IsOk());
  EXPECT_THAT(Do("MGET", "b", "none", "a", "b"), IsArray("two", IsNil(), "1", "two"));
}

TEST_F(StringTest, MSetDropsDeadlinesAndTakesTheLastOfEqualKeys) {
  Do("SET", "a", "0", "EX", 100);
  EXPECT_THAT(Do("MSET", "a", "1", "a", "2"), IsOk());
  EXPECT_THAT(Do("GET", "a"), IsBulk("2"));
  EXPECT_THAT(Do("PTTL", "a"), IsInt(-1));
}

TEST_F(StringTest, MSetWithAKeyThatHasNoValueSetsNothing) {
  EXPECT_THAT(Do("MSET", "a", "1", "b"), IsError("ERR wrong number of arguments for 'mset' command"));
  EXPECT_THAT(Do("MSETNX", "a", "1", "b"), IsError("ERR wrong number of arguments for 'msetnx' command"));
  EXPECT_THAT(Do("GET", "a"), IsNil());
}

TEST_F(StringTest, MSetNxSetsAllOrNothing) {
  EXPECT_THAT(Do("MSETNX", "a", "1", "b", "2", "a", "3"), IsInt(1));
  EXPECT_THAT(Do("MSETNX", "c", "1", "b", "9"), IsInt(0));
  EXPECT_THAT(Do("MGET", "a", "b", "c"), IsArray("3", "2", IsNil()));
}

TEST_F(StringTest, MSetExGivesAllKeysTheSameDeadline) {
  EXPECT_THAT(Do("MSETEX", 2, "a", "1", "b", "2", "EX", 100), IsInt(1));
  EXPECT_THAT(Do("PTTL", "a"), IsNearlySeconds(100));
  EXPECT_THAT(Do("PTTL", "b"), IsNearlySeconds(100));
  EXPECT_THAT(Do("MSETEX", 2, "a", "3", "c", "4", "KEEPTTL"), IsInt(1));
  EXPECT_THAT(Do("PTTL", "a"), IsNearlySeconds(100));
  EXPECT_THAT(Do("PTTL", "c"), IsInt(-1));
  EXPECT_THAT(Do("MSETEX", 1, "a", "5"), IsInt(1));
  EXPECT_THAT(Do("PTTL", "a"), IsInt(-1));
  EXPECT_THAT(Do("MSETEX", 1, "a", "6", "PXAT", (UnixSeconds() + 200) * 1000), IsInt(1));
  EXPECT_THAT(Do("PTTL", "a"), IsNearlySeconds(200));
  EXPECT_THAT(Do("MGET", "a", "b", "c"), IsArray("6", "2", "4"));
}

TEST_F(StringTest, MSetExConditionsAreAboutAllKeys) {
  Do("SET", "a", "0");
  EXPECT_THAT(Do("MSETEX", 2, "a", "1", "b", "1", "NX"), IsInt(0));
  EXPECT_THAT(Do("MSETEX", 2, "a", "1", "b", "1", "XX"), IsInt(0));
  EXPECT_THAT(Do("MGET", "a", "b"), IsArray("0", IsNil()));
  EXPECT_THAT(Do("MSETEX", 2, "b", "1", "c", "1", "nx"), IsInt(1));
  EXPECT_THAT(Do("MSETEX", 2, "a", "2", "b", "2", "PX", 100'000, "xx"), IsInt(1));
  EXPECT_THAT(Do("MGET", "a", "b", "c"), IsArray("2", "2", "1"));
}

TEST_F(StringTest, MSetExRefusesWrongCountsAndOptions) {
  for (const char* count : {"0", "-1", "x", "2147483648", "9223372036854775807"}) {
    EXPECT_THAT(Do("MSETEX", count, "a", "1"), IsError("ERR invalid numkeys value")) << count;
  }
  EXPECT_THAT(Do("MSETEX", 2, "a", "1", "b"), IsError("ERR wrong number of key-value pairs"));
  EXPECT_THAT(Do("MSETEX", 2147483647, "a", "1"), IsError("ERR wrong number of key-value pairs"));
  EXPECT_THAT(Do("MSETEX", 1, "a", "1", "b", "2"), IsError(kSyntaxError));
  EXPECT_THAT(Do("MSETEX", 1, "a", "1", "NX", "XX"), IsError(kSyntaxError));
  EXPECT_THAT(Do("MSETEX", 1, "a", "1", "EX", 1, "KEEPTTL"), IsError(kSyntaxError));
  EXPECT_THAT(Do("MSETEX", 1, "a", "1", "EX", 0), IsError("ERR invalid expire time in 'msetex' command"));
  EXPECT_THAT(Do("GET", "a"), IsNil());
}

TEST_F(StringTest, EveryKeyOfAManyKeyWriteIsAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("MSET", "a", "1", "b", "1");
                Do("MSETNX", "a", "1", "c", "1");
                Do("MSETNX", "c", "1");
                Do("MSETEX", 1, "d", "1", "EX", 100);
              }),
              ElementsAre("set a", "set b", "set c", "set d", "expire d"));
}

}  // namespace
}  // namespace pinion::test
