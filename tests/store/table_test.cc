// The table against models: contents, invariants, memory, SCAN's promise and fair sampling.
#include "store/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "tests/store/store_test_util.h"

namespace pinion::store {
namespace {

// A table that owns its entries, known by number.
class Keys {
 public:
  explicit Keys(uint64_t seed) : random(seed) {}

  static std::string Name(uint64_t i) { return "key:" + std::to_string(i); }
  static uint64_t Number(const Entry& e) { return std::stoull(std::string(e.key().substr(4))); }
  static uint64_t HashOf(uint64_t i) { return HashKey(Name(i)); }

  void Insert(uint64_t i) {
    EntryPtr e = MakeEntry(Name(i));
    table.Insert(HashOf(i), e.get());
    const bool fresh = model.emplace(i, std::move(e)).second;
    ASSERT_TRUE(fresh);
    Place(i);
  }
  void Erase(uint64_t i) {
    Table::Word* w = table.Find(HashOf(i), Name(i));
    ASSERT_NE(w, nullptr);
    ASSERT_EQ(Table::At(w), model.at(i).get());
    table.Erase(HashOf(i), w);
    model.erase(i);
    const size_t at = place_.at(i);
    place_.erase(i);
    if (at + 1 != numbers.size()) {
      numbers[at] = numbers.back();
      place_[numbers[at]] = at;
    }
    numbers.pop_back();
  }
  void InsertNew() { Insert(next_++); }
  void EraseAny() { Erase(numbers[random.Below(numbers.size())]); }

  void ExpectSameAsModel() const {
    ASSERT_EQ(table.size(), model.size());
    for (const auto& [i, e] : model) {
      const Table::Word* w = table.Find(HashOf(i), Name(i));
      ASSERT_NE(w, nullptr) << i;
      ASSERT_EQ(Table::At(w), e.get());
      ASSERT_EQ(table.FindEntry(HashOf(i), e.get()), w);
    }
    std::unordered_set<const Entry*> met;
    table.ForEach([&](Entry* e) { ASSERT_TRUE(met.insert(e).second); });
    ASSERT_EQ(met.size(), model.size());
  }

  Random random;
  Table table;
  std::unordered_map<uint64_t, EntryPtr> model;
  std::vector<uint64_t> numbers;  // the model's keys, in no order

 private:
  void Place(uint64_t i) {
    place_[i] = numbers.size();
    numbers.push_back(i);
  }
  std::unordered_map<uint64_t, size_t> place_;
  uint64_t next_ = 0;
};

double LoadFactor(const Table& t) {
  return static_cast<double>(t.size()) / (8.0 * static_cast<double>(t.CountBuckets()));
}

TEST(TableTest, AnEmptyTableHasNothingAndTakesNoMemory) {
  Table t;
  Random random(1);
  EXPECT_EQ(t.size(), 0u);
  EXPECT_EQ(t.bytes(), 0u);
  EXPECT_EQ(t.Find(HashKey("a"), "a"), nullptr);
  EXPECT_EQ(t.Sample(random), nullptr);
  EXPECT_EQ(t.Scan(0, 10, [](Entry*) { FAIL(); }), 0u);
  EXPECT_EQ(t.Scan(12345, 10, [](Entry*) { FAIL(); }), 0u);
  EXPECT_EQ(t.ForEachInSegment(0, [](Entry*) { FAIL(); }), 0u);
  t.PrefetchBucket(1);
  t.PrefetchEntry(1);
  EXPECT_TRUE(t.CheckInvariants());
}

TEST(TableTest, FindTellsKeysWithOneHashApart) {
  Table t;
  std::vector<EntryPtr> entries;
  const uint64_t hash = HashKey("the hash of all of them");
  for (int i = 0; i < 100; ++i) {
    entries.push_back(MakeEntry("k" + std::to_string(i)));
    t.Insert(hash, entries.back().get());
  }
  for (int i = 0; i < 100; ++i) {
    const Table::Word* w = t.Find(hash, "k" + std::to_string(i));
    ASSERT_NE(w, nullptr);
    EXPECT_EQ(Table::At(w), entries[static_cast<size_t>(i)].get());
  }
  EXPECT_EQ(t.Find(hash, "k100"), nullptr);
  for (const EntryPtr& e : entries) t.Erase(hash, t.FindEntry(hash, e.get()));
  EXPECT_EQ(t.bytes(), 0u);
}

TEST(TableTest, ReplacePutsAnotherEntryInTheSamePlace) {
  Keys keys(1);
  for (int i = 0; i < 1000; ++i) keys.InsertNew();
  for (uint64_t i = 0; i < 1000; ++i) {
    EntryPtr fresh = MakeEntry(Keys::Name(i), "another value");
    Table::Replace(keys.table.Find(Keys::HashOf(i), Keys::Name(i)), fresh.get());
    keys.model[i] = std::move(fresh);
  }
  keys.ExpectSameAsModel();
  EXPECT_TRUE(keys.table.CheckInvariants());
}

class TableModelTest : public testing::TestWithParam<size_t> {};

// Grows to about the given number of keys and shrinks to nothing again, with the other operation mixed in on the way.
TEST_P(TableModelTest, AgreesWithTheModelThroughGrowthAndShrinkage) {
  const size_t most = GetParam();
  Keys keys(most);
  const size_t steps = std::max<size_t>(most * 3, 500);
  const size_t between_checks = steps / 20 + 1;
  for (int round = 0; round < (most <= 10'000 ? 3 : 1); ++round) {
    for (const bool growing : {true, false}) {
      for (size_t step = 0; growing ? keys.model.size() < most : !keys.model.empty(); ++step) {
        const bool insert = keys.model.empty() || (keys.random.Below(8) == 0) != growing;
        if (insert) keys.InsertNew(); else keys.EraseAny();
        if (HasFatalFailure()) return;
        if (step % between_checks == 0) {
          ASSERT_TRUE(keys.table.CheckInvariants()) << step;
          const uint64_t absent = 1'000'000'000 + step;
          ASSERT_EQ(keys.table.Find(Keys::HashOf(absent), Keys::Name(absent)), nullptr);
        }
      }
      ASSERT_TRUE(keys.table.CheckInvariants());
      keys.ExpectSameAsModel();
    }
    EXPECT_EQ(keys.table.bytes(), 0u);
  }
}
INSTANTIATE_TEST_SUITE_P(Sizes, TableModelTest,
                         testing::Values(1, 2, 7, 8, 9, 15, 50, 117, 118, 129, 300, 1000, 10'000, 500'000));

TEST(TableTest, SmallTablesKeepTheInvariantsAtEveryStep) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Keys keys(seed);
    const size_t most = 1 + keys.random.Below(400);
    for (int step = 0; step < 1500; ++step) {
      const bool insert = keys.model.empty() || (keys.model.size() < most && keys.random.Below(2) == 0);
      if (insert) keys.InsertNew(); else keys.EraseAny();
      ASSERT_TRUE(keys.table.CheckInvariants()) << "seed " << seed << " step " << step;
    }
    keys.ExpectSameAsModel();
  }
}

TEST(TableTest, EntriesOfOneHashOverflowThroughTheirSegment) {
  constexpr uint64_t kHash = 0x1234'5678'9ABC'FFF0;  // home is the last bucket: overflow wraps around
  Table t;
  std::vector<EntryPtr> entries;
  for (size_t i = 0; i < 117; ++i) {
    entries.push_back(MakeEntry("x"));
    t.Insert(kHash, entries.back().get());
  }
  Random random(4);
  while (!entries.empty()) {
    std::swap(entries[random.Below(entries.size())], entries.back());
    t.Erase(kHash, t.FindEntry(kHash, entries.back().get()));
    entries.pop_back();
    for (const EntryPtr& e : entries) ASSERT_NE(t.FindEntry(kHash, e.get()), nullptr);
  }
  EXPECT_EQ(t.bytes(), 0u);
}

TEST(TableTest, StaysWellFilledAsItGrows) {
  Keys keys(7);
  double sum = 0, lowest = 1;
  size_t samples = 0;
  for (size_t n = 1; n <= 200'000; ++n) {
    keys.InsertNew();
    if (n < 1000 || n % (n / 100) != 0) continue;
    const double load = LoadFactor(keys.table);
    lowest = std::min(lowest, load);
    sum += load;
    ++samples;
    // A word an entry, the empty ones, and the directory.
    const double bytes_a_key = static_cast<double>(keys.table.bytes()) / static_cast<double>(n);
    ASSERT_LT(bytes_a_key, 8 / 0.70 + 1.0) << n;
  }
  RecordProperty("mean_load_percent", static_cast<int>(100 * sum / static_cast<double>(samples)));
  RecordProperty("lowest_load_percent", static_cast<int>(100 * lowest));
  EXPECT_GE(lowest, 0.70);
  EXPECT_GE(sum / static_cast<double>(samples), 0.80);
}

TEST(TableTest, GivesMemoryBackAfterMassDeletion) {
  Keys keys(3);
  for (int i = 0; i < 300'000; ++i) keys.InsertNew();
  for (const size_t left : {100'000u, 30'000u, 3000u, 300u, 30u, 1u}) {
    while (keys.model.size() > left) keys.EraseAny();
    ASSERT_TRUE(keys.table.CheckInvariants());
    EXPECT_LT(keys.table.bytes(), left * 15 + 100) << left;
    EXPECT_TRUE(left < 1000 || LoadFactor(keys.table) >= 0.60) << left;
    keys.ExpectSameAsModel();
  }
  keys.EraseAny();
  EXPECT_EQ(keys.table.bytes(), 0u);
  EXPECT_EQ(keys.table.CountSegments(), 0u);
}

TEST(TableTest, EqualNumbersOfInsertsAndErasesDoNotInflateIt) {
  Keys keys(5);
  for (int i = 0; i < 20'000; ++i) keys.InsertNew();
  for (int i = 0; i < 300'000; ++i) {
    keys.EraseAny();
    keys.InsertNew();
  }
  EXPECT_TRUE(keys.table.CheckInvariants());
  EXPECT_GE(LoadFactor(keys.table), 0.70);
}

TEST(TableTest, OneStepTouchesOneSegmentOnly) {
  Keys keys(11);
  for (int i = 0; i < 3000; ++i) keys.InsertNew();
  const auto segments = [&] {
    std::set<std::set<uint64_t>> all;
    size_t i = 0;
    do {
      std::set<uint64_t> members;
      i = keys.table.ForEachInSegment(i, [&](Entry* e) { members.insert(Keys::Number(*e)); });
      all.insert(std::move(members));
    } while (i != 0);
    return all;
  };
  auto before = segments();
  size_t buckets_before = keys.table.CountBuckets();
  for (int step = 0; step < 800; ++step) {
    if (step < 300) keys.InsertNew(); else keys.EraseAny();
    auto after = segments();
    const size_t buckets = keys.table.CountBuckets();
    const auto gone = std::count_if(before.begin(), before.end(), [&](const auto& s) { return !after.contains(s); });
    const auto fresh = std::count_if(after.begin(), after.end(), [&](const auto& s) { return !before.contains(s); });
    ASSERT_LE(gone, 2);   // two that merged
    ASSERT_LE(fresh, 2);  // two that one was split into
    ASSERT_LE(std::max(buckets, buckets_before) - std::min(buckets, buckets_before), 16u);
    before = std::move(after);
    buckets_before = buckets;
  }
}

// --- SCAN -----------------------------------------------------------------------------------------

TEST(TableScanTest, OneRoundOverATableAtRestSeesEachKeyOnce) {
  for (const size_t n : {1u, 8u, 60u, 117u, 500u, 20'000u}) {
    Keys keys(n);
    for (size_t i = 0; i < n; ++i) keys.InsertNew();
    for (const size_t count : {1u, 10u, 1000u}) {
      std::vector<uint64_t> seen;
      uint64_t cursor = 0;
      size_t calls = 0;
      do {
        size_t in_call = 0;
        cursor = keys.table.Scan(cursor, count, [&](Entry* e) { seen.push_back(Keys::Number(*e)); ++in_call; });
        ASSERT_LT(cursor, uint64_t{1} << Table::kCursorBits);
        ASSERT_LT(in_call, count + 64);
        ASSERT_TRUE(cursor == 0 || in_call >= count);
        ASSERT_LE(++calls, n + 1);
      } while (cursor != 0);
      std::sort(seen.begin(), seen.end());
      ASSERT_TRUE(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
      ASSERT_EQ(seen.size(), n);
    }
  }
}

TEST(TableScanTest, ACursorThatWasNeverGivenOutIsHarmless) {
  Keys keys(1);
  for (int i = 0; i < 3000; ++i) keys.InsertNew();
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t cursor = keys.random.Next() >> keys.random.Below(64) & ((uint64_t{1} << Table::kCursorBits) - 1);
    const uint64_t next = keys.table.Scan(cursor, 5, [](Entry*) {});
    ASSERT_LT(next, uint64_t{1} << Table::kCursorBits);
  }
}

// What the table does between two calls of a scan.
struct Churn {
  const char* name;
  size_t start;          // keys at first
  size_t stay;           // how many of them stay throughout
  int inserts, erases;   // at most so many between two calls
};

class TableScanChurnTest : public testing::TestWithParam<Churn> {};

TEST_P(TableScanChurnTest, SeesWhateverWasThereThroughout) {
  const Churn& churn = GetParam();
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Keys keys(seed * 1000 + churn.start);
    for (size_t i = 0; i < churn.start; ++i) keys.InsertNew();
    std::unordered_set<uint64_t> unseen, leaving;
    for (size_t i = 0; i < churn.start; ++i) (i < churn.stay ? unseen : leaving).insert(i);
    std::vector<uint64_t> others(leaving.begin(), leaving.end());
    uint64_t fresh = 1'000'000;
    uint64_t cursor = 0;
    size_t calls = 0;
    do {
      const size_t count = 1 + keys.random.Below(20);
      cursor = keys.table.Scan(cursor, count, [&](Entry* e) { unseen.erase(Keys::Number(*e)); });
      // Bursts, so that segments split and merge under the cursor.
      const uint64_t kind = keys.random.Below(4);
      if (kind != 0) {
        for (uint64_t i = keys.random.Below(static_cast<uint64_t>(churn.inserts) + 1); i > 0; --i) {
          others.push_back(fresh);
          keys.Insert(fresh++);
        }
      }
      if (kind != 1) {
        for (uint64_t i = keys.random.Below(static_cast<uint64_t>(churn.erases) + 1); i > 0 && !others.empty(); --i) {
          const size_t at = keys.random.Below(others.size());
          keys.Erase(others[at]);
          others[at] = others.back();
          others.pop_back();
        }
      }
      ASSERT_LT(++calls, 2'000'000u) << "the scan does not end";
    } while (cursor != 0);
    ASSERT_TRUE(unseen.empty()) << unseen.size() << " keys were missed, seed " << seed;
    ASSERT_TRUE(keys.table.CheckInvariants());
  }
}
INSTANTIATE_TEST_SUITE_P(
    Churns, TableScanChurnTest,
    testing::Values(Churn{"growing", 200, 200, 100, 0}, Churn{"shrinking", 20'000, 300, 0, 1000},
                    Churn{"shrinking fast", 3000, 100, 0, 600}, Churn{"both", 2000, 500, 150, 150},
                    Churn{"shrinking to little", 1500, 20, 5, 60},
                    Churn{"small", 150, 60, 40, 40}, Churn{"steady", 5000, 5000, 0, 0}),
    [](const auto& info) {
      std::string name = info.param.name;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

// --- Sampling -------------------------------------------------------------------------------------

// Whether `counts` draws from equally likely outcomes are as even as chance makes them: chi-square, normal
// approximation, with a bound that chance alone passes about once in a million (the seeds are fixed).
void ExpectEven(const std::vector<uint64_t>& counts) {
  double total = 0;
  for (const uint64_t c : counts) total += static_cast<double>(c);
  const double expected = total / static_cast<double>(counts.size());
  double chi = 0;
  for (const uint64_t c : counts) {
    const double d = static_cast<double>(c) - expected;
    chi += d * d / expected;
  }
  const double freedom = static_cast<double>(counts.size()) - 1;
  EXPECT_LT(std::abs(chi - freedom) / std::sqrt(2 * freedom), 5.5) << chi << " of " << freedom;
}

void ExpectFairSamples(Keys* keys, size_t draws_a_key) {
  std::unordered_map<uint64_t, uint64_t> counts;
  for (const auto& [i, e] : keys->model) counts[i] = 0;
  for (size_t d = 0; d < draws_a_key * keys->model.size(); ++d) {
    const Entry* e = keys->table.Sample(keys->random);
    ASSERT_NE(e, nullptr);
    ++counts.at(Keys::Number(*e));
  }
  std::vector<uint64_t> flat;
  for (const auto& [i, n] : counts) flat.push_back(n);
  ExpectEven(flat);
}

TEST(TableSampleTest, EveryEntryIsEquallyLikely) {
  for (const size_t n : {2u, 9u, 100u, 200u, 5000u}) {
    Keys keys(n);
    for (size_t i = 0; i < n; ++i) keys.InsertNew();
    ExpectFairSamples(&keys, 100);
  }
}

TEST(TableSampleTest, EveryEntryIsEquallyLikelyAfterMassDeletion) {
  Keys keys(21);
  for (int i = 0; i < 100'000; ++i) keys.InsertNew();
  for (const size_t left : {2000u, 100u, 5u}) {
    while (keys.model.size() > left) keys.EraseAny();
    ExpectFairSamples(&keys, 200);
  }
}

TEST(TableSampleTest, EveryEntryIsEquallyLikelyWhenOnePartIsMuchDeeper) {
  Keys keys(22);
  // All keys, and then of those whose hash begins with four ones thirty times as many.
  for (uint64_t i = 0; keys.model.size() < 6000; ++i) {
    if (i < 1000 || Keys::HashOf(i) >> 60 == 15) keys.Insert(i);
  }
  ASSERT_TRUE(keys.table.CheckInvariants());
  ExpectFairSamples(&keys, 100);
}

}  // namespace
}  // namespace pinion::store
