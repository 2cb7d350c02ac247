// What the keyspace tells the program above it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counter.h"
#include "base/random.h"
#include "store/eviction_pool.h"

namespace pinion::store {

// Classes of key-space events, bit for bit those of notify-keyspace-events.
enum EventClass : uint32_t {
  kEventKeyspace = 1 << 0,   // K
  kEventKeyevent = 1 << 1,   // E
  kEventGeneric = 1 << 2,    // g
  kEventString = 1 << 3,     // $
  kEventList = 1 << 4,       // l
  kEventSet = 1 << 5,        // s
  kEventHash = 1 << 6,       // h
  kEventSortedSet = 1 << 7,  // z
  kEventExpired = 1 << 8,    // x
  kEventEvicted = 1 << 9,    // e
  kEventStream = 1 << 10,    // t
  kEventKeyMiss = 1 << 11,   // m
  kEventModule = 1 << 12,    // d
  kEventNew = 1 << 13,       // n
};

// Why those who may have cached a key are told of it.
enum class Change : uint8_t {
  kCommand,    // a command changed it
  kExpiry,     // its deadline passed
  kServer,     // it was evicted, or fields of it expired
  kForgotten,  // it did not change: there is no room to remember who cached it
};

// Why a key was removed without a command that says so.
enum class Removal : uint8_t { kExpired, kEvicted };

// Called with the key's shard locked, on the thread that made the change: must be quick, must not wait, must not
// touch the keyspace.
class KeyspaceListener {
 public:
  virtual ~KeyspaceListener() = default;
  // An event whose class is in the notify mask happened to a key.
  virtual void OnKeyEvent(EventClass event_class, std::string_view event, std::string_view key, uint32_t db) = 0;
  // A key changed which `clients` may have cached: they are named this once, until they read it again. When all changes
  // are told (KeyspaceSettings), also of keys that nobody is known to have cached.
  virtual void OnChange(std::string_view, std::span<const uint64_t> /*clients*/, Change) {}
  // What follows is told only while Accessor::journaled: a key was removed because its deadline passed, or to make
  // room; and so were fields of a hash.
  virtual void OnRemoved(std::string_view /*key*/, uint32_t /*db*/, Removal) {}
  virtual void OnFieldsExpired(std::string_view /*key*/, uint32_t /*db*/, std::span<const std::string> /*fields*/) {}
  // Shard `shard` now has something due at `at`, earlier than before.
  virtual void OnEarlierDue(uint32_t shard, UnixMillis at) = 0;
};

// What accesses count.
struct KeyspaceStats {
  Counter hits, misses, expired, evicted;
  Counter expired_fields;   // of hashes
  Counter dirty;            // changes made to the keyspace
  Histogram expire_lag_us;  // from a key's deadline to its removal

  // CONFIG RESETSTAT; the count of changes stays. On the counting thread, or while it stands still.
  void Reset() {
    for (Counter* n : {&hits, &misses, &expired, &evicted, &expired_fields}) n->Set(0);
    expire_lag_us.Reset();
  }
};

// A key that somebody waits for, and that may serve them now.
struct ReadyKey {
  uint32_t db;
  std::string key;
};

// What a thread brings to its accesses; one a thread, so that counting costs a plain add.
struct Accessor {
  Accessor(uint64_t seed, KeyspaceListener* told) : random(seed), listener(told) {}
  KeyspaceStats stats;
  Random random;
  KeyspaceListener* listener;
  int64_t uncounted = 0;    // bytes that its changes added and the keyspace does not know of yet
  std::unique_ptr<EvictionPool> eviction_pool;  // made by the evictor
  std::vector<ReadyKey> ready;  // in the order in which they became so; for whoever serves blocked clients
  bool journaled = false;   // its changes are followed; set behind the closed gate
  bool touch = true;        // accesses move the access clock (CLIENT NO-TOUCH)
  bool replays = false;     // it does again what was done before: no deadline has passed until that says so
};

}  // namespace pinion::store
