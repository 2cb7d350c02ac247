// How timeouts are read.
#include "commands/timeout.h"

#include <cmath>
#include <limits>

#include "base/numbers.h"

namespace pinion::commands {

Timeout ParseTimeout(std::string_view seconds, UnixMillis now) {
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  constexpr std::string_view kTooLong = "ERR timeout is out of range";
  const auto number = ParseLongDouble(seconds);
  if (!number) return {0, "ERR timeout is not a float or out of range"};
  const long double milliseconds = std::ceil(*number * 1000);
  if (milliseconds < 0) return {0, "ERR timeout is negative"};
  if (milliseconds > static_cast<long double>(kMost)) return {0, kTooLong};
  const auto whole = static_cast<int64_t>(milliseconds);
  if (whole > kMost - now) return {0, kTooLong};
  return {whole, {}};
}

}  // namespace pinion::commands
