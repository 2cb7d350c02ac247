// Keeps the keyspace under maxmemory: removes keys by sampling, or says that there is no room.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "store/keyspace.h"

namespace pinion::store {

// What may be evicted, and which of the sampled keys goes first. Aligned so that clang reads an atomic one with a plain
// load.
struct alignas(2) EvictionPolicy {
  enum class Order : uint8_t { kNone, kLru, kLfu, kRandom, kSoonest };
  Order order = Order::kNone;  // kNone: nothing is evicted
  bool volatile_only = false;  // only keys with a deadline
};

struct EvictionOptions {
  int64_t limit = 0;  // bytes, 0: none
  EvictionPolicy policy;
  int samples = 5;    // keys looked at for each one evicted
  int tenacity = 10;  // 0 to 100: how long a command waits for eviction
};

// Thread-safe.
class Evictor {
 public:
  // `overhead`: bytes in use beside the keyspace's, asked for once a millisecond. Any thread.
  explicit Evictor(Keyspace& keyspace, std::function<int64_t()> overhead = nullptr)
      : keyspace_(keyspace), overhead_source_(std::move(overhead)) {}

  // REQUIRES: the gate is closed, or there are no other threads yet.
  void Configure(const EvictionOptions& options);
  [[nodiscard]] bool limited() const { return limit_.load(std::memory_order_relaxed) > 0; }

  // Evicts what is too much, for as long as one command may take for it. False when the limit is passed and nothing
  // can be evicted. REQUIRES: the thread holds no shard's lock, or is `alone`.
  [[nodiscard]] bool MakeRoom(UnixMillis now, bool alone, Accessor& accessor) {
    if (!Exceeded(now, accessor)) [[likely]] return true;
    return EvictExcess(now, alone, accessor);
  }

  // Whether the limit is passed.
  [[nodiscard]] bool Exceeded(UnixMillis now, const Accessor& accessor) {
    return limited() && Excess(now, accessor) > 0;
  }

  // How long one command waits for eviction; forever at 100.
  [[nodiscard]] static std::chrono::microseconds SliceOf(int tenacity);

 private:
  // Bytes over the limit.
  [[nodiscard]] int64_t Excess(UnixMillis now, const Accessor& accessor) {
    if (overhead_at_.load(std::memory_order_relaxed) != now) RefreshOverhead(now);
    return keyspace_.CountedBytes(accessor) + overhead_.load(std::memory_order_relaxed) -
           limit_.load(std::memory_order_relaxed);
  }
  void RefreshOverhead(UnixMillis now);
  bool EvictExcess(UnixMillis now, bool alone, Accessor& accessor);
  // False when there is no key to evict.
  bool EvictOne(EvictionPolicy policy, UnixMillis now, bool alone, Accessor& accessor);
  bool EvictRandom(EvictionPolicy policy, bool alone, Accessor& accessor);
  // Calls f(shard, db, entry), the shard locked, with a key of a random shard and database; false when that shard has
  // none to offer.
  template <typename F>
  bool SampleOne(EvictionPolicy policy, bool alone, Accessor& accessor, F&& f);
  // The same until it was called `count` times, or all shards have been looked at often.
  template <typename F>
  int SampleSome(int count, EvictionPolicy policy, bool alone, Accessor& accessor, F&& f);
  [[nodiscard]] uint64_t ScoreOf(const Entry& e, EvictionPolicy policy, UnixMillis now) const;
  // REQUIRES: the shard is locked.
  void Evict(uint32_t shard, uint32_t db, uint64_t hash, Table::Word* w, Accessor& accessor);

  Keyspace& keyspace_;
  const std::function<int64_t()> overhead_source_;
  std::atomic<int64_t> limit_{0};
  std::atomic<EvictionPolicy> policy_{EvictionPolicy()};
  std::atomic<int> samples_{5};
  std::atomic<std::chrono::microseconds> slice_{SliceOf(10)};
  std::atomic<uint64_t> age_{0};  // of the pools: moves with the policy
  std::atomic<int64_t> overhead_{0};
  std::atomic<UnixMillis> overhead_at_{-1};
};

}  // namespace pinion::store
