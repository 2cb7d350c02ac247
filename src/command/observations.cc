// Rates from regular looks, and peaks from occasional ones.
#include "command/observations.h"

#include <algorithm>

namespace pinion::command {

void Observations::Sample(int64_t wall_micros, const Totals& totals) {
  std::lock_guard lock(mutex_);
  if (count_ != 0) {
    const Look& newest = looks_[(count_ - 1) % kSamples];
    if (totals.commands < newest.totals.commands || wall_micros < newest.micros) count_ = 0;
  }
  looks_[count_++ % kSamples] = {wall_micros, totals};
}

Observations::Rates Observations::rates() const {
  std::lock_guard lock(mutex_);
  if (count_ < 2) return {};
  const Look& newest = looks_[(count_ - 1) % kSamples];
  const Look& oldest = looks_[count_ <= kSamples ? 0 : count_ % kSamples];
  const int64_t span = newest.micros - oldest.micros;
  if (span <= 0) return {};
  const auto rate = [&](int64_t Totals::*total) {
    return static_cast<double>(std::max<int64_t>(newest.totals.*total - oldest.totals.*total, 0)) * 1e6 /
           static_cast<double>(span);
  };
  return {rate(&Totals::commands), rate(&Totals::bytes_in), rate(&Totals::bytes_out), rate(&Totals::turns),
          rate(&Totals::busy_micros)};
}

int64_t Observations::Peak(int64_t used_bytes) {
  std::lock_guard lock(mutex_);
  peak_ = std::max(peak_, used_bytes);
  return peak_;
}

}  // namespace pinion::command
