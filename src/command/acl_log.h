// The security log: what was refused to whom, with the same thing again counted rather than repeated.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "command/acl_selector.h"

namespace pinion::command {

enum class AclLogContext : uint8_t { kTopLevel, kMulti, kLua };

struct AclLogEntry {
  DenialReason reason;
  AclLogContext context;
  std::string object;    // the command, key or channel
  std::string username;
  std::string client;    // the last one's line, as CLIENT INFO shows it
  UnixMillis created = 0, updated = 0;
  int64_t id = 0;
  int64_t count = 1;
};

// Thread-safe.
class AclLog {
 public:
  // The entry's `updated` is now; `max_entries` 0 keeps nothing.
  void Add(AclLogEntry entry, size_t max_entries);
  // The newest first; at most `count`.
  [[nodiscard]] std::vector<AclLogEntry> Newest(size_t count) const;
  void Reset();

 private:
  mutable std::mutex mutex_;
  std::deque<AclLogEntry> entries_;  // newest first
  int64_t next_id_ = 0;
};

}  // namespace pinion::command
