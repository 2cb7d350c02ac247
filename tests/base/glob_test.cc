// Tests of glob patterns, against a plain recursive matcher as well.
#include "base/glob.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view text;
  bool matches;
};

TEST(GlobMatch, KnowsStarsAndQuestionMarks) {
  for (const Case& c : std::initializer_list<Case>{{"", "", true},
                                                   {"", "a", false},
                                                   {"*", "", false},
                                                   {"**", "", false},
                                                   {"*", "anything", true},
                                                   {"h?llo", "hello", true},
                                                   {"h?llo", "hllo", false},
                                                   {"?", "", false},
                                                   {"h*llo", "hllo", true},
                                                   {"h*llo", "heeeello", true},
                                                   {"h*llo", "heeeell", false},
                                                   {"a*b*c", "aXbXbXc", true},
                                                   {"a*b*c", "aXcXb", false},
                                                   {"*a", "baa", true},
                                                   {"a*", "b", false},
                                                   {"abc", "abcd", false},
                                                   {"abcd", "abc", false},
                                                   {"abc***", "abc", true},
                                                   {"*?", "", false},
                                                   {"*?", "x", true},
                                                   {"a**b", "ab", true}}) {
    EXPECT_EQ(GlobMatch(c.pattern, c.text), c.matches) << c.pattern << " on " << c.text;
  }
}

TEST(GlobMatch, KnowsClasses) {
  for (const Case& c : std::initializer_list<Case>{{"h[ae]llo", "hello", true},
                                                   {"h[ae]llo", "hillo", false},
                                                   {"h[^e]llo", "hallo", true},
                                                   {"h[^e]llo", "hello", false},
                                                   {"h[a-c]llo", "hbllo", true},
                                                   {"h[a-c]llo", "hdllo", false},
                                                   {"h[c-a]llo", "hbllo", true},
                                                   {"[\\]]", "]", true},
                                                   {"[\\-a]", "-", true},
                                                   {"[a\\-c]", "b", false},
                                                   {"[]", "a", false},
                                                   {"[^]", "a", true},
                                                   {"[]a]", "a]", false},
                                                   {"[a-]", "a]", false},
                                                   {"[a-", "-", true},
                                                   {"[a-]", "b", false},
                                                   {"[a-]", "^", true}}) {
    EXPECT_EQ(GlobMatch(c.pattern, c.text), c.matches) << c.pattern << " on " << c.text;
  }
}

TEST(GlobMatch, EndsAnUnclosedClassWithThePattern) {
  EXPECT_TRUE(GlobMatch("[abc", "b"));
  EXPECT_FALSE(GlobMatch("[abc", "d"));
  EXPECT_FALSE(GlobMatch("[", "["));
  EXPECT_TRUE(GlobMatch("[^", "x"));
  EXPECT_TRUE(GlobMatch("[a\\", "\\"));
}

TEST(GlobMatch, TakesTheByteAfterABackslashAsItIs) {
  EXPECT_TRUE(GlobMatch("a\\*b", "a*b"));
  EXPECT_FALSE(GlobMatch("a\\*b", "aXb"));
  EXPECT_TRUE(GlobMatch("\\?", "?"));
  EXPECT_TRUE(GlobMatch("\\[a]", "[a]"));
  EXPECT_TRUE(GlobMatch("a\\", "a\\"));
  EXPECT_TRUE(GlobMatch("\\\\", "\\"));
}

TEST(GlobMatch, FoldsCaseOnlyWhenAsked) {
  EXPECT_FALSE(GlobMatch("HELLO", "hello"));
  EXPECT_TRUE(GlobMatch("HELLO", "hello", true));
  EXPECT_TRUE(GlobMatch("h[A-C]llo", "hbllo", true));
  EXPECT_TRUE(GlobMatch("h[x]llo", "hXllo", true));
  EXPECT_FALSE(GlobMatch("[\\X]", "x", true)) << "an escaped byte in a class is never folded";
}

TEST(GlobMatch, MatchesBytesOfAllValues) {
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const std::string text(1, c);
    EXPECT_TRUE(GlobMatch("?", text));
    EXPECT_TRUE(GlobMatch(std::string("\\") + c, text)) << i;
    EXPECT_EQ(GlobMatch("[\x80-\xff]", text), i >= 128) << i;
    EXPECT_TRUE(GlobMatch(std::string("[\\") + c + "]", text)) << i;
  }
}

TEST(GlobMatch, IsQuickOnPatternsMadeToBeSlow) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  pattern += "b";
  const std::string text(10'000, 'a');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(GlobMatch(pattern, text));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(GlobMatch, APatternOfMoreThanAThousandStarsMatchesNothing) {
  const auto matches = [](size_t stars, std::string_view between, std::string_view end) {
    std::string pattern;
    for (size_t i = 0; i < stars; ++i) pattern.append("*").append(between);
    pattern += end;
    return GlobMatch(pattern, std::string(stars, 'a'));
  };
  EXPECT_TRUE(matches(1000, "?", ""));
  EXPECT_FALSE(matches(1001, "?", ""));
  EXPECT_TRUE(matches(1000, "?", "*"));  // a star at the end does not count
  EXPECT_TRUE(matches(5000, "", "a"));   // stars in a row are one
}

// The definition, with stars tried at every length.
bool Reference(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (size_t n = 0; n <= text.size(); ++n) {
      if (Reference(pattern.substr(1), text.substr(n))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == '[') {
    // Only the form the test below makes: two letters, perhaps after a caret.
    const bool negated = pattern[1] == '^';
    const std::string_view set = pattern.substr(negated ? 2 : 1, 2);
    if ((set.find(text[0]) != std::string_view::npos) == negated) return false;
    return Reference(pattern.substr(negated ? 5 : 4), text.substr(1));
  }
  if (pattern[0] != '?' && pattern[0] != text[0]) return false;
  return Reference(pattern.substr(1), text.substr(1));
}

TEST(GlobMatch, AgreesWithItsDefinition) {
  Random random(5);
  constexpr std::string_view kParts[] = {"*", "*", "?", "a", "b", "c", "[ab]", "[^ab]", "[^cc]"};
  int matched = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string pattern;
    std::string text;
    for (uint64_t n = random.Below(8); n > 0; --n)
      pattern += kParts[random.Below(std::size(kParts))];
    for (uint64_t n = random.Below(10); n > 0; --n)
      text += static_cast<char>('a' + random.Below(3));
    // Nothing but the empty pattern matches the empty text.
    const bool expected = text.empty() ? pattern.empty() : Reference(pattern, text);
    matched += expected;
    ASSERT_EQ(GlobMatch(pattern, text), expected) << pattern << " on " << text;
  }
  EXPECT_GT(matched, 10'000);
}

}  // namespace
}  // namespace pinion
