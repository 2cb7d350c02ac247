// From a value that was read to a key: shared by RESTORE and by loading files.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "rdb/value.h"
#include "store/database.h"

namespace pinion::rdb {

inline constexpr int64_t kLongestIdle = 0xFFFFFF;  // seconds: what the access clock can tell

// How recently, or how often, a key was used, as far as somebody said.
struct Use {
  std::optional<int64_t> idle_seconds;
  std::optional<uint8_t> frequency;
};

// Puts the value in the place of what the key holds. Of `use` counts what the eviction policy goes by.
inline void PutRestored(store::WriteGuard& w, Value value, UnixMillis deadline, const Use& use, UnixMillis now,
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

}  // namespace pinion::rdb
