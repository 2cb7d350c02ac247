// Hashing, counting and merging of HyperLogLog sketches.
#include "types/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace pinion::types {
namespace {

constexpr int kHashBits = 64 - 14;  // of an element's hash, beyond those that choose its register

uint64_t LoadLittleEndian(const char* p, size_t n) {
  uint64_t v = 0;
  for (size_t i = 0; i < n; ++i) v |= uint64_t{static_cast<uint8_t>(p[i])} << (8 * i);
  return v;
}

// MurmurHash64A (Appleby, public domain), with the seed that makes hashes those of Redis.
uint64_t HashElement(std::string_view element) {
  constexpr uint64_t kSeed = 0xadc83b19;
  constexpr uint64_t kFactor = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  uint64_t hash = kSeed ^ (element.size() * kFactor);
  while (element.size() >= 8) {
    uint64_t word;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&word, element.data(), 8);
    } else {
      word = LoadLittleEndian(element.data(), 8);
    }
    word *= kFactor;
    word ^= word >> kShift;
    hash = (hash ^ word * kFactor) * kFactor;
    element.remove_prefix(8);
  }
  if (!element.empty()) hash = (hash ^ LoadLittleEndian(element.data(), element.size())) * kFactor;
  hash ^= hash >> kShift;
  hash *= kFactor;
  return hash ^ hash >> kShift;
}

// How many registers have each value.
using Histogram = std::array<uint32_t, 64>;

// Calls f with the index of a register and the four values from there on, for all registers of a dense sketch.
template <typename F>
void ForEachFour(std::string_view sketch, F f) {
  const auto* p = reinterpret_cast<const uint8_t*>(sketch.data() + kHllHeaderSize);
  for (size_t i = 0; i < kHllRegisters; i += 4, p += 3) {
    const uint32_t v = p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16;
    f(i, std::array<uint8_t, 4>{static_cast<uint8_t>(v & 63), static_cast<uint8_t>(v >> 6 & 63),
                                static_cast<uint8_t>(v >> 12 & 63), static_cast<uint8_t>(v >> 18)});
  }
}

// Calls f(first register, run) for the runs of a sparse sketch; false when they do not make up all the registers.
template <typename F>
bool ForEachRun(std::string_view sketch, F f) {
  size_t first = 0;
  for (size_t at = kHllHeaderSize; at < sketch.size();) {
    const auto run = HllRunAt(sketch, at);
    if (!run || first + run->length > kHllRegisters) return false;
    f(first, *run);
    first += run->length;
    at += run->bytes;
  }
  return first == kHllRegisters;
}

// Four tables side by side: most registers have one of a few values, and each increment would wait for the last.
class SplitHistogram {
 public:
  void Add(const std::array<uint8_t, 4>& values) {
    for (size_t i = 0; i < 4; ++i) ++parts_[i][values[i]];
  }
  [[nodiscard]] Histogram Sum() const {
    Histogram sum{};
    for (const Histogram& part : parts_) {
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
    }
    return sum;
  }

 private:
  std::array<Histogram, 4> parts_{};
};

// The series sigma and tau of Ertl's paper; each is summed until another term changes nothing.
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double sum = x, weight = 1, before;
  do {
    x *= x;
    before = sum;
    sum += x * weight;
    weight += weight;
  } while (sum != before);
  return sum;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x, weight = 1, before;
  do {
    x = std::sqrt(x);
    before = sum;
    weight *= 0.5;
    sum -= (1 - x) * (1 - x) * weight;
  } while (sum != before);
  return sum / 3;
}

// In the order of additions that Redis has, since the last digits depend on it.
uint64_t Estimate(const Histogram& registers) {
  constexpr double kAlpha = 0.721347520444481703680;  // 1 / (2 ln 2)
  constexpr double kCount = kHllRegisters;
  double z = kCount * Tau((kCount - registers[kHashBits + 1]) / kCount);
  for (size_t value = kHashBits; value >= 1; --value) {
    z += registers[value];
    z *= 0.5;
  }
  z += kCount * Sigma(registers[0] / kCount);
  return static_cast<uint64_t>(std::llround(kAlpha * kCount * kCount / z));
}

}  // namespace

HllObservation ObserveForHll(std::string_view element) {
  const uint64_t hash = HashElement(element);
  // A bit beyond the last stops the search.
  const uint64_t rest = hash >> 14 | uint64_t{1} << kHashBits;
  return {static_cast<uint16_t>(hash % kHllRegisters), static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

bool LooksLikeHll(std::string_view bytes) {
  if (bytes.size() < kHllHeaderSize || !bytes.starts_with("HYLL")) return false;
  return bytes[4] == 1 || (bytes[4] == 0 && bytes.size() == kHllDenseSize);
}

std::optional<uint64_t> CachedHllCount(std::string_view sketch) {
  const uint64_t count = LoadLittleEndian(sketch.data() + 8, 8);
  return count >> 63 == 0 ? std::optional(count) : std::nullopt;
}

void CacheHllCount(char* sketch, uint64_t count) {
  for (size_t i = 0; i < 8; ++i) sketch[8 + i] = static_cast<char>(count >> (8 * i));
}

uint8_t DenseHllRegister(std::string_view sketch, size_t index) {
  const auto* p = reinterpret_cast<const uint8_t*>(sketch.data() + kHllHeaderSize) + index * 6 / 8;
  const unsigned shift = index * 6 % 8;
  // The last register ends with the last byte.
  const unsigned next = shift > 2 ? p[1] : 0;
  return static_cast<uint8_t>((p[0] >> shift | next << (8 - shift)) & 63);
}

void SetDenseHllRegister(char* sketch, size_t index, uint8_t value) {
  auto* p = reinterpret_cast<uint8_t*>(sketch + kHllHeaderSize) + index * 6 / 8;
  const unsigned shift = index * 6 % 8;
  p[0] = static_cast<uint8_t>((p[0] & ~(63u << shift)) | unsigned{value} << shift);
  if (shift > 2) p[1] = static_cast<uint8_t>((p[1] & ~(63u >> (8 - shift))) | value >> (8 - shift));
}

std::optional<HllRun> HllRunAt(std::string_view sketch, size_t at) {
  const auto code = static_cast<uint8_t>(sketch[at]);
  if (code & 0x80) {
    return HllRun{static_cast<uint8_t>((code >> 2 & 31) + 1), static_cast<uint16_t>((code & 3) + 1), 1};
  }
  if ((code & 0x40) == 0) return HllRun{0, static_cast<uint16_t>(code + 1), 1};
  if (at + 1 == sketch.size()) return std::nullopt;
  const unsigned length = ((code & 63u) << 8 | static_cast<uint8_t>(sketch[at + 1])) + 1;
  return HllRun{0, static_cast<uint16_t>(length), 2};
}

std::optional<bool> SparseHllHas(std::string_view sketch, HllObservation wanted) {
  size_t first = 0;
  for (size_t at = kHllHeaderSize; at < sketch.size();) {
    const auto run = HllRunAt(sketch, at);
    if (!run) return std::nullopt;
    first += run->length;
    if (wanted.index < first) return run->value >= wanted.value;
    at += run->bytes;
  }
  return std::nullopt;
}

std::optional<uint64_t> CountHll(std::string_view sketch) {
  if (IsDenseHll(sketch)) {
    SplitHistogram histogram;
    ForEachFour(sketch, [&](size_t, const std::array<uint8_t, 4>& values) { histogram.Add(values); });
    return Estimate(histogram.Sum());
  }
  Histogram histogram{};
  if (!ForEachRun(sketch, [&](size_t, const HllRun& run) { histogram[run.value] += run.length; })) return {};
  return Estimate(histogram);
}

bool HllRegisters::Merge(std::string_view sketch) {
  if (IsDenseHll(sketch)) {
    ForEachFour(sketch, [this](size_t i, const std::array<uint8_t, 4>& values) {
      for (size_t j = 0; j < 4; ++j) registers_[i + j] = std::max(registers_[i + j], values[j]);
    });
    return true;
  }
  return ForEachRun(sketch, [this](size_t first, const HllRun& run) {
    if (run.value == 0) return;
    for (size_t i = first; i < first + run.length; ++i) registers_[i] = std::max(registers_[i], run.value);
  });
}

uint64_t HllRegisters::Count() const {
  SplitHistogram histogram;
  for (size_t i = 0; i < kHllRegisters; i += 4) {
    histogram.Add({registers_[i], registers_[i + 1], registers_[i + 2], registers_[i + 3]});
  }
  return Estimate(histogram.Sum());
}

}  // namespace pinion::types
