// A small fast random generator, one per owner; never shared between threads.
#pragma once

#include <cstdint>

namespace pinion {

// SplitMix64 (Steele, Lea, Flood 2014): one addition and three multiplications a number, passes
// BigCrush. Not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  [[nodiscard]] uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  // Uniform in [0, n); n > 0. Lemire's multiply-shift; the bias is below 2^-32 for n < 2^32.
  [[nodiscard]] uint64_t Below(uint64_t n) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * n) >> 64);
  }
  // Uniform in [0, 1).
  [[nodiscard]] double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

 private:
  uint64_t state_;
};

// 64 bits from the operating system's generator; for seeds, run ids and passwords. Thread-safe.
[[nodiscard]] uint64_t SecureRandom64();

}  // namespace pinion
