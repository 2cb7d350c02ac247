// HyperLogLog sketches: registers against plain arrays, sparse against dense, and counts against the truth.
#include "types/hyperloglog.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::types {
namespace {

using Outcome = HllEditor::Outcome;

constexpr size_t kMostSparse = 3000;

// A sketch whose runs are the given codes.
std::string Sparse(std::string_view codes) {
  std::string sketch("HYLL\x01", 5);
  sketch.resize(kHllHeaderSize);
  return sketch.append(codes);
}

std::string EmptyDense() {
  HllEditor editor;
  EXPECT_TRUE(editor.MakeDense());
  return std::string(editor.bytes());
}

std::array<uint8_t, kHllRegisters> RegistersOf(std::string_view sketch) {
  HllRegisters all;
  EXPECT_TRUE(all.Merge(sketch));
  std::array<uint8_t, kHllRegisters> registers;
  for (size_t i = 0; i < registers.size(); ++i) registers[i] = all[i];
  return registers;
}

TEST(HyperLogLogTest, HashesAsRedisDoes) {
  // What PFDEBUG DECODE of redis-server 7.0 shows of each.
  struct Case { const char* element; int index, value; };
  constexpr Case kCases[] = {
      {"", 5938, 2},         {"a", 12711, 2},     {"abc", 9474, 1},
      {"hello", 9216, 1},    {"12345678", 10579, 3}, {"123456789abcdef", 1977, 3},
      {"an element of more than sixteen bytes", 3072, 3},
  };
  for (const auto& [element, index, value] : kCases) {
    const HllObservation o = ObserveForHll(element);
    EXPECT_EQ(o.index, index) << element;
    EXPECT_EQ(o.value, value) << element;
  }
}

TEST(HyperLogLogTest, DenseRegistersDoNotTouchOneAnother) {
  Random random(1);
  std::string sketch = EmptyDense();
  std::array<uint8_t, kHllRegisters> wanted{};
  for (int i = 0; i < 100'000; ++i) {
    const size_t index = random.Below(kHllRegisters);
    wanted[index] = static_cast<uint8_t>(random.Below(64));
    SetDenseHllRegister(sketch.data(), index, wanted[index]);
  }
  SetDenseHllRegister(sketch.data(), kHllRegisters - 1, wanted.back() = 63);
  size_t wrong = 0;
  for (size_t i = 0; i < kHllRegisters; ++i) wrong += DenseHllRegister(sketch, i) != wanted[i];
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(sketch.substr(0, 16), EmptyDense().substr(0, 16));
  EXPECT_EQ(RegistersOf(sketch), wanted);
}

// Raises random registers in a sketch and in an array; most_sparse decides when it becomes dense.
void RaiseAtRandom(uint64_t seed, size_t indexes, size_t most_sparse, int rounds) {
  Random random(seed);
  const auto editor = std::make_unique<HllEditor>();
  std::array<uint8_t, kHllRegisters> wanted{};
  for (int i = 0; i < rounds; ++i) {
    const HllObservation o = {static_cast<uint16_t>(random.Below(indexes) * (kHllRegisters / indexes)),
                              static_cast<uint8_t>(1 + random.Below(i % 7 == 0 ? 32 : 3))};
    const bool raises = o.value > wanted[o.index];
    EXPECT_TRUE(editor->dense() || SparseHllHas(editor->bytes(), o) == !raises);
    EXPECT_EQ(editor->Raise(o, most_sparse), raises ? Outcome::kChanged : Outcome::kUnchanged);
    wanted[o.index] = std::max(wanted[o.index], o.value);
    ASSERT_TRUE(LooksLikeHll(editor->bytes()));
    ASSERT_TRUE(editor->dense() || editor->bytes().size() <= most_sparse);
    if (i % 97 != 0) continue;
    ASSERT_EQ(RegistersOf(editor->bytes()), wanted) << "after " << i;
  }
  EXPECT_EQ(RegistersOf(editor->bytes()), wanted);
}

TEST(HyperLogLogTest, SparseSketchesHoldWhatArraysHold) {
  RaiseAtRandom(1, 16, kHllMaxSparseSize, 1000);
  RaiseAtRandom(2, 128, kHllMaxSparseSize, 1000);
  RaiseAtRandom(3, kHllRegisters, kHllMaxSparseSize, 1000);
}

TEST(HyperLogLogTest, SparseSketchesBecomeDenseWhenTheyGrowTooLong) {
  RaiseAtRandom(4, kHllRegisters, 100, 300);
  RaiseAtRandom(5, kHllRegisters, 1000, 1000);
  HllEditor editor;
  EXPECT_EQ(editor.Raise({5, 1}, 18), Outcome::kChanged);
  EXPECT_TRUE(editor.dense());
}

TEST(HyperLogLogTest, AValueThatRunsCannotHoldMakesASketchDense) {
  HllEditor editor;
  EXPECT_EQ(editor.Raise({5, kHllMaxSparseValue}, kMostSparse), Outcome::kChanged);
  EXPECT_FALSE(editor.dense());
  EXPECT_EQ(editor.Raise({6, kHllMaxSparseValue + 1}, kMostSparse), Outcome::kChanged);
  EXPECT_TRUE(editor.dense());
  EXPECT_EQ(DenseHllRegister(editor.bytes(), 5), 32);
  EXPECT_EQ(DenseHllRegister(editor.bytes(), 6), 33);
}

TEST(HyperLogLogTest, RunsAreSplitAndJoined) {
  HllEditor editor;
  EXPECT_EQ(editor.bytes(), Sparse("\x7f\xff"));
  (void)editor.Raise({100, 3}, kMostSparse);
  EXPECT_EQ(editor.bytes(), Sparse("\x40\x63\x88\x7f\x9a"));
  (void)editor.Raise({102, 3}, kMostSparse);
  EXPECT_EQ(editor.bytes(), Sparse(std::string_view("\x40\x63\x88\x00\x88\x7f\x98", 7)));
  (void)editor.Raise({101, 3}, kMostSparse);
  EXPECT_EQ(editor.bytes(), Sparse("\x40\x63\x8a\x7f\x98"));
  (void)editor.Raise({101, 5}, kMostSparse);
  EXPECT_EQ(editor.bytes(), Sparse("\x40\x63\x88\x90\x88\x7f\x98"));
  (void)editor.Raise({50, 1}, kMostSparse);
  EXPECT_EQ(editor.bytes(), Sparse("\x31\x80\x30\x88\x90\x88\x7f\x98"));
}

TEST(HyperLogLogTest, RaisingInOrderIsRaisingAtRandom) {
  Random random(6);
  for (int round = 0; round < 20; ++round) {
    std::vector<HllObservation> raises;
    for (int i = 0; i < 300; ++i) {
      raises.push_back({static_cast<uint16_t>(random.Below(round % 2 ? kHllRegisters : 400)),
                        static_cast<uint8_t>(1 + random.Below(5))});
    }
    std::sort(raises.begin(), raises.end(), [](auto a, auto b) { return a.index < b.index; });
    HllEditor in_order;
    std::string anew;  // a fresh editor each time has nothing to resume from
    anew = in_order.bytes();
    for (const HllObservation o : raises) {
      (void)in_order.Raise(o, kMostSparse);
      HllEditor fresh(anew);
      (void)fresh.Raise(o, kMostSparse);
      anew = fresh.bytes();
      ASSERT_EQ(in_order.bytes(), anew);
    }
  }
}

TEST(HyperLogLogTest, CountsAreNearTheTruthAndTheSameInBothEncodings) {
  HllEditor sparse, dense;
  ASSERT_TRUE(dense.MakeDense());
  uint64_t checkpoint = 1;
  for (uint64_t n = 1; n <= 100'000; ++n) {
    const HllObservation o = ObserveForHll("element " + std::to_string(n));
    (void)sparse.Raise(o, n < 2000 ? kHllMaxSparseSize : 0);
    (void)dense.Raise(o, kHllMaxSparseSize);
    if (n != checkpoint) continue;
    checkpoint *= 10;
    const auto count = CountHll(dense.bytes());
    ASSERT_TRUE(count);
    EXPECT_EQ(CountHll(sparse.bytes()), count);
    HllRegisters all;
    EXPECT_TRUE(all.Merge(sparse.bytes()));
    EXPECT_EQ(all.Count(), *count);
    EXPECT_NEAR(static_cast<double>(*count), static_cast<double>(n), 0.03 * static_cast<double>(n));
  }
}

TEST(HyperLogLogTest, EmptySketchesCountNothing) {
  HllEditor editor;
  EXPECT_EQ(CountHll(editor.bytes()), 0u);
  EXPECT_EQ(CountHll(EmptyDense()), 0u);
  EXPECT_EQ(HllRegisters().Count(), 0u);
}

TEST(HyperLogLogTest, TheUnionOfSketchesCountsWhatEitherHas) {
  HllEditor a, b, both;
  for (int i = 0; i < 3000; ++i) {
    const HllObservation o = ObserveForHll(std::to_string(i));
    if (i < 2000) (void)a.Raise(o, kMostSparse);
    if (i >= 1000) (void)b.Raise(o, 100);
    (void)both.Raise(o, kMostSparse);
  }
  HllRegisters all;
  EXPECT_TRUE(all.Merge(a.bytes()));
  EXPECT_TRUE(all.Merge(b.bytes()));
  EXPECT_EQ(all.Count(), CountHll(both.bytes()));
}

TEST(HyperLogLogTest, ADenseSketchTakesOverAllRegisters) {
  Random random(7);
  std::string sketch = EmptyDense();
  for (size_t i = 0; i < kHllRegisters; ++i) SetDenseHllRegister(sketch.data(), i, random.Below(52));
  HllRegisters all;
  EXPECT_TRUE(all.Merge(sketch));
  HllEditor editor;
  ASSERT_TRUE(editor.MakeDense());
  editor.SetRegisters(all);
  EXPECT_EQ(editor.bytes(), sketch);
}

TEST(HyperLogLogTest, TheCachedCountHoldsUntilItIsDropped) {
  std::string sketch = EmptyDense();
  EXPECT_EQ(CachedHllCount(sketch), 0u);
  CacheHllCount(sketch.data(), 0x0123456789abcdef);
  EXPECT_EQ(CachedHllCount(sketch), 0x0123456789abcdefu);
  EXPECT_EQ(sketch.substr(8, 8), "\xef\xcd\xab\x89\x67\x45\x23\x01");
  DropCachedHllCount(sketch.data());
  EXPECT_EQ(CachedHllCount(sketch), std::nullopt);
}

TEST(HyperLogLogTest, OnlyStringsWithTheRightHeaderLookLikeSketches) {
  EXPECT_TRUE(LooksLikeHll(Sparse("")));
  EXPECT_TRUE(LooksLikeHll(EmptyDense()));
  EXPECT_FALSE(LooksLikeHll(""));
  EXPECT_FALSE(LooksLikeHll("HYLL"));
  EXPECT_FALSE(LooksLikeHll(EmptyDense() + "x"));
  EXPECT_FALSE(LooksLikeHll(EmptyDense().substr(1)));
  std::string other = Sparse("\x7f\xff");
  other[4] = 2;
  EXPECT_FALSE(LooksLikeHll(other));
}

TEST(HyperLogLogTest, InvalidRunsAreFound) {
  const std::string kInvalid[] = {
      Sparse(""), Sparse("\x7f\xfe"), Sparse("\x7f"), Sparse("\x7f\xff\x80"), Sparse("\x7f\xfe\x81"),
      Sparse("\x7f\xff") + std::string(1, '\0'), Sparse("\x80\x7f\xff"),
  };
  for (const std::string& sketch : kInvalid) {
    EXPECT_EQ(CountHll(sketch), std::nullopt);
    EXPECT_FALSE(HllRegisters().Merge(sketch));
    EXPECT_FALSE(HllEditor(sketch).MakeDense());
    EXPECT_EQ(HllEditor(sketch).Raise({3, 33}, kMostSparse), Outcome::kCorrupt);
  }
  EXPECT_EQ(HllEditor(Sparse("\x40\x63")).Raise({100, 1}, kMostSparse), Outcome::kCorrupt);
  EXPECT_EQ(SparseHllHas(Sparse("\x40\x63"), {100, 1}), std::nullopt);
  EXPECT_EQ(SparseHllHas(Sparse("\x40"), {0, 1}), std::nullopt);
}

}  // namespace
}  // namespace pinion::types
