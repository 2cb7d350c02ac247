// Counting, finding and combining bits, and integers at any bit of a string.
#include "types/bits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace pinion::types {
namespace {

// Two words in one register: what every x86-64 and arm64 has.
using Lanes = uint64_t __attribute__((vector_size(16)));

Lanes LoadLanes(const char* p) {
  Lanes v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

uint64_t LoadWord(const char* p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// Adds three bits at each position: a sum and a carry.
struct BitSum {
  Lanes sum, carry;
};
BitSum AddBits(Lanes a, Lanes b, Lanes c) {
  const Lanes half = a ^ b;
  return {half ^ c, (a & b) | (half & c)};
}

// Each byte's population count, in that byte.
template <typename Word>
Word CountInBytes(Word v) {
  v = v - ((v >> 1) & 0x5555555555555555);
  v = (v & 0x3333333333333333) + ((v >> 2) & 0x3333333333333333);
  return (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0F;
}

// The sum of a word's eight bytes.
uint64_t SumBytes(uint64_t v) {
  constexpr uint64_t kEvenBytes = 0x00FF00FF00FF00FF;
  v = (v & kEvenBytes) + ((v >> 8) & kEvenBytes);
  return (v * 0x0001000100010001) >> 48;
}

uint64_t SumBytes(Lanes v) { return SumBytes(v[0]) + SumBytes(v[1]); }

// Population count of whole bytes. Eight vectors at a time are summed bit by bit with carry-save adders, so that
// only an eighth of all is counted the long way (Harley and Seal; Mula, Kurz and Lemire, "Faster population counts
// using AVX2 instructions", 2018).
uint64_t CountWhole(const char* p, size_t n) {
  constexpr size_t kStep = 8 * sizeof(Lanes);
  uint64_t total = 0;
  Lanes ones{}, twos{}, fours{};
  while (n >= kStep) {
    // A byte of the sum of eights grows by at most 8 a step.
    const size_t steps = std::min<size_t>(n / kStep, 31);
    Lanes eights{};
    for (size_t i = 0; i < steps; ++i, p += kStep) {
      const auto at = [p](size_t j) { return LoadLanes(p + j * sizeof(Lanes)); };
      const BitSum a = AddBits(ones, at(0), at(1));
      const BitSum b = AddBits(a.sum, at(2), at(3));
      const BitSum c = AddBits(twos, a.carry, b.carry);
      const BitSum d = AddBits(b.sum, at(4), at(5));
      const BitSum e = AddBits(d.sum, at(6), at(7));
      const BitSum f = AddBits(c.sum, d.carry, e.carry);
      const BitSum g = AddBits(fours, c.carry, f.carry);
      ones = e.sum;
      twos = f.sum;
      fours = g.sum;
      eights += CountInBytes(g.carry);
    }
    total += 8 * SumBytes(eights);
    n -= steps * kStep;
  }
  total += 4 * SumBytes(CountInBytes(fours)) + 2 * SumBytes(CountInBytes(twos)) + SumBytes(CountInBytes(ones));
  for (; n >= 8; n -= 8, p += 8) total += SumBytes(CountInBytes(LoadWord(p)));
  if (n != 0) {
    uint64_t tail = 0;
    std::memcpy(&tail, p, n);
    total += SumBytes(CountInBytes(tail));
  }
  return total;
}

// Where the range from bit `first` to bit `last` begins and ends: partial bytes are masks, whole bytes lie between.
struct Edges {
  Edges(uint64_t first, uint64_t last)
      : head(first / 8), tail(last / 8), head_mask(static_cast<uint8_t>(0xFF >> first % 8)),
        tail_mask(static_cast<uint8_t>(0xFF << (7 - last % 8))) {
    if (head == tail) head_mask &= tail_mask;
  }
  uint64_t head, tail;  // byte positions; the same: only the head counts
  uint8_t head_mask, tail_mask;
};

// The first of the bytes from `from` to before `to` that is not `skipped`, or `to`.
uint64_t SkipBytes(std::string_view bytes, uint64_t from, uint64_t to, uint8_t skipped) {
  const uint64_t pattern = skipped * uint64_t{0x0101010101010101};
  const char* const p = bytes.data();
  while (to - from >= 32) {
    const uint64_t differences = (LoadWord(p + from) ^ pattern) | (LoadWord(p + from + 8) ^ pattern) |
                                 (LoadWord(p + from + 16) ^ pattern) | (LoadWord(p + from + 24) ^ pattern);
    if (differences != 0) break;
    from += 32;
  }
  while (from < to && static_cast<uint8_t>(p[from]) == skipped) ++from;
  return from;
}

// out[i] = f(out[i], part[i]) for every byte of `part`.
template <typename F>
void Merge(char* out, std::string_view part, F f) {
  size_t i = 0;
  for (; part.size() - i >= sizeof(Lanes); i += sizeof(Lanes)) {
    const Lanes v = f(LoadLanes(out + i), LoadLanes(part.data() + i));
    std::memcpy(out + i, &v, sizeof v);
  }
  for (; i < part.size(); ++i) {
    out[i] = static_cast<char>(f(static_cast<uint8_t>(out[i]), static_cast<uint8_t>(part[i])));
  }
}

constexpr auto kOrBits = [](auto a, auto b) { return a | b; };
constexpr auto kAndBits = [](auto a, auto b) { return a & b; };
constexpr auto kXorBits = [](auto a, auto b) { return a ^ b; };
constexpr auto kAndNotBits = [](auto a, auto b) { return a & ~b; };
constexpr auto kNotAndBits = [](auto a, auto b) { return ~a & b; };

// A stretch of `out` that stays in the cache while all sources pass over it.
constexpr size_t kBlock = 4096;

// One block of CombineBits, `at` bytes into the strings.
class BlockCombiner {
 public:
  BlockCombiner(std::span<const std::string_view> sources, size_t at, std::span<char> out)
      : sources_(sources), at_(at), out_(out) {}

  void Run(BitOperation operation) {
    switch (operation) {
      case BitOperation::kAnd:
        CopyFirst();
        for (size_t i = 1; i < sources_.size(); ++i) AndWith(Part(i));
        return;
      case BitOperation::kOr:
        CopyFirst();
        return OrRest();
      case BitOperation::kXor:
        CopyFirst();
        for (size_t i = 1; i < sources_.size(); ++i) Merge(out_.data(), Part(i), kXorBits);
        return;
      case BitOperation::kNot:
        std::fill(out_.begin(), out_.end(), '\xFF');
        return Merge(out_.data(), Part(0), kXorBits);
      case BitOperation::kDiff:
        Clear(0);
        OrRest();
        Merge(out_.data(), Part(0), kNotAndBits);
        return Clear(Part(0).size());
      case BitOperation::kDiff1:
        Clear(0);
        OrRest();
        return Merge(out_.data(), Part(0), kAndNotBits);
      case BitOperation::kAndOr:
        Clear(0);
        OrRest();
        return AndWith(Part(0));
      case BitOperation::kOne:
        return KeepSingles();
    }
  }

 private:
  [[nodiscard]] std::string_view Part(size_t i) const {
    const std::string_view s = sources_[i];
    return at_ < s.size() ? s.substr(at_, out_.size()) : std::string_view();
  }
  void Clear(size_t from) { std::fill(out_.begin() + static_cast<ptrdiff_t>(from), out_.end(), '\0'); }
  void CopyFirst() {
    const std::string_view first = Part(0);
    std::copy(first.begin(), first.end(), out_.begin());
    Clear(first.size());
  }
  void AndWith(std::string_view part) {
    Merge(out_.data(), part, kAndBits);
    Clear(part.size());
  }
  void OrRest() {
    for (size_t i = 1; i < sources_.size(); ++i) Merge(out_.data(), Part(i), kOrBits);
  }
  void KeepSingles() {
    std::array<char, kBlock> repeated{};
    CopyFirst();
    for (size_t i = 1; i < sources_.size(); ++i) {
      const std::string_view part = Part(i);
      std::array<char, kBlock> both;
      std::copy(part.begin(), part.end(), both.begin());
      Merge(both.data(), {out_.data(), part.size()}, kAndBits);
      Merge(repeated.data(), {both.data(), part.size()}, kOrBits);
      Merge(out_.data(), part, kOrBits);
    }
    Merge(out_.data(), {repeated.data(), out_.size()}, kAndNotBits);
  }

  const std::span<const std::string_view> sources_;
  const size_t at_;
  const std::span<char> out_;
};

// The low bits of `value`, as many as the field has, as a value of the field.
int64_t Truncate(const BitField& field, uint64_t value) {
  const int unused = 64 - field.width;
  return field.is_signed ? static_cast<int64_t>(value << unused) >> unused
                         : static_cast<int64_t>(value << unused >> unused);
}

}  // namespace

uint64_t CountOnes(std::string_view bytes, uint64_t first, uint64_t last) {
  const Edges edges(first, last);
  const auto in_byte = [&](uint64_t at, uint8_t mask) {
    return static_cast<uint64_t>(std::popcount(static_cast<uint8_t>(static_cast<uint8_t>(bytes[at]) & mask)));
  };
  uint64_t ones = in_byte(edges.head, edges.head_mask);
  if (edges.head == edges.tail) return ones;
  ones += in_byte(edges.tail, edges.tail_mask);
  return ones + CountWhole(bytes.data() + edges.head + 1, edges.tail - edges.head - 1);
}

std::optional<uint64_t> FindBit(std::string_view bytes, bool value, uint64_t first, uint64_t last) {
  const Edges edges(first, last);
  const uint8_t flip = value ? 0 : 0xFF;
  // The first wanted bit of a byte, as a position in the string.
  const auto in_byte = [&](uint64_t at, uint8_t mask) -> std::optional<uint64_t> {
    const auto wanted = static_cast<uint8_t>((static_cast<uint8_t>(bytes[at]) ^ flip) & mask);
    if (wanted == 0) return std::nullopt;
    return at * 8 + static_cast<uint64_t>(std::countl_zero(wanted));
  };
  if (const auto found = in_byte(edges.head, edges.head_mask); found || edges.head == edges.tail) return found;
  const uint64_t at = SkipBytes(bytes, edges.head + 1, edges.tail, flip);
  return in_byte(at, at == edges.tail ? edges.tail_mask : 0xFF);
}

void CombineBits(BitOperation operation, std::span<const std::string_view> sources, std::span<char> out) {
  for (size_t at = 0; at < out.size(); at += kBlock) {
    BlockCombiner(sources, at, out.subspan(at, std::min(kBlock, out.size() - at))).Run(operation);
  }
}

int64_t ReadField(std::string_view bytes, const BitField& field) {
  // The nine bytes that a field can touch.
  std::array<uint8_t, 9> around{};
  const uint64_t at = field.offset / 8;
  if (at < bytes.size()) std::memcpy(around.data(), bytes.data() + at, std::min<size_t>(9, bytes.size() - at));
  uint64_t bits = 0;
  for (size_t i = 0; i < 8; ++i) bits = bits << 8 | around[i];
  // The field's first bit becomes the most significant one.
  const unsigned skip = field.offset % 8;
  if (skip != 0) bits = bits << skip | around[8] >> (8 - skip);
  return Truncate(field, bits >> (64 - field.width));
}

void WriteField(std::span<char> bytes, const BitField& field, int64_t value) {
  // From the last byte to the first, as many bits as the field has there.
  auto rest = static_cast<uint64_t>(value);
  uint64_t end = field.offset + field.width;
  for (unsigned left = field.width; left != 0;) {
    const unsigned after = (8 - end % 8) % 8;  // bits of the byte behind the field
    const unsigned here = std::min(left, 8 - after);
    const auto mask = static_cast<uint8_t>(((1u << here) - 1) << after);
    auto byte = static_cast<uint8_t>(bytes[(end - 1) / 8]);
    byte = static_cast<uint8_t>((byte & ~mask) | ((rest << after) & mask));
    bytes[(end - 1) / 8] = static_cast<char>(byte);
    rest >>= here;
    end -= here;
    left -= here;
  }
}

std::optional<int64_t> FitField(const BitField& field, int64_t value, Overflow overflow) {
  if (value >= field.least() && value <= field.most()) return value;
  switch (overflow) {
    case Overflow::kWrap: return Truncate(field, static_cast<uint64_t>(value));
    case Overflow::kSaturate: {
      int64_t distance;
      const bool too_large =
          value > 0 || !field.is_signed || __builtin_sub_overflow(field.most(), value, &distance);
      return too_large ? field.most() : field.least();
    }
    case Overflow::kFail: break;
  }
  return std::nullopt;
}

std::optional<int64_t> AddToField(const BitField& field, int64_t value, int64_t increment, Overflow overflow) {
  int64_t sum;
  const bool overflowed = __builtin_add_overflow(value, increment, &sum);
  if (!overflowed && sum >= field.least() && sum <= field.most()) return sum;
  switch (overflow) {
    case Overflow::kWrap: return Truncate(field, static_cast<uint64_t>(value) + static_cast<uint64_t>(increment));
    case Overflow::kSaturate: return increment > 0 ? field.most() : field.least();
    case Overflow::kFail: break;
  }
  return std::nullopt;
}

}  // namespace pinion::types
