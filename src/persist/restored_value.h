// From a value that was read to a key: shared by RESTORE and by loading files.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "command/services.h"
#include "config/config.h"
#include "rdb/value.h"
#include "store/database.h"

namespace pinion::persist {

inline constexpr int64_t kLongestIdle = 0xFFFFFF;  // seconds: what the access clock can tell

// How recently, or how often, a key was used, as far as somebody said.
struct Use {
  std::optional<int64_t> idle_seconds;
  std::optional<uint8_t> frequency;
};

// The sizes up to which values take their small forms, from the options.
[[nodiscard]] inline rdb::ValueLimits LimitsOf(const command::Services& services) {
  const config::Settings& s = services.config.settings();
  const auto get = [](const auto& v) { return static_cast<size_t>(v.load(std::memory_order_relaxed)); };
  rdb::ValueLimits limits;
  limits.hash = {get(s.hash_max_listpack_entries), get(s.hash_max_listpack_value)};
  limits.set = {get(s.set_max_intset_entries), get(s.set_max_listpack_entries), get(s.set_max_listpack_value)};
  limits.sorted_set = {get(s.zset_max_listpack_entries), get(s.zset_max_listpack_value)};
  limits.list = types::ListLimit(s.list_max_listpack_size.load(std::memory_order_relaxed),
                                 services.keyspace.settings().large_list_element.load(std::memory_order_relaxed));
  limits.stream = {get(s.stream_node_max_bytes), s.stream_node_max_entries.load(std::memory_order_relaxed)};
  return limits;
}

// Puts the value in the place of what the key holds. Of `use` counts what the eviction policy goes by.
inline void PutRestored(store::WriteGuard& w, rdb::Value value, UnixMillis deadline, const Use& use, UnixMillis now,
                        bool lfu) {
  if (value.type() == types::ValueType::kString) {
    w.SetString(value.text(), deadline);
  } else {
    w.SetObject(value.type(), value.Release(), deadline);
  }
  if (lfu && use.frequency) {
    // A frequency stands beside the minute of its last decay.
    w.SetAccessClock((store::LfuInitial(now) & ~uint32_t{0xFF}) | *use.frequency);
  } else if (!lfu && use.idle_seconds) {
    w.SetAccessClock(store::LruClock(now - std::min(*use.idle_seconds, kLongestIdle) * 1000));
  }
}

}  // namespace pinion::persist
