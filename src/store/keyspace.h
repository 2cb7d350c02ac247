// The whole keyspace: shards by databases, and the operations that concern more than one key.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "store/events.h"
#include "store/reclaimer.h"
#include "store/shard.h"
#include "store/snapshot.h"
#include "types/remains.h"

namespace pinion::store {

// A key with what is derived from its bytes once a request.
struct Key {
  std::string_view text;
  uint64_t hash = 0;
  uint32_t shard = 0;
};

struct KeyspaceOptions {
  uint32_t shards = 256;  // a power of two, 16 to 4096
  uint32_t databases = 16;
  bool single_thread = false;  // only one thread ever touches the shards: their locks cost nothing
};

// Settings that change while requests run; any thread may read them.
struct KeyspaceSettings {
  std::atomic<uint32_t> notify_mask{0};  // EventClass bits; without K or E nothing is published
  std::atomic<bool> count_bytes{false};  // see Keyspace::StartCounting
  std::atomic<bool> tell_all_changes{false};  // not only changes of tracked keys
  std::atomic<bool> lfu{false};          // access clocks hold frequencies
  std::atomic<int> lfu_log_factor{10};
  std::atomic<int> lfu_decay_minutes{1};
  std::atomic<bool> active_expire{true};  // DEBUG SET-ACTIVE-EXPIRE
  // DEBUG QUICKLIST-PACKED-THRESHOLD: list elements of so many bytes get a node to themselves; 0: those that are larger
  // than a node.
  std::atomic<uint64_t> large_list_element{0};
  // CLIENT PAUSE: until then nothing is removed because its deadline passed, neither in time nor when a reader
  // meets it.
  std::atomic<UnixMillis> expiry_paused_until{0};
  [[nodiscard]] bool ExpiryPaused(UnixMillis now) const {
    return now < expiry_paused_until.load(std::memory_order_relaxed);
  }
};

// Thread-safety: "shard" operations need that shard's lock (or the gate held exclusively); "whole" operations need
// the gate held exclusively; the rest says so.
class Keyspace {
 public:
  Keyspace(const KeyspaceOptions& options, const Clock& clock);
  ~Keyspace();

  [[nodiscard]] uint32_t shard_count() const { return shard_count_; }
  [[nodiscard]] uint32_t database_count() const { return databases_; }
  [[nodiscard]] Shard& shard(uint32_t i) { return shards_[i]; }
  KeyspaceSettings& settings() { return settings_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  Reclaimer& reclaimer() { return reclaimer_; }
  Snapshot& snapshot() { return snapshot_; }

  // Any thread.
  [[nodiscard]] Key MakeKey(std::string_view text) const {
    Key k{text, HashKey(text), 0};
    const std::string_view tag = HashTag(text);
    const uint64_t h = tag.size() == text.size() ? k.hash : HashKey(tag);
    k.shard = static_cast<uint32_t>(h >> 16) & (shard_count_ - 1);
    return k;
  }

  // Shard: makes it known to the thread that serves the shard's wheels that one of them must be looked at then.
  void NoteDue(uint32_t shard, uint32_t db, UnixMillis at, Accessor& accessor) {
    if (db >= shards_[shard].timed) [[unlikely]] shards_[shard].timed = db + 1;
    if (at < shards_[shard].next_due.load(std::memory_order_relaxed)) [[unlikely]] {
      shards_[shard].next_due.store(at, std::memory_order_relaxed);
      accessor.listener->OnEarlierDue(shard, at);
    }
  }
  // Shard: must come before every change to an entry, and before it goes: a running snapshot that does not have the
  // entry yet takes it as it is. `fate` is what becomes of its value.
  void Preserve(uint32_t shard, uint32_t db, Entry* e, Fate fate) {
    if (e->snapshot_mark() != shards_[shard].snapshot_mark) [[unlikely]] snapshot_.Preserve(shard, db, e, fate);
  }
  // Shard: takes an entry out of table and wheel and frees it. `w` is its word.
  void Remove(uint32_t shard, uint32_t db, uint64_t hash, Table::Word* w);
  // Shard: has the thread that serves the shard's wheels finish, in slices, what a large removal has left over of its
  // work on this entry's value, if it has. Waits, like expiry, while that is paused.
  void NoteUnswept(uint32_t shard, uint32_t db, const Entry* e, UnixMillis now, Accessor& accessor) {
    if (e->type() != ValueType::kSortedSet || !types::ObjectUnswept(e->type(), e->pointer())) [[likely]] return;
    SweepLater(shard, db, e->key(), now, accessor);
  }
  // Any thread: frees a value, or what was cut out of one, at once if that is quickly done, else in the background.
  void Discard(ValueType type, void* word);
  void Discard(types::Remains remains);
  // Shard: the same as Remove for a key whose deadline has passed, with its event, counts and watchers.
  void Expire(uint32_t shard, uint32_t db, uint64_t hash, Table::Word* w, Accessor& accessor);
  // Shard: puts the entry under its deadline into the shard's wheel.
  void AddDeadline(uint32_t shard, uint32_t db, Entry* e, UnixMillis now, Accessor& accessor);
  void DropDeadline(uint32_t shard, uint32_t db, Entry* e);

  // Shard: puts a hash whose fields have deadlines under the earliest of them into the shard's field wheel, and takes
  // it out before any of them, the hash's word or the entry's address changes. Neither does anything for other
  // entries.
  void AddFieldDeadline(uint32_t shard, uint32_t db, Entry* e, UnixMillis now, Accessor& accessor);
  void DropFieldDeadline(uint32_t shard, uint32_t db, Entry* e);
  // Shard: takes an entry that will move or be deleted out of the wheels that hold it.
  void LeaveWheels(uint32_t shard, uint32_t db, Entry* e);
  // Shard: removes the fields that are due, all of them, and the key when none is left; with events, counts and
  // watchers. False when the key is gone.
  bool ExpireFields(const Key& key, uint32_t db, Entry* e, UnixMillis now, Accessor& accessor);

  // Shard: tells whoever observes the key that it changed: who watches it, and who may have cached it.
  void NoteChange(uint32_t shard, uint32_t db, std::string_view key, Change change, Accessor& accessor) {
    const Shard& s = shards_[shard];
    if ((s.watched | s.tracked) == 0 && !settings_.tell_all_changes.load(std::memory_order_relaxed)) [[likely]] return;
    TellObservers(shard, db, key, change, accessor);
  }
  void Watch(const Key& key, uint32_t db, const std::shared_ptr<WatchFlag>& flag, UnixMillis now);
  void Unwatch(const Key& key, uint32_t db, const std::shared_ptr<WatchFlag>& flag);
  // Shard: whether the key exists with a deadline that has passed and had not passed when `flag` began to watch it.
  [[nodiscard]] bool ExpiredSinceWatch(const Key& key, uint32_t db, const std::shared_ptr<WatchFlag>& flag,
                                       UnixMillis now);

  // Shard: remembers that the client may have cached the key, in whatever database, until it changes.
  void Track(const Key& key, ClientId client);
  // Any thread: tracked keys, and pairs of a key and a client.
  [[nodiscard]] size_t tracked_keys() const { return tracked_keys_.load(std::memory_order_relaxed); }
  [[nodiscard]] size_t tracked_items() const { return tracked_items_.load(std::memory_order_relaxed); }
  // Takes locks itself unless `alone`; does nothing while another thread is at it. Forgets tracked keys, chosen at
  // random, until `keep` are left or `most` are forgotten; their clients are told.
  void ForgetTracked(size_t keep, size_t most, bool alone, Accessor& accessor);
  // Whole. Forgets them all, telling nobody.
  void ForgetAllTracked();
  // Shard: the key was created, filled or deleted, or became another type: notes it in the accessor if somebody waits
  // for it.
  void NoteReady(uint32_t shard, uint32_t db, std::string_view key, Accessor& accessor) {
    if (shards_[shard].waited != 0) [[unlikely]] NoteIfAwaited(shard, db, key, accessor);
  }
  // Waiters: see store/waiter.h. Numbers are handed out in the order in which requests begin to wait.
  [[nodiscard]] uint64_t NextTicket() { return next_ticket_.fetch_add(1, std::memory_order_relaxed); }
  // Shard: puts the waiter at the end of the key's queue.
  void WaitFor(const Key& key, uint32_t db, std::shared_ptr<Waiter> waiter);
  // Shard: the key's queue, or null. It may hold some whose wait is over.
  [[nodiscard]] WaitQueue* FindWaiters(const Key& key, uint32_t db);
  // Shard: takes one out of the key's queue, if it is there. The second form leaves an emptied queue for
  // DropEmptyQueue and returns what stands behind.
  void StopWaiting(const Key& key, uint32_t db, uint64_t ticket);
  WaitQueue::Map::iterator StopWaiting(const Key& key, WaitQueue& queue, WaitQueue::Map::iterator at);
  void DropEmptyQueue(const Key& key, uint32_t db);
  // Whole: keys that somebody waits for, and those of them that somebody waits for with the wish when_gone.
  struct WaitTotals {
    int64_t keys = 0, when_gone = 0;
  };
  [[nodiscard]] WaitTotals CountWaitedKeys() const;

  // Any thread: takes the shards' locks itself, one at a time. Removes keys that are due in shards [first, last)
  // for about `budget_micros`, and returns when it wants to be called next.
  UnixMillis ExpireDue(uint32_t first, uint32_t last, UnixMillis now, int64_t budget_micros, Accessor& accessor);

  // Sums over the shards, of numbers that may be moving. Each takes the shards' locks itself, one at a time, unless
  // `alone`.
  struct Totals {
    uint64_t keys = 0, volatile_keys = 0;
  };
  [[nodiscard]] Totals CountKeys(uint32_t db, bool alone = false);
  [[nodiscard]] int64_t UsedBytes(bool alone = false);   // entries, values, tables, wheels, tracked keys
  [[nodiscard]] int64_t TableBytes(bool alone = false);  // tables and wheels alone

  // Whole. From now on, or no longer, each change is counted, so that CountedBytes needs no sum.
  void StartCounting();
  void StopCounting();
  // Shard: counts what a change has made of the bytes of this shard's database, if they are counted.
  void CountBytes(uint32_t shard, uint32_t db, Accessor& accessor) {
    if (settings_.count_bytes.load(std::memory_order_relaxed)) [[unlikely]] CountBytesOf(shard, db, accessor);
  }
  // Any thread: entries, values, tables and wheels, to some kilobytes a thread; exact to what `accessor` changed.
  [[nodiscard]] int64_t CountedBytes(const Accessor& accessor) const {
    return counted_.load(std::memory_order_relaxed) + accessor.uncounted;
  }

  // Whole. Empties the database (the memory is given back in the background) and tells the observers of its keys;
  // returns how many keys there were.
  uint64_t Flush(uint32_t db, Accessor& accessor);
  // Whole. Swaps two databases, telling the observers of keys that exist in either.
  void Swap(uint32_t a, uint32_t b, Accessor& accessor);
  // Takes locks itself unless `alone`. Finds a live key, each one equally likely; false when there is none.
  bool RandomKey(uint32_t db, UnixMillis now, bool alone, Accessor& accessor, std::string* out);

  // Takes locks itself unless `alone`. Calls f(const Entry&) for live entries from cursor on; returns the next
  // cursor, 0 at the end. The guarantee is Table::Scan's. Expired entries met on the way are removed if there is a
  // `remover`, else left.
  template <typename F>
  uint64_t Scan(uint32_t db, uint64_t cursor, size_t count, UnixMillis now, bool alone, F&& f,
                Accessor* remover = nullptr);

 private:
  friend class WriteGuard;
  void CountBytesOf(uint32_t shard, uint32_t db, Accessor& accessor);
  void TellObservers(uint32_t shard, uint32_t db, std::string_view key, Change change, Accessor& accessor);
  void TouchWatchers(uint32_t shard, uint32_t db, std::string_view key, bool by_expiry);
  // Forgets a tracked key and returns its clients. REQUIRES: the shard has tracked keys.
  std::vector<ClientId> Untrack(Shard& s, uint64_t hash, std::string_view key);
  void NoteIfAwaited(uint32_t shard, uint32_t db, std::string_view key, Accessor& accessor);
  // Notes every key of this database that somebody waits for.
  void NoteAllReady(Shard& s, uint32_t db, Accessor& accessor);
  // Removes up to `most` due fields of a hash that is in no field wheel; returns how many.
  size_t RemoveDueFields(uint32_t shard, uint32_t db, Entry* e, UnixMillis now, size_t most, Accessor& accessor);
  // Removes a hash without fields, with event "del".
  void RemoveEmptied(uint32_t shard, uint32_t db, Entry* e, Accessor& accessor);
  void SweepLater(uint32_t shard, uint32_t db, std::string_view key, UnixMillis now, Accessor& accessor);
  // A step of what is left over of large removals; false when there is no more of it.
  bool Sweep(uint32_t shard, uint32_t db, Accessor& accessor);
  // One step of each of a database's wheels, and of sweeping; returns when they want to be looked at next.
  UnixMillis AdvanceWheels(uint32_t shard, uint32_t db, UnixMillis now, Accessor& accessor);
  void AdvanceFieldWheel(uint32_t shard, uint32_t db, UnixMillis now, Accessor& accessor);
  // What is slow to free of an entry that is about to be deleted or remade, taken out of it: a job for the
  // reclaimer, or none. A value that a snapshot has taken is gone already.
  [[nodiscard]] static Reclaimer::Job TakeSlowValue(Entry* e);
  // Calls f(Shard&) for each shard in turn, with its lock held unless the caller is `alone`.
  template <typename F>
  void ForEachShard(bool alone, F&& f);
  // Dirties those watchers in database `emptied` who will see a change when it takes on the contents of
  // `replacement` (null: nothing).
  void DirtyWatchersOf(Shard& s, uint32_t emptied, ShardDb* replacement, UnixMillis now);

  const uint32_t shard_count_;
  const uint32_t databases_;
  const Clock& clock_;
  KeyspaceSettings settings_;
  std::unique_ptr<Shard[]> shards_;
  std::atomic<int64_t> counted_{0};
  std::atomic<size_t> tracked_keys_{0}, tracked_items_{0};
  std::mutex forgetting_;  // of tracked keys: two threads would forget more than they should
  Reclaimer reclaimer_;
  Snapshot snapshot_{*this};
  std::atomic<uint64_t> next_ticket_{1};
};

// Locks a shard's mutex unless the caller is alone behind the gate.
class MaybeLock {
 public:
  MaybeLock(SmallMutex& m, bool alone) : m_(alone ? nullptr : &m) {
    if (m_) m_->lock();
  }
  ~MaybeLock() {
    if (m_) m_->unlock();
  }
  MaybeLock(const MaybeLock&) = delete;
  MaybeLock& operator=(const MaybeLock&) = delete;

 private:
  SmallMutex* m_;
};

template <typename F>
uint64_t Keyspace::Scan(uint32_t db, uint64_t cursor, size_t count, UnixMillis now, bool alone, F&& f,
                        Accessor* remover) {
  uint64_t i = cursor >> Table::kCursorBits;
  uint64_t at = cursor & ((uint64_t{1} << Table::kCursorBits) - 1);
  size_t seen = 0;
  std::vector<const Entry*> expired;
  // A mostly empty keyspace must not make one SCAN walk thousands of shards: visiting one counts too.
  for (size_t visits = 0; i < shard_count_; ++i, at = 0) {
    Shard& s = shards_[i];
    MaybeLock lock(s.mutex, alone);
    Table& table = s.db(db).table;
    at = table.Scan(at, count - seen, [&](const Entry* e) {
      ++seen;
      if (!e->has_deadline() || e->deadline() > now) return f(*e);
      if (remover != nullptr) expired.push_back(e);
    });
    for (const Entry* e : expired) {
      const uint64_t hash = HashKey(e->key());
      Expire(i, db, hash, table.FindEntry(hash, e), *remover);
    }
    expired.clear();
    if (at != 0) return i << Table::kCursorBits | at;
    if (seen >= count || ++visits >= count + 256) {
      ++i;
      break;
    }
  }
  return i < shard_count_ ? i << Table::kCursorBits : 0;
}

}  // namespace pinion::store
