// Keeps the keyspace under maxmemory: removes keys by sampling, or says that there is no room.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "store/keyspace.h"

namespace pinion::store {

// What may be evicted, and which of the sampled keys goes first.
struct EvictionPolicy {
  enum class Order : uint8_t { kNone, kLru, kLfu, kRandom, kSoonest };
  Order order = Order::kNone;  // kNone: nothing is evicted
  bool volatile_only = false;  // only keys with a deadline
};

// Counts keys, values, tables and wheels; not the buffers of connections. The sum over all shards is taken anew
// only after some tens of kilobytes were written, so the limit may be passed by that much for a moment.
// Thread-safe.
class Evictor {
 public:
  explicit Evictor(Keyspace& keyspace) : keyspace_(keyspace) {}

  // `limit` in bytes, 0: none. `samples`: keys looked at for each one evicted.
  void Configure(int64_t limit, EvictionPolicy policy, int samples);
  [[nodiscard]] bool limited() const { return limit_.load(std::memory_order_relaxed) > 0; }

  // Before a command that may write about `bytes`: evicts what is too much, for at most half a millisecond. False
  // when the keyspace is over its limit and nothing can be evicted. REQUIRES: the thread holds no shard's lock, or
  // is `alone`.
  [[nodiscard]] bool MakeRoom(size_t bytes, UnixMillis now, bool alone, Accessor& accessor);

 private:
  struct Candidate {
    bool found = false;
    uint32_t shard = 0, db = 0;
    uint64_t score = 0;  // the highest goes first
    std::string key;
  };
  bool EvictOne(EvictionPolicy policy, UnixMillis now, bool alone, Accessor& accessor, int64_t* freed);
  bool SampleInto(EvictionPolicy policy, UnixMillis now, bool alone, Accessor& accessor, Candidate* best);
  [[nodiscard]] uint64_t ScoreOf(const Entry& e, EvictionPolicy policy, UnixMillis now, Random& random) const;

  Keyspace& keyspace_;
  std::atomic<int64_t> limit_{0};
  std::atomic<EvictionPolicy> policy_{EvictionPolicy()};
  std::atomic<int> samples_{5};
  std::atomic<int64_t> written_{0};  // bytes since the sum was last taken
  std::atomic<bool> full_{false};    // the last sum was over the limit
};

}  // namespace pinion::store
