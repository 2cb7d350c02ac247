// One shard: a lock, and for every database a table and a timing wheel.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/small_mutex.h"
#include "store/events.h"
#include "store/table.h"
#include "store/tracked_keys.h"
#include "store/waiter.h"
#include "store/wheel.h"

namespace pinion::store {

// The phase of a shard's wheels. A whole multiple of 4.096 s: small slots begin together everywhere (fewer wake-ups),
// big ones apart.
[[nodiscard]] inline uint64_t WheelPhase(uint32_t shard) { return (shard * 0x9E3779B97F4A7C15ull >> 32) << 12; }

// The part of one database that lives in one shard.
struct ShardDb {
  Table table;
  std::unique_ptr<Wheel> wheel;  // made with the first deadline
  int64_t entry_bytes = 0;       // heap bytes of entries and their values
  std::unique_ptr<FieldWheel> field_wheel;  // made with the first field deadline

  std::unique_ptr<std::unordered_set<std::string>> unswept;  // keys of values with work left over, or once with it

  // Heap bytes of the table and the wheel themselves.
  [[nodiscard]] int64_t IndexBytes() const {
    return static_cast<int64_t>(table.bytes() + (wheel ? wheel->bytes() : 0) +
                                (field_wheel ? field_wheel->bytes() : 0));
  }
  [[nodiscard]] int64_t Bytes() const { return IndexBytes() + entry_bytes; }
};

// The name of a key in the maps of those who observe it: the database number (4 bytes) and the key.
[[nodiscard]] inline std::string ObservedName(uint32_t db, std::string_view key) {
  std::string name(reinterpret_cast<const char*>(&db), sizeof db);
  name.append(key);
  return name;
}
[[nodiscard]] inline uint32_t ObservedDb(std::string_view name) {
  uint32_t db;
  std::memcpy(&db, name.data(), sizeof db);
  return db;
}
[[nodiscard]] inline std::string_view ObservedKey(std::string_view name) { return name.substr(sizeof(uint32_t)); }

// Set when a key that a client watches changes. Shared by the session and the shards that know of it.
struct WatchFlag {
  std::atomic<bool> dirty{false};
};

// Everything here is guarded by `mutex`, but for next_due, which anyone may read. What a request on database 0
// needs stands in the first cache line.
struct alignas(64) Shard {
  SmallMutex mutex;
  uint32_t watched = 0;          // number of keys in watchers
  uint32_t tracked = 0;          // number of keys in tracked_keys
  uint32_t waited = 0;           // number of keys in waiters
  uint32_t feeders = 0;          // entries of waiters that fill another key when served
  uint8_t snapshot_mark = 0;     // of entries that need not be shown to a snapshot before they change
  ShardDb db0;
  std::unique_ptr<ShardDb[]> others;
  std::atomic<UnixMillis> next_due{INT64_MAX};
  uint32_t timed = 0;            // databases from this one on have nothing that comes due: no deadline, none unswept

  struct Watcher {
    std::shared_ptr<WatchFlag> flag;
    bool expired_at_watch;       // its disappearance is then no change
  };
  // Keys are made by ObservedName.
  std::unique_ptr<std::unordered_map<std::string, std::vector<Watcher>>> watchers;
  std::unique_ptr<TrackedKeys> tracked_keys;  // made with the first

  // While the keyspace counts its bytes: those of each database that it has counted.
  std::unique_ptr<int64_t[]> counted;
  std::unique_ptr<std::unordered_map<std::string, WaitQueue>> waiters;  // the same keys

  [[nodiscard]] ShardDb& db(uint32_t i) { return i == 0 ? db0 : others[i - 1]; }
};

}  // namespace pinion::store
