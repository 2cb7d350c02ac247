// INCR, DECR, INCRBY, DECRBY and INCRBYFLOAT over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

constexpr const char* kOverflow = "ERR increment or decrement would overflow";

TEST_F(StringTest, IntegersCountUpAndDown) {
  EXPECT_THAT(Do("INCR", "k"), IsInt(1));
  EXPECT_THAT(Do("INCRBY", "k", 41), IsInt(42));
  EXPECT_THAT(Do("DECR", "k"), IsInt(41));
  EXPECT_THAT(Do("DECRBY", "k", 50), IsInt(-9));
  EXPECT_THAT(Do("INCRBY", "k", -1), IsInt(-10));
  EXPECT_THAT(Do("GET", "k"), IsBulk("-10"));
  EXPECT_THAT(Do("DECR", "new"), IsInt(-1));
}

TEST_F(StringTest, CountingKeepsTheDeadline) {
  Do("SET", "k", "1", "EX", 100);
  EXPECT_THAT(Do("INCR", "k"), IsInt(2));
  EXPECT_THAT(Do("INCRBYFLOAT", "k", "0.5"), IsBulk("2.5"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
}

TEST_F(StringTest, IntegersDoNotOverflow) {
  Do("SET", "k", "9223372036854775807");
  EXPECT_THAT(Do("INCR", "k"), IsError(kOverflow));
  EXPECT_THAT(Do("INCRBY", "k", 1), IsError(kOverflow));
  Do("SET", "k", "-9223372036854775808");
  EXPECT_THAT(Do("DECR", "k"), IsError(kOverflow));
  EXPECT_THAT(Do("DECRBY", "k", 1), IsError(kOverflow));
  EXPECT_THAT(Do("DECRBY", "k", "-9223372036854775808"), IsError("ERR decrement would overflow"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("-9223372036854775808"));
}

TEST_F(StringTest, OnlyCanonicalIntegersCount) {
  for (const char* text : {"", " 1", "1 ", "+1", "01", "1.0", "0x1", "-0", "9223372036854775808", "abc"}) {
    Do("SET", "k", text);
    EXPECT_THAT(Do("INCR", "k"), IsError(kNotAnInteger)) << text;
    EXPECT_THAT(Do("INCRBY", "new", text), IsError(kNotAnInteger)) << text;
    EXPECT_THAT(Do("DECRBY", "new", text), IsError(kNotAnInteger)) << text;
  }
  EXPECT_THAT(Do("EXISTS", "new"), IsInt(0));
}

TEST_F(StringTest, AnIntegerThatWasEditedAsTextStillCounts) {
  Do("SET", "k", "1");
  Do("SETRANGE", "k", 0, "7");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("raw"));
  EXPECT_THAT(Do("INCR", "k"), IsInt(8));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("int"));
}

TEST_F(StringTest, FloatsAddInLongDoublesAndLoseTrailingZeros) {
  struct Case { const char* value; const char* increment; const char* sum; };
  for (const auto& [value, increment, sum] :
       {Case{"10.5", "0.1", "10.6"}, Case{"5.0e3", "2.0e2", "5200"}, Case{"3", "0", "3"}, Case{"-1", "1", "0"},
        Case{"0.1", "0.2", "0.3"}, Case{"1", "-1e-17", "0.99999999999999999"},
        Case{"17179869184", "1.5", "17179869185.5"}}) {
    Do("SET", "k", value);
    EXPECT_THAT(Do("INCRBYFLOAT", "k", increment), IsBulk(sum)) << value << " + " << increment;
    EXPECT_THAT(Do("GET", "k"), IsBulk(sum));
  }
  EXPECT_THAT(Do("INCRBYFLOAT", "new", "2.5"), IsBulk("2.5"));
}

TEST_F(StringTest, FloatsThatAreNoNumberAreRefused) {
  Do("SET", "k", "1");
  for (const char* text : {"", " 1", "1 ", "abc", "1e", "nan", "1x"}) {
    EXPECT_THAT(Do("INCRBYFLOAT", "k", text), IsError(kNotAFloat)) << text;
  }
  EXPECT_THAT(Do("INCRBYFLOAT", "k", "+inf"), IsError("ERR increment would produce NaN or Infinity"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("1"));
  Do("SET", "k", "x");
  EXPECT_THAT(Do("INCRBYFLOAT", "k", "1"), IsError(kNotAFloat));
}

TEST_F(StringTest, AWholeFloatIsHeldAsTextUntilItIsCounted) {
  EXPECT_THAT(Do("INCRBYFLOAT", "k", "6"), IsBulk("6"));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("embstr"));
  EXPECT_THAT(Do("INCR", "k"), IsInt(7));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("int"));
}

TEST_F(StringTest, AFloatOfThousandsOfDigitsIsStoredWhole) {
  const Reply sum = Do("INCRBYFLOAT", "k", "1e4900");
  EXPECT_EQ(sum.text.size(), 4901u);
  EXPECT_THAT(Do("GET", "k"), IsBulk(sum.text));
  EXPECT_THAT(Do("INCRBYFLOAT", "k", "0"), IsBulk(sum.text));
}

TEST_F(StringTest, CountingIsAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("INCR", "k");
                Do("DECR", "k");
                Do("INCRBY", "k", 0);
                Do("DECRBY", "k", 1);
                Do("INCRBYFLOAT", "k", 1);
                Do("INCRBY", "k", "x");
              }),
              ElementsAre("incrby k", "incrby k", "incrby k", "incrby k", "incrbyfloat k"));
}

}  // namespace
}  // namespace pinion::test
