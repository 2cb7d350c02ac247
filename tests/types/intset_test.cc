// Intsets: the bytes of the format, a model test of every operation, and Validate against broken input.
#include "types/intset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <set>
#include <vector>

#include "base/random.h"
#include "base/slab.h"

namespace pinion::types {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::vector<int64_t> Contents(const IntSet& s) {
  std::vector<int64_t> all;
  s.ForEach([&all](int64_t v) { all.push_back(v); });
  return all;
}

std::vector<uint8_t> Bytes(const IntSet& s) { return {s.bytes().begin(), s.bytes().end()}; }

IntSet Make(std::initializer_list<int64_t> values) {
  IntSet s;
  for (const int64_t v : values) s.Add(v);
  return s;
}

TEST(IntSetTest, AnEmptyOneHoldsNothing) {
  IntSet s;
  EXPECT_TRUE(s.empty());
  EXPECT_FALSE(s.Contains(0));
  EXPECT_FALSE(s.Remove(0));
  EXPECT_EQ(s.AllocatedBytes(), 0u);
  EXPECT_TRUE(s.bytes().empty());
  EXPECT_TRUE(s.Clone().empty());
  s.KeepIf([](int64_t) { return true; });
  EXPECT_EQ(s.Release(), nullptr);
}

TEST(IntSetTest, TheBlockIsAsTheFormatSays) {
  EXPECT_THAT(Bytes(Make({5, -2})), ElementsAre(2, 0, 0, 0, 2, 0, 0, 0, 0xFE, 0xFF, 5, 0));
  EXPECT_THAT(Bytes(Make({40'000, 1})), ElementsAre(4, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0x40, 0x9C, 0, 0));
  EXPECT_THAT(Bytes(Make({kMin})), ElementsAre(8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80));
}

TEST(IntSetTest, TheWidthGrowsWhereItMustAndStays) {
  const struct {
    int64_t value;
    size_t width;
  } cases[] = {{32'767, 2},         {-32'768, 2},         {32'768, 4},         {-32'769, 4},
               {2'147'483'647, 4},  {-2'147'483'648, 4},  {2'147'483'648, 8},  {-2'147'483'649, 8}};
  for (const auto& c : cases) {
    IntSet s = Make({1, 2, 3});
    EXPECT_TRUE(s.Add(c.value));
    EXPECT_EQ(s.bytes().size(), 8 + 4 * c.width) << c.value;
    EXPECT_TRUE(s.Contains(c.value));
    EXPECT_TRUE(s.Remove(c.value));
    EXPECT_EQ(s.bytes().size(), 8 + 3 * c.width) << c.value;
    EXPECT_THAT(Contents(s), ElementsAre(1, 2, 3));
  }
}

TEST(IntSetTest, BehavesAsASortedSet) {
  for (const int bits : {4, 12, 17, 40, 64}) {
    Random random(static_cast<uint64_t>(bits));
    IntSet s;
    std::set<int64_t> model;
    for (int step = 0; step < 2'000; ++step) {
      const auto v = static_cast<int64_t>(random.Next()) >> (64 - bits);
      switch (random.Below(model.size() > 300 ? 5 : 3)) {
        case 0:
        case 1: ASSERT_EQ(s.Add(v), model.insert(v).second); break;
        case 2: ASSERT_EQ(s.Remove(v), model.erase(v) == 1); break;
        case 3: {
          const size_t i = random.Below(model.size());
          s.RemoveAt(i);
          model.erase(std::next(model.begin(), static_cast<ptrdiff_t>(i)));
          break;
        }
        default: {
          const int64_t keep = static_cast<int64_t>(random.Below(7));
          s.KeepIf([keep](int64_t x) { return x % 8 != keep; });
          std::erase_if(model, [keep](int64_t x) { return x % 8 == keep; });
        }
      }
      ASSERT_EQ(s.size(), model.size());
      ASSERT_EQ(s.Contains(v), model.contains(v));
      ASSERT_EQ(s.AllocatedBytes(), s.bytes().empty() ? 0 : Slab::GoodSize(s.bytes().size()));
      if (step % 8 == 0) {
        ASSERT_THAT(Contents(s), ElementsAreArray(model)) << step;
        ASSERT_EQ(IntSet::Validate(s.bytes()), !model.empty());
      }
    }
    EXPECT_EQ(Contents(s.Clone()), Contents(s));
  }
}

TEST(IntSetTest, TheExtremesAreInOrder) {
  IntSet s = Make({kMax, 0, kMin, -1, 1});
  EXPECT_THAT(Contents(s), ElementsAre(kMin, -1, 0, 1, kMax));
  EXPECT_FALSE(s.Add(kMin));
  EXPECT_FALSE(s.Contains(kMin + 1));
  IntSet moved = IntSet::Adopt(s.Release());
  EXPECT_TRUE(s.empty());
  EXPECT_EQ(moved.size(), 5u);
}

// --- untrusted bytes --------------------------------------------------------------------------------------------

// Validates an exact copy, so that the address sanitizer sees every read past its end, and reads what passes.
bool Valid(const std::vector<uint8_t>& bytes) {
  const auto copy = std::make_unique<uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  const std::span<const uint8_t> span(copy.get(), bytes.size());
  if (!IntSet::Validate(span)) return false;
  const std::vector<int64_t> values = Contents(IntSet::CopyOf(span));
  EXPECT_TRUE(std::is_sorted(values.begin(), values.end(), std::less_equal<>()));
  return true;
}

TEST(IntSetValidateTest, TruncatedOrDamagedOnesAreRefusedOrHarmless) {
  for (const int64_t widest : {int64_t{7}, int64_t{70'000}, int64_t{7'000'000'000}}) {
    const std::vector<uint8_t> bytes = Bytes(Make({-5, 0, 6, widest}));
    ASSERT_TRUE(Valid(bytes));
    for (size_t n = 0; n < bytes.size(); ++n) {
      ASSERT_FALSE(Valid({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n)})) << n;
    }
    for (size_t i = 0; i < bytes.size(); ++i) {
      for (int flip = 1; flip < 256; ++flip) {
        std::vector<uint8_t> damaged = bytes;
        damaged[i] ^= static_cast<uint8_t>(flip);
        ASSERT_FALSE(Valid(damaged) && i < 8) << i << ' ' << flip;
      }
    }
  }
}

TEST(IntSetValidateTest, RefusesWhatIsNoIntset) {
  EXPECT_FALSE(Valid({}));
  EXPECT_FALSE(Valid({2, 0, 0, 0, 0, 0, 0, 0}));                            // empty
  EXPECT_FALSE(Valid({1, 0, 0, 0, 1, 0, 0, 0, 5}));                         // no such width
  EXPECT_FALSE(Valid({2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 5, 0}));                // twice the same
  EXPECT_FALSE(Valid({2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0xFF, 0xFF}));          // out of order
  EXPECT_FALSE(Valid({2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 5, 0, 6, 0}));    // more than there are
  EXPECT_TRUE(Valid({4, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0}));                 // wider than need be
}

}  // namespace
}  // namespace pinion::types
