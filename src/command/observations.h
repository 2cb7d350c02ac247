// Figures that exist only by looking more than once: rates, and the highest value seen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace pinion::command {

// Thread-safe.
class Observations {
 public:
  struct Totals {
    int64_t commands = 0, bytes_in = 0, bytes_out = 0;
    int64_t turns = 0, busy_micros = 0;  // of the loops
  };
  struct Rates {
    double commands = 0, bytes_in = 0, bytes_out = 0, turns = 0, busy_micros = 0;  // a second
  };

  // Ten times a second. Totals that went back (CONFIG RESETSTAT) begin anew.
  void Sample(int64_t wall_micros, const Totals& totals);
  // Over the last one and a half seconds, or for as long as there are samples; zero before there are two.
  [[nodiscard]] Rates rates() const;
  // The highest value so far, this one included.
  int64_t Peak(int64_t used_bytes);

 private:
  static constexpr size_t kSamples = 16;
  struct Look {
    int64_t micros = 0;
    Totals totals;
  };

  mutable std::mutex mutex_;
  std::array<Look, kSamples> looks_;  // a ring
  size_t count_ = 0;                  // looks ever made since the last beginning
  int64_t peak_ = 0;
};

}  // namespace pinion::command
