// ZPOPMIN, ZPOPMAX, ZMPOP, BZPOPMIN, BZPOPMAX and BZMPOP over a connection.
#include "tests/commands/sorted_set_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

class SortedSetPopTest : public SortedSetTest {
 protected:
  void Fill() { Do("ZADD", "k", 1, "a", 2, "b", 3, "c", 4, "d", 5, "e"); }
};

TEST_F(SortedSetPopTest, PopsComeFromTheEnds) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZPOPMIN", "k"), IsArray("a", "1"));
    EXPECT_THAT(Do("ZPOPMAX", "k"), IsArray("e", "5"));
    EXPECT_THAT(Do("ZPOPMAX", "k", 2), IsArray("d", "4", "c", "3"));
    EXPECT_THAT(Do("ZPOPMIN", "k", 0), IsArray());
    EXPECT_THAT(Do("ZPOPMIN", "k", 10), IsArray("b", "2"));
    EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
    EXPECT_THAT(Do("ZPOPMIN", "k"), IsArray());
  });
}

TEST_F(SortedSetPopTest, PairsAreNestedInResp3WhenCounted) {
  auto c = Connect(3);
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(c.Command("ZPOPMIN", "k"), IsArray("a", IsDouble(1)));
    EXPECT_THAT(c.Command("ZPOPMIN", "k", 1), IsArray(IsArray("b", IsDouble(2))));
    EXPECT_THAT(c.Command("BZPOPMAX", "k", 0), IsArray("k", "e", IsDouble(5)));
    EXPECT_THAT(c.Command("ZMPOP", 1, "k", "MAX"), IsArray("k", IsArray(IsArray("d", IsDouble(4)))));
    EXPECT_THAT(c.Command("ZMPOP", 1, "none", "MAX"), IsNil());
  });
}

TEST_F(SortedSetPopTest, CountsMustNotBeNegative) {
  Do("SET", "s", "x");
  const std::string positive = "ERR value is out of range, must be positive";
  EXPECT_THAT(Do("ZPOPMIN", "k", -1), IsError(positive));
  EXPECT_THAT(Do("ZPOPMAX", "k", "x"), IsError(positive));
  EXPECT_THAT(Do("ZPOPMAX", "k", 1, 2), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZPOPMAX", "s"), IsError(kWrongKind));
  EXPECT_THAT(Do("ZPOPMIN", "s", 0), IsError(kWrongKind));
}

TEST_F(SortedSetPopTest, TheFirstKeyWithMembersIsServed) {
  WithBothEncodings([&] {
    Fill();
    EXPECT_THAT(Do("ZMPOP", 2, "none", "k", "MIN", "COUNT", 2),
                IsArray("k", IsArray(IsArray("a", "1"), IsArray("b", "2"))));
    EXPECT_THAT(Do("BZMPOP", 0, 2, "none", "k", "MAX"), IsArray("k", IsArray(IsArray("e", "5"))));
    EXPECT_THAT(Do("BZPOPMIN", "none", "k", "0.1"), IsArray("k", "c", "3"));
    EXPECT_THAT(Do("BZPOPMAX", "none", "k", 1), IsArray("k", "d", "4"));
    EXPECT_THAT(Do("ZMPOP", 2, "none", "k", "MIN"), IsNil());
  });
}

TEST_F(SortedSetPopTest, ATransactionDoesNotWait) {
  Do("MULTI");
  Do("BZPOPMIN", "none", 0);
  Do("BZPOPMAX", "none", 0);
  Do("BZMPOP", 0, 1, "none", "MIN");
  EXPECT_THAT(Do("EXEC"), IsArray(IsNil(), IsNil(), IsNil()));
}

TEST_F(SortedSetPopTest, RequestsAreJudgedBeforeKeys) {
  Do("SET", "s", "x");
  EXPECT_THAT(Do("ZMPOP", 0, "k", "MIN"), IsError("ERR numkeys should be greater than 0"));
  EXPECT_THAT(Do("ZMPOP", "x", "k", "MIN"), IsError("ERR numkeys should be greater than 0"));
  EXPECT_THAT(Do("ZMPOP", 2, "k", "MIN"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZMPOP", 1, "k", "MID"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZMPOP", 1, "k", "MIN", "COUNT", 0), IsError("ERR count should be greater than 0"));
  EXPECT_THAT(Do("ZMPOP", 1, "k", "MIN", "COUNT"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZMPOP", 1, "k", "MIN", "COUNT", 1, "COUNT", 2), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZMPOP", 2, "none", "s", "MIN"), IsError(kWrongKind));
  EXPECT_THAT(Do("BZPOPMIN", "k", "x"), IsError("ERR timeout is not a float or out of range"));
  EXPECT_THAT(Do("BZPOPMIN", "k", -1), IsError("ERR timeout is negative"));
  EXPECT_THAT(Do("BZPOPMAX", "k", "inf"), IsError("ERR timeout is out of range"));
  EXPECT_THAT(Do("BZPOPMAX", "k", "9223372036854775"), IsError("ERR timeout is out of range"));
  EXPECT_THAT(Do("BZMPOP", "x", 1, "k", "MIN"), IsError("ERR timeout is not a float or out of range"));
  EXPECT_THAT(Do("BZMPOP", "x", 1, "k", "MID"), IsError(kSyntaxError));
  EXPECT_THAT(Do("BZPOPMIN", "s", 0), IsError(kWrongKind));
}

TEST_F(SortedSetPopTest, EventsSayWhichEnd) {
  EXPECT_THAT(EventsOf([&] {
                Do("ZADD", "k", 1, "a", 2, "b", 3, "c", 4, "d", 5, "e");
                Do("ZPOPMIN", "k");
                Do("ZPOPMAX", "k", 0);  // no change
                Do("BZPOPMAX", "k", 0);
                Do("ZMPOP", 1, "k", "MIN");
                Do("BZMPOP", 0, 1, "k", "MAX", "COUNT", 10);
              }),
              ElementsAre("zadd k", "zpopmin k", "zpopmax k", "zpopmin k", "zpopmax k", "del k"));
}

}  // namespace
}  // namespace pinion::test
