// Where time comes from: wall time for deadlines, monotonic time for durations, both replaceable in
// tests.
#pragma once

#include <atomic>
#include <cstdint>

namespace pinion {

// Milliseconds since the Unix epoch. Deadlines, TTLs and the timer wheel count in these.
using UnixMillis = int64_t;

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// A source of time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time in microseconds since the Unix epoch.
  [[nodiscard]] virtual int64_t WallMicros() const = 0;
  // A clock that never goes back, in nanoseconds from an arbitrary origin.
  [[nodiscard]] virtual int64_t MonotonicNanos() const = 0;
  [[nodiscard]] UnixMillis WallMillis() const { return WallMicros() / 1000; }
};

// The machine's clocks.
const Clock& SystemClock();

// A clock that moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t wall_micros) : micros_(wall_micros) {}
  [[nodiscard]] int64_t WallMicros() const override {
    return micros_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] int64_t MonotonicNanos() const override { return WallMicros() * 1000; }
  void AdvanceMicros(int64_t d) { micros_.fetch_add(d, std::memory_order_relaxed); }
  void AdvanceMillis(int64_t d) { AdvanceMicros(d * 1000); }

 private:
  std::atomic<int64_t> micros_;
};

// The processor's time-stamp counter where there is one (a few cycles to read), else the monotonic
// clock. Used only for the durations of single commands; convert with NanosPerCycle.
[[nodiscard]] inline uint64_t ReadCycles() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return static_cast<uint64_t>(SystemClock().MonotonicNanos());
#endif
}
// Nanoseconds a cycle, measured once at start-up (blocks for a few milliseconds the first time).
// Thread-safe.
[[nodiscard]] double NanosPerCycle();

}  // namespace pinion
