// Requests that wait for keys, as the shards know them.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

#include "types/object.h"

namespace pinion::store {

using types::ValueType;

// One request that waits, shared by its session and the queues of all its keys. What serving it means is the
// business of the layer above, which derives from this.
//
// Several may want to end the wait at once: those who serve it from different keys, its deadline, its client that
// hangs up. Whoever gets the claim decides; the others wait for the decision, which never waits for them.
class Waiter {
 public:
  struct Wish {
    ValueType type = ValueType::kString;  // a key of this type may serve it
    bool when_gone = false;               // is also to be tried when a key goes away or changes its type
    bool feeds = false;                   // serving it fills another key, of another shard maybe
  };
  Waiter(uint64_t ticket_number, const Wish& what) : ticket(ticket_number), wish(what) {}
  virtual ~Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  const uint64_t ticket;  // the order of arrival over all queues
  const Wish wish;

  // Thread-safe. Takes the claim, waiting while another has it; false when the wait is over. After true, GiveBack or
  // End must follow. REQUIRES: the thread has the claim of no other waiter.
  [[nodiscard]] bool Claim() {
    for (;;) {
      uint32_t expected = kWaiting;
      if (state_.compare_exchange_strong(expected, kClaimed, std::memory_order_acquire, std::memory_order_acquire)) {
        return true;
      }
      if (expected == kOver) return false;
      state_.wait(kClaimed, std::memory_order_acquire);
    }
  }
  // The claimed one waits on.
  void GiveBack() { Leave(kWaiting); }
  // The claimed one's wait is over, once and for all.
  void End() { Leave(kOver); }
  [[nodiscard]] bool over() const { return state_.load(std::memory_order_acquire) == kOver; }

 private:
  static constexpr uint32_t kWaiting = 0, kClaimed = 1, kOver = 2;
  void Leave(uint32_t state) {
    state_.store(state, std::memory_order_release);
    state_.notify_all();
  }
  std::atomic<uint32_t> state_{kWaiting};
};

// Who waits for one key, first come first served. Guarded by the key's shard.
class WaitQueue {
 public:
  using Map = std::map<uint64_t, std::shared_ptr<Waiter>>;  // by ticket

  // False when it is there already (a request may name a key twice).
  bool Add(std::shared_ptr<Waiter> w) {
    const Waiter::Wish wish = w->wish;
    if (!waiters_.emplace(w->ticket, std::move(w)).second) return false;
    when_gone_ += wish.when_gone;
    feeders_ += wish.feeds;
    return true;
  }
  // Returns what stands behind it. REQUIRES: `at` is an element.
  Map::iterator Remove(Map::iterator at) {
    when_gone_ -= at->second->wish.when_gone;
    feeders_ -= at->second->wish.feeds;
    return waiters_.erase(at);
  }
  [[nodiscard]] Map& waiters() { return waiters_; }
  [[nodiscard]] const Map& waiters() const { return waiters_; }
  [[nodiscard]] bool empty() const { return waiters_.empty(); }
  [[nodiscard]] uint32_t when_gone() const { return when_gone_; }  // how many have that wish
  [[nodiscard]] uint32_t feeders() const { return feeders_; }

 private:
  Map waiters_;
  uint32_t when_gone_ = 0;
  uint32_t feeders_ = 0;
};

}  // namespace pinion::store
