// Merging a histogram and reading its quantiles.
#include "base/counter.h"

#include <cmath>

namespace pinion {

void Histogram::Merge(const Histogram& other) {
  // The count is summed from the buckets read, so that the result agrees with itself whatever
  // `other`'s writer does.
  uint64_t total = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    const uint64_t n = other.buckets_[i].load(std::memory_order_relaxed);
    if (n == 0) continue;
    Bump(&buckets_[i], n);
    total += n;
  }
  Bump(&count_, total);
  max_.store(std::max(max(), other.max()), std::memory_order_relaxed);
}

void Histogram::Reset() {
  for (std::atomic<uint64_t>& bucket : buckets_) bucket.store(0, std::memory_order_relaxed);
  count_.store(0, std::memory_order_relaxed);
  max_.store(0, std::memory_order_relaxed);
}

uint64_t Histogram::Quantile(double q) const {
  const uint64_t total = count();
  if (total == 0) return 0;
  const double share = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total));
  const uint64_t rank = std::max<uint64_t>(static_cast<uint64_t>(share), 1);
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i].load(std::memory_order_relaxed);
    if (seen >= rank) return std::min(UpperBound(i), max());
  }
  return max();
}

}  // namespace pinion
