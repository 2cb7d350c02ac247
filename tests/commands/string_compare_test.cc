// DELIFEQ, DELEX and DIGEST over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

TEST_F(StringTest, DigestIsTheXxh3OfTheValue) {
  struct Case { std::string value; const char* digest; };
  for (const auto& [value, digest] : {Case{"hello", "9555e8555c62dcfd"}, Case{"", "2d06800538d394c2"},
                                      Case{"123", "404a763b3f4c8c9a"}, Case{"v8", "0cc76dbb41381419"},
                                      Case{"Hello world", "b6acb9d84a38ff74"}}) {
    Do("SET", "k", value);
    EXPECT_THAT(Do("DIGEST", "k"), IsBulk(digest)) << value;
  }
  EXPECT_THAT(Do("DIGEST", "none"), IsNil());
}

TEST_F(StringTest, DelIfEqDeletesOnlyAnEqualValue) {
  EXPECT_THAT(Do("DELIFEQ", "k", "1"), IsInt(0));
  Do("SET", "k", "1");
  EXPECT_THAT(Do("DELIFEQ", "k", "01"), IsInt(0));
  EXPECT_THAT(Do("DELIFEQ", "k", "1"), IsInt(1));
  EXPECT_THAT(Do("GET", "k"), IsNil());
}

TEST_F(StringTest, DelExWithoutAConditionDeletes) {
  EXPECT_THAT(Do("DELEX", "k"), IsInt(0));
  Do("SET", "k", "1");
  EXPECT_THAT(Do("DELEX", "k"), IsInt(1));
  EXPECT_THAT(Do("GET", "k"), IsNil());
}

TEST_F(StringTest, DelExDeletesWhenItsConditionHolds) {
  struct Case { const char* word; const char* operand; int deleted; };
  for (const auto& [word, operand, deleted] :
       {Case{"IFEQ", "hello", 1}, Case{"ifeq", "hell", 0}, Case{"IFNE", "hello", 0}, Case{"IFNE", "x", 1},
        Case{"IFDEQ", "9555E8555c62dcfd", 1}, Case{"IFDEQ", "0000000000000000", 0},
        Case{"IFDNE", "9555e8555c62dcfd", 0}, Case{"IFDNE", "0000000000000000", 1}}) {
    EXPECT_THAT(Do("DELEX", "k", word, operand), IsInt(0)) << "absent, " << word;
    Do("SET", "k", "hello");
    EXPECT_THAT(Do("DELEX", "k", word, operand), IsInt(deleted)) << word << " " << operand;
    Do("DEL", "k");
  }
}

TEST_F(StringTest, DelExRefusesOtherConditions) {
  Do("SET", "k", "hello");
  EXPECT_THAT(Do("DELEX", "k", "NX", "1"), IsError("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE"));
  EXPECT_THAT(Do("DELEX", "k", "foo", "1"), IsError("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE"));
  EXPECT_THAT(Do("DELEX", "k", "IFDEQ", "123"), IsError("ERR must be exactly 16 hexadecimal characters"));
  EXPECT_THAT(Do("DELEX", "k", "IFEQ"), IsError("ERR wrong number of arguments for 'delex' command"));
  EXPECT_THAT(Do("DELEX", "k", "IFEQ", "1", "2"), IsError("ERR wrong number of arguments for 'delex' command"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("hello"));
}

TEST_F(StringTest, ConditionalDeletionIsAnnounced) {
  Do("MSET", "a", "1", "b", "1", "c", "1");
  EXPECT_THAT(EventsOf([&] {
                Do("DELIFEQ", "a", "2");
                Do("DELIFEQ", "a", "1");
                Do("DELEX", "b", "IFNE", "1");
                Do("DELEX", "b", "IFEQ", "1");
                Do("DELEX", "c");
              }),
              ElementsAre("del a", "del b", "del c"));
}

}  // namespace
}  // namespace pinion::test
