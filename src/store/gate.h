// The gate between ordinary requests (many at once), whole-keyspace work (alone), and a script that becomes alone.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/small_mutex.h"

namespace pinion::store {

// Thrown where a participant waits, for a shard's lock or to be alone, while the script that it waits for has become
// busy. The participant is then outside and holds no lock. It may Enter again, as the script's guest.
struct ScriptBusy {};

// A shared/exclusive lock for a fixed number of participants (the loops), each with a cache line of its own, so that
// entering costs no traffic between cores. A participant is inside while it works through a batch and outside
// whenever it may wait. One that wants to be alone waits until all others have stepped out; newcomers wait until it
// is done.
//
// One participant at a time, the one that runs a script, may become alone without letting go of anything (Upgrade):
// it stays inside, keeps the shard locks it holds, and nobody runs between its being one of many and its being alone.
// It waits until every other participant is outside *or waits for a shard's lock*. Why that ends, and is safe:
//  - nobody waits for a shard's lock while holding another, so one that waits holds none and touches no data;
//  - one that waits says so in its cell (LockWait), and having got the lock it first looks whether a script has
//    upgraded meanwhile; if so it gives the lock back and waits until that is over (End, AwaitTurn);
//  - one that wants to be alone is outside while it waits, and cannot become alone before the script, which is
//    inside, has left.
// So whoever is inside goes on until it leaves or waits for a lock, and neither needs the script to go on.
//
// A script that runs too long is busy: it is alone, whoever waits for it is thrown out (ScriptBusy), and those who
// enter are its guests: each is let in by ReceiveGuests, alone, while the script stands still.
class Gate {
 public:
  enum class Side : uint8_t { kShared, kGuest };

  explicit Gate(size_t participants);
  ~Gate();

  // Shared side; or, while a script is busy, as its guest: nobody else runs until Leave. Not recursive.
  Side Enter(size_t participant);
  // Also allowed when outside: then nothing happens.
  void Leave(size_t participant);
  // Leaves and enters: a chance for others to be alone. Throws ScriptBusy rather than becoming a guest.
  void StepAside(size_t participant);

  // Exclusive side, for a participant that is inside: it steps out, waits to be alone, and is inside again after
  // EndExclusive. Other requests may run in between. Not recursive. May throw ScriptBusy.
  void BeginExclusive(size_t participant);
  void EndExclusive(size_t participant);

  // Exclusive side for a thread that is no participant.
  void LockOutside();
  void UnlockOutside();

  // The script's side. REQUIRES of all: the participant is inside, and no other is between these calls.
  void Upgrade(size_t participant);
  void Downgrade();
  // From now on whoever waits for this script is thrown out. REQUIRES: the script upgrades next, or is alone already.
  void BeginBusy();
  void EndBusy();
  // Lets those who wait to enter in, one after the other. REQUIRES: alone and busy.
  void ReceiveGuests();
  // Lets no further guest in until the next ReceiveGuests. For a guest.
  void DismissGuests();
  [[nodiscard]] bool busy() const { return busy_.load(std::memory_order_acquire); }

 private:
  enum State : uint8_t { kOutside, kInside, kWaitsForShard };
  struct Cell;

  void Step(Cell& cell, State to);
  Side EnterSlow(Cell& cell);
  [[nodiscard]] bool AllOutside() const;

  const size_t n_;
  std::unique_ptr<Cell[]> cells_;
  alignas(64) std::atomic<uint32_t> closed_{0};   // how many keep newcomers out: one alone or about to be, a script
  std::atomic<bool> busy_{false};
  std::atomic<bool> upgraded_{false};

  // Slow paths only. What the predicates of `changed_` read changes under `mutex_`, or is announced by Step.
  alignas(64) std::mutex mutex_;
  std::condition_variable changed_;
  bool exclusive_ = false;       // somebody is alone or about to be
  bool guests_welcome_ = false;
  bool guest_inside_ = false;
  uint32_t guests_waiting_ = 0;
};

}  // namespace pinion::store
