// Bitmaps: byte strings as rows of bits, the first of which is the most significant bit of the first byte.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pinion::types {

// Thread-safe: pure functions over bytes that the caller owns.

// The bit at `position`; false past the end.
[[nodiscard]] inline bool BitAt(std::string_view bytes, uint64_t position) {
  const uint64_t byte = position / 8;
  return byte < bytes.size() && (static_cast<uint8_t>(bytes[byte]) >> (7 - position % 8) & 1) != 0;
}

// How many of the bits from `first` to `last` are set. REQUIRES: first <= last < 8 * bytes.size().
[[nodiscard]] uint64_t CountOnes(std::string_view bytes, uint64_t first, uint64_t last);

// The position of the first bit from `first` to `last` that is `value`. REQUIRES: first <= last < 8 * bytes.size().
[[nodiscard]] std::optional<uint64_t> FindBit(std::string_view bytes, bool value, uint64_t first, uint64_t last);

// What CombineBits computes from the bits at one position of all sources. X is the first source, Y any other.
enum class BitOperation : uint8_t {
  kAnd, kOr, kXor,
  kNot,    // not X
  kDiff,   // X and no Y
  kDiff1,  // some Y and not X
  kAndOr,  // X and some Y
  kOne,    // exactly one source
};

// Combines the sources, which are as if padded with zeros to the size of `out`. REQUIRES: at least one source, none
// longer than `out`, which overlaps none of them.
void CombineBits(BitOperation operation, std::span<const std::string_view> sources, std::span<char> out);

// An integer of 1 to 64 bits (signed, in two's complement) or 1 to 63 bits (unsigned) at any bit of a string, its
// most significant bit first.
struct BitField {
  uint64_t offset;  // in bits; below 2^62
  uint8_t width;
  bool is_signed;

  [[nodiscard]] int64_t most() const { return static_cast<int64_t>((uint64_t{1} << (width - is_signed)) - 1); }
  [[nodiscard]] int64_t least() const { return is_signed ? -most() - 1 : 0; }
  // The size of the shortest string that has the field, in bytes.
  [[nodiscard]] uint64_t BytesNeeded() const { return (offset + width - 1) / 8 + 1; }
};

// The field's value; bits past the end are zero.
[[nodiscard]] int64_t ReadField(std::string_view bytes, const BitField& field);
// Stores the low bits of `value`. REQUIRES: the string has the field.
void WriteField(std::span<char> bytes, const BitField& field, int64_t value);

// What becomes of a value that does not fit its field.
enum class Overflow : uint8_t { kWrap, kSaturate, kFail };

// `value`, or what `overflow` makes of it where it does not fit the field: nothing for kFail. As in Redis a negative
// value counts as too large for an unsigned field, and so does one for a signed field that is further than 2^63 below
// the field's greatest.
[[nodiscard]] std::optional<int64_t> FitField(const BitField& field, int64_t value, Overflow overflow);
// The same for the sum of `value`, which fits, and `increment`.
[[nodiscard]] std::optional<int64_t> AddToField(const BitField& field, int64_t value, int64_t increment,
                                                Overflow overflow);

}  // namespace pinion::types
