// How threads that work in the background leave the processor to those that serve requests.
#pragma once

#include <cstdint>

namespace pinion {

// For the thread that makes it: lowers its priority, and gives the processor away between short bursts of work. Where
// there are not enough cores for all, a thread that wakes up to serve a request would else wait until this one has used
// up what the scheduler gives it at a time, some milliseconds.
class BackgroundThread {
 public:
  BackgroundThread();
  // To be called after each small piece of work.
  void Pause() {
    if (++pieces_ % kPiecesALook == 0) Look();
  }

 private:
  static constexpr uint32_t kPiecesALook = 16;
  void Look();

  uint32_t pieces_ = 0;
  int64_t burst_began_;  // monotonic nanoseconds
};

}  // namespace pinion
