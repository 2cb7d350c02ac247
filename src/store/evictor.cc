// Sampling for eviction.
#include "store/evictor.h"

#include <algorithm>
#include <cmath>

#include "store/database.h"

namespace pinion::store {

// Redis's scale: 50 us a step up to the default of 500 us at 10, then 15 % more a step.
std::chrono::microseconds Evictor::SliceOf(int tenacity) {
  if (tenacity >= 100) return std::chrono::hours(24);
  if (tenacity <= 10) return std::chrono::microseconds(50 * tenacity);
  return std::chrono::microseconds(static_cast<int64_t>(500 * std::pow(1.15, tenacity - 10)));
}

void Evictor::Configure(const EvictionOptions& options) {
  policy_.store(options.policy, std::memory_order_relaxed);
  samples_.store(options.samples, std::memory_order_relaxed);
  slice_.store(SliceOf(options.tenacity), std::memory_order_relaxed);
  age_.fetch_add(1, std::memory_order_relaxed);
  if (options.limit > 0 && !limited()) keyspace_.StartCounting();
  if (options.limit <= 0 && limited()) keyspace_.StopCounting();
  limit_.store(options.limit, std::memory_order_relaxed);
}

void Evictor::RefreshOverhead(UnixMillis now) {
  overhead_at_.store(now, std::memory_order_relaxed);
  if (overhead_source_) overhead_.store(overhead_source_(), std::memory_order_relaxed);
}

bool Evictor::EvictExcess(UnixMillis now, bool alone, Accessor& accessor) {
  const EvictionPolicy policy = policy_.load(std::memory_order_relaxed);
  if (policy.order == EvictionPolicy::Order::kNone) return false;
  const auto end = std::chrono::steady_clock::now() + slice_.load(std::memory_order_relaxed);
  do {
    if (!EvictOne(policy, now, alone, accessor)) return false;
    if (Excess(now, accessor) <= 0) return true;
  } while (std::chrono::steady_clock::now() < end);
  return true;
}

uint64_t Evictor::ScoreOf(const Entry& e, EvictionPolicy policy, UnixMillis now) const {
  switch (policy.order) {
    case EvictionPolicy::Order::kLru:
      return static_cast<uint64_t>(IdleSeconds(e.access_clock(), now));
    case EvictionPolicy::Order::kLfu:
      return 255 - LfuDecayed(e.access_clock(), now,
                              keyspace_.settings().lfu_decay_minutes.load(std::memory_order_relaxed));
    case EvictionPolicy::Order::kSoonest:
      return ~static_cast<uint64_t>(e.deadline());
    default:
      return 0;
  }
}

template <typename F>
bool Evictor::SampleOne(EvictionPolicy policy, bool alone, Accessor& accessor, F&& f) {
  const auto shard = static_cast<uint32_t>(accessor.random.Below(keyspace_.shard_count()));
  Shard& s = keyspace_.shard(shard);
  MaybeLock lock(s.mutex, alone);
  const auto first = static_cast<uint32_t>(accessor.random.Below(keyspace_.database_count()));
  for (uint32_t i = 0; i < keyspace_.database_count(); ++i) {
    const uint32_t db = (first + i) % keyspace_.database_count();
    ShardDb& d = s.db(db);
    const Entry* e = nullptr;
    if (!policy.volatile_only) {
      e = d.table.Sample(accessor.random);
    } else if (d.wheel) {
      e = d.wheel->Sample(accessor.random);
    }
    if (e == nullptr) continue;
    f(shard, db, *e);
    return true;
  }
  return false;
}

template <typename F>
int Evictor::SampleSome(int count, EvictionPolicy policy, bool alone, Accessor& accessor, F&& f) {
  int found = 0;
  // With few keys most shards are empty: look at all before giving up.
  for (uint32_t tries = 0; found < count && tries < 16 * keyspace_.shard_count(); ++tries) {
    found += SampleOne(policy, alone, accessor, f);
  }
  return found;
}

void Evictor::Evict(uint32_t shard, uint32_t db, uint64_t hash, Table::Word* w, Accessor& accessor) {
  const std::string key(Table::At(w)->key());
  keyspace_.NoteChange(shard, db, key, Change::kServer, accessor);
  keyspace_.NoteReady(shard, db, key, accessor);
  keyspace_.Remove(shard, db, hash, w);
  keyspace_.CountBytes(shard, db, accessor);
  if (accessor.journaled) accessor.listener->OnRemoved(key, db, Removal::kEvicted);
  accessor.stats.evicted.Add(1);
  accessor.stats.dirty.Add(1);
  if (keyspace_.settings().notify_mask.load(std::memory_order_relaxed) & kEventEvicted) {
    accessor.listener->OnKeyEvent(kEventEvicted, "evicted", key, db);
  }
}

bool Evictor::EvictRandom(EvictionPolicy policy, bool alone, Accessor& accessor) {
  return SampleSome(1, policy, alone, accessor, [&](uint32_t shard, uint32_t db, const Entry& e) {
           const uint64_t hash = HashKey(e.key());
           Evict(shard, db, hash, keyspace_.shard(shard).db(db).table.FindEntry(hash, &e), accessor);
         }) != 0;
}

bool Evictor::EvictOne(EvictionPolicy policy, UnixMillis now, bool alone, Accessor& accessor) {
  if (policy.order == EvictionPolicy::Order::kRandom) return EvictRandom(policy, alone, accessor);
  if (!accessor.eviction_pool) accessor.eviction_pool = std::make_unique<EvictionPool>();
  EvictionPool& pool = *accessor.eviction_pool;
  pool.SetAge(age_.load(std::memory_order_relaxed));
  const int sampled = SampleSome(samples_.load(std::memory_order_relaxed), policy, alone, accessor,
                                 [&](uint32_t, uint32_t db, const Entry& e) {
                                   pool.Offer(ScoreOf(e, policy, now), db, e.key());
                                 });
  if (sampled == 0) return false;
  while (const auto best = pool.TakeBest()) {
    const Key key = keyspace_.MakeKey(best->key);
    MaybeLock lock(keyspace_.shard(key.shard).mutex, alone);
    Table& table = keyspace_.shard(key.shard).db(best->db).table;
    Table::Word* w = table.Find(key.hash, key.text);
    // It may be gone, have lost its deadline, or have been used since it was sampled: then it is no candidate any more.
    if (w == nullptr) continue;
    const Entry& e = *Table::At(w);
    if ((policy.volatile_only && !e.has_deadline()) || ScoreOf(e, policy, now) < best->score) continue;
    Evict(key.shard, best->db, key.hash, w, accessor);
    return true;
  }
  return true;  // all were stale: the next samples will find others
}

}  // namespace pinion::store
