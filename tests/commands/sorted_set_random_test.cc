// ZRANDMEMBER over a connection: its replies, and whether its choice is fair.
#include "tests/commands/sorted_set_test_util.h"

#include <map>
#include <set>

namespace pinion::test {
namespace {

using ::testing::SizeIs;

class SortedSetRandomTest : public SortedSetTest {
 protected:
  void Fill(int members) {
    std::vector<std::string> add{"ZADD", "k"};
    for (int i = 0; i < members; ++i) {
      add.push_back(std::to_string(i % 7));
      add.push_back("m" + std::to_string(i));
    }
    client().Command(add);
  }

  // Chi-square of how often each of `members` members came, against what a fair choice of `draws` gives.
  static double ChiSquare(const std::map<std::string, int>& counts, int members, int draws) {
    const double expected = static_cast<double>(draws) / members;
    double sum = (members - static_cast<double>(counts.size())) * expected;
    for (const auto& [member, n] : counts) sum += (n - expected) * (n - expected) / expected;
    return sum;
  }
};

TEST_F(SortedSetRandomTest, RepliesMembersOnceOrAgain) {
  WithBothEncodings([&] {
    EXPECT_THAT(Do("ZRANDMEMBER", "k"), IsNil());
    EXPECT_THAT(Do("ZRANDMEMBER", "k", 3), IsArray());
    EXPECT_THAT(Do("ZRANDMEMBER", "k", -3, "WITHSCORES"), IsArray());
    Fill(20);
    EXPECT_THAT(Do("ZRANDMEMBER", "k", 0), IsArray());
    EXPECT_THAT(Do("ZRANDMEMBER", "k", -50), HasElements(SizeIs(50)));
    EXPECT_THAT(Do("ZRANDMEMBER", "k", -50, "WITHSCORES"), HasElements(SizeIs(100)));
    for (const int count : {1, 3, 10, 19, 20, 100}) {
      const Reply reply = Do("ZRANDMEMBER", "k", count, "withscores");
      std::set<std::string> members;
      for (size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
        members.insert(reply.elements[i].text);
        EXPECT_THAT(Do("ZSCORE", "k", reply.elements[i].text), IsBulk(reply.elements[i + 1].text));
      }
      EXPECT_THAT(members, SizeIs(std::min(count, 20)));
      EXPECT_THAT(reply.elements, SizeIs(2 * members.size()));
    }
  });
}

TEST_F(SortedSetRandomTest, PairsAreNestedInResp3) {
  auto c = Connect(3);
  Do("ZADD", "k", "1.5", "a");
  EXPECT_THAT(c.Command("ZRANDMEMBER", "k", 5, "WITHSCORES"), IsArray(IsArray("a", IsDouble(1.5))));
  EXPECT_THAT(c.Command("ZRANDMEMBER", "k", -2, "WITHSCORES"),
              IsArray(IsArray("a", IsDouble(1.5)), IsArray("a", IsDouble(1.5))));
  EXPECT_THAT(c.Command("ZRANDMEMBER", "k"), IsBulk("a"));
}

TEST_F(SortedSetRandomTest, CountsMustBeInRange) {
  EXPECT_THAT(Do("ZRANDMEMBER", "k", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("ZRANDMEMBER", "k", 1, "SCORES"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZRANDMEMBER", "k", 1, "WITHSCORES", "x"), IsError(kSyntaxError));
  EXPECT_THAT(Do("ZRANDMEMBER", "k", "-9223372036854775808"),
              IsError("ERR value is out of range, value must between -9223372036854775807 and "
                      "9223372036854775807"));
  EXPECT_THAT(Do("ZRANDMEMBER", "k", "9223372036854775807", "WITHSCORES"), IsError("ERR value is out of range"));
  Do("SET", "s", "x");
  EXPECT_THAT(Do("ZRANDMEMBER", "s"), IsError(kWrongKind));
}

// 99.99 % of fair choices among 50 stay below 97.
TEST_F(SortedSetRandomTest, EveryMemberIsEquallyLikely) {
  constexpr int kMembers = 50, kDraws = 10'000;
  WithBothEncodings([&] {
    Fill(400);
    Do("ZREMRANGEBYRANK", "k", kMembers, -1);  // also right after many were removed
    for (const int count : {-100, 5, 40}) {    // with repetition; drawn one by one; selected in passing
      std::map<std::string, int> counts;
      for (int drawn = 0; drawn < kDraws; drawn += std::abs(count)) {
        for (const Reply& member : Do("ZRANDMEMBER", "k", count).elements) ++counts[member.text];
      }
      EXPECT_THAT(counts, SizeIs(kMembers));
      EXPECT_LT(ChiSquare(counts, kMembers, kDraws), 97) << count;
    }
  });
}

}  // namespace
}  // namespace pinion::test
