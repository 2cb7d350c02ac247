// A stalled connection's socket, lent to the thread that makes the reply which the connection waits for.
//
// Without it such a reply wakes the connection's loop first, and the loop then wakes the peer: on a machine with cores
// to spare, most of the time between a push and the return of a BLPOP is the first of these wake-ups.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

#include "resp/direct_output.h"

namespace pinion::net {

// Each loan is for one Send. Outlives the connection if it must; then nothing is sent.
class LentSocket final : public resp::DirectOutput {
 public:
  explicit LentSocket(int fd) : fd_(fd) {}

  [[nodiscard]] size_t Send(std::string_view bytes) override {
    uint32_t expected = kLent;
    if (!state_.compare_exchange_strong(expected, kInUse, std::memory_order_acquire, std::memory_order_relaxed)) {
      return 0;
    }
    ssize_t n;
    do {
      n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    const size_t sent = n > 0 ? static_cast<size_t>(n) : 0;  // an error comes again when the loop sends
    state_.store(sent == 0 || sent == bytes.size() ? kKept : kOwing, std::memory_order_release);
    state_.notify_all();
    return sent;
  }

  // The rest on the connection's own loop. REQUIRES: all earlier output is sent, and no rest of a reply is owed.
  void Lend() { state_.store(kLent, std::memory_order_release); }

  // Ends the loan; waits for a Send that is under way, which does not wait for anything. False when that has sent the
  // first part of a reply: nothing but its rest may be sent now.
  [[nodiscard]] bool TakeBack() {
    for (;;) {
      uint32_t state = kLent;
      if (state_.compare_exchange_strong(state, kKept, std::memory_order_acquire)) return true;
      if (state != kInUse) return state == kKept;
      state_.wait(kInUse, std::memory_order_acquire);
    }
  }

  // The rest of a reply is about to be sent.
  void Settle() { state_.store(kKept, std::memory_order_relaxed); }

 private:
  static constexpr uint32_t kKept = 0, kLent = 1, kInUse = 2, kOwing = 3;
  const int fd_;
  std::atomic<uint32_t> state_{kKept};
};

}  // namespace pinion::net
