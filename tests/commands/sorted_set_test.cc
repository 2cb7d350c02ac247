// ZADD, ZINCRBY, ZREM, ZCARD, ZSCORE, ZMSCORE, ZRANK, ZREVRANK and ZSCAN over a connection.
#include "tests/commands/sorted_set_test_util.h"

#include <map>
#include <set>

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(SortedSetTest, AddRepliesHowManyAreNew) {
  WithBothEncodings([&] {
    EXPECT_THAT(Do("ZADD", "k", 1, "a", 2, "b"), IsInt(2));
    EXPECT_THAT(Do("ZADD", "k", 3, "a", 2, "b", 0, "c"), IsInt(1));
    EXPECT_THAT(Do("ZRANGE", "k", 0, -1, "WITHSCORES"), IsArray("c", "0", "b", "2", "a", "3"));
    EXPECT_THAT(Do("ZADD", "k", 5, "d", 6, "d"), IsInt(1));
    EXPECT_THAT(Do("ZSCORE", "k", "d"), IsBulk("6"));
    EXPECT_THAT(Do("ZCARD", "k"), IsInt(4));
  });
}

TEST_F(SortedSetTest, ChCountsChangesToo) {
  WithBothEncodings([&] {
    EXPECT_THAT(Do("ZADD", "k", "CH", 1, "a", 2, "b"), IsInt(2));
    EXPECT_THAT(Do("ZADD", "k", "ch", 1, "a", 3, "b", 4, "c"), IsInt(2));
    EXPECT_THAT(Do("ZADD", "k", "CH", 1, "a"), IsInt(0));
  });
}

TEST_F(SortedSetTest, NxAndXxLookAtWhetherTheMemberExists) {
  WithBothEncodings([&] {
    EXPECT_THAT(Do("ZADD", "k", "XX", 1, "a"), IsInt(0));
    EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
    EXPECT_THAT(Do("ZADD", "k", "NX", 1, "a"), IsInt(1));
    EXPECT_THAT(Do("ZADD", "k", "NX", "CH", 2, "a", 5, "b"), IsInt(1));
    EXPECT_THAT(Do("ZADD", "k", "XX", "CH", 7, "a", 9, "c"), IsInt(1));
    EXPECT_THAT(Do("ZRANGE", "k", 0, -1, "WITHSCORES"), IsArray("b", "5", "a", "7"));
  });
}

TEST_F(SortedSetTest, GtAndLtMoveScoresOneWayOnly) {
  WithBothEncodings([&] {
    Do("ZADD", "k", 5, "a", 5, "b");
    EXPECT_THAT(Do("ZADD", "k", "GT", "CH", 4, "a", 6, "b", 1, "new"), IsInt(2));
    EXPECT_THAT(Do("ZMSCORE", "k", "a", "b", "new"), IsArray("5", "6", "1"));
    EXPECT_THAT(Do("ZADD", "k", "LT", "XX", "CH", 4, "a", 7, "b", 1, "other"), IsInt(1));
    EXPECT_THAT(Do("ZMSCORE", "k", "a", "b", "other"), IsArray("4", "6", IsNil()));
  });
}

TEST_F(SortedSetTest, IncrRepliesTheNewScoreOrNothing) {
  WithBothEncodings([&] {
    EXPECT_THAT(Do("ZADD", "k", "INCR", "1.5", "a"), IsBulk("1.5"));
    EXPECT_THAT(Do("ZADD", "k", "INCR", "GT", -1, "a"), IsNil());
    EXPECT_THAT(Do("ZADD", "k", "INCR", "LT", -1, "a"), IsBulk("0.5"));
    EXPECT_THAT(Do("ZADD", "k", "INCR", "NX", 1, "a"), IsNil());
    EXPECT_THAT(Do("ZADD", "k", "INCR", "XX", 1, "b"), IsNil());
    EXPECT_THAT(Do("ZINCRBY", "k", 2, "a"), IsBulk("2.5"));
    EXPECT_THAT(Do("ZINCRBY", "k", "-inf", "b"), IsBulk("-inf"));
    EXPECT_THAT(Do("ZINCRBY", "k", "inf", "b"), IsError("ERR resulting score is not a number (NaN)"));
    EXPECT_THAT(Do("ZSCORE", "k", "b"), IsBulk("-inf"));
  });
}

TEST_F(SortedSetTest, AddRefusesWhatDoesNotFit) {
  const std::string both = "ERR XX and NX options at the same time are not compatible";
  const std::string compare = "ERR GT, LT, and/or NX options at the same time are not compatible";
  EXPECT_THAT(Do("ZADD", "k", "NX", "XX", 1, "a"), IsError(both));
  EXPECT_THAT(Do("ZADD", "k", "NX", "GT", 1, "a"), IsError(compare));
  EXPECT_THAT(Do("ZADD", "k", "LT", "GT", 1, "a"), IsError(compare));
  EXPECT_THAT(Do("ZADD", "k", "INCR", 1, "a", 2, "b"),
              IsError("ERR INCR option supports a single increment-element pair"));
  EXPECT_THAT(Do("ZADD", "k", 1, "a", 2), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZADD", "k", "NX", "XX", "CH"), IsError(kSyntaxError));
  for (const char* score : {"x", "", "nan", "1 ", "1e"}) {
    EXPECT_THAT(Do("ZADD", "k", 1, "a", score, "b"), IsError(kNotAFloat)) << score;
  }
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  Do("SET", "s", "x");
  EXPECT_THAT(Do("ZADD", "s", "x", "a"), IsError(kNotAFloat));
  EXPECT_THAT(Do("ZADD", "s", 1, "a"), IsError(kWrongKind));
  EXPECT_THAT(Do("ZINCRBY", "s", 1, "a"), IsError(kWrongKind));
}

TEST_F(SortedSetTest, ManyMembersComeInOneCommand) {
  std::vector<std::string> add{"ZADD", "k"};
  for (int i = 0; i < 300; ++i) {
    add.push_back(std::to_string(1000 - i));
    add.push_back("m" + std::to_string(i));
  }
  EXPECT_THAT(client().Command(add), IsInt(300));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("skiplist"));
  EXPECT_THAT(Do("ZRANGE", "k", 0, 1), IsArray("m299", "m298"));
}

TEST_F(SortedSetTest, ZerosInfinitiesAndExponentsKeepTheirText) {
  WithBothEncodings([&] {
    Do("ZADD", "k", "+inf", "a", "-Infinity", "b", "1e3", "c", "0x10", "d", "3.0", "e", "1e-7", "f");
    EXPECT_THAT(Do("ZMSCORE", "k", "a", "b", "c", "d", "e", "f"),
                IsArray("inf", "-inf", "1000", "16", "3", "1e-07"));
    // 0 and -0 are one score: setting one in place of the other is no change.
    Do("ZADD", "k", 0, "z");
    EXPECT_THAT(Do("ZADD", "k", "CH", "-0", "z"), IsInt(0));
    EXPECT_THAT(Do("ZSCORE", "k", "z"), IsBulk("0"));
  });
}

TEST_F(SortedSetTest, ScoresAreDoublesInResp3) {
  auto c = Connect(3);
  WithBothEncodings([&] {
    Do("ZADD", "k", "1.5", "a", "inf", "b");
    EXPECT_THAT(c.Command("ZSCORE", "k", "a"), IsDouble(1.5));
    EXPECT_THAT(c.Command("ZMSCORE", "k", "b", "none"),
                IsArray(IsDouble(std::numeric_limits<double>::infinity()), IsNil()));
    EXPECT_THAT(c.Command("ZINCRBY", "k", 1, "a"), IsDouble(2.5));
    EXPECT_THAT(c.Command("ZADD", "k", "INCR", "NX", 1, "a"), IsNil());
    EXPECT_THAT(c.Command("ZRANK", "k", "a", "WITHSCORE"), IsArray(0, IsDouble(2.5)));
  });
}

TEST_F(SortedSetTest, RemovedMembersAreGoneAndTheKeyWithTheLast) {
  WithBothEncodings([&] {
    Do("ZADD", "k", 1, "a", 2, "b", 3, "c");
    EXPECT_THAT(Do("ZREM", "k", "a", "none", "a"), IsInt(1));
    EXPECT_THAT(Do("ZREM", "none", "a"), IsInt(0));
    EXPECT_THAT(Do("ZRANGE", "k", 0, -1), IsArray("b", "c"));
    EXPECT_THAT(Do("ZREM", "k", "b", "c", "d"), IsInt(2));
    EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  });
  Do("SET", "s", "x");
  EXPECT_THAT(Do("ZREM", "s", "a"), IsError(kWrongKind));
}

TEST_F(SortedSetTest, AbsentKeysAndMembersHaveNoScore) {
  EXPECT_THAT(Do("ZCARD", "none"), IsInt(0));
  EXPECT_THAT(Do("ZSCORE", "none", "a"), IsNil());
  EXPECT_THAT(Do("ZMSCORE", "none", "a", "b"), IsArray(IsNil(), IsNil()));
  EXPECT_THAT(Do("ZRANK", "none", "a"), IsNil());
  Do("ZADD", "k", 1, "a");
  EXPECT_THAT(Do("ZSCORE", "k", "b"), IsNil());
  EXPECT_THAT(Do("ZREVRANK", "k", "b"), IsNil());
  Do("SET", "s", "x");
  for (const char* command : {"ZSCORE", "ZMSCORE", "ZRANK", "ZREVRANK"}) {
    EXPECT_THAT(Do(command, "s", "a"), IsError(kWrongKind)) << command;
  }
  EXPECT_THAT(Do("ZCARD", "s"), IsError(kWrongKind));
}

TEST_F(SortedSetTest, RanksCountFromEitherEnd) {
  WithBothEncodings([&] {
    for (int i = 0; i < 100; ++i) Do("ZADD", "k", i / 3, "m" + std::to_string(100 + i));
    EXPECT_THAT(Do("ZRANK", "k", "m117"), IsInt(17));
    EXPECT_THAT(Do("ZREVRANK", "k", "m117"), IsInt(82));
    EXPECT_THAT(Do("ZRANK", "k", "m117", "withscore"), IsArray(17, "5"));
    EXPECT_THAT(Do("ZREVRANK", "k", "m117", "WITHSCORE"), IsArray(82, "5"));
    EXPECT_THAT(Do("ZRANK", "k", "none", "WITHSCORE"), IsNil());
  });
  EXPECT_THAT(Do("ZRANK", "k", "a", "WITHSCORES"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZRANK", "k", "a", "WITHSCORE", "x"),
              IsError("ERR wrong number of arguments for 'zrank' command"));
  EXPECT_THAT(Do("ZREVRANK", "k", "a", "b", "c"), IsError("ERR wrong number of arguments for 'zrevrank' command"));
}

TEST_F(SortedSetTest, ScanReportsEveryMemberOnce) {
  WithBothEncodings([&] {
    for (int i = 0; i < 100; ++i) Do("ZADD", "k", i, "m" + std::to_string(i));
    std::multimap<std::string, std::string> seen;
    std::string cursor = "0";
    do {
      const Reply reply = Do("ZSCAN", "k", cursor, "COUNT", 7);
      ASSERT_THAT(reply.elements, SizeIs(2));
      cursor = reply.elements[0].text;
      const auto& elements = reply.elements[1].elements;
      for (size_t i = 0; i + 1 < elements.size(); i += 2) seen.emplace(elements[i].text, elements[i + 1].text);
    } while (cursor != "0");
    EXPECT_THAT(seen, SizeIs(100));
    EXPECT_EQ(seen.find("m42")->second, "42");
    EXPECT_THAT(Do("ZSCAN", "k", 0, "MATCH", "m4?", "COUNT", 1000), IsArray("0", HasElements(SizeIs(20))));
    EXPECT_THAT(Do("ZSCAN", "k", 0, "MATCH", "m7", "NOSCORES", "COUNT", 1000), IsArray("0", IsArray("m7")));
  });
  EXPECT_THAT(Do("ZSCAN", "none", 0, "nonsense"), IsArray("0", IsArray()));
  EXPECT_THAT(Do("ZSCAN", "k", 0, "NOVALUES"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZSCAN", "k", "x"), IsError("ERR invalid cursor"));
  Do("SET", "s", "x");
  EXPECT_THAT(Do("ZSCAN", "s", 0), IsError(kWrongKind));
}

TEST_F(SortedSetTest, AChangeOfScoreIsAnEvent) {
  EXPECT_THAT(EventsOf([&] {
                Do("ZADD", "k", 1, "a");
                Do("ZADD", "k", 1, "a");           // no change
                Do("ZADD", "k", "XX", 5, "none");  // no change
                Do("ZINCRBY", "k", 1, "a");
                Do("ZINCRBY", "k", 0, "a");        // no change
                Do("ZREM", "k", "none");           // no change
                Do("ZREM", "k", "a");
              }),
              ElementsAre("zadd k", "zincr k", "zrem k", "del k"));
}

TEST_F(SortedSetTest, GrowsOutOfTheListpackAtItsLimits) {
  EXPECT_THAT(Do("CONFIG", "SET", "zset-max-listpack-entries", 3), IsOk());
  EXPECT_THAT(Do("CONFIG", "SET", "zset-max-listpack-value", 5), IsOk());
  Do("ZADD", "k", 1, "a", 2, "b", 3, "12345");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("listpack"));
  Do("ZADD", "k", 4, "12345");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("listpack"));
  Do("ZADD", "k", 4, "d");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("skiplist"));
  Do("ZADD", "long", 1, "123456");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "long"), IsBulk("skiplist"));
  EXPECT_THAT(Do("COPY", "k", "copy"), IsInt(1));
  EXPECT_THAT(Do("ZRANGE", "copy", 0, -1), IsArray("a", "b", "12345", "d"));
}

TEST_F(SortedSetTest, DigestDoesNotDependOnTheEncoding) {
  Do("ZADD", "a", 1, "x", "2.5", "y", 3, "17");
  Do("CONFIG", "SET", "zset-max-listpack-entries", 0);
  Do("ZADD", "b", 3, "17", "2.5", "y", 1, "x");
  Do("ZADD", "c", 3, "17", "2.5", "y", 2, "x");
  const Reply a = Do("DEBUG", "DIGEST-VALUE", "a"), b = Do("DEBUG", "DIGEST-VALUE", "b");
  EXPECT_EQ(a, b);
  EXPECT_NE(a, Do("DEBUG", "DIGEST-VALUE", "c"));
}

}  // namespace
}  // namespace pinion::test
