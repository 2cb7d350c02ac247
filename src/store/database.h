// One request's view of one database: the only way handlers read and change keys.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "store/keyspace.h"

namespace pinion::store {

class WriteGuard;

// Seconds of the LRU clock, 24 bits, at wall time `now`.
[[nodiscard]] inline uint32_t LruClock(UnixMillis now) { return static_cast<uint32_t>(now / 1000) & 0xFFFFFF; }
// LFU clock: 16 bits of minutes above an 8-bit logarithmic counter, as Redis keeps it.
[[nodiscard]] uint32_t LfuInitial(UnixMillis now);
[[nodiscard]] uint32_t LfuDecayed(uint32_t clock, UnixMillis now, int decay_minutes);
[[nodiscard]] uint32_t LfuTouched(uint32_t clock, UnixMillis now, int decay_minutes, int log_factor, Random& random);
// Seconds since an entry with this LRU clock was last used.
[[nodiscard]] int64_t IdleSeconds(uint32_t clock, UnixMillis now);

// Cheap to make; lives as long as the shards of the request's keys are locked. Entries it gives out are live and
// stay valid until the next write through it or the end of the request. Not thread-safe.
class Database {
 public:
  Database(Keyspace& keyspace, uint32_t index, UnixMillis now, Accessor& accessor)
      : keyspace_(keyspace), index_(index), now_(now), accessor_(accessor) {}

  [[nodiscard]] uint32_t index() const { return index_; }
  [[nodiscard]] UnixMillis now() const { return now_; }
  Keyspace& keyspace() { return keyspace_; }
  Accessor& accessor() { return accessor_; }
  // The same request's view of another database.
  [[nodiscard]] Database Other(uint32_t index) const { return {keyspace_, index, now_, accessor_}; }

  // The live entry of a key, or null, as a read: moves the access clock, counts a hit or a miss, sends the keymiss
  // event. A key whose deadline has passed is removed on the way.
  [[nodiscard]] const Entry* Read(const Key& key) {
    const Entry* e = Live(key, true);
    if (e == nullptr) [[unlikely]] {
      NoteMiss(key);
      return nullptr;
    }
    accessor_.stats.hits.Add(1);
    if (accessor_.touch) Touch(const_cast<Entry*>(e));
    return e;
  }
  // The same leaving the access clock (EXISTS, TTL, TYPE).
  [[nodiscard]] const Entry* ReadUntouched(const Key& key) {
    const Entry* e = Live(key, true);
    if (e == nullptr) [[unlikely]] {
      NoteMiss(key);
      return nullptr;
    }
    accessor_.stats.hits.Add(1);
    return e;
  }
  // What is there, live or not, without any effect.
  [[nodiscard]] const Entry* Find(const Key& key) {
    const Table::Word* const w = keyspace_.shard(key.shard).db(index_).table.Find(key.hash, key.text);
    return w == nullptr ? nullptr : Table::At(w);
  }
  // The same without any trace of the look (OBJECT, WATCH).
  [[nodiscard]] const Entry* Peek(const Key& key) { return Live(key, true); }

  // The door to changes; see WriteGuard. At most one guard a key at a time.
  [[nodiscard]] WriteGuard Write(const Key& key);
  WriteGuard Write(Key&&) = delete;  // the guard refers to its key

 private:
  friend class WriteGuard;
  // The live entry. One whose deadline has passed is removed; while expiry is paused, a reader only passes it over.
  Entry* Live(const Key& key, bool reading);
  void Touch(Entry* e);
  void NoteMiss(const Key& key);

  Keyspace& keyspace_;
  const uint32_t index_;
  const UnixMillis now_;
  Accessor& accessor_;
};

// The one door through which a key changes. It finds the key when made; its methods change table, entry, deadline
// and memory count; and when it goes out of scope after a change, and nowhere else, watchers are dirtied, the key is
// noted for those who wait for it, the change is counted, and the events named with Notify are published, in that
// order. REQUIRES: the key's shard is locked; events name strings of static storage.
class WriteGuard {
 public:
  WriteGuard(Database& db, const Key& key);
  ~WriteGuard() { if (changed_) Commit(); }
  WriteGuard(const WriteGuard&) = delete;
  WriteGuard& operator=(const WriteGuard&) = delete;

  // The live entry, or null. Changes only through the methods below.
  [[nodiscard]] const Entry* entry() const { return entry_; }
  [[nodiscard]] bool exists() const { return entry_ != nullptr; }
  [[nodiscard]] UnixMillis deadline() const { return entry_ ? entry_->deadline() : kNoDeadline; }
  // Counts the look at the key as a read's: as a hit, or as a miss with its event.
  void CountLook();

  // Creates the key or replaces whatever it holds by a string; the deadline becomes the given one (kNoDeadline:
  // none). An object that was there is freed.
  void SetString(std::string_view bytes, UnixMillis deadline);
  // The same keeping the deadline.
  void SetStringKeepingDeadline(std::string_view bytes) { SetString(bytes, deadline()); }
  // SetString for text that stays text even where it reads as an integer (what INCRBYFLOAT leaves behind).
  void SetText(std::string_view text, UnixMillis deadline);
  // SetString for bytes that are "raw" whatever they read as, without a copy of long ones (what BITOP computes).
  void SetRaw(Blob bytes, UnixMillis deadline);
  // An integer value, in place when it was one; keeps the deadline.
  void SetInteger(int64_t v);
  // The string value as writable bytes of length `size`: what was there up to that, then zeros. OBJECT ENCODING
  // says "raw" from then on. The pointer dies with the next method. Keeps the deadline; creates the key when
  // missing. REQUIRES: absent or a string.
  [[nodiscard]] char* EditString(size_t size);
  // Makes OBJECT ENCODING say "raw", as editing does, without a change: Redis unshares a string before it finds that
  // there is nothing to edit. REQUIRES: exists(), a string.
  void MakeRaw();
  // Sets or (kNoDeadline) removes the deadline. REQUIRES: exists().
  void SetDeadline(UnixMillis deadline);
  // Says when, or how often, the key was last used: see LruClock and LfuInitial. That alone is no change. REQUIRES:
  // exists().
  void SetAccessClock(uint32_t clock) { entry_->set_access_clock(clock); }
  // Removes the key. REQUIRES: exists().
  void Delete();
  // Takes the value of `from` (deadline and access clock too) as it is, moving it: for RENAME and MOVE; `from`
  // becomes absent and changed. REQUIRES: from.exists().
  void TakeFrom(WriteGuard& from);
  // A deep copy of an entry of another key, with its deadline. REQUIRES: !exists().
  void CopyFrom(const Entry& from);
  // Creates the key with a value other than a string, or replaces whatever it holds by it; the deadline becomes the
  // given one. Takes over the word.
  void SetObject(ValueType type, void* word, UnixMillis deadline);
  // The word of the value, to be changed in place and put back when it takes up so many more bytes; see Editing.
  // REQUIRES: exists() and holds an object.
  [[nodiscard]] void* TakeOutObject();
  void PutBackObject(void* word, int64_t more_bytes);
  // Frees a value that was taken out, or a part of it; see Keyspace::Discard.
  void Discard(ValueType type, void* word) { db_.keyspace().Discard(type, word); }
  // Marks a change of the entry's value made otherwise, e.g. in a structure it points to.
  void MarkChanged() { changed_ = true; }
  // The change is part of another one, which is counted.
  void LeaveUncounted() { counted_ = false; }
  // What is changed is no change to those who watch the key, unless the key is created.
  void HideFromWatchers() { hidden_ = true; }
  // The change of an existing value is one that clients blocked on the key wait for. That it was created, deleted or
  // became another type is told without this.
  void WakeWaiters() { wakes_ = true; }

  // Names an event of this change. An event without a change is dropped. At most kMaxEvents.
  void Notify(EventClass event_class, std::string_view event);
  static constexpr size_t kMaxEvents = 4;

 private:
  struct Event { EventClass event_class; std::string_view name; };
  void Commit();
  // Before the existing entry changes: see Keyspace::Preserve.
  void Preserve(Fate fate) { db_.keyspace().Preserve(key_.shard, db_.index(), entry_, fate); }
  // Creates the key with this value and deadline, or gives them to the existing entry.
  void Put(const Entry::Value& value, UnixMillis deadline);
  void Create(const Entry::Value& value, UnixMillis deadline);
  void Recreate(const Entry::Value& value, UnixMillis deadline);
  // Puts a new entry, or one at a new address, into the wheels of its deadlines, and has its value swept.
  void EnterWheels();
  [[nodiscard]] ShardDb& shard_db();

  Database& db_;
  const Key& key_;
  Entry* entry_;
  bool changed_ = false;
  bool created_ = false;
  bool counted_ = true;
  bool hidden_ = false;
  bool wakes_ = false;
  uint8_t events_ = 0;
  std::array<Event, kMaxEvents> event_;
};

// --- inline parts -------------------------------------------------------------------------------------------

inline Entry* Database::Live(const Key& key, bool reading) {
  Table::Word* w = keyspace_.shard(key.shard).db(index_).table.Find(key.hash, key.text);
  if (w == nullptr) return nullptr;
  Entry* e = Table::At(w);
  if (e->has_deadline() && e->deadline() <= now_) [[unlikely]] {
    if (accessor_.replays) return e;
    if (reading && keyspace_.settings().ExpiryPaused(now_)) return nullptr;
    keyspace_.Expire(key.shard, index_, key.hash, w, accessor_);
    return nullptr;
  }
  if (e->has_field_deadlines()) [[unlikely]] {
    if (!accessor_.replays && !keyspace_.settings().ExpiryPaused(now_) &&
        !keyspace_.ExpireFields(key, index_, e, now_, accessor_)) {
      return nullptr;
    }
  }
  return e;
}

inline void Database::Touch(Entry* e) {
  const KeyspaceSettings& s = keyspace_.settings();
  if (!s.lfu.load(std::memory_order_relaxed)) [[likely]] {
    const uint32_t clock = LruClock(now_);
    if (e->access_clock() != clock) e->set_access_clock(clock);  // keeps the line clean within a second
    return;
  }
  e->set_access_clock(LfuTouched(e->access_clock(), now_, s.lfu_decay_minutes.load(std::memory_order_relaxed),
                                 s.lfu_log_factor.load(std::memory_order_relaxed), accessor_.random));
}

inline WriteGuard Database::Write(const Key& key) { return WriteGuard(*this, key); }

}  // namespace pinion::store
