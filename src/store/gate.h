// The gate between ordinary requests (many at once) and whole-keyspace work (alone).
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

namespace pinion::store {

// A shared/exclusive lock for a fixed number of participants (the loops), each with a cache line of its own, so
// that entering costs no traffic between cores. A participant is inside while it works through a batch and outside
// whenever it may wait. One that wants to be alone waits until all others have stepped out; newcomers wait until it
// is done.
class Gate {
 public:
  explicit Gate(size_t participants);

  // Shared side. Not recursive.
  void Enter(size_t participant);
  void Leave(size_t participant);

  // Exclusive side, for a participant that is inside: it steps out, waits to be alone, and is inside again after
  // EndExclusive. Other requests may run in between. Not recursive.
  void BeginExclusive(size_t participant);
  void EndExclusive(size_t participant);

  // Exclusive side for a thread that is no participant.
  void LockOutside();
  void UnlockOutside();

 private:
  struct alignas(64) Cell {
    std::atomic<bool> inside{false};
  };
  void WaitUntilAlone();

  const size_t n_;
  std::unique_ptr<Cell[]> cells_;
  alignas(64) std::atomic<bool> closed_{false};
  std::mutex exclusive_;  // held by the one who is alone or about to be
};

}  // namespace pinion::store
