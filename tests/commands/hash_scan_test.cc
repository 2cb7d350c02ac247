// HSCAN and HRANDFIELD over a connection.
#include <cmath>
#include <map>
#include <set>

#include "tests/commands/hash_test_util.h"

namespace pinion::test {
namespace {

using ::testing::Each;
using ::testing::SizeIs;

TEST_F(HashTest, HScanShowsASmallHashAtOnce) {
  Do("HSET", "h", "a1", "1", "b", "x", "a2", "2");
  EXPECT_THAT(Do("HSCAN", "h", 0, "COUNT", 1), IsArray("0", IsArray("a1", "1", "b", "x", "a2", "2")));
  EXPECT_THAT(Do("HSCAN", "h", 17, "MATCH", "a*"), IsArray("0", IsArray("a1", "1", "a2", "2")));
  EXPECT_THAT(Do("HSCAN", "h", 0, "NOVALUES"), IsArray("0", IsArray("a1", "b", "a2")));
  EXPECT_THAT(Do("HSCAN", "h", 0, "match", "a?", "novalues", "count", 5), IsArray("0", IsArray("a1", "a2")));
}

TEST_F(HashTest, HScanWalksALargeHash) {
  std::vector<std::string> pairs = {"HSET", "h"};
  for (int i = 0; i < 2000; ++i) {
    pairs.push_back("f" + std::to_string(i));
    pairs.push_back(std::to_string(i));
  }
  client().Command(pairs);
  std::map<std::string, std::string> seen;
  std::string cursor = "0";
  int calls = 0;
  do {
    const Reply reply = Do("HSCAN", "h", cursor, "COUNT", 50);
    ASSERT_THAT(reply, HasElements(SizeIs(2)));
    cursor = reply.elements[0].text;
    const auto& found = reply.elements[1].elements;
    for (size_t i = 0; i + 1 < found.size(); i += 2) seen[found[i].text] = found[i + 1].text;
    ++calls;
  } while (cursor != "0");
  EXPECT_EQ(seen.size(), 2000u);
  for (const auto& [field, value] : seen) ASSERT_EQ(field, "f" + value);
  EXPECT_GT(calls, 10);
}

TEST_F(HashTest, HScanRefusesBadOptionsOfAHashThatIsThere) {
  Do("HSET", "h", "a", "1");
  EXPECT_THAT(Do("HSCAN", "none", 0, "FOO"), IsArray("0", IsArray()));
  EXPECT_THAT(Do("HSCAN", "none", "x"), IsError("ERR invalid cursor"));
  EXPECT_THAT(Do("HSCAN", "none", std::string("0\0x", 3)), IsArray("0", IsArray()));  // read as C would
  EXPECT_THAT(Do("HSCAN", "h", 0, "FOO"), IsError(kSyntaxError));
  EXPECT_THAT(Do("HSCAN", "h", 0, "COUNT", 0), IsError(kSyntaxError));
  EXPECT_THAT(Do("HSCAN", "h", 0, "COUNT", "x"), IsError(kNotAnInteger));
}

TEST_F(HashTest, HRandFieldPicksOneOrMany) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "2", "c", "3");
    EXPECT_THAT(Do("HRANDFIELD", "h"), IsBulk(::testing::AnyOf("a", "b", "c")));
    EXPECT_THAT(Do("HRANDFIELD", "none"), IsNil());
    EXPECT_THAT(Do("HRANDFIELD", "none", 3), IsArray());
    EXPECT_THAT(Do("HRANDFIELD", "h", 0), IsArray());
    EXPECT_THAT(Do("HRANDFIELD", "h", 3), IsUnorderedArray("a", "b", "c"));
    EXPECT_THAT(Do("HRANDFIELD", "h", 100), IsUnorderedArray("a", "b", "c"));
    EXPECT_THAT(Do("HRANDFIELD", "h", 2), HasElements(SizeIs(2)));
    EXPECT_THAT(Do("HRANDFIELD", "h", -50), HasElements(SizeIs(50)));
    EXPECT_THAT(Do("HRANDFIELD", "h", 100, "withvalues"), IsUnorderedArray("a", "b", "c", "1", "2", "3"));
    EXPECT_THAT(Do("HRANDFIELD", "h", -20, "WITHVALUES"), HasElements(SizeIs(40)));
    RespClient resp3 = Connect(3);
    EXPECT_THAT(resp3.Command("HRANDFIELD", "h", 3, "WITHVALUES"),
                IsUnorderedArray(IsArray("a", "1"), IsArray("b", "2"), IsArray("c", "3")));
    EXPECT_THAT(resp3.Command("HRANDFIELD", "h", -9, "WITHVALUES"),
                HasElements(::testing::AllOf(SizeIs(9), Each(HasElements(SizeIs(2))))));
  });
}

TEST_F(HashTest, HRandFieldRefusesBadCounts) {
  Do("HSET", "h", "a", "1");
  EXPECT_THAT(Do("HRANDFIELD", "h", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("HRANDFIELD", "h", "-9223372036854775808"),
              IsError("ERR value is out of range, value must between -9223372036854775807 and "
                      "9223372036854775807"));
  EXPECT_THAT(Do("HRANDFIELD", "h", "-9223372036854775807", "WITHVALUES"), IsError("ERR value is out of range"));
  EXPECT_THAT(Do("HRANDFIELD", "h", "9223372036854775807", "WITHVALUES"), IsError("ERR value is out of range"));
  EXPECT_THAT(Do("HRANDFIELD", "h", 1, "FOO"), IsError(kSyntaxError));
  EXPECT_THAT(Do("HRANDFIELD", "h", 1, "WITHVALUES", "x"), IsError(kSyntaxError));
}

// Chi-square of repeated picks from fields that are left after most of a hash was deleted: within seven standard
// deviations of its mean.
TEST_F(HashTest, HRandFieldIsFairAlsoAfterLargeDeletions) {
  WithBothForms([&] {
    std::vector<std::string> pairs = {"HSET", "h"}, gone = {"HDEL", "h"};
    for (int i = 0; i < 450; ++i) {
      pairs.push_back("f" + std::to_string(i));
      pairs.push_back("");
      if (i % 9 != 0) gone.push_back("f" + std::to_string(i));
    }
    client().Command(pairs);
    client().Command(gone);
    constexpr int kDraws = 20'000;
    for (const int at_once : {1, -kDraws}) {
      std::map<std::string, int> counts;
      if (at_once < 0) {
        for (const auto& field : Do("HRANDFIELD", "h", at_once).elements) ++counts[field.text];
      } else {
        for (int i = 0; i < kDraws; ++i) client().Send("HRANDFIELD", "h");
        for (int i = 0; i < kDraws; ++i) ++counts[client().ReadReply().text];
      }
      ASSERT_EQ(counts.size(), 50u);
      const double expected = kDraws / 50.0;
      double chi_square = 0;
      for (const auto& [field, n] : counts) chi_square += std::pow(n - expected, 2) / expected;
      EXPECT_LT(std::abs(chi_square - 49), 7 * std::sqrt(2 * 49.0)) << at_once;
    }
  });
}

}  // namespace
}  // namespace pinion::test
