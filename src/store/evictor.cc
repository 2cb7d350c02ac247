// Sampling for eviction.
#include "store/evictor.h"

#include <algorithm>
#include <chrono>

#include "store/database.h"

namespace pinion::store {
namespace {

// Bytes written between two sums over all shards.
constexpr int64_t kMeasureEvery = 64 * 1024;

// A command waits for eviction at most this long; the next one goes on.
constexpr std::chrono::microseconds kSlice{500};

}  // namespace

void Evictor::Configure(int64_t limit, EvictionPolicy policy, int samples) {
  policy_.store(policy, std::memory_order_relaxed);
  samples_.store(samples, std::memory_order_relaxed);
  limit_.store(limit, std::memory_order_relaxed);
  full_.store(true, std::memory_order_relaxed);  // the next write measures
}

bool Evictor::MakeRoom(size_t bytes, UnixMillis now, bool alone, Accessor& accessor) {
  const int64_t limit = limit_.load(std::memory_order_relaxed);
  if (limit <= 0) return true;
  const int64_t written =
      written_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed) + static_cast<int64_t>(bytes);
  if (!full_.load(std::memory_order_relaxed) && written < std::min(kMeasureEvery, limit / 64)) return true;
  int64_t used = keyspace_.UsedBytes(alone);
  written_.store(0, std::memory_order_relaxed);
  const EvictionPolicy policy = policy_.load(std::memory_order_relaxed);
  bool evicted = false;
  const auto end = std::chrono::steady_clock::now() + kSlice;
  while (used > limit && policy.order != EvictionPolicy::Order::kNone) {
    int64_t freed = 0;
    if (!EvictOne(policy, now, alone, accessor, &freed)) break;
    used -= freed;
    evicted = true;
    if (std::chrono::steady_clock::now() >= end) break;
  }
  full_.store(used > limit, std::memory_order_relaxed);
  return used <= limit || evicted;
}

uint64_t Evictor::ScoreOf(const Entry& e, EvictionPolicy policy, UnixMillis now, Random& random) const {
  switch (policy.order) {
    case EvictionPolicy::Order::kLru:
      return static_cast<uint64_t>(IdleSeconds(e.access_clock(), now));
    case EvictionPolicy::Order::kLfu:
      return 255 - LfuDecayed(e.access_clock(), now,
                              keyspace_.settings().lfu_decay_minutes.load(std::memory_order_relaxed));
    case EvictionPolicy::Order::kSoonest:
      return ~static_cast<uint64_t>(e.deadline());
    default:
      return random.Next() >> 1;
  }
}

// Looks at one key of a random shard and database; false when that shard has none to offer.
bool Evictor::SampleInto(EvictionPolicy policy, UnixMillis now, bool alone, Accessor& accessor, Candidate* best) {
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
    const uint64_t score = ScoreOf(*e, policy, now, accessor.random);
    if (!best->found || score > best->score) {
      *best = {true, shard, db, score, std::string(e->key())};
    }
    return true;
  }
  return false;
}

bool Evictor::EvictOne(EvictionPolicy policy, UnixMillis now, bool alone, Accessor& accessor, int64_t* freed) {
  Candidate best;
  int found = 0;
  const int samples = samples_.load(std::memory_order_relaxed);
  // With few keys most shards are empty: look at all before giving up.
  for (uint32_t tries = 0; found < samples && tries < 16 * keyspace_.shard_count(); ++tries) {
    found += SampleInto(policy, now, alone, accessor, &best);
  }
  if (found == 0) return false;
  const Key key = keyspace_.MakeKey(best.key);
  MaybeLock lock(keyspace_.shard(best.shard).mutex, alone);
  Table& table = keyspace_.shard(best.shard).db(best.db).table;
  Table::Word* w = table.Find(key.hash, key.text);
  if (w == nullptr) return true;  // went by itself meanwhile
  *freed = static_cast<int64_t>(Table::At(w)->TotalBytes());
  keyspace_.TouchWatchers(best.shard, best.db, key.text);
  keyspace_.NoteReady(best.shard, best.db, key.text, accessor);
  keyspace_.Remove(best.shard, best.db, key.hash, w);
  accessor.stats.evicted.Add(1);
  accessor.stats.dirty.Add(1);
  if (keyspace_.settings().notify_mask.load(std::memory_order_relaxed) & kEventEvicted) {
    accessor.listener->OnKeyEvent(kEventEvicted, "evicted", key.text, best.db);
  }
  return true;
}

}  // namespace pinion::store
