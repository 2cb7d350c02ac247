// The loop's alarm clock: calls back at the earliest wall-clock time anybody asked for.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

#define ASIO_STANDALONE 1
#include <asio/basic_waitable_timer.hpp>
#include <asio/io_context.hpp>

#include "base/clock.h"

namespace pinion::net {

// A steady timer whose handlers need no type-erased executor.
using LoopTimer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                             asio::io_context::executor_type>;

// Which time is armed is atomic, so that the common question "is mine earlier?" costs one load on any thread;
// everything else belongs to the loop's thread.
class WakeTimer {
 public:
  static constexpr UnixMillis kNever = INT64_MAX;

  WakeTimer(asio::io_context& context, const Clock& clock) : timer_(context), clock_(clock) {}

  void set_callback(std::function<UnixMillis()> callback) { callback_ = std::move(callback); }
  [[nodiscard]] bool has_callback() const { return static_cast<bool>(callback_); }

  // Thread-safe. Brings the alarm forward to `at`; false when it rings no later anyway. After true, Arm must follow
  // on the loop.
  [[nodiscard]] bool BringForward(UnixMillis at) {
    UnixMillis armed = at_.load(std::memory_order_relaxed);
    while (at < armed) {
      if (at_.compare_exchange_weak(armed, at, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  // True when the alarm's time has come.
  [[nodiscard]] bool Due() const { return at_.load(std::memory_order_relaxed) <= clock_.WallMillis(); }

  // Sets the timer to the armed time (one timerfd_settime); `ring` is called when it comes.
  template <typename Ring>
  void Arm(Ring ring) {
    const UnixMillis at = std::max<UnixMillis>(at_.load(std::memory_order_relaxed), 0);
    if (at == kNever) return;
    // Ringing early is harmless: the callback finds nothing due. A wall clock that is set anew is noticed by the
    // loop's tick.
    constexpr int64_t kFarthestMillis = int64_t{3600} * 1000;
    const int64_t wall = clock_.WallMicros();
    const int64_t micros = at - wall / 1000 > kFarthestMillis ? kFarthestMillis * 1000 : at * 1000 - wall;
    timer_.expires_after(std::chrono::microseconds(std::max<int64_t>(micros, 0)));
    timer_.async_wait([ring = std::move(ring)](const asio::error_code& error) mutable {
      if (!error) ring();
    });
  }

  // Runs the callback and brings the alarm forward to what it returns. True when that is due already: the caller
  // serves ready sockets and calls again.
  //
  // The alarm is taken back before the callback looks for the next deadline, so a deadline that is added while it
  // looks is either seen by it or finds no alarm and sets one.
  [[nodiscard]] bool Ring() {
    at_.store(kNever, std::memory_order_relaxed);
    const UnixMillis next = callback_();
    (void)BringForward(next);
    return next <= clock_.WallMillis();
  }

  void Cancel() { timer_.cancel(); }

 private:
  LoopTimer timer_;
  const Clock& clock_;
  std::function<UnixMillis()> callback_;
  std::atomic<UnixMillis> at_{kNever};
};

}  // namespace pinion::net
