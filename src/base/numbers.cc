// Number text exactly as Redis reads and writes it.
#include "base/numbers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <type_traits>

#include "base/ascii.h"

namespace pinion {
namespace {

// What isspace() accepts in the C locale.
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Canonical digits: "0", or a first digit from 1 to 9. REQUIRES: at most 20 bytes.
std::optional<uint64_t> ParseDigits(const char* p, const char* end) {
  if (p == end) return std::nullopt;
  if (*p == '0') return end - p == 1 ? std::optional<uint64_t>(0) : std::nullopt;
  // 19 digits cannot overflow; only a twentieth needs checking.
  const char* const safe_end = end - p > 19 ? p + 19 : end;
  uint64_t v = 0;
  for (; p != safe_end; ++p) {
    const unsigned digit = static_cast<unsigned char>(*p) - unsigned{'0'};
    if (digit > 9) return std::nullopt;
    v = v * 10 + digit;
  }
  if (p != end) {
    const unsigned digit = static_cast<unsigned char>(*p) - unsigned{'0'};
    if (digit > 9) return std::nullopt;
    if (__builtin_mul_overflow(v, uint64_t{10}, &v) ||
        __builtin_add_overflow(v, uint64_t{digit}, &v))
      return std::nullopt;
  }
  return v;
}

// strtod or strtold over the whole of `text`, which must be followed by a NUL.
template <typename T>
std::optional<T> ParseTerminated(const char* text, size_t size) {
  char* end = nullptr;
  errno = 0;
  T v;
  if constexpr (std::is_same_v<T, double>) {
    v = std::strtod(text, &end);
  } else {
    v = std::strtold(text, &end);
  }
  if (end != text + size || std::isnan(v)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(v) || v == 0)) return std::nullopt;
  return v;
}

template <typename T>
std::optional<T> ParseCopied(std::string_view text) {
  if (text.empty() || IsSpace(text.front())) return std::nullopt;
  std::array<char, 128> small;
  if (text.size() < small.size()) {
    std::memcpy(small.data(), text.data(), text.size());
    small[text.size()] = '\0';
    return ParseTerminated<T>(small.data(), text.size());
  }
  const std::string copy(text);
  return ParseTerminated<T>(copy.c_str(), copy.size());
}

}  // namespace

std::optional<int64_t> ParseInt64(std::string_view text) {
  if (text.empty() || text.size() > kMaxInt64Text) return std::nullopt;
  const char* const end = text.data() + text.size();
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  if (text.front() != '-') {
    const std::optional<uint64_t> v = ParseDigits(text.data(), end);
    if (!v || *v > kMax) return std::nullopt;
    return static_cast<int64_t>(*v);
  }
  const std::optional<uint64_t> v = ParseDigits(text.data() + 1, end);
  if (!v || *v == 0 || *v > kMax + 1) return std::nullopt;
  return static_cast<int64_t>(0 - *v);
}

std::optional<uint64_t> ParseUint64(std::string_view text) {
  if (text.size() > 20) return std::nullopt;
  return ParseDigits(text.data(), text.data() + text.size());
}

std::optional<double> ParseDouble(std::string_view text) {
  // from_chars is several times as fast and needs no terminator. What it does not take whole (a
  // plus sign, hexadecimal, a value out of range) is strtod's to judge, and so is a zero that may
  // be an underflow.
  double v;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error == std::errc() && end == text.data() + text.size() && std::isfinite(v) &&
      (v != 0 || text == "0")) {
    return v;
  }
  return ParseCopied<double>(text);
}

std::optional<long double> ParseLongDouble(std::string_view text) {
  constexpr size_t kMaxText = 5 * 1024;
  if (text.size() >= kMaxText) return std::nullopt;
  return ParseCopied<long double>(text);
}

size_t FormatDouble(double v, char* out) {
  if (std::isnan(v)) {
    std::memcpy(out, "nan", 3);
    return 3;
  }
  char* p = out;
  if (std::signbit(v)) {
    *p++ = '-';
    v = -v;
  }
  if (std::isinf(v)) {
    std::memcpy(p, "inf", 3);
    return static_cast<size_t>(p + 3 - out);
  }
  if (v < 1e17 && v == std::trunc(v)) {
    return static_cast<size_t>(p - out) + FormatUint64(static_cast<uint64_t>(v), p);
  }
  // The shortest digits that read back, as "d.ddde-XX" (Ryu; Adams 2018), which is already the
  // layout outside [1e-4, 1e17).
  std::array<char, kMaxDoubleText> scientific;
  const char* const end = std::to_chars(scientific.data(), scientific.data() + scientific.size(), v,
                                        std::chars_format::scientific)
                              .ptr;
  const size_t length = static_cast<size_t>(end - scientific.data());
  if (v < 1e-4 || v >= 1e17) {
    std::memcpy(p, scientific.data(), length);
    return static_cast<size_t>(p - out) + length;
  }
  const char* const e = std::find<const char*>(scientific.data(), end, 'e');
  int exponent = 0;
  std::from_chars(e + (e[1] == '+' ? 2 : 1), end, exponent);
  std::array<char, kMaxDoubleText> digits;
  size_t n = 0;
  for (const char* s = scientific.data(); s != e; ++s) {
    if (*s != '.') digits[n++] = *s;
  }
  // v is not an integer here, so there is always a digit behind the point.
  if (exponent < 0) {
    *p++ = '0';
    *p++ = '.';
    p = std::fill_n(p, -exponent - 1, '0');
    p = std::copy_n(digits.data(), n, p);
  } else {
    const size_t whole = static_cast<size_t>(exponent) + 1;
    p = std::copy_n(digits.data(), whole, p);
    *p++ = '.';
    p = std::copy_n(digits.data() + whole, n - whole, p);
  }
  return static_cast<size_t>(p - out);
}

std::string FormatDouble(double v) {
  std::array<char, kMaxDoubleText> text;
  return std::string(text.data(), FormatDouble(v, text.data()));
}

std::string FormatLongDouble(long double v) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
  std::array<char, 64> small;
  const int length = std::snprintf(small.data(), small.size(), "%.17Lf", v);
  std::string text;
  if (static_cast<size_t>(length) < small.size()) {
    text.assign(small.data(), static_cast<size_t>(length));
  } else {
    text.resize(static_cast<size_t>(length));
    std::snprintf(text.data(), text.size() + 1, "%.17Lf", v);
  }
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  if (text == "-0") text = "0";
  return text;
}

std::optional<uint64_t> ParseMemorySize(std::string_view text) {
  size_t digits = 0;
  uint64_t v = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    const uint64_t digit = static_cast<uint64_t>(text[digits] - '0');
    if (__builtin_mul_overflow(v, uint64_t{10}, &v) || __builtin_add_overflow(v, digit, &v))
      return std::nullopt;
  }
  if (digits == 0 || text.size() - digits > 2) return std::nullopt;
  std::string unit(text.substr(digits));
  for (char& c : unit) c = LowerAscii(c);
  constexpr uint64_t kKilo = 1000;
  constexpr uint64_t kKibi = 1024;
  uint64_t factor = 0;
  if (unit.empty() || unit == "b")
    factor = 1;
  else if (unit == "k")
    factor = kKilo;
  else if (unit == "kb")
    factor = kKibi;
  else if (unit == "m")
    factor = kKilo * kKilo;
  else if (unit == "mb")
    factor = kKibi * kKibi;
  else if (unit == "g")
    factor = kKilo * kKilo * kKilo;
  else if (unit == "gb")
    factor = kKibi * kKibi * kKibi;
  if (factor == 0 || __builtin_mul_overflow(v, factor, &v)) return std::nullopt;
  return v;
}

std::string FormatBytesHuman(uint64_t bytes) {
  constexpr std::array<char, 5> kUnits = {'K', 'M', 'G', 'T', 'P'};
  std::array<char, 32> text;
  int length;
  if (bytes < 1024 || bytes >> 60 != 0) {
    length =
        std::snprintf(text.data(), text.size(), "%lluB", static_cast<unsigned long long>(bytes));
  } else {
    size_t unit = 0;
    while (bytes >> (10 * (unit + 2)) != 0) ++unit;
    const double scaled =
        static_cast<double>(bytes) / static_cast<double>(uint64_t{1} << (10 * (unit + 1)));
    length = std::snprintf(text.data(), text.size(), "%.2f%c", scaled, kUnits[unit]);
  }
  return std::string(text.data(), static_cast<size_t>(length));
}

}  // namespace pinion
