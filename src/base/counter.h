// Counters and a histogram written by one thread and read by any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace pinion {

// A number with one writing thread; readers see some recent value. Costs a plain add.
class Counter {
 public:
  void Add(int64_t d) { v_.store(v_.load(std::memory_order_relaxed) + d, std::memory_order_relaxed); }
  void Set(int64_t v) { v_.store(v, std::memory_order_relaxed); }
  [[nodiscard]] int64_t Get() const { return v_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> v_{0};
};

// Log-linear histogram of non-negative values: 16 linear steps per power of two, so quantiles are
// within 6.25 %. One writer at a time; readers see some recent state. After HdrHistogram (Tene).
class Histogram {
 public:
  void Record(uint64_t value);
  void Merge(const Histogram& other);
  void Reset();
  [[nodiscard]] uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t max() const { return max_.load(std::memory_order_relaxed); }
  // The value below which a share q (0..1) of the records lie; 0 when there are none.
  [[nodiscard]] uint64_t Quantile(double q) const;
  // Calls f(upper_bound, cumulative_count) for each power-of-two bucket that holds records, ascending.
  template <typename F>
  void ForEachPowerOfTwo(F&& f) const {
    uint64_t total = 0;
    for (size_t group = 0; group < kGroups; ++group) {
      uint64_t n = 0;
      for (size_t i = 0; i < kSteps; ++i) n += buckets_[group * kSteps + i].load(std::memory_order_relaxed);
      if (n == 0) continue;
      total += n;
      f(UpperBound(group * kSteps + kSteps - 1), total);
    }
  }

 private:
  static constexpr size_t kSteps = 16;
  static constexpr size_t kGroups = 45;  // up to 2^48
  static size_t IndexOf(uint64_t value);
  static uint64_t UpperBound(size_t index);
  std::array<std::atomic<uint32_t>, kSteps * kGroups> buckets_{};
  std::atomic<uint64_t> count_{0};
  std::atomic<uint64_t> max_{0};
};

}  // namespace pinion
