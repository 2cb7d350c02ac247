// Number text exactly as Redis reads and writes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pinion {

// Longest text FormatInt64 writes ("-9223372036854775808").
inline constexpr size_t kMaxInt64Text = 20;

// Strict decimal: no spaces, no '+', no leading zeros, "-0" refused. nullopt when it does not fit or is not canonical.
[[nodiscard]] std::optional<int64_t> ParseInt64(std::string_view text);
[[nodiscard]] std::optional<uint64_t> ParseUint64(std::string_view text);

// Writes v in decimal at `out` (room for kMaxInt64Text bytes) and returns the length.
size_t FormatInt64(int64_t v, char* out);

// A double as Redis's string2d takes it: the whole text must be a number; "inf", "-inf", "infinity" in any case allowed;
// NaN, empty, leading or trailing space refused; hexadecimal accepted as strtod does.
[[nodiscard]] std::optional<double> ParseDouble(std::string_view text);
// Same rules at long double precision (INCRBYFLOAT, HINCRBYFLOAT); infinities are returned as such.
[[nodiscard]] std::optional<long double> ParseLongDouble(std::string_view text);

// Shortest text that reads back as v; integers without a point; "inf", "-inf", "nan" (scores, RESP3 doubles).
[[nodiscard]] std::string FormatDouble(double v);
// "%.17Lf" with trailing zeros (and then the point) removed, "-0" as "0": what INCRBYFLOAT replies.
[[nodiscard]] std::string FormatLongDouble(long double v);

// Memory sizes as redis.conf writes them: "1024", "1k"=1000, "1kb"=1024, "m", "mb", "g", "gb", "b"; any case.
[[nodiscard]] std::optional<uint64_t> ParseMemorySize(std::string_view text);

// "1.50M" style used by INFO *_human fields.
[[nodiscard]] std::string FormatBytesHuman(uint64_t bytes);

}  // namespace pinion
