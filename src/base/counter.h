// Counters and a histogram written by one thread and read by any.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace pinion {

// A number with one writing thread; readers see some recent value. Costs a plain add.
class Counter {
 public:
  void Add(int64_t d) {
    v_.store(v_.load(std::memory_order_relaxed) + d, std::memory_order_relaxed);
  }
  void Set(int64_t v) { v_.store(v, std::memory_order_relaxed); }
  [[nodiscard]] int64_t Get() const { return v_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> v_{0};
};

// Log-linear histogram of non-negative values: 16 linear steps per power of two, so quantiles are
// within 6.25 %. Values from 2^48 on count in the last step. One writer at a time; readers see some
// recent state, in which the buckets and count() may differ by a record. After HdrHistogram (Tene).
class Histogram {
 public:
  // Costs three plain additions.
  void Record(uint64_t value) {
    Bump(&buckets_[IndexOf(value)], 1);
    Bump(&count_, 1);
    if (value > max()) max_.store(value, std::memory_order_relaxed);
  }
  // Adds what `other` holds; this histogram's writer calls it.
  void Merge(const Histogram& other);
  void Reset();
  [[nodiscard]] uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t max() const { return max_.load(std::memory_order_relaxed); }
  // The value at or below which a share q (0..1) of the records lie, never above max(); 0 when
  // there are none.
  [[nodiscard]] uint64_t Quantile(double q) const;
  // Calls f(upper_bound, cumulative_count) for each power-of-two bucket that holds records,
  // ascending.
  template <typename F>
  void ForEachPowerOfTwo(F&& f) const {
    uint64_t total = 0;
    for (size_t group = 0; group < kGroups; ++group) {
      uint64_t n = 0;
      for (size_t i = 0; i < kSteps; ++i)
        n += buckets_[group * kSteps + i].load(std::memory_order_relaxed);
      if (n == 0) continue;
      total += n;
      f(UpperBound(group * kSteps + kSteps - 1), total);
    }
  }

 private:
  static constexpr size_t kSteps = 16;
  static constexpr size_t kGroups = 45;  // up to 2^48
  static void Bump(std::atomic<uint64_t>* n, uint64_t d) {
    n->store(n->load(std::memory_order_relaxed) + d, std::memory_order_relaxed);
  }
  // Group 0 counts 0..15 one by one; group g the values of [2^(g+3), 2^(g+4)) in steps of 2^(g-1).
  static size_t IndexOf(uint64_t value) {
    if (value < kSteps) return value;
    value = std::min(value, (uint64_t{1} << (kGroups + 3)) - 1);
    const size_t group = static_cast<size_t>(std::bit_width(value)) - 4;
    return group * kSteps + (value >> (group - 1)) - kSteps;
  }
  // The greatest value of the bucket.
  static uint64_t UpperBound(size_t index) {
    const size_t group = index / kSteps;
    const uint64_t step = index % kSteps;
    return group == 0 ? step : ((kSteps + step + 1) << (group - 1)) - 1;
  }

  std::array<std::atomic<uint64_t>, kSteps * kGroups> buckets_{};
  std::atomic<uint64_t> count_{0};
  std::atomic<uint64_t> max_{0};
};

}  // namespace pinion
