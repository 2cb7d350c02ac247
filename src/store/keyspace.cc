// Removing, expiring, flushing and counting over shards.
#include "store/keyspace.h"

#include <algorithm>
#include <array>

namespace pinion::store {
namespace {

// Values at least this large are freed in the background: giving their pages back takes long.
constexpr size_t kBigValue = 1 << 20;

// And values of at least so many allocations: freeing one takes some 50 ns, handing over a few microseconds.
constexpr size_t kManyAllocations = 128;

// Keys expired under one hold of a shard's lock, and between looks at the time.
constexpr size_t kExpireChunk = 64;

bool IsSlowToFree(size_t allocations, size_t bytes) { return allocations >= kManyAllocations || bytes >= kBigValue; }

bool IsExpired(const Entry& e, UnixMillis now) { return e.has_deadline() && e.deadline() <= now; }

}  // namespace

Keyspace::Keyspace(const KeyspaceOptions& options, const Clock& clock)
    : shard_count_(options.shards),
      databases_(options.databases),
      clock_(clock),
      shards_(std::make_unique<Shard[]>(options.shards)) {
  for (uint32_t i = 0; i < shard_count_; ++i) {
    if (databases_ > 1) shards_[i].others = std::make_unique<ShardDb[]>(databases_ - 1);
    if (options.single_thread) shards_[i].mutex.Elide();
  }
}

Keyspace::~Keyspace() {
  for (uint32_t i = 0; i < shard_count_; ++i) {
    for (uint32_t d = 0; d < databases_; ++d) {
      shards_[i].db(d).table.ForEach([](Entry* e) { Entry::Delete(e); });
    }
  }
}

template <typename F>
void Keyspace::ForEachShard(bool alone, F&& f) {
  for (uint32_t i = 0; i < shard_count_; ++i) {
    MaybeLock lock(shards_[i].mutex, alone);
    f(shards_[i]);
  }
}

Reclaimer::Job Keyspace::TakeSlowValue(Entry* e) {
  if (e->holding() < Holding::kBlob || e->pointer() == nullptr) return nullptr;
  if (e->holding() == Holding::kBlob && e->StringLength() >= kBigValue) {
    return [big = Blob::Adopt(e->TakePointer())]() mutable { big = Blob(); };
  }
  if (e->holding() == Holding::kObject &&
      IsSlowToFree(e->CountAllocations(), types::ObjectBytes(e->type(), e->pointer()))) {
    return [type = e->type(), word = e->TakePointer()] { types::FreeObject(type, word); };
  }
  return nullptr;
}

void Keyspace::Discard(ValueType type, void* word) {
  if (!IsSlowToFree(types::ObjectAllocations(type, word), types::ObjectBytes(type, word))) {
    return types::FreeObject(type, word);
  }
  reclaimer_.Add([type, word] { types::FreeObject(type, word); });
}

void Keyspace::Discard(types::Remains remains) {
  if (!IsSlowToFree(remains.blocks(), remains.bytes())) return;
  reclaimer_.Add([held = std::make_shared<types::Remains>(std::move(remains))] {});
}

void Keyspace::Remove(uint32_t shard, uint32_t db, uint64_t hash, Table::Word* w) {
  ShardDb& d = shards_[shard].db(db);
  Entry* e = Table::At(w);
  LeaveWheels(shard, db, e);
  d.table.Erase(hash, w);
  d.entry_bytes -= static_cast<int64_t>(e->TotalBytes());
  Preserve(shard, db, e, Fate::kGoes);
  Reclaimer::Job slow = TakeSlowValue(e);
  Entry::Delete(e);
  if (slow) reclaimer_.Add(std::move(slow));
}

void Keyspace::Expire(uint32_t shard, uint32_t db, uint64_t hash, Table::Word* w, Accessor& accessor) {
  Entry* e = Table::At(w);
  const int64_t lag = clock_.WallMicros() - std::max<UnixMillis>(e->deadline(), 0) * 1000;
  accessor.stats.expire_lag_us.Record(static_cast<uint64_t>(std::max<int64_t>(lag, 0)));
  accessor.stats.expired.Add(1);
  const uint32_t mask = settings_.notify_mask.load(std::memory_order_relaxed);
  if (mask & kEventExpired) accessor.listener->OnKeyEvent(kEventExpired, "expired", e->key(), db);
  if (accessor.journaled) accessor.listener->OnRemoved(e->key(), db, Removal::kExpired);
  NoteChange(shard, db, e->key(), Change::kExpiry, accessor);
  NoteReady(shard, db, e->key(), accessor);
  Remove(shard, db, hash, w);
  CountBytes(shard, db, accessor);
}

void Keyspace::AddDeadline(uint32_t shard, uint32_t db, Entry* e, UnixMillis now, Accessor& accessor) {
  ShardDb& d = shards_[shard].db(db);
  if (!d.wheel) d.wheel = std::make_unique<Wheel>(now, WheelPhase(shard));
  NoteDue(shard, db, d.wheel->Insert(e, now), accessor);
}

void Keyspace::DropDeadline(uint32_t shard, uint32_t db, Entry* e) {
  if (e->wheel_position() != Entry::kNotInWheel) shards_[shard].db(db).wheel->Remove(e);
}

void Keyspace::LeaveWheels(uint32_t shard, uint32_t db, Entry* e) {
  if (e->has_deadline()) DropDeadline(shard, db, e);
  DropFieldDeadline(shard, db, e);
}

void Keyspace::TouchWatchers(uint32_t shard, uint32_t db, std::string_view key, bool by_expiry) {
  Shard& s = shards_[shard];
  const auto it = s.watchers->find(ObservedName(db, key));
  if (it == s.watchers->end()) return;
  for (Shard::Watcher& w : it->second) {
    if (by_expiry && w.expired_at_watch) {
      w.expired_at_watch = false;
      continue;
    }
    w.flag->dirty.store(true, std::memory_order_relaxed);
  }
}

void Keyspace::Watch(const Key& key, uint32_t db, const std::shared_ptr<WatchFlag>& flag, UnixMillis now) {
  Shard& s = shards_[key.shard];
  if (!s.watchers) s.watchers = std::make_unique<std::unordered_map<std::string, std::vector<Shard::Watcher>>>();
  const Table::Word* w = s.db(db).table.Find(key.hash, key.text);
  const bool expired = w != nullptr && IsExpired(*Table::At(w), now);
  (*s.watchers)[ObservedName(db, key.text)].push_back({flag, expired});
  s.watched = static_cast<uint32_t>(s.watchers->size());
}

void Keyspace::Unwatch(const Key& key, uint32_t db, const std::shared_ptr<WatchFlag>& flag) {
  Shard& s = shards_[key.shard];
  if (s.watched == 0) return;
  const auto it = s.watchers->find(ObservedName(db, key.text));
  if (it == s.watchers->end()) return;
  std::erase_if(it->second, [&](const Shard::Watcher& w) { return w.flag == flag; });
  if (it->second.empty()) s.watchers->erase(it);
  s.watched = static_cast<uint32_t>(s.watchers->size());
}

bool Keyspace::ExpiredSinceWatch(const Key& key, uint32_t db, const std::shared_ptr<WatchFlag>& flag, UnixMillis now) {
  Shard& s = shards_[key.shard];
  const Table::Word* w = s.db(db).table.Find(key.hash, key.text);
  if (w == nullptr || s.watched == 0 || !IsExpired(*Table::At(w), now)) return false;
  const auto it = s.watchers->find(ObservedName(db, key.text));
  if (it == s.watchers->end()) return false;
  return std::any_of(it->second.begin(), it->second.end(),
                     [&](const Shard::Watcher& x) { return x.flag == flag && !x.expired_at_watch; });
}

UnixMillis Keyspace::ExpireDue(uint32_t first, uint32_t last, UnixMillis now, int64_t budget_micros,
                               Accessor& accessor) {
  if (!settings_.active_expire.load(std::memory_order_relaxed)) return now + 100;
  if (settings_.ExpiryPaused(now)) return settings_.expiry_paused_until.load(std::memory_order_relaxed);
  const int64_t end = clock_.MonotonicNanos() + budget_micros * 1000;
  UnixMillis next = INT64_MAX;
  bool in_time = true;
  for (uint32_t i = first; i < last; ++i) {
    Shard& s = shards_[i];
    UnixMillis due = s.next_due.load(std::memory_order_relaxed);
    while (due <= now && in_time) {
      s.mutex.lock();
      due = INT64_MAX;
      for (uint32_t d = 0; d < s.timed; ++d) {
        due = std::min(due, AdvanceWheels(i, d, now, accessor));
      }
      s.next_due.store(due, std::memory_order_relaxed);
      s.mutex.unlock();
      in_time = clock_.MonotonicNanos() < end;
    }
    next = std::min(next, due);
  }
  return next;
}

UnixMillis Keyspace::AdvanceWheels(uint32_t shard, uint32_t db, UnixMillis now, Accessor& accessor) {
  ShardDb& d = shards_[shard].db(db);
  UnixMillis next = INT64_MAX;
  if (d.wheel) {
    std::array<Entry*, kExpireChunk> due;
    std::array<uint64_t, kExpireChunk> hashes;
    size_t count = 0;
    d.wheel->Advance(now, kExpireChunk, [&](Entry* e) { due[count++] = e; });
    // What the table has of them is asked for before the first is looked up.
    for (size_t i = 0; i < count; ++i) {
      hashes[i] = HashKey(due[i]->key());
      d.table.PrefetchBucket(hashes[i]);
    }
    for (size_t i = 0; i < count; ++i) {
      Expire(shard, db, hashes[i], d.table.FindEntry(hashes[i], due[i]), accessor);
    }
    next = d.wheel->NextEvent();
  }
  if (d.field_wheel) {
    AdvanceFieldWheel(shard, db, now, accessor);
    next = std::min(next, d.field_wheel->NextEvent());
  }
  if (d.unswept && Sweep(shard, db, accessor)) next = std::min(next, now);
  return next;
}

void Keyspace::SweepLater(uint32_t shard, uint32_t db, std::string_view key, UnixMillis now, Accessor& accessor) {
  ShardDb& d = shards_[shard].db(db);
  if (!d.unswept) d.unswept = std::make_unique<std::unordered_set<std::string>>();
  d.unswept->emplace(key);
  NoteDue(shard, db, now, accessor);
}

bool Keyspace::Sweep(uint32_t shard, uint32_t db, Accessor& accessor) {
  ShardDb& d = shards_[shard].db(db);
  const std::string& key = *d.unswept->begin();
  bool more = false;
  // Whatever it was, the key may hold something else by now.
  if (const Table::Word* const w = d.table.Find(HashKey(key), key); w != nullptr) {
    Entry* const e = Table::At(w);
    if (e->holding() == Holding::kObject) {
      Preserve(shard, db, e, Fate::kIsEdited);
      const auto bytes_before = static_cast<int64_t>(types::ObjectBytes(e->type(), e->pointer()));
      types::SweepObject(e->type(), e->pointer(), kExpireChunk);
      d.entry_bytes += static_cast<int64_t>(types::ObjectBytes(e->type(), e->pointer())) - bytes_before;
      more = types::ObjectUnswept(e->type(), e->pointer());
      CountBytes(shard, db, accessor);
    }
  }
  if (!more) d.unswept->erase(d.unswept->begin());
  if (d.unswept->empty()) d.unswept.reset();
  return d.unswept != nullptr;
}

Keyspace::Totals Keyspace::CountKeys(uint32_t db, bool alone) {
  Totals t;
  ForEachShard(alone, [&](Shard& s) {
    ShardDb& d = s.db(db);
    t.keys += d.table.size();
    if (d.wheel) t.volatile_keys += d.wheel->size();
  });
  return t;
}

int64_t Keyspace::TableBytes(bool alone) {
  int64_t n = 0;
  ForEachShard(alone, [&](Shard& s) {
    for (uint32_t d = 0; d < databases_; ++d) n += s.db(d).IndexBytes();
  });
  return n;
}

int64_t Keyspace::UsedBytes(bool alone) {
  int64_t n = 0;
  ForEachShard(alone, [&](Shard& s) {
    for (uint32_t d = 0; d < databases_; ++d) n += s.db(d).Bytes();
    if (s.tracked_keys) n += static_cast<int64_t>(s.tracked_keys->bytes());
  });
  return n;
}

void Keyspace::StartCounting() {
  for (uint32_t i = 0; i < shard_count_; ++i) {
    Shard& s = shards_[i];
    if (!s.counted) s.counted = std::make_unique<int64_t[]>(databases_);
    for (uint32_t d = 0; d < databases_; ++d) {
      const int64_t bytes = s.db(d).Bytes();
      counted_.fetch_add(bytes - s.counted[d], std::memory_order_relaxed);
      s.counted[d] = bytes;
    }
  }
  settings_.count_bytes = true;
}

void Keyspace::StopCounting() { settings_.count_bytes = false; }

void Keyspace::CountBytesOf(uint32_t shard, uint32_t db, Accessor& accessor) {
  constexpr int64_t kTellAt = 1024;  // what a thread keeps for itself, so that counting costs no shared write
  const int64_t bytes = shards_[shard].db(db).Bytes();
  accessor.uncounted += bytes - std::exchange(shards_[shard].counted[db], bytes);
  if (accessor.uncounted > kTellAt || accessor.uncounted < -kTellAt) {
    counted_.fetch_add(std::exchange(accessor.uncounted, 0), std::memory_order_relaxed);
  }
}

void Keyspace::DirtyWatchersOf(Shard& s, uint32_t emptied, ShardDb* replacement, UnixMillis now) {
  if (s.watched == 0) return;
  for (auto& [name, watchers] : *s.watchers) {
    const uint32_t db = ObservedDb(name);
    if (db != emptied) continue;
    const std::string_view key = ObservedKey(name);
    const uint64_t hash = HashKey(key);
    const bool was_there = s.db(db).table.Find(hash, key) != nullptr;
    const Table::Word* w = replacement ? replacement->table.Find(hash, key) : nullptr;
    if (!was_there && w == nullptr) continue;
    const bool will_be_expired = w != nullptr && IsExpired(*Table::At(w), now);
    for (Shard::Watcher& watcher : watchers) {
      // A key that is expired, before and after, is for its watcher as absent as one that is gone.
      const bool absent_before = watcher.expired_at_watch || !was_there;
      if (absent_before && (w == nullptr || will_be_expired)) {
        watcher.expired_at_watch = will_be_expired;
      } else {
        watcher.flag->dirty.store(true, std::memory_order_relaxed);
      }
    }
  }
}

uint64_t Keyspace::Flush(uint32_t db, Accessor& accessor) {
  const UnixMillis now = clock_.WallMillis();
  uint64_t keys = 0;
  auto dead = std::make_shared<std::vector<ShardDb>>();
  for (uint32_t i = 0; i < shard_count_; ++i) {
    Shard& s = shards_[i];
    DirtyWatchersOf(s, db, nullptr, now);
    NoteAllReady(s, db, accessor);
    ShardDb& d = s.db(db);
    if (d.table.size() == 0) continue;
    keys += d.table.size();
    if (snapshot_.running()) {
      snapshot_.TakeOver(i, db, std::exchange(d, ShardDb()));
    } else {
      dead->push_back(std::exchange(d, ShardDb()));
    }
    CountBytes(i, db, accessor);
  }
  if (!dead->empty()) {
    reclaimer_.Add([dead = std::move(dead)] {
      for (ShardDb& d : *dead) d.table.ForEach([](Entry* e) { Entry::Delete(e); });
    }, keys);
  }
  return keys;
}

void Keyspace::Swap(uint32_t a, uint32_t b, Accessor& accessor) {
  if (a == b) return;
  const UnixMillis now = clock_.WallMillis();
  for (uint32_t i = 0; i < shard_count_; ++i) {
    Shard& s = shards_[i];
    DirtyWatchersOf(s, a, &s.db(b), now);
    DirtyWatchersOf(s, b, &s.db(a), now);
    std::swap(s.db(a), s.db(b));
    if (s.timed > std::min(a, b)) s.timed = std::max(s.timed, std::max(a, b) + 1);
    if (snapshot_.running()) snapshot_.Swap(i, a, b);
    if (s.counted) std::swap(s.counted[a], s.counted[b]);
    NoteAllReady(s, a, accessor);
    NoteAllReady(s, b, accessor);
  }
}

bool Keyspace::RandomKey(uint32_t db, UnixMillis now, bool alone, Accessor& accessor,
                         std::string* out) {
  // A shard is chosen with the weight of its number of keys; expired keys met are removed and the draw repeated. When
  // they must stay, there may be no other: after some draws an expired one will do.
  constexpr int kDrawsPaused = 100;
  for (int draw = 1;; ++draw) {
    uint64_t total = 0;
    std::vector<uint64_t> sizes(shard_count_);
    for (uint32_t i = 0; i < shard_count_; ++i) {
      MaybeLock lock(shards_[i].mutex, alone);
      total += sizes[i] = shards_[i].db(db).table.size();
    }
    if (total == 0) return false;
    uint64_t at = accessor.random.Below(total);
    uint32_t i = 0;
    while (at >= sizes[i]) at -= sizes[i++];
    MaybeLock lock(shards_[i].mutex, alone);
    Table& table = shards_[i].db(db).table;
    const Entry* e = table.Sample(accessor.random);
    if (e == nullptr) continue;
    if (IsExpired(*e, now)) {
      if (settings_.ExpiryPaused(now)) {
        if (draw < kDrawsPaused) continue;
        out->assign(e->key());
        return true;
      }
      const uint64_t hash = HashKey(e->key());
      Expire(i, db, hash, table.FindEntry(hash, e), accessor);
      continue;
    }
    out->assign(e->key());
    return true;
  }
}

}  // namespace pinion::store
