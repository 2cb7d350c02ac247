// What the store's tests share: entries that free themselves, a listener that writes down what it hears, a whole keyspace.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "store/database.h"
#include "store/entry.h"
#include "store/events.h"
#include "store/keyspace.h"

namespace pinion::store {

struct EntryDeleter {
  void operator()(Entry* e) const { Entry::Delete(e); }
};
using EntryPtr = std::unique_ptr<Entry, EntryDeleter>;

inline EntryPtr MakeEntry(std::string_view key, std::string_view value = "",
                          UnixMillis deadline = kNoDeadline) {
  return EntryPtr(Entry::New(key, Entry::StringValue(value), deadline));
}

inline std::string TextOf(const Entry& e) {
  char scratch[32];
  return std::string(e.StringView(scratch));
}

// `length` bytes that differ from place to place and from seed to seed, and are no number.
inline std::string Pattern(size_t length, unsigned seed = 0) {
  std::string s(length, '\0');
  for (size_t i = 0; i < length; ++i) s[i] = static_cast<char>('a' + (i * 7 + i / 256 + seed) % 26);
  return s;
}

// Keeps everything it is told. Thread-safe.
class RecordingListener final : public KeyspaceListener {
 public:
  struct Event {
    EventClass event_class;
    std::string name, key;
    uint32_t db;
    bool operator==(const Event&) const = default;
  };
  void OnKeyEvent(EventClass event_class, std::string_view event, std::string_view key,
                  uint32_t db) override {
    std::lock_guard lock(mutex_);
    events_.push_back({event_class, std::string(event), std::string(key), db});
  }
  void OnEarlierDue(uint32_t shard, UnixMillis at) override {
    std::lock_guard lock(mutex_);
    due_.emplace_back(shard, at);
  }

  // What came since the last call.
  std::vector<Event> TakeEvents() {
    std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }
  std::vector<std::pair<uint32_t, UnixMillis>> TakeDue() {
    std::lock_guard lock(mutex_);
    return std::exchange(due_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
  std::vector<std::pair<uint32_t, UnixMillis>> due_;
};

constexpr UnixMillis kStart = 1'750'000'000'000;  // of every TestStore's clock
constexpr UnixMillis kForever = std::numeric_limits<UnixMillis>::max();

// A keyspace with a clock that stands still, for one thread that is alone with it.
class TestStore {
 public:
  explicit TestStore(KeyspaceOptions options = {.shards = 16, .databases = 4})
      : clock(kStart * 1000), keyspace(options, clock), accessor(42, &listener) {}

  [[nodiscard]] UnixMillis now() const { return clock.WallMillis(); }
  [[nodiscard]] Database Db(uint32_t db = 0) {
    return Database(keyspace, db, now(), accessor);
  }
  void Set(std::string_view key, std::string_view value, UnixMillis deadline = kNoDeadline,
           uint32_t db = 0) {
    const Key k = keyspace.MakeKey(key);
    Database d = Db(db);
    d.Write(k).SetString(value, deadline);
  }
  // The value, "(nil)" when the key is not there.
  std::string Get(std::string_view key, uint32_t db = 0) {
    const Entry* e = Db(db).Read(keyspace.MakeKey(key));
    return e == nullptr ? "(nil)" : TextOf(*e);
  }
  UnixMillis DeadlineOf(std::string_view key, uint32_t db = 0) {
    const Entry* e = Db(db).Peek(keyspace.MakeKey(key));
    return e == nullptr ? -2 : e->deadline();
  }
  bool Del(std::string_view key, uint32_t db = 0) {
    const Key k = keyspace.MakeKey(key);
    Database d = Db(db);
    WriteGuard w = d.Write(k);
    if (!w.exists()) return false;
    w.Delete();
    return true;
  }
  // Removes all that is due, without a limit; returns when there is more to do.
  UnixMillis ExpireAll() {
    return keyspace.ExpireDue(0, keyspace.shard_count(), now(), 1'000'000'000, accessor);
  }
  // Whether the memory counts, the wheels and the tables agree with the entries that are there.
  [[nodiscard]] bool Consistent() {
    for (uint32_t i = 0; i < keyspace.shard_count(); ++i) {
      for (uint32_t db = 0; db < keyspace.database_count(); ++db) {
        ShardDb& d = keyspace.shard(i).db(db);
        if (!d.table.CheckInvariants()) return false;
        int64_t bytes = 0;
        size_t in_wheel = 0, in_field_wheel = 0;
        d.table.ForEach([&](Entry* e) {
          bytes += static_cast<int64_t>(e->TotalBytes());
          if (e->has_deadline()) ++in_wheel;
          if (e->has_field_deadlines()) ++in_field_wheel;
        });
        if (bytes != d.entry_bytes || in_wheel != (d.wheel ? d.wheel->size() : 0)) return false;
        if (in_field_wheel != (d.field_wheel ? d.field_wheel->size() : 0)) return false;
      }
    }
    return true;
  }

  ManualClock clock;
  Keyspace keyspace;
  RecordingListener listener;
  Accessor accessor;
};

}  // namespace pinion::store
