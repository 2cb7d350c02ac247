// Bit counts, searches, operations and fields against loops over single bits.
#include "types/bits.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion::types {
namespace {

// Bytes of which most are all zeros or all ones, so that searches run far.
std::string RandomBitmap(Random& random, size_t size) {
  std::string bytes(size, random.Below(2) ? '\0' : '\xFF');
  const uint64_t changes = random.Below(3) == 0 ? size : random.Below(4);
  for (uint64_t i = 0; i < changes && size != 0; ++i) bytes[random.Below(size)] = static_cast<char>(random.Next());
  return bytes;
}

std::vector<bool> Bits(std::string_view bytes) {
  std::vector<bool> bits;
  for (const char c : bytes) {
    for (int i = 7; i >= 0; --i) bits.push_back((static_cast<uint8_t>(c) >> i & 1) != 0);
  }
  return bits;
}

TEST(BitsTest, TheFirstBitIsTheMostSignificantOfTheFirstByte) {
  const std::string bytes("\x80\x01", 2);
  for (uint64_t i = 0; i < 40; ++i) EXPECT_EQ(BitAt(bytes, i), i == 0 || i == 15) << i;
}

TEST(BitsTest, CountsAndFindsLikeALoopOverBits) {
  Random random(1);
  for (int round = 0; round < 400; ++round) {
    const std::string bytes = RandomBitmap(random, 1 + random.Below(round % 20 == 0 ? 5000 : 60));
    const std::vector<bool> bits = Bits(bytes);
    for (int i = 0; i < 10; ++i) {
      uint64_t first = random.Below(bits.size()), last = random.Below(bits.size());
      if (first > last) std::swap(first, last);
      if (i == 0) first = 0, last = bits.size() - 1;
      const auto begin = bits.begin() + static_cast<ptrdiff_t>(first);
      const auto end = bits.begin() + static_cast<ptrdiff_t>(last) + 1;
      EXPECT_EQ(CountOnes(bytes, first, last), static_cast<uint64_t>(std::count(begin, end, true)));
      for (const bool value : {false, true}) {
        const auto at = std::find(begin, end, value);
        const auto found = FindBit(bytes, value, first, last);
        EXPECT_EQ(found.has_value(), at != end);
        EXPECT_EQ(found.value_or(0), at != end ? static_cast<uint64_t>(at - bits.begin()) : 0);
      }
    }
  }
}

TEST(BitsTest, CountsEveryBitOfLongStrings) {
  for (const size_t size : {127u, 128u, 4096u, 31u * 128 + 5, 100'000u}) {
    const std::string ones(size, '\xFF');
    EXPECT_EQ(CountOnes(ones, 0, size * 8 - 1), size * 8);
    EXPECT_EQ(CountOnes(ones, 3, size * 8 - 3), size * 8 - 5);
  }
}

// What an operation makes of a bit that `ones` of `sources` have, the first of them or not.
bool Combine(BitOperation operation, bool x, size_t ones, size_t sources) {
  const bool some_y = ones > x;
  switch (operation) {
    case BitOperation::kAnd: return ones == sources;
    case BitOperation::kOr: return ones != 0;
    case BitOperation::kXor: return ones % 2 != 0;
    case BitOperation::kNot: return !x;
    case BitOperation::kDiff: return x && !some_y;
    case BitOperation::kDiff1: return !x && some_y;
    case BitOperation::kAndOr: return x && some_y;
    case BitOperation::kOne: return ones == 1;
  }
  return false;
}

TEST(BitsTest, OperationsOverStringsOfAnyLength) {
  constexpr BitOperation kAll[] = {BitOperation::kAnd,  BitOperation::kOr,    BitOperation::kXor,
                                   BitOperation::kNot,  BitOperation::kDiff,  BitOperation::kDiff1,
                                   BitOperation::kAndOr, BitOperation::kOne};
  Random random(2);
  for (int round = 0; round < 80; ++round) {
    const size_t most = round % 40 == 39 ? 9000 : 100;
    std::vector<std::string> strings;
    size_t longest = 1;
    for (uint64_t n = 2 + random.Below(4); n != 0; --n) {
      strings.push_back(RandomBitmap(random, random.Below(most)));
      longest = std::max(longest, strings.back().size());
    }
    std::vector<std::string_view> sources(strings.begin(), strings.end());
    std::vector<size_t> ones(longest * 8);
    for (const std::string& s : strings) {
      const std::vector<bool> bits = Bits(s);
      for (size_t i = 0; i < bits.size(); ++i) ones[i] += bits[i];
    }
    for (const BitOperation operation : kAll) {
      std::string out(longest, 'x');
      CombineBits(operation, sources, out);
      size_t wrong = 0;
      for (size_t i = 0; i < longest * 8; ++i) {
        wrong += BitAt(out, i) != Combine(operation, BitAt(strings[0], i), ones[i], strings.size());
      }
      EXPECT_EQ(wrong, 0u) << "operation " << static_cast<int>(operation) << " round " << round;
    }
  }
}

TEST(BitsTest, OneSourceIsCopiedOrInverted) {
  const std::string_view one[] = {"abc"};
  std::string out(3, 'x');
  for (const BitOperation same : {BitOperation::kAnd, BitOperation::kOr, BitOperation::kXor, BitOperation::kOne}) {
    CombineBits(same, one, out);
    EXPECT_EQ(out, "abc");
  }
  CombineBits(BitOperation::kNot, one, out);
  EXPECT_EQ(out, "\x9e\x9d\x9c");
}

TEST(BitsTest, FieldsKeepTheirBitsAndNoOthers) {
  Random random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = RandomBitmap(random, 12);
    const bool is_signed = random.Below(2) != 0;
    const auto width = static_cast<uint8_t>(1 + random.Below(is_signed ? 64 : 63));
    const BitField field = {random.Below(30), width, is_signed};
    ASSERT_LE(field.BytesNeeded(), bytes.size());
    const std::vector<bool> before = Bits(bytes);
    auto value = static_cast<int64_t>(random.Next());
    WriteField(bytes, field, value);
    const std::vector<bool> after = Bits(bytes);
    for (size_t i = 0; i < before.size(); ++i) {
      const bool inside = i >= field.offset && i < field.offset + field.width;
      const bool wanted = inside ? value >> (field.offset + field.width - 1 - i) & 1 : before[i];
      EXPECT_EQ(after[i], wanted) << "bit " << i;
    }
    const auto wrapped = FitField(field, value, Overflow::kWrap);
    EXPECT_EQ(ReadField(bytes, field), *wrapped);
  }
}

TEST(BitsTest, FieldsPastTheEndAreZero) {
  EXPECT_EQ(ReadField("", {0, 64, true}), 0);
  EXPECT_EQ(ReadField("\xFF", {4, 8, false}), 0xF0);
  EXPECT_EQ(ReadField("\xFF", {7, 2, true}), -2);
  EXPECT_EQ(ReadField("\xFF", {uint64_t{1} << 40, 8, false}), 0);
}

TEST(BitsTest, LimitsOfFields) {
  EXPECT_EQ((BitField{0, 1, true}).most(), 0);
  EXPECT_EQ((BitField{0, 1, true}).least(), -1);
  EXPECT_EQ((BitField{0, 1, false}).most(), 1);
  EXPECT_EQ((BitField{0, 63, false}).most(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ((BitField{0, 64, true}).most(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ((BitField{0, 64, true}).least(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ((BitField{7, 1, false}).BytesNeeded(), 1u);
  EXPECT_EQ((BitField{7, 2, false}).BytesNeeded(), 2u);
}

TEST(BitsTest, SumsWrapSaturateOrFail) {
  constexpr BitField kU8 = {0, 8, false}, kI8 = {0, 8, true}, kI64 = {0, 64, true};
  EXPECT_EQ(AddToField(kU8, 250, 10, Overflow::kWrap), 4);
  EXPECT_EQ(AddToField(kU8, 250, 10, Overflow::kSaturate), 255);
  EXPECT_EQ(AddToField(kU8, 250, 10, Overflow::kFail), std::nullopt);
  EXPECT_EQ(AddToField(kU8, 250, 5, Overflow::kFail), 255);
  EXPECT_EQ(AddToField(kU8, 5, -6, Overflow::kWrap), 255);
  EXPECT_EQ(AddToField(kU8, 5, -6, Overflow::kSaturate), 0);
  EXPECT_EQ(AddToField(kI8, 127, 1, Overflow::kWrap), -128);
  EXPECT_EQ(AddToField(kI8, -128, -1, Overflow::kSaturate), -128);
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(AddToField(kI64, kMost, 1, Overflow::kWrap), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(AddToField(kI64, kMost, kMost, Overflow::kSaturate), kMost);
  EXPECT_EQ(AddToField(kI64, -kMost, -2, Overflow::kFail), std::nullopt);
}

TEST(BitsTest, ValuesAreFittedToTheirField) {
  constexpr BitField kU4 = {0, 4, false}, kI4 = {0, 4, true};
  EXPECT_EQ(FitField(kU4, 15, Overflow::kFail), 15);
  EXPECT_EQ(FitField(kU4, 17, Overflow::kWrap), 1);
  EXPECT_EQ(FitField(kU4, -1, Overflow::kWrap), 15);
  EXPECT_EQ(FitField(kU4, -1, Overflow::kSaturate), 15);
  EXPECT_EQ(FitField(kI4, -9, Overflow::kSaturate), -8);
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(FitField(kI4, kLeast + 7, Overflow::kSaturate), 7);
  EXPECT_EQ(FitField(kI4, kLeast + 8, Overflow::kSaturate), -8);
  EXPECT_EQ(FitField(kI4, 8, Overflow::kWrap), -8);
  EXPECT_EQ(FitField(kI4, 8, Overflow::kFail), std::nullopt);
}

}  // namespace
}  // namespace pinion::types
