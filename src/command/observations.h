// Figures that exist only by looking twice: rates between two looks, and the highest value seen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace pinion::command {

// Nothing wakes an idle server to sample itself: the looks are those of whoever asks (INFO), and a
// rate covers the time since the look before. Thread-safe.
class Observations {
 public:
  struct Totals {
    int64_t commands = 0, bytes_in = 0, bytes_out = 0;
  };
  struct Rates {
    double commands = 0, bytes_in = 0, bytes_out = 0;  // a second
  };

  // Rates between now and the newest look that is at least kLeastMicros old. Totals that went back
  // (CONFIG RESETSTAT) begin anew.
  Rates Observe(int64_t wall_micros, const Totals& totals);
  // The highest value so far, this one included.
  int64_t Peak(int64_t used_bytes);

 private:
  static constexpr int64_t kLeastMicros = 100'000;
  struct Look {
    int64_t micros = 0;
    Totals totals;
  };

  std::mutex mutex_;
  Look base_, newest_;  // rates are counted from base_; newest_ becomes it when old enough
  int64_t peak_ = 0;
};

}  // namespace pinion::command
