// Number text exactly as Redis reads and writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace pinion {

// Longest text FormatInt64 writes ("-9223372036854775808").
inline constexpr size_t kMaxInt64Text = 20;

// Strict decimal: no spaces, no '+', no leading zeros, "-0" refused. nullopt when it does not fit
// or is not canonical.
[[nodiscard]] std::optional<int64_t> ParseInt64(std::string_view text);
[[nodiscard]] std::optional<uint64_t> ParseUint64(std::string_view text);

// "00" "01" ... "99": two digits are written with one division and one copy.
inline constexpr auto kDigitPairs = [] {
  struct {
    char text[200];
  } pairs{};
  for (int i = 0; i < 100; ++i) {
    pairs.text[2 * i] = static_cast<char>('0' + i / 10);
    pairs.text[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// How many decimal digits v has; 1 for zero.
[[nodiscard]] inline size_t DecimalDigits(uint64_t v) {
  for (size_t n = 1;; n += 4, v /= 10'000) {
    if (v < 10) return n;
    if (v < 100) return n + 1;
    if (v < 1'000) return n + 2;
    if (v < 10'000) return n + 3;
  }
}

// Writes v in decimal at `out` (room for kMaxInt64Text bytes) and returns the length.
inline size_t FormatUint64(uint64_t v, char* out) {
  if (v < 10) {
    *out = static_cast<char>('0' + v);
    return 1;
  }
  const size_t length = DecimalDigits(v);
  char* p = out + length;
  while (v >= 100) {
    p -= 2;
    std::memcpy(p, &kDigitPairs.text[2 * (v % 100)], 2);
    v /= 100;
  }
  if (v >= 10) {
    std::memcpy(out, &kDigitPairs.text[2 * v], 2);
  } else {
    *out = static_cast<char>('0' + v);
  }
  return length;
}

inline size_t FormatInt64(int64_t v, char* out) {
  if (v >= 0) return FormatUint64(static_cast<uint64_t>(v), out);
  *out = '-';
  return 1 + FormatUint64(0 - static_cast<uint64_t>(v), out + 1);
}

// A double as Redis's string2d takes it: the whole text must be a number; "inf", "-inf", "infinity"
// in any case allowed; NaN, empty, leading or trailing space, overflow and underflow to zero
// refused; hexadecimal accepted as strtod does.
[[nodiscard]] std::optional<double> ParseDouble(std::string_view text);
// Same rules at long double precision (INCRBYFLOAT, HINCRBYFLOAT), for texts below 5,120 bytes;
// infinities are returned as such.
[[nodiscard]] std::optional<long double> ParseLongDouble(std::string_view text);

// Longest text FormatDouble writes, with room to spare.
inline constexpr size_t kMaxDoubleText = 32;

// The text of scores and RESP3 doubles: the fewest digits that read back as v, laid out as "%.17g"
// lays them out (an exponent below 1e-4 and from 1e17 on: "3", "0.1", "10000000000000000", "1e+17",
// "1e-07"); "inf", "-inf", "nan".
[[nodiscard]] std::string FormatDouble(double v);
// The same at `out` (room for kMaxDoubleText bytes); returns the length.
size_t FormatDouble(double v, char* out);
// "%.17Lf" with trailing zeros (and then the point) removed, "-0" as "0": what INCRBYFLOAT replies.
[[nodiscard]] std::string FormatLongDouble(long double v);

// Memory sizes as redis.conf writes them: "1024", "1k"=1000, "1kb"=1024, "m", "mb", "g", "gb", "b";
// any case. nullopt for anything else and for what does not fit.
[[nodiscard]] std::optional<uint64_t> ParseMemorySize(std::string_view text);

// "1.50M" style used by INFO *_human fields.
[[nodiscard]] std::string FormatBytesHuman(uint64_t bytes);

}  // namespace pinion
