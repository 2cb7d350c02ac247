// A command's counters, added up over the workers.
#pragma once

#include <memory>

#include "base/counter.h"
#include "command/services.h"

namespace pinion::admin {

struct CommandTotals {
  int64_t calls = 0, rejected = 0, failed = 0;
  int64_t micros = 0;  // executing
};

[[nodiscard]] CommandTotals TotalsOf(const command::Services& services, const command::Command& c);
// Nanoseconds a call; null when no call was recorded.
[[nodiscard]] std::unique_ptr<Histogram> LatencyOf(const command::Services& services,
                                                   const command::Command& c);

}  // namespace pinion::admin
