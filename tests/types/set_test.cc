// Sets: a model test of every encoding, the places where encodings change, fair picks, and set algebra.
#include "types/set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "types/set_algebra.h"

namespace pinion::types {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

constexpr SetLimits kDefaultSet;
constexpr SetLimits kTiny = {.intset_entries = 3, .listpack_entries = 4, .listpack_value = 5};

std::string Text(const ListpackItem& item) {
  char scratch[kMaxInt64Text];
  return std::string(item.View(scratch));
}

std::vector<std::string> Contents(SetView s) {
  std::vector<std::string> all;
  s.ForEach([&all](const ListpackItem& item) { all.push_back(Text(item)); });
  return all;
}

Set Make(const std::vector<std::string>& members, const SetLimits& limits = kDefaultSet) {
  Set s;
  if (!members.empty()) s.Expect(1, members[0], limits);
  for (const std::string& m : members) s.Add(m, limits);
  return s;
}

std::vector<std::string> Numbers(int first, int last) {
  std::vector<std::string> all;
  for (int i = first; i <= last; ++i) all.push_back(std::to_string(i));
  return all;
}

std::vector<std::string> Words(int first, int last) {
  std::vector<std::string> all;
  for (int i = first; i <= last; ++i) all.push_back("w" + std::to_string(i));
  return all;
}

TEST(SetTest, AnEmptyOneHoldsNothing) {
  Set s;
  EXPECT_TRUE(s.empty());
  EXPECT_FALSE(s.Contains("a"));
  EXPECT_FALSE(s.Contains("1"));
  EXPECT_FALSE(s.Remove("a"));
  EXPECT_FALSE(s.Remove("1"));
  EXPECT_EQ(s.AllocatedBytes(), 0u);
  EXPECT_THAT(Contents(s), ElementsAre());
  EXPECT_TRUE(s.Clone().empty());
  EXPECT_EQ(s.Release(), nullptr);
}

TEST(SetTest, TheFirstMembersChooseTheEncoding) {
  const auto encoding = [](size_t count, const char* first, const SetLimits& limits) {
    Set s;
    s.Expect(count, first, limits);
    s.Add(first, limits);
    return std::string(s.EncodingName());
  };
  EXPECT_EQ(encoding(1, "7", kDefaultSet), "intset");
  EXPECT_EQ(encoding(512, "7", kDefaultSet), "intset");
  EXPECT_EQ(encoding(513, "7", kDefaultSet), "hashtable");
  EXPECT_EQ(encoding(1, "x", kDefaultSet), "listpack");
  EXPECT_EQ(encoding(128, "x", kDefaultSet), "listpack");
  EXPECT_EQ(encoding(129, "x", kDefaultSet), "hashtable");
  EXPECT_EQ(encoding(4, "7", kTiny), "listpack");
  EXPECT_EQ(encoding(5, "7", kTiny), "hashtable");
  EXPECT_EQ(encoding(1, "too long", kTiny), "hashtable");
}

TEST(SetTest, AnIntsetBecomesATableWhenItIsFull) {
  Set s = Make(Numbers(1, 512));
  EXPECT_EQ(s.EncodingName(), "intset");
  EXPECT_FALSE(s.Add("512", kDefaultSet));
  EXPECT_EQ(s.EncodingName(), "intset");
  EXPECT_TRUE(s.Add("513", kDefaultSet));
  EXPECT_EQ(s.EncodingName(), "hashtable");
  EXPECT_THAT(Contents(s), UnorderedElementsAreArray(Numbers(1, 513)));
}

TEST(SetTest, AnIntsetTakesTextAsAListpackOrATable) {
  Set s = Make(Numbers(1, 127));
  s.Add("x", kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "listpack");
  s = Make(Numbers(1, 128));
  s.Add("x", kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "hashtable");
  s = Make({"1"});
  s.Add(std::string(64, 'x'), kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "listpack");
  s = Make({"1"});
  s.Add(std::string(65, 'x'), kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "hashtable");
  // Integers of more digits than a member of a listpack may have.
  for (const char* number : {"123456", "-12345"}) {
    s = Make({"1", number}, kTiny);
    EXPECT_EQ(s.EncodingName(), "intset");
    s.Add("x", kTiny);
    EXPECT_EQ(s.EncodingName(), "hashtable");
  }
}

TEST(SetTest, AListpackBecomesATableWhenItIsFull) {
  Set s = Make(Words(1, 128));
  EXPECT_EQ(s.EncodingName(), "listpack");
  EXPECT_FALSE(s.Add("w128", kDefaultSet));
  EXPECT_EQ(s.EncodingName(), "listpack");
  EXPECT_TRUE(s.Add("w129", kDefaultSet));
  EXPECT_EQ(s.EncodingName(), "hashtable");
  EXPECT_THAT(Contents(s), UnorderedElementsAreArray(Words(1, 129)));
  s = Make({"a", "1"});
  EXPECT_TRUE(s.Add(std::string(65, 'x'), kDefaultSet));
  EXPECT_EQ(s.EncodingName(), "hashtable");
}

TEST(SetTest, ManyExpectedMembersMakeATable) {
  Set s = Make({"a", "b"});
  s.Expect(128, "c", kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "listpack");
  s.Expect(129, "c", kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "hashtable");
  s = Make({"1", "2"});
  s.Expect(512, "c", kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "intset");
  s.Expect(513, "c", kDefaultSet);
  EXPECT_EQ(s.EncodingName(), "hashtable");
}

std::string RandomMember(Random& random) {
  switch (random.Below(5)) {
    case 0: return std::to_string(static_cast<int64_t>(random.Next()) >> random.Below(64));
    case 1: return std::to_string(random.Below(300));
    case 2: return std::string(random.Below(300), 'x');
    default: return "m" + std::to_string(random.Below(200));
  }
}

// Every operation in every encoding; integers alone now and then, so that intsets grow.
TEST(SetTest, BehavesAsASetOfStrings) {
  constexpr SetLimits kMiddling = {.intset_entries = 40, .listpack_entries = 30, .listpack_value = 400};
  constexpr SetLimits limits[] = {kDefaultSet, kTiny, kMiddling};
  std::set<std::string_view> seen;
  for (uint64_t round = 0; round < 24; ++round) {
    Random random(round);
    const SetLimits& l = limits[round % 3];
    Set s;
    std::set<std::string> model;
    for (int step = 0; step < 700; ++step) {
      const bool number = round % 2 == 0 && step < 300;
      const std::string m = number ? std::to_string(random.Below(2'000)) : RandomMember(random);
      const auto v = ParseInt64(m);
      const auto item = v && random.Below(2) ? ListpackItem{{}, *v, true} : ListpackItem{m, 0, false};
      switch (random.Below(10)) {
        case 0: ASSERT_EQ(s.Remove(m), model.erase(m) == 1); break;
        case 1: ASSERT_EQ(s.Remove(item), model.erase(m) == 1); break;
        case 2:
          if (model.empty()) break;
          s.Pop(random, [&](const ListpackItem& popped) { ASSERT_EQ(model.erase(Text(popped)), 1u); });
          break;
        case 3: {
          const size_t n = random.Below(random.Below(10) == 0 ? model.size() + 1 : model.size() / 8 + 1);
          size_t popped_count = 0;
          s.PopMany(n, random, l, [&](const ListpackItem& popped) {
            ASSERT_EQ(model.erase(Text(popped)), 1u);
            ++popped_count;
          });
          ASSERT_EQ(popped_count, n);
          break;
        }
        case 4: ASSERT_EQ(s.Add(item, l), model.insert(m).second); break;
        default:
          s.Expect(1, m, l);
          ASSERT_EQ(s.Add(m, l), model.insert(m).second);
      }
      seen.insert(s.EncodingName());
      ASSERT_EQ(s.size(), model.size());
      ASSERT_EQ(s.Contains(m), model.contains(m));
      ASSERT_EQ(s.Contains(item), model.contains(m));
      ASSERT_TRUE(model.empty() || model.contains(Text(s.Sample(random))));
      if (step % 16 == 0) {
        ASSERT_THAT(Contents(s), UnorderedElementsAreArray(model));
        const Set copy = s.Clone();
        ASSERT_EQ(Contents(copy).size(), model.size());
        ASSERT_EQ(copy.EncodingName(), s.EncodingName());
        std::set<std::string> scanned;
        uint64_t cursor = 0;
        do {
          cursor = s.Scan(cursor, 10, [&](const ListpackItem& i) { scanned.insert(Text(i)); });
        } while (cursor != 0);
        ASSERT_EQ(scanned, model);
      }
    }
  }
  EXPECT_THAT(seen, UnorderedElementsAre("intset", "listpack", "hashtable"));
}

TEST(SetTest, MembersOfAnyLengthAreKept) {
  Set s = Make({"a"});
  for (const size_t n : {0, 1, 253, 254, 255, 256, 65'535, 70'000}) ASSERT_TRUE(s.Add(std::string(n, 'z'), kTiny));
  EXPECT_EQ(s.EncodingName(), "hashtable");
  for (const size_t n : {0, 1, 253, 254, 255, 256, 65'535, 70'000}) ASSERT_TRUE(s.Contains(std::string(n, 'z')));
  EXPECT_FALSE(s.Contains(std::string(2, 'z')));
  const std::string zeros("a\0b", 3);
  EXPECT_TRUE(s.Add(zeros, kTiny));
  EXPECT_TRUE(s.Contains(zeros));
  EXPECT_GT(s.AllocatedBytes(), 65'535u + 70'000u);
  EXPECT_GE(s.CountAllocations(), s.size());
}

TEST(SetTest, MemoryComesBack) {
  Set s = Make(Words(1, 20'000));
  const size_t full = s.AllocatedBytes();
  EXPECT_LT(full, 20'000u * 34);
  for (const std::string& w : Words(1, 19'990)) ASSERT_TRUE(s.Remove(w));
  EXPECT_LT(s.AllocatedBytes(), full / 100);
  EXPECT_EQ(s.EncodingName(), "hashtable");
}

// Most of a table is popped: what stays is small again.
TEST(SetTest, TheRestOfAPoppedTableTakesASmallEncoding) {
  Random random(3);
  Set s = Make(Words(1, 1'000));
  s.PopMany(900, random, kDefaultSet, [](const ListpackItem&) {});
  EXPECT_EQ(s.size(), 100u);
  EXPECT_EQ(s.EncodingName(), "listpack");
  s = Make(Words(1, 1'000));
  s.PopMany(800, random, kDefaultSet, [](const ListpackItem&) {});
  EXPECT_EQ(s.EncodingName(), "hashtable");
}

// --- fairness ------------------------------------------------------------------------------------------------

// The statistic of a uniform distribution over `cells` cells stays below this but once in some ten thousand times.
double ChiSquareLimit(size_t cells) {
  return static_cast<double>(cells) + 5.5 * std::sqrt(2.0 * static_cast<double>(cells));
}

double ChiSquare(const std::map<std::string, int>& counts, size_t cells, int draws) {
  const double expected = static_cast<double>(draws) / static_cast<double>(cells);
  double sum = expected * static_cast<double>(cells - counts.size());
  for (const auto& [member, n] : counts) sum += (n - expected) * (n - expected) / expected;
  return sum;
}

std::vector<Set> OneOfEachEncoding() {
  std::vector<Set> sets;
  sets.push_back(Make(Numbers(1, 60)));
  sets.push_back(Make(Words(1, 60)));
  sets.push_back(Make(Words(1, 400)));
  // A table from which most members went.
  sets.push_back(Make(Words(1, 20'000)));
  for (const std::string& w : Words(101, 20'000)) sets.back().Remove(w);
  return sets;
}

TEST(SetFairnessTest, EveryMemberIsSampledAlike) {
  Random random(11);
  for (const Set& s : OneOfEachEncoding()) {
    const int draws = static_cast<int>(s.size()) * 50;
    std::map<std::string, int> counts;
    for (int i = 0; i < draws; ++i) ++counts[Text(s.Sample(random))];
    EXPECT_LT(ChiSquare(counts, s.size(), draws), ChiSquareLimit(s.size())) << s.EncodingName();
  }
}

TEST(SetFairnessTest, EveryMemberIsAmongManyAlike) {
  Random random(12);
  for (const Set& s : OneOfEachEncoding()) {
    for (const size_t wanted : {s.size() / 10, s.size() / 2, s.size() - 1, s.size()}) {
      std::map<std::string, int> counts;
      constexpr int kRounds = 200;
      for (int i = 0; i < kRounds; ++i) {
        std::set<std::string> chosen;
        s.SampleMany(wanted, random, [&](const ListpackItem& m) { chosen.insert(Text(m)); });
        ASSERT_EQ(chosen.size(), wanted);
        for (const std::string& m : chosen) ++counts[m];
      }
      // Without repetition the counts vary less than the limit supposes.
      EXPECT_LT(ChiSquare(counts, s.size(), kRounds * static_cast<int>(wanted)), ChiSquareLimit(s.size()));
    }
  }
}

TEST(SetFairnessTest, EveryMemberIsPoppedAlike) {
  Random random(13);
  for (const Set& s : OneOfEachEncoding()) {
    for (const size_t wanted : {size_t{1}, s.size() / 10, s.size() - s.size() / 10}) {
      std::map<std::string, int> counts;
      constexpr int kRounds = 300;
      for (int i = 0; i < kRounds; ++i) {
        Set copy = s.Clone();
        copy.PopMany(wanted, random, kDefaultSet, [&](const ListpackItem& m) { ++counts[Text(m)]; });
        ASSERT_EQ(copy.size(), s.size() - wanted);
      }
      EXPECT_LT(ChiSquare(counts, s.size(), kRounds * static_cast<int>(wanted)), ChiSquareLimit(s.size()));
    }
  }
}

// --- algebra -------------------------------------------------------------------------------------------------

std::set<std::string> AsSet(SetView s) {
  const std::vector<std::string> all = Contents(s);
  return {all.begin(), all.end()};
}

TEST(SetAlgebraTest, AgreesWithSortedSets) {
  Random random(21);
  for (int round = 0; round < 400; ++round) {
    const SetLimits& limits = round % 2 ? kDefaultSet : kTiny;
    std::vector<Set> sets(1 + random.Below(4));
    std::vector<SetView> views;
    for (Set& s : sets) {
      const size_t n = random.Below(4) == 0 ? random.Below(200) : random.Below(8);
      const bool numbers = random.Below(2);
      for (size_t i = 0; i < n; ++i) s.Add((numbers ? "" : "w") + std::to_string(random.Below(n * 2)), limits);
      views.push_back(s);
    }
    if (random.Below(8) == 0) views.push_back(views.front());

    std::set<std::string> common = AsSet(views[0]), all, difference = common;
    for (size_t i = 0; i < views.size(); ++i) {
      const std::set<std::string> s = AsSet(views[i]);
      std::erase_if(common, [&](const std::string& m) { return !s.contains(m); });
      if (i > 0) std::erase_if(difference, [&](const std::string& m) { return s.contains(m); });
      all.insert(s.begin(), s.end());
    }
    EXPECT_EQ(AsSet(IntersectionOf(views, limits)), common);
    EXPECT_EQ(AsSet(UnionOf(views, limits)), all);
    EXPECT_EQ(AsSet(DifferenceOf(views, limits)), difference);
    EXPECT_EQ(CountIntersection(views, 0), common.size());
    EXPECT_EQ(CountIntersection(views, 2), std::min<size_t>(common.size(), 2));
  }
}

TEST(SetAlgebraTest, ResultsTakeTheEncodingThatFits) {
  const Set numbers = Make(Numbers(1, 20)), words = Make(Words(1, 20));
  std::vector<std::string> both = Numbers(1, 20);
  for (const std::string& w : Words(1, 200)) both.push_back(w);
  const Set mixed = Make(both);
  ASSERT_EQ(mixed.EncodingName(), "hashtable");
  const auto encoding = [](const Set& s) { return std::string(s.EncodingName()); };

  EXPECT_EQ(encoding(IntersectionOf(std::vector<SetView>{numbers, mixed}, kDefaultSet)), "intset");
  EXPECT_EQ(encoding(IntersectionOf(std::vector<SetView>{words, mixed}, kDefaultSet)), "listpack");
  EXPECT_EQ(encoding(IntersectionOf(std::vector<SetView>{mixed}, kDefaultSet)), "hashtable");
  // Nothing but integers, out of a table.
  std::vector<std::string> other = Numbers(1, 400);
  other.push_back("x");
  EXPECT_EQ(encoding(IntersectionOf(std::vector<SetView>{Make(other), mixed}, kDefaultSet)), "intset");

  EXPECT_EQ(encoding(UnionOf(std::vector<SetView>{numbers, numbers}, kDefaultSet)), "intset");
  EXPECT_EQ(encoding(UnionOf(std::vector<SetView>{numbers, words}, kDefaultSet)), "listpack");
  EXPECT_EQ(encoding(UnionOf(std::vector<SetView>{numbers, words}, kTiny)), "hashtable");
  EXPECT_EQ(encoding(DifferenceOf(std::vector<SetView>{mixed, words}, kDefaultSet)), "hashtable");
  EXPECT_EQ(encoding(DifferenceOf(std::vector<SetView>{mixed, Make(Words(1, 200))}, kDefaultSet)), "intset");
}

}  // namespace
}  // namespace pinion::types
