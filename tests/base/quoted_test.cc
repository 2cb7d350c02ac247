// Splitting at blanks and quotes, and quoting.
#include "base/quoted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Split(std::string_view line) {
  std::vector<std::string> words = {"left over"};
  EXPECT_TRUE(SplitQuoted(line, &words)) << line;
  return words;
}

TEST(SplitQuoted, CutsAtAnyNumberOfBlanks) {
  EXPECT_THAT(Split("  set\tkey \v\f value \r\n"), ElementsAre("set", "key", "value"));
  EXPECT_THAT(Split(""), IsEmpty());
  EXPECT_THAT(Split(" \t "), IsEmpty());
}

TEST(SplitQuoted, ReadsEscapesInDoubleQuotes) {
  EXPECT_THAT(Split(R"("a b" "\x41\x7a\n\r\t\b\a\\\"\q" "")"), ElementsAre("a b", "Az\n\r\t\b\a\\\"q", ""));
}

TEST(SplitQuoted, TakesAnIncompleteHexEscapeLiterally) {
  EXPECT_THAT(Split(R"("\x4" "\xzz")"), ElementsAre("x4", "xzz"));
}

TEST(SplitQuoted, KnowsOnlyOneEscapeInSingleQuotes) {
  EXPECT_THAT(Split(R"('a\'b' 'a\nb' '')"), ElementsAre("a'b", "a\\nb", ""));
}

TEST(SplitQuoted, LetsQuotesBeginWithinAWord) {
  EXPECT_THAT(Split(R"(foo"bar baz" x'y z')"), ElementsAre("foobar baz", "xy z"));
}

TEST(SplitQuoted, EndsALineAtItsFirstNul) {
  EXPECT_THAT(Split(std::string_view("a b\0c d", 7)), ElementsAre("a", "b"));
}

TEST(SplitQuoted, RefusesUnbalancedQuotes) {
  for (const std::string_view line : {R"("a)", R"(a "b\")", "'a", "'a\\'", R"("a"b)", "'a'b", R"("\)"}) {
    std::vector<std::string> words = {"left over"};
    EXPECT_FALSE(SplitQuoted(line, &words)) << line;
    EXPECT_THAT(words, IsEmpty()) << line;
  }
}

TEST(Quote, EscapesWhatIsNotPrintable) {
  EXPECT_EQ(Quote("plain text"), R"("plain text")");
  EXPECT_EQ(Quote("a\"b\\c\n\r\t\a\b\x01\xff"), R"("a\"b\\c\n\r\t\a\b\x01\xff")");
}

TEST(Quote, ReadsBackAsItWasForEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  EXPECT_THAT(Split(Quote(all)), ElementsAre(all));
}

}  // namespace
}  // namespace pinion
