// Sorted sets of both encodings against a std::map of members and a std::set in order.
#include "types/sorted_set.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/numbers.h"
#include "base/random.h"

namespace pinion::types {
namespace {

using Change = SortedSet::Change;
using Kind = LexBound::Kind;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr SortedSetLimits kAlwaysLarge{0, 0};
constexpr SortedSetLimits kNeverLarge{1'000'000, 1'000'000};
constexpr SortedSetLimits kDefaultSortedSet{128, 64};

using Members = std::vector<std::pair<std::string, double>>;

Members Listed(const SortedSet& set, RankRange range, bool reverse = false) {
  Members members;
  set.ForEach(range, reverse, [&](std::string_view member, double score) { members.emplace_back(member, score); });
  return members;
}
Members Listed(const SortedSet& set) { return Listed(set, {0, set.size()}); }

// The plain counterpart.
struct SortedSetModel {
  std::map<std::string, double> scores;

  [[nodiscard]] Members InOrder() const {
    std::set<std::pair<double, std::string>> ordered;
    for (const auto& [member, score] : scores) ordered.emplace(score, member);
    Members members;
    for (const auto& [score, member] : ordered) members.emplace_back(member, score);
    return members;
  }
};

void ExpectSame(const SortedSet& set, const SortedSetModel& model) {
  ASSERT_TRUE(set.CheckInvariants());
  ASSERT_EQ(set.size(), model.scores.size());
  const Members expected = model.InOrder();
  ASSERT_EQ(Listed(set), expected);
  for (size_t rank = 0; rank < expected.size(); ++rank) {
    const auto found = set.Find(expected[rank].first);
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->rank, rank);
    ASSERT_EQ(set.Score(expected[rank].first), expected[rank].second);
  }
}

void RunAgainstModel(const SortedSetLimits& limits, size_t members, int steps) {
  Random random(members);
  SortedSet set;
  SortedSetModel model;
  constexpr double kScores[] = {0, 1, -1, 1.5, 1e10, 3e17, -kInfinity, kInfinity, 1e-300};
  for (int step = 0; step < steps; ++step) {
    const std::string member = (random.Below(2) == 0 ? "" : "m") + std::to_string(random.Below(members));
    const double score = random.Below(2) == 0 ? kScores[random.Below(std::size(kScores))]
                                              : static_cast<double>(random.Below(50));
    const auto known = model.scores.find(member);
    switch (random.Below(8)) {
      case 0:
      case 1:
        ASSERT_EQ(set.Erase(member), model.scores.erase(member) != 0);
        break;
      case 2: {
        const size_t first = random.Below(set.size() + 1);
        const RankRange range{first, std::min<size_t>(random.Below(4), set.size() - first)};
        for (const auto& [erased, unused] : Listed(set, range)) model.scores.erase(erased);
        set.Erase(range);
        break;
      }
      default: {
        const Change expected = known == model.scores.end() ? Change::kAdded
                                : known->second == score    ? Change::kNone
                                                            : Change::kScore;
        ASSERT_EQ(set.Set(member, score, limits), expected);
        model.scores[member] = score;
      }
    }
    if (step % 200 == 0) {
      ASSERT_NO_FATAL_FAILURE(ExpectSame(set, model));
    }
  }
  ExpectSame(set, model);
}

TEST(SortedSet, IsTheModelUnderRandomChanges) {
  RunAgainstModel(kNeverLarge, 60, 6000);
  RunAgainstModel(kAlwaysLarge, 60, 6000);
  RunAgainstModel({20, 64}, 40, 6000);
  RunAgainstModel(kAlwaysLarge, 2000, 12'000);
}

TEST(SortedSet, IsTheModelWhileLargeErasuresAreNotYetSwept) {
  Random random(17);
  SortedSet set;
  SortedSetModel model;
  const auto name = [&] { return "m" + std::to_string(random.Below(9000)); };
  size_t unswept_rounds = 0;
  for (int round = 0; round < 40; ++round) {
    while (model.scores.size() < 6000) {
      const std::string member = name();
      const auto score = static_cast<double>(random.Below(500));
      set.Set(member, score, kAlwaysLarge);
      model.scores[member] = score;
    }
    const size_t count = 1000 + random.Below(3500), first = random.Below(set.size() - count);
    for (const auto& [member, score] : Listed(set, {first, count})) model.scores.erase(member);
    set.Erase({first, count});
    unswept_rounds += set.unswept();
    for (int i = 0; i < 300; ++i) {  // many of these are namesakes of what was cut out
      const std::string member = name();
      ASSERT_EQ(set.Score(member).has_value(), model.scores.contains(member));
      if (random.Below(3) == 0) {
        ASSERT_EQ(set.Erase(member), model.scores.erase(member) == 1);
      } else {
        set.Set(member, i, kAlwaysLarge);
        model.scores[member] = i;
      }
    }
    ASSERT_NO_FATAL_FAILURE(ExpectSame(set, model));
    size_t scanned = 0;
    for (uint64_t cursor = 0;;) {
      cursor = set.Scan(cursor, 100, [&](std::string_view member, double) {
        ++scanned;
        EXPECT_TRUE(model.scores.contains(std::string(member)));
      });
      if (cursor == 0) break;
    }
    ASSERT_EQ(scanned, model.scores.size());
    if (round % 4 == 3) {
      const SortedSet copy = set.Clone();
      ASSERT_FALSE(copy.unswept());
      ASSERT_NO_FATAL_FAILURE(ExpectSame(copy, model));
      while (set.unswept()) set.Sweep(200);
      ASSERT_NO_FATAL_FAILURE(ExpectSame(set, model));
    } else {
      set.Sweep(random.Below(2000));
    }
  }
  EXPECT_EQ(unswept_rounds, 40u);
}

TEST(SortedSet, IsEmptyWhenItsLastMemberGoesBeforeItIsSwept) {
  SortedSet set;
  for (int i = 0; i < 3000; ++i) set.Set(std::to_string(i), i, kAlwaysLarge);
  set.Erase(RankRange{0, 2999});
  EXPECT_TRUE(set.unswept());
  EXPECT_TRUE(set.Erase("2999"));
  EXPECT_TRUE(set.empty());
  EXPECT_TRUE(set.CheckInvariants());
  EXPECT_GT(set.CountAllocations(), 2000u);  // so that it is freed where it keeps nobody waiting
  set.Set("5", 1, kAlwaysLarge);
  EXPECT_EQ(Listed(set), (Members{{"5", 1}}));
  while (set.unswept()) set.Sweep(1);
  EXPECT_EQ(Listed(set), (Members{{"5", 1}}));
  EXPECT_TRUE(set.CheckInvariants());
}

TEST(SortedSet, IsEmptyWithoutMembersAndHoldsNothing) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kDefaultSortedSet}) {
    SortedSet set;
    EXPECT_TRUE(set.empty());
    EXPECT_EQ(set.AllocatedBytes(), 0u);
    EXPECT_EQ(set.Set("a", 1, limits), Change::kAdded);
    EXPECT_FALSE(set.empty());
    EXPECT_GT(set.AllocatedBytes(), 0u);
    EXPECT_TRUE(set.Erase("a"));
    EXPECT_TRUE(set.empty());
    EXPECT_EQ(set.AllocatedBytes(), 0u);
    EXPECT_EQ(set.Release(), nullptr);
  }
}

TEST(SortedSet, BecomesLargePastItsLimitsAndStaysSo) {
  SortedSet set;
  for (int i = 0; i < 128; ++i) set.Set(std::to_string(i), i, kDefaultSortedSet);
  EXPECT_EQ(set.EncodingName(), "listpack");
  set.Set("127", -1, kDefaultSortedSet);
  EXPECT_EQ(set.EncodingName(), "listpack");
  set.Set("one more", 1, kDefaultSortedSet);
  EXPECT_EQ(set.EncodingName(), "skiplist");
  EXPECT_EQ(set.size(), 129u);
  EXPECT_TRUE(set.CheckInvariants());
  set.Erase({1, 120});
  EXPECT_EQ(set.EncodingName(), "skiplist");

  SortedSet long_member;
  long_member.Set(std::string(64, 'x'), 1, kDefaultSortedSet);
  EXPECT_EQ(long_member.EncodingName(), "listpack");
  long_member.Set(std::string(65, 'x'), 1, kDefaultSortedSet);
  EXPECT_EQ(long_member.EncodingName(), "skiplist");
}

TEST(SortedSet, CompactGoesBackToAListpackWithinTheLimits) {
  SortedSet set;
  for (int i = 0; i < 10; ++i) set.Set("member" + std::to_string(i), -i, kAlwaysLarge);
  set.Compact({9, 64});
  EXPECT_EQ(set.EncodingName(), "skiplist");
  set.Compact({10, 6});
  EXPECT_EQ(set.EncodingName(), "skiplist");
  const Members before = Listed(set);
  set.Compact({10, 7});
  EXPECT_EQ(set.EncodingName(), "listpack");
  EXPECT_EQ(Listed(set), before);
  EXPECT_TRUE(set.CheckInvariants());
  SortedSet empty;
  empty.Compact(kDefaultSortedSet);
  EXPECT_TRUE(empty.empty());
}

TEST(SortedSet, UpdateSeesTheScoreAndMayLeaveIt) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kDefaultSortedSet}) {
    SortedSet set;
    const auto leave = [](const double*) { return std::optional<double>(); };
    EXPECT_EQ(set.Update("a", limits, leave), Change::kNone);
    EXPECT_TRUE(set.empty());
    const auto add = [](const double* score) { return std::optional<double>(score == nullptr ? 5 : *score + 1); };
    EXPECT_EQ(set.Update("a", limits, add), Change::kAdded);
    EXPECT_EQ(set.Update("a", limits, add), Change::kScore);
    EXPECT_EQ(set.Score("a"), 6);
    EXPECT_EQ(set.Update("a", limits, leave), Change::kNone);
    EXPECT_EQ(set.Score("a"), 6);
  }
}

TEST(SortedSet, ReadsBackEveryScore) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kNeverLarge}) {
    SortedSet set;
    for (const double score : {0.0, 1.0, -1.0, 0.1, -0.1, 1e17, 1e300, 4.9406564584124654e-324, 9007199254740993.0,
                               4611686018427387904.0, 9.2e18, kInfinity, -kInfinity, 3.0000000000000004}) {
      set.Set("m", score, limits);
      EXPECT_EQ(set.Score("m"), score);
    }
  }
}

TEST(SortedSet, WritesScoresAsItHoldsThem) {
  for (const auto& [limits, large_integer] :
       {std::pair(kAlwaysLarge, "1e+17"), std::pair(kNeverLarge, "100000000000000000")}) {
    SortedSet set;
    set.Set("m", 1e17, limits);
    const auto text = [&](double score) {
      char out[kMaxDoubleText];
      return std::string(out, set.FormatScore(score, out));
    };
    EXPECT_EQ(text(1e17), large_integer);
    EXPECT_EQ(text(-3), "-3");
    EXPECT_EQ(text(0.5), "0.5");
    EXPECT_EQ(text(1e19), "1e+19");
    EXPECT_EQ(text(kInfinity), "inf");
  }
}

TEST(SortedSet, FindsRangesOfScores) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kNeverLarge}) {
    SortedSet set;
    for (int i = 0; i < 100; ++i) set.Set(std::to_string(i), i / 10, limits);
    const auto within = [&](const ScoreRange& range) {
      const RankRange ranks = set.Within(range);
      return std::make_pair(ranks.first, ranks.count);
    };
    EXPECT_EQ(within({2, 4}), std::make_pair(size_t{20}, size_t{30}));
    EXPECT_EQ(within({2, 4, true}), std::make_pair(size_t{30}, size_t{20}));
    EXPECT_EQ(within({2, 4, false, true}), std::make_pair(size_t{20}, size_t{20}));
    EXPECT_EQ(within({2, 2}), std::make_pair(size_t{20}, size_t{10}));
    EXPECT_EQ(within({2, 2, true, true}).second, 0u);
    EXPECT_EQ(within({4, 2}).second, 0u);
    EXPECT_EQ(within({-kInfinity, kInfinity}), std::make_pair(size_t{0}, size_t{100}));
    EXPECT_EQ(within({9.5, kInfinity}).second, 0u);
    EXPECT_EQ(within({2.5, 3.5}), std::make_pair(size_t{30}, size_t{10}));
  }
  EXPECT_EQ(SortedSet().Within(ScoreRange{-kInfinity, kInfinity}).count, 0u);
}

TEST(SortedSet, FindsRangesOfMembers) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kNeverLarge}) {
    SortedSet set;
    for (char c = 'b'; c <= 'y'; ++c) set.Set(std::string(1, c), 0, limits);
    set.Set("15", 0, limits);  // an integer in a listpack; before the letters
    const auto within = [&](const LexRange& range) {
      std::string members;
      set.ForEach(set.Within(range), false, [&](std::string_view member, double) { members += member; });
      return members;
    };
    EXPECT_EQ(within({{Kind::kIncluded, "c"}, {Kind::kIncluded, "e"}}), "cde");
    EXPECT_EQ(within({{Kind::kExcluded, "c"}, {Kind::kExcluded, "e"}}), "d");
    EXPECT_EQ(within({{Kind::kLowest, ""}, {Kind::kExcluded, "c"}}), "15b");
    EXPECT_EQ(within({{Kind::kExcluded, "w"}, {Kind::kHighest, ""}}), "xy");
    EXPECT_EQ(within({{Kind::kHighest, ""}, {Kind::kLowest, ""}}), "");
    EXPECT_EQ(within({{Kind::kIncluded, "e"}, {Kind::kIncluded, "c"}}), "");
    EXPECT_EQ(within({{Kind::kIncluded, "149"}, {Kind::kIncluded, "2"}}), "15");
    EXPECT_EQ(within({{Kind::kIncluded, "ca"}, {Kind::kIncluded, "d"}}), "d");
  }
}

TEST(SortedSet, VisitsRanksBothWaysAndStopsWhenTold) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kNeverLarge}) {
    SortedSet set;
    for (int i = 0; i < 300; ++i) set.Set("m" + std::to_string(i), i, limits);
    const Members up = Listed(set, {50, 120});
    ASSERT_EQ(up.size(), 120u);
    EXPECT_EQ(up.front().second, 50);
    EXPECT_EQ(up.back().second, 169);
    EXPECT_EQ(Listed(set, {50, 120}, true), Members(up.rbegin(), up.rend()));
    EXPECT_EQ(Listed(set, {299, 1}, true).front().first, "m299");
    EXPECT_TRUE(Listed(set, {0, 0}).empty());
    int seen = 0;
    set.ForEach([&](std::string_view, double) { return ++seen < 7; });
    EXPECT_EQ(seen, 7);
  }
}

TEST(SortedSet, ScanSeesEveryMember) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kNeverLarge}) {
    SortedSet set;
    for (int i = 0; i < 1000; ++i) set.Set(std::to_string(i), i, limits);
    std::map<std::string, double> seen;
    uint64_t cursor = 0;
    do {
      cursor = set.Scan(cursor, 10,
                        [&](std::string_view member, double score) { seen[std::string(member)] = score; });
    } while (cursor != 0);
    EXPECT_EQ(seen.size(), 1000u);
    EXPECT_EQ(seen["17"], 17);
  }
}

TEST(SortedSet, ClonesAreIndependent) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kNeverLarge}) {
    SortedSet set;
    for (int i = 0; i < 200; ++i) set.Set(std::to_string(i), -i, limits);
    SortedSet copy = set.Clone();
    EXPECT_TRUE(copy.CheckInvariants());
    EXPECT_EQ(Listed(copy), Listed(set));
    EXPECT_EQ(copy.EncodingName(), set.EncodingName());
    set.Clear();
    EXPECT_EQ(copy.size(), 200u);
    EXPECT_TRUE(SortedSet().Clone().empty());
  }
}

TEST(SortedSet, KeepsItsValueAsAWord) {
  for (const SortedSetLimits& limits : {kAlwaysLarge, kNeverLarge}) {
    SortedSet set;
    set.Set("a", 1, limits);
    SortedSet other = SortedSet::Adopt(set.Release());
    EXPECT_TRUE(set.empty());
    EXPECT_EQ(other.Score("a"), 1);
    EXPECT_GE(other.CountAllocations(), 1u);
  }
}

TEST(SortedSet, LargeOnesTakeLittleBesideMembersAndScores) {
  SortedSet set;
  Random random(1);
  for (int i = 0; i < 50'000; ++i) set.Set("member:" + std::to_string(i), random.Unit(), kDefaultSortedSet);
  EXPECT_LE(set.AllocatedBytes() / set.size(), 24u + 10 + 11);  // item, index, tree
}

}  // namespace
}  // namespace pinion::types
