// The timeout of a blocking command.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace pinion::commands {

// Seconds with a fraction, as Redis takes them, in milliseconds rounded up; 0: for ever.
struct Timeout {
  int64_t milliseconds = 0;
  std::string_view error;  // what to reply instead; empty: none
};

// A timeout beginning at `now`, since its end must be a time that can be told.
[[nodiscard]] Timeout ParseTimeout(std::string_view seconds, UnixMillis now);

}  // namespace pinion::commands
