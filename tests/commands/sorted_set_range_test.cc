// ZRANGE and its older forms, ZRANGESTORE, ZCOUNT, ZLEXCOUNT and ZREMRANGEBY* over a connection.
#include "tests/commands/sorted_set_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

constexpr const char* kBadScores = "ERR min or max is not a float";
constexpr const char* kBadMembers = "ERR min or max not valid string range item";

class SortedSetRangeTest : public SortedSetTest {
 protected:
  // a 1, b 2, c 3, d 4, e 5
  void Fill() { Do("ZADD", "k", 1, "a", 2, "b", 3, "c", 4, "d", 5, "e"); }
  // The same members with score 0.
  void FillEqual() { Do("ZADD", "k", 0, "a", 0, "b", 0, "c", 0, "d", 0, "e"); }
};

TEST_F(SortedSetRangeTest, RanksCountFromBothEnds) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZRANGE", "k", 0, -1), IsArray("a", "b", "c", "d", "e"));
    EXPECT_THAT(Do("ZRANGE", "k", 1, 2), IsArray("b", "c"));
    EXPECT_THAT(Do("ZRANGE", "k", -2, -1, "withscores"), IsArray("d", "4", "e", "5"));
    EXPECT_THAT(Do("ZRANGE", "k", -100, 100), IsArray("a", "b", "c", "d", "e"));
    EXPECT_THAT(Do("ZRANGE", "k", 3, 1), IsArray());
    EXPECT_THAT(Do("ZRANGE", "k", 5, 9), IsArray());
    EXPECT_THAT(Do("ZRANGE", "k", 0, 1, "REV"), IsArray("e", "d"));
    EXPECT_THAT(Do("ZREVRANGE", "k", 0, 1), IsArray("e", "d"));
    EXPECT_THAT(Do("ZREVRANGE", "k", -2, -1, "WITHSCORES"), IsArray("b", "2", "a", "1"));
  });
  EXPECT_THAT(Do("ZRANGE", "none", 0, -1), IsArray());
}

TEST_F(SortedSetRangeTest, ScoresMayBeExcludedAndLimited) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZRANGEBYSCORE", "k", 2, 4), IsArray("b", "c", "d"));
    EXPECT_THAT(Do("ZRANGEBYSCORE", "k", "(2", "(4"), IsArray("c"));
    EXPECT_THAT(Do("ZRANGEBYSCORE", "k", "-inf", "+inf", "LIMIT", 1, 2), IsArray("b", "c"));
    EXPECT_THAT(Do("ZRANGEBYSCORE", "k", 2, "inf", "WITHSCORES", "LIMIT", 1, -1),
                IsArray("c", "3", "d", "4", "e", "5"));
    EXPECT_THAT(Do("ZRANGEBYSCORE", "k", 2, "inf", "LIMIT", -1, 2), IsArray());
    EXPECT_THAT(Do("ZRANGEBYSCORE", "k", 2, "inf", "LIMIT", 4, 2), IsArray());
    EXPECT_THAT(Do("ZREVRANGEBYSCORE", "k", 4, 2), IsArray("d", "c", "b"));
    EXPECT_THAT(Do("ZREVRANGEBYSCORE", "k", "+inf", "(1", "LIMIT", 1, 2), IsArray("d", "c"));
    EXPECT_THAT(Do("ZREVRANGEBYSCORE", "k", 2, 4), IsArray());
    EXPECT_THAT(Do("ZRANGE", "k", "(1", 3, "BYSCORE"), IsArray("b", "c"));
    EXPECT_THAT(Do("ZRANGE", "k", 3, "(1", "BYSCORE", "REV", "LIMIT", 0, 1, "WITHSCORES"), IsArray("c", "3"));
    EXPECT_THAT(Do("ZCOUNT", "k", "(1", 4), IsInt(3));
    EXPECT_THAT(Do("ZCOUNT", "k", 6, 9), IsInt(0));
    EXPECT_THAT(Do("ZCOUNT", "k", 4, 1), IsInt(0));
  });
  EXPECT_THAT(Do("ZCOUNT", "none", 0, 1), IsInt(0));
}

TEST_F(SortedSetRangeTest, BoundsAreReadAsStrtodDoes) {
  Fill();
  EXPECT_THAT(Do("ZCOUNT", "k", "", " 2"), IsInt(2));
  EXPECT_THAT(Do("ZCOUNT", "k", "(", "1e999"), IsInt(5));
  for (const char* bound : {"x", "(x", "1x", "nan", "((1", "[1"}) {
    EXPECT_THAT(Do("ZCOUNT", "k", bound, 2), IsError(kBadScores)) << bound;
    EXPECT_THAT(Do("ZRANGEBYSCORE", "k", 1, bound), IsError(kBadScores)) << bound;
    EXPECT_THAT(Do("ZREMRANGEBYSCORE", "k", 1, bound), IsError(kBadScores)) << bound;
  }
}

TEST_F(SortedSetRangeTest, MembersOfEqualScoresAreARangeOfTheirOwn) {
  WithBothEncodings([&] {
    FillEqual();
    EXPECT_THAT(Do("ZRANGEBYLEX", "k", "[b", "[d"), IsArray("b", "c", "d"));
    EXPECT_THAT(Do("ZRANGEBYLEX", "k", "(b", "(d"), IsArray("c"));
    EXPECT_THAT(Do("ZRANGEBYLEX", "k", "-", "+", "LIMIT", 3, 5), IsArray("d", "e"));
    EXPECT_THAT(Do("ZRANGEBYLEX", "k", "+", "-"), IsArray());
    EXPECT_THAT(Do("ZREVRANGEBYLEX", "k", "+", "(c"), IsArray("e", "d"));
    EXPECT_THAT(Do("ZREVRANGEBYLEX", "k", "[d", "-", "LIMIT", 1, 2), IsArray("c", "b"));
    EXPECT_THAT(Do("ZRANGE", "k", "(a", "[c", "BYLEX"), IsArray("b", "c"));
    EXPECT_THAT(Do("ZRANGE", "k", "[c", "-", "BYLEX", "REV"), IsArray("c", "b", "a"));
    EXPECT_THAT(Do("ZLEXCOUNT", "k", "[", "(c"), IsInt(2));
    EXPECT_THAT(Do("ZLEXCOUNT", "k", "-", "+"), IsInt(5));
  });
  EXPECT_THAT(Do("ZLEXCOUNT", "none", "-", "+"), IsInt(0));
  for (const char* bound : {"b", "", "++", "-a"}) {
    EXPECT_THAT(Do("ZLEXCOUNT", "k", "-", bound), IsError(kBadMembers)) << bound;
    EXPECT_THAT(Do("ZRANGEBYLEX", "k", bound, "+"), IsError(kBadMembers)) << bound;
    EXPECT_THAT(Do("ZREMRANGEBYLEX", "k", bound, "+"), IsError(kBadMembers)) << bound;
  }
}

TEST_F(SortedSetRangeTest, OptionsThatDoNotGoTogetherAreRefused) {
  EXPECT_THAT(Do("ZRANGE", "k", 0, 1, "LIMIT", 0, 1),
              IsError("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"));
  EXPECT_THAT(Do("ZRANGE", "k", "-", "+", "BYLEX", "WITHSCORES"),
              IsError("ERR syntax error, WITHSCORES not supported in combination with BYLEX"));
  EXPECT_THAT(Do("ZRANGE", "k", 0, 1, "BYLEX", "BYSCORE"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZREVRANGE", "k", 0, 1, "REV"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZREVRANGE", "k", 0, 1, "BYSCORE"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZRANGEBYSCORE", "k", 0, 1, "LIMIT", 0), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZRANGEBYSCORE", "k", 0, 1, "LIMIT", "x", 1), IsError(kNotAnInteger));
  EXPECT_THAT(Do("ZRANGE", "k", "x", 1), IsError(kNotAnInteger));
  EXPECT_THAT(Do("ZRANGE", "k", 0, "(1"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("ZRANGESTORE", "d", "k", 0, 1, "WITHSCORES"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZREMRANGEBYRANK", "k", 0, "x"), IsError(kNotAnInteger));
  Do("SET", "s", "x");
  EXPECT_THAT(Do("ZRANGE", "s", 0, 1), IsError(kWrongKind));
  EXPECT_THAT(Do("ZCOUNT", "s", 0, 1), IsError(kWrongKind));
  EXPECT_THAT(Do("ZREMRANGEBYRANK", "s", 0, 1), IsError(kWrongKind));
}

TEST_F(SortedSetRangeTest, PairsAreNestedInResp3) {
  auto c = Connect(3);
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(c.Command("ZRANGE", "k", 0, 1, "WITHSCORES"),
                IsArray(IsArray("a", IsDouble(1)), IsArray("b", IsDouble(2))));
    EXPECT_THAT(c.Command("ZRANGE", "k", 0, 1), IsArray("a", "b"));
    EXPECT_THAT(c.Command("ZREVRANGEBYSCORE", "k", 9, 5, "WITHSCORES"), IsArray(IsArray("e", IsDouble(5))));
    EXPECT_THAT(c.Command("ZRANGE", "k", 9, 9, "WITHSCORES"), IsArray());
  });
}

TEST_F(SortedSetRangeTest, StoreKeepsARangeInAnotherKey) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZRANGESTORE", "d", "k", 1, 2), IsInt(2));
    EXPECT_THAT(Do("ZRANGE", "d", 0, -1, "WITHSCORES"), IsArray("b", "2", "c", "3"));
    EXPECT_THAT(Do("ZRANGESTORE", "d", "k", "(4", "-inf", "BYSCORE", "REV", "LIMIT", 0, 2), IsInt(2));
    EXPECT_THAT(Do("ZRANGE", "d", 0, -1), IsArray("b", "c"));
    EXPECT_THAT(Do("ZRANGESTORE", "k", "k", 3, 4), IsInt(2));
    EXPECT_THAT(Do("ZRANGE", "k", 0, -1), IsArray("d", "e"));
    EXPECT_THAT(Do("ZRANGESTORE", "d", "none", 0, -1), IsInt(0));
    EXPECT_THAT(Do("EXISTS", "d"), IsInt(0));
  });
  Do("SET", "s", "x");
  EXPECT_THAT(Do("ZRANGESTORE", "d", "s", 0, -1), IsError(kWrongKind));
  EXPECT_THAT(Do("ZRANGESTORE", "s", "k", 0, -1), IsInt(2));
  EXPECT_THAT(Do("TYPE", "s"), IsStatus("zset"));
}

TEST_F(SortedSetRangeTest, StoreReversedMeetsALongMemberFirst) {
  const std::string long_member(65, 'x');
  Do("ZADD", "k", 1, long_member, "-0", "zero");
  EXPECT_THAT(Do("ZRANGESTORE", "up", "k", 0, -1), IsInt(2));
  EXPECT_THAT(Do("ZSCORE", "up", "zero"), IsBulk("0"));  // it stood in a listpack
  EXPECT_THAT(Do("ZRANGESTORE", "down", "k", 0, -1, "REV"), IsInt(2));
  EXPECT_THAT(Do("ZSCORE", "down", "zero"), IsBulk("-0"));
}

TEST_F(SortedSetRangeTest, RangesAreRemovedAndTheKeyWithTheLast) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZREMRANGEBYRANK", "k", 1, 2), IsInt(2));
    EXPECT_THAT(Do("ZRANGE", "k", 0, -1), IsArray("a", "d", "e"));
    EXPECT_THAT(Do("ZREMRANGEBYRANK", "k", 7, 9), IsInt(0));
    EXPECT_THAT(Do("ZREMRANGEBYSCORE", "k", "(4", "+inf"), IsInt(1));
    EXPECT_THAT(Do("ZREMRANGEBYSCORE", "k", 0, 100), IsInt(2));
    EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
    FillEqual();
    EXPECT_THAT(Do("ZREMRANGEBYLEX", "k", "(a", "[c"), IsInt(2));
    EXPECT_THAT(Do("ZRANGE", "k", 0, -1), IsArray("a", "d", "e"));
    EXPECT_THAT(Do("ZREMRANGEBYLEX", "k", "-", "+"), IsInt(3));
    EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  });
  EXPECT_THAT(Do("ZREMRANGEBYRANK", "none", 0, -1), IsInt(0));
}

TEST_F(SortedSetRangeTest, ManyRemovedAtOnceLeaveTheRestInOrder) {
  for (int i = 0; i < 1000; ++i) client().Send("ZADD", "k", i % 10, "m" + std::to_string(1000 + i));
  for (int i = 0; i < 1000; ++i) EXPECT_THAT(client().ReadReply(), IsInt(1));
  EXPECT_THAT(Do("ZREMRANGEBYSCORE", "k", 1, 8), IsInt(800));
  EXPECT_THAT(Do("ZCARD", "k"), IsInt(200));
  EXPECT_THAT(Do("ZRANGE", "k", 99, 100), IsArray("m1990", "m1009"));
  EXPECT_THAT(Do("ZREMRANGEBYRANK", "k", 0, -2), IsInt(199));
  EXPECT_THAT(Do("ZRANGE", "k", 0, -1), IsArray("m1999"));
}

TEST_F(SortedSetRangeTest, EventsAreNamedLikeTheCommands) {
  EXPECT_THAT(EventsOf([&] {
                Do("ZADD", "k", 0, "a", 0, "b", 0, "c", 0, "d");
                Do("ZREMRANGEBYRANK", "k", 0, 0);
                Do("ZREMRANGEBYRANK", "k", 50, 60);  // no change
                Do("ZREMRANGEBYLEX", "k", "[b", "[b");
                Do("ZRANGESTORE", "d", "k", 0, -1);
                Do("ZRANGESTORE", "d", "k", 9, 9);
                Do("ZREMRANGEBYSCORE", "k", 0, 0);
              }),
              ElementsAre("zadd k", "zremrangebyrank k", "zremrangebylex k", "zrangestore d", "del d",
                          "zremrangebyscore k", "del k"));
}

}  // namespace
}  // namespace pinion::test
