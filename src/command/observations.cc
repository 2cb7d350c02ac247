// Rates and peaks from occasional looks.
#include "command/observations.h"

#include <algorithm>

namespace pinion::command {

Observations::Rates Observations::Observe(int64_t wall_micros, const Totals& totals) {
  std::lock_guard lock(mutex_);
  const bool restart = totals.commands < newest_.totals.commands || wall_micros < newest_.micros ||
                       newest_.micros == 0;
  if (restart) {
    base_ = newest_ = {wall_micros, totals};
    return {};
  }
  if (wall_micros - newest_.micros >= kLeastMicros) {
    base_ = newest_;
    newest_ = {wall_micros, totals};
  }
  const int64_t span = wall_micros - base_.micros;
  if (span < kLeastMicros) return {};
  const auto rate = [&](int64_t now, int64_t then) {
    return static_cast<double>(std::max<int64_t>(now - then, 0)) * 1e6 / static_cast<double>(span);
  };
  return {rate(totals.commands, base_.totals.commands),
          rate(totals.bytes_in, base_.totals.bytes_in),
          rate(totals.bytes_out, base_.totals.bytes_out)};
}

int64_t Observations::Peak(int64_t used_bytes) {
  std::lock_guard lock(mutex_);
  peak_ = std::max(peak_, used_bytes);
  return peak_;
}

}  // namespace pinion::command
