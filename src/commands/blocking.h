// What the commands that may wait for a key share.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/clock.h"
#include "base/numbers.h"
#include "command/args.h"

namespace pinion::commands {

// A timeout in seconds, with a fraction if wanted, as milliseconds rounded up; 0 is for ever. Fails with "timeout
// is not a float or out of range", "timeout is out of range" or "timeout is negative". `now` plus it does not
// overflow.
inline int64_t ReadTimeout(command::ArgReader* args, UnixMillis now) {
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  const auto seconds = ParseLongDouble(args->Next());
  if (!seconds) {
    args->Fail("ERR timeout is not a float or out of range");
    return 0;
  }
  const long double millis = std::ceil(*seconds * 1000);
  if (millis > static_cast<long double>(kMost)) {
    args->Fail("ERR timeout is out of range");
  } else if (millis < 0) {
    args->Fail("ERR timeout is negative");
  } else if (static_cast<int64_t>(millis) > kMost - now) {
    args->Fail("ERR timeout is out of range");
  } else {
    return static_cast<int64_t>(millis);
  }
  return 0;
}

}  // namespace pinion::commands
