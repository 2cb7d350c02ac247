// ZUNION, ZINTER, ZDIFF, their STORE forms and ZINTERCARD over a connection.
#include "tests/commands/sorted_set_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

class SortedSetAlgebraTest : public SortedSetTest {
 protected:
  void Fill() {
    Do("ZADD", "x", 1, "a", 2, "b", 3, "c");
    Do("ZADD", "y", 10, "b", 20, "c", 30, "d");
    Do("SADD", "s", "c", "e");
    Do("SADD", "n", 1, 2, 3);
  }
};

TEST_F(SortedSetAlgebraTest, UnionsAddScores) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZUNION", 2, "x", "y"), IsArray("a", "b", "c", "d"));
    EXPECT_THAT(Do("ZUNION", 2, "x", "y", "WITHSCORES"), IsArray("a", "1", "b", "12", "c", "23", "d", "30"));
    EXPECT_THAT(Do("ZUNION", 2, "x", "y", "WEIGHTS", 2, "0.5", "WITHSCORES"),
                IsArray("a", "2", "b", "9", "d", "15", "c", "16"));
    EXPECT_THAT(Do("ZUNION", 2, "x", "y", "AGGREGATE", "MIN", "WITHSCORES"),
                IsArray("a", "1", "b", "2", "c", "3", "d", "30"));
    EXPECT_THAT(Do("ZUNION", 2, "x", "y", "aggregate", "max", "withscores"),
                IsArray("a", "1", "b", "10", "c", "20", "d", "30"));
    EXPECT_THAT(Do("ZUNION", 3, "none", "x", "s", "WITHSCORES"), IsArray("a", "1", "e", "1", "b", "2", "c", "4"));
    EXPECT_THAT(Do("ZUNION", 2, "x", "x", "WITHSCORES"), IsArray("a", "2", "b", "4", "c", "6"));
    EXPECT_THAT(Do("ZUNION", 1, "none"), IsArray());
  });
}

TEST_F(SortedSetAlgebraTest, IntersectionsNeedEveryInput) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZINTER", 2, "x", "y", "WITHSCORES"), IsArray("b", "12", "c", "23"));
    EXPECT_THAT(Do("ZINTER", 3, "x", "y", "s", "WEIGHTS", 1, 1, 100, "WITHSCORES"), IsArray("c", "123"));
    EXPECT_THAT(Do("ZINTER", 2, "x", "y", "AGGREGATE", "SUM"), IsArray("b", "c"));
    EXPECT_THAT(Do("ZINTER", 2, "x", "none"), IsArray());
    EXPECT_THAT(Do("ZINTERCARD", 2, "x", "y"), IsInt(2));
    EXPECT_THAT(Do("ZINTERCARD", 2, "x", "y", "LIMIT", 1), IsInt(1));
    EXPECT_THAT(Do("ZINTERCARD", 2, "x", "y", "limit", 0), IsInt(2));
    EXPECT_THAT(Do("ZINTERCARD", 2, "x", "none"), IsInt(0));
    Do("ZADD", "numbers", 5, "2", 6, "4");
    EXPECT_THAT(Do("ZINTER", 2, "numbers", "n", "WITHSCORES"), IsArray("2", "6"));
  });
}

TEST_F(SortedSetAlgebraTest, DifferencesKeepTheFirstScores) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZDIFF", 2, "x", "y", "WITHSCORES"), IsArray("a", "1"));
    EXPECT_THAT(Do("ZDIFF", 3, "x", "none", "s"), IsArray("a", "b"));
    EXPECT_THAT(Do("ZDIFF", 2, "x", "x"), IsArray());
    EXPECT_THAT(Do("ZDIFF", 2, "none", "x"), IsArray());
    EXPECT_THAT(Do("ZDIFF", 1, "x"), IsArray("a", "b", "c"));
  });
}

TEST_F(SortedSetAlgebraTest, WhatIsNoNumberCountsAsZero) {
  WithBothEncodings([&] {
    Do("ZADD", "up", "inf", "a");
    Do("ZADD", "down", "-inf", "a");
    EXPECT_THAT(Do("ZUNION", 2, "up", "down", "WITHSCORES"), IsArray("a", "0"));
    EXPECT_THAT(Do("ZINTER", 2, "up", "down", "WITHSCORES"), IsArray("a", "0"));
    EXPECT_THAT(Do("ZUNION", 1, "up", "WEIGHTS", 0, "WITHSCORES"), IsArray("a", "0"));
  });
}

TEST_F(SortedSetAlgebraTest, MinusZeroIsRepliedAndStoredOnlyInALargeResult) {
  Do("ZADD", "x", 1, "a", 2, "b");
  EXPECT_THAT(Do("ZUNION", 1, "x", "WEIGHTS", "-0", "WITHSCORES"), IsArray("a", "-0", "b", "-0"));
  Do("ZUNIONSTORE", "d", 1, "x", "WEIGHTS", "-0");
  EXPECT_THAT(Do("ZSCORE", "d", "a"), IsBulk("0"));
  Do("CONFIG", "SET", "zset-max-listpack-entries", 1);
  Do("ZUNIONSTORE", "d", 1, "x", "WEIGHTS", "-0");
  EXPECT_THAT(Do("ZSCORE", "d", "a"), IsBulk("-0"));
}

TEST_F(SortedSetAlgebraTest, StoreFormsReplaceTheTarget) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZUNIONSTORE", "d", 2, "x", "y"), IsInt(4));
    EXPECT_THAT(Do("ZRANGE", "d", 0, -1), IsArray("a", "b", "c", "d"));
    EXPECT_THAT(Do("ZINTERSTORE", "d", 2, "x", "y", "WEIGHTS", -1, 0), IsInt(2));
    EXPECT_THAT(Do("ZRANGE", "d", 0, -1, "WITHSCORES"), IsArray("c", "-3", "b", "-2"));
    EXPECT_THAT(Do("ZDIFFSTORE", "x", 2, "x", "y"), IsInt(1));
    EXPECT_THAT(Do("ZRANGE", "x", 0, -1), IsArray("a"));
    EXPECT_THAT(Do("ZINTERSTORE", "d", 2, "x", "none"), IsInt(0));
    EXPECT_THAT(Do("EXISTS", "d"), IsInt(0));
    Do("SET", "d", "text", "EX", 100);
    EXPECT_THAT(Do("ZUNIONSTORE", "d", 1, "s"), IsInt(2));
    EXPECT_THAT(Do("TTL", "d"), IsInt(-1));
  });
}

TEST_F(SortedSetAlgebraTest, LargeResultsAreInOrder) {
  for (int i = 0; i < 400; ++i) {
    client().Send("ZADD", i % 2 == 0 ? "even" : "odd", i, "m" + std::to_string(i));
    client().Send("ZADD", "all", -i, "m" + std::to_string(i));
  }
  for (int i = 0; i < 800; ++i) EXPECT_THAT(client().ReadReply(), IsInt(1));
  EXPECT_THAT(Do("ZUNIONSTORE", "d", 2, "even", "odd"), IsInt(400));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "d"), IsBulk("skiplist"));
  EXPECT_THAT(Do("ZRANGE", "d", 198, 200), IsArray("m198", "m199", "m200"));
  EXPECT_THAT(Do("ZINTERSTORE", "d", 2, "all", "odd", "WEIGHTS", 2, 1), IsInt(200));
  EXPECT_THAT(Do("ZRANGE", "d", 0, 1, "WITHSCORES"), IsArray("m399", "-399", "m397", "-397"));
  EXPECT_THAT(Do("ZDIFFSTORE", "d", 2, "all", "odd"), IsInt(200));
  EXPECT_THAT(Do("ZRANGE", "d", 0, 0), IsArray("m398"));
  EXPECT_THAT(Do("ZINTERCARD", 2, "all", "odd", "LIMIT", 50), IsInt(50));
}

TEST_F(SortedSetAlgebraTest, RequestsThatMakeNoSenseAreRefused) {
  Fill();
  Do("SET", "text", "x");
  EXPECT_THAT(Do("ZUNION", 0, "x"), IsError("ERR at least 1 input key is needed for 'zunion' command"));
  EXPECT_THAT(Do("ZINTERSTORE", "d", -1, "x"),
              IsError("ERR at least 1 input key is needed for 'zinterstore' command"));
  EXPECT_THAT(Do("ZINTERCARD", 0, "x"), IsError("ERR at least 1 input key is needed for 'zintercard' command"));
  EXPECT_THAT(Do("ZDIFF", "x", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("ZDIFF", 3, "x", "y"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZUNION", 2, "x", "text", "nonsense"), IsError(kWrongKind));
  EXPECT_THAT(Do("ZUNION", 1, "x", "nonsense"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZUNION", 2, "x", "y", "WEIGHTS", 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZUNION", 1, "x", "WEIGHTS", "w"), IsError("ERR weight value is not a float"));
  EXPECT_THAT(Do("ZUNION", 1, "x", "AGGREGATE", "AVG"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZUNIONSTORE", "d", 1, "x", "WITHSCORES"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZDIFF", 1, "x", "WEIGHTS", 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZDIFFSTORE", "d", 1, "x", "WEIGHTS", 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZINTERCARD", 1, "x", "LIMIT", -1), IsError("ERR LIMIT can't be negative"));
  EXPECT_THAT(Do("ZINTERCARD", 1, "x", "LIMIT", "l"), IsError("ERR LIMIT can't be negative"));
  EXPECT_THAT(Do("ZINTERCARD", 1, "x", "WITHSCORES"), IsError(kSyntaxError));
}

TEST_F(SortedSetAlgebraTest, PairsAreNestedInResp3) {
  Fill();
  auto c = Connect(3);
  EXPECT_THAT(c.Command("ZINTER", 2, "x", "y", "WITHSCORES"),
              IsArray(IsArray("b", IsDouble(12)), IsArray("c", IsDouble(23))));
  EXPECT_THAT(c.Command("ZDIFF", 2, "x", "y"), IsArray("a"));
}

TEST_F(SortedSetAlgebraTest, EventsAreNamedLikeTheCommands) {
  Fill();
  EXPECT_THAT(EventsOf([&] {
                Do("ZUNIONSTORE", "d", 2, "x", "y");
                Do("ZINTERSTORE", "d", 2, "x", "y");
                Do("ZDIFFSTORE", "d", 2, "x", "y");
                Do("ZDIFFSTORE", "d", 2, "x", "x");
                Do("ZDIFFSTORE", "d", 2, "x", "x");
              }),
              ElementsAre("zunionstore d", "zinterstore d", "zdiffstore d", "del d"));
}

}  // namespace
}  // namespace pinion::test
