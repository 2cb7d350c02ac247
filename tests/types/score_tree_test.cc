// The tree of scores against std::set, and the shape of its nodes.
#include "types/score_tree.h"

#include <cmath>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::types {
namespace {

constexpr double kInfiniteScore = std::numeric_limits<double>::infinity();

struct Before {
  bool operator()(const ScoreItem* a, const ScoreItem* b) const {
    return a->score() != b->score() ? a->score() < b->score() : a->key() < b->key();
  }
};

// A tree that owns its items, beside the std::set it is compared with.
class TreeAndModel {
 public:
  TreeAndModel() = default;
  ~TreeAndModel() {
    tree.Clear();
    for (ScoreItem* item : model) ScoreItem::Delete(item);
  }
  TreeAndModel(const TreeAndModel&) = delete;
  TreeAndModel& operator=(const TreeAndModel&) = delete;

  ScoreItem* Add(std::string_view member, double score) {
    ScoreItem* item = ScoreItem::New(member, score);
    if (!model.insert(item).second) {
      ScoreItem::Delete(item);
      return nullptr;
    }
    tree.Insert(item);
    return item;
  }
  void Erase(ScoreItem* item) {
    model.erase(item);
    tree.Erase(item);
    ScoreItem::Delete(item);
  }
  // False, and nothing is done, when there is such an item already.
  bool SetScore(ScoreItem* item, double score) {
    const std::string member(item->key());
    ScoreItem* probe = ScoreItem::New(member, score);
    const bool taken = model.contains(probe);
    ScoreItem::Delete(probe);
    if (taken) return false;
    model.erase(item);
    tree.SetScore(item, score);
    model.insert(item);
    return true;
  }
  void EraseRange(size_t first, size_t count) {
    tree.EraseRange(first, count, [this](ScoreItem* item) {
      model.erase(item);
      ScoreItem::Delete(item);
    });
  }
  [[nodiscard]] std::vector<ScoreItem*> InOrder() const { return {model.begin(), model.end()}; }

  void ExpectSame() const {
    ASSERT_TRUE(tree.CheckInvariants());
    ASSERT_EQ(tree.size(), model.size());
    const std::vector<ScoreItem*> items = InOrder();
    auto cursor = tree.At(0);
    for (size_t rank = 0; rank < items.size(); ++rank, cursor.Next()) {
      ASSERT_EQ(cursor.item(), items[rank]);
      ASSERT_EQ(tree.Rank(items[rank]), rank);
      ASSERT_EQ(tree.At(rank).item(), items[rank]);
    }
    EXPECT_FALSE(cursor.valid());
    EXPECT_FALSE(tree.At(items.size()).valid());
    auto back = items.empty() ? tree.At(0) : tree.At(items.size() - 1);
    for (size_t rank = items.size(); rank-- > 0; back.Prev()) ASSERT_EQ(back.item(), items[rank]);
    EXPECT_FALSE(back.valid());
  }

  ScoreTree tree;
  std::set<ScoreItem*, Before> model;
};

// How scores come: each a function of a random number.
using ScoreOf = double (*)(Random&);
constexpr std::pair<const char*, ScoreOf> kScores[] = {
    {"all equal", [](Random&) { return 7.0; }},
    {"few", [](Random& r) { return static_cast<double>(r.Below(5)); }},
    {"uniform", [](Random& r) { return r.Unit() * 2e6 - 1e6; }},
    {"every magnitude",
     [](Random& r) { return std::ldexp(r.Unit() - 0.5, static_cast<int>(r.Below(2000)) - 1000); }},
    {"infinities and zeros", [](Random& r) {
      constexpr double kOdd[] = {kInfiniteScore, -kInfiniteScore, 0.0, -0.0, 1.0};
      return kOdd[r.Below(5)];
    }},
};

TEST(ScoreTree, IsTheModelUnderRandomChanges) {
  for (const auto& [name, score_of] : kScores) {
    SCOPED_TRACE(name);
    Random random(11);
    TreeAndModel both;
    std::vector<ScoreItem*> items;
    // Mostly insertions up to a size, then mostly erasures, so that nodes split and merge on several levels.
    for (int phase = 0; phase < 4; ++phase) {
      const uint64_t inserts_of_ten = phase % 2 == 0 ? 8 : 2;
      for (int i = 0; i < 6000; ++i) {
        const uint64_t what = random.Below(10);
        if (what < inserts_of_ten || items.empty()) {
          ScoreItem* item = both.Add(std::to_string(random.Below(1'000'000)), score_of(random));
          if (item != nullptr) items.push_back(item);
          continue;
        }
        const size_t at = random.Below(items.size());
        if (what == 9) {
          (void)both.SetScore(items[at], score_of(random));
        } else {
          both.Erase(items[at]);
          items[at] = items.back();
          items.pop_back();
        }
      }
      both.ExpectSame();
    }
  }
}

TEST(ScoreTree, CountsWhatIsBelowAScore) {
  for (const auto& [name, score_of] : kScores) {
    SCOPED_TRACE(name);
    Random random(5);
    TreeAndModel both;
    for (int i = 0; i < 3000; ++i) both.Add(std::to_string(i), score_of(random));
    for (int i = 0; i < 200; ++i) {
      const double score = i % 2 == 0 ? score_of(random) : random.Unit() * 10;
      size_t lower = 0, not_higher = 0;
      for (const ScoreItem* item : both.model) {
        lower += item->score() < score;
        not_higher += item->score() <= score;
      }
      ASSERT_EQ(both.tree.CountBelow(score, false), lower) << score;
      ASSERT_EQ(both.tree.CountBelow(score, true), not_higher) << score;
    }
    EXPECT_EQ(both.tree.CountBelow(kInfiniteScore, true), 3000u);
    EXPECT_EQ(both.tree.CountBelow(-kInfiniteScore, false), 0u);
  }
}

TEST(ScoreTree, CountsWhatIsBelowAMemberOfEqualScores) {
  Random random(6);
  TreeAndModel both;
  for (int i = 0; i < 3000; ++i) both.Add(std::to_string(2 * i), 1);
  for (int i = 0; i < 300; ++i) {
    const std::string member = std::to_string(random.Below(7000));
    size_t less = 0, not_greater = 0;
    for (const ScoreItem* item : both.model) {
      less += item->key() < member;
      not_greater += item->key() <= member;
    }
    ASSERT_EQ(both.tree.CountBelow(member, false), less) << member;
    ASSERT_EQ(both.tree.CountBelow(member, true), not_greater) << member;
  }
}

TEST(ScoreTree, ErasesRangesOfRanks) {
  Random random(8);
  TreeAndModel both;
  for (int round = 0; round < 40; ++round) {
    while (both.tree.size() < 2500) {
      both.Add(std::to_string(random.Next()), static_cast<double>(random.Below(1000)));
    }
    const size_t first = random.Below(both.tree.size());
    const size_t count = random.Below(both.tree.size() - first + 1);
    std::vector<ScoreItem*> rest = both.InOrder();
    rest.erase(rest.begin() + static_cast<ptrdiff_t>(first), rest.begin() + static_cast<ptrdiff_t>(first + count));
    both.EraseRange(first, count);
    ASSERT_EQ(both.InOrder(), rest);
    ASSERT_TRUE(both.tree.CheckInvariants());
  }
  both.ExpectSame();
  both.EraseRange(0, both.tree.size());
  both.ExpectSame();
  EXPECT_EQ(both.tree.bytes(), 0u);
}

TEST(ScoreTree, CutsRangesOfRanksWithTheirLeaves) {
  Random random(11);
  for (int round = 0; round < 60; ++round) {
    TreeAndModel both;
    const size_t size = 1 + random.Below(6000);
    while (both.model.size() < size) {
      (void)both.Add("m" + std::to_string(random.Below(1'000'000)), static_cast<double>(random.Below(1000)));
    }
    const size_t first = random.Below(size), count = random.Below(size - first + 1);
    std::set<const ScoreItem*> expected, dropped, cut;
    auto it = std::next(both.model.begin(), static_cast<long>(first));
    for (size_t i = 0; i < count; ++i, it = both.model.erase(it)) expected.insert(*it);
    ScoreTree::Cuttings cuttings;
    both.tree.CutRange(first, count, &cuttings, [&](ScoreItem* item) { dropped.insert(item); });
    ASSERT_TRUE(both.tree.CheckInvariants());
    ASSERT_EQ(both.tree.size(), both.model.size());
    ASSERT_LE(dropped.size(), 2u * 59);
    cuttings.ForEach([&](const ScoreItem* item) { cut.insert(item); });
    ASSERT_EQ(dropped.size() + cut.size(), count);
    for (const ScoreItem* item : expected) {
      ASSERT_TRUE(dropped.contains(item) != cut.contains(item));
      ASSERT_FALSE(both.tree.Contains(item));
    }
    for (const ScoreItem* item : both.model) ASSERT_TRUE(both.tree.Contains(item));
    const size_t leaves = cuttings.leaves();
    for (size_t i = 0; i < leaves; ++i) {
      ScoreItem* items[ScoreTree::Cuttings::kLeafItems];
      const unsigned n = cuttings.TakeLeaf(items);
      for (unsigned k = 0; k < n; ++k) ASSERT_EQ(cut.erase(items[k]), 1u);
    }
    ASSERT_TRUE(cuttings.empty() && cut.empty());
    ASSERT_EQ(cuttings.bytes(), 0u);
    for (const ScoreItem* item : expected) ScoreItem::Delete(const_cast<ScoreItem*>(item));
  }
}

TEST(ScoreTree, ItemsThatComeInOrderFillTheirLeaves) {
  for (const auto& [step, bytes_per_item] : {std::pair(1, 10u), std::pair(-1, 13u)}) {
    TreeAndModel both;
    for (int i = 0; i < 20'000; ++i) both.Add(std::to_string(i), static_cast<double>(step * i));
    EXPECT_TRUE(both.tree.CheckInvariants());
    EXPECT_LE(both.tree.bytes(), 20'000u * bytes_per_item) << step;
  }
}

TEST(ScoreTree, ItemsInRandomOrderTakeLittleMoreThanTheirWords) {
  Random random(3);
  TreeAndModel both;
  for (int i = 0; i < 50'000; ++i) both.Add(std::to_string(i), random.Unit());
  EXPECT_LE(both.tree.bytes(), 50'000u * 11);
}

TEST(ScoreTree, EmptiesFromEitherEnd) {
  for (const bool from_end : {false, true}) {
    TreeAndModel both;
    for (int i = 0; i < 5000; ++i) both.Add(std::to_string(i), static_cast<double>(i % 700));
    while (!both.tree.empty()) {
      both.EraseRange(from_end ? both.tree.size() - 1 : 0, 1);
      if (both.tree.size() % 500 == 0) both.ExpectSame();
    }
    EXPECT_EQ(both.tree.nodes(), 0u);
  }
}

TEST(ScoreItem, KeepsMembersOfEveryLength) {
  for (const size_t length : {0u, 1u, 6u, 7u, 254u, 255u, 256u, 500u, 100'000u}) {
    const std::string member(length, 'm');
    ScoreItem* item = ScoreItem::New(member, -1.5);
    EXPECT_EQ(item->key(), member);
    EXPECT_EQ(item->score(), -1.5);
    EXPECT_GE(item->AllocatedBytes(), length + 9);
    ScoreItem::Delete(item);
  }
}

TEST(ScoreOrder, ComparesAsScoresDo) {
  const double scores[] = {-kInfiniteScore, -1e300, -2, -1, -1e-300, 0, 1e-300, 1, 2, 1e300, kInfiniteScore};
  for (const double a : scores) {
    for (const double b : scores) EXPECT_EQ(ScoreOrder(a) < ScoreOrder(b), a < b) << a << " " << b;
  }
  EXPECT_EQ(ScoreOrder(0.0), ScoreOrder(-0.0));
}

}  // namespace
}  // namespace pinion::types
