// The slow log: the last commands that took longer than the threshold.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pinion::command {

struct SlowEntry {
  int64_t id;
  int64_t unix_seconds;
  int64_t micros;
  std::vector<std::string> args;   // cut to 32 arguments of 128 bytes, as Redis cuts them
  std::string peer, client_name;
};

// Thread-safe.
class SlowLog {
 public:
  void Add(std::span<const std::string_view> args, int64_t unix_seconds, int64_t micros, std::string_view peer,
           std::string_view client_name, size_t max_entries);
  // The newest first; at most `count`.
  [[nodiscard]] std::vector<SlowEntry> Newest(size_t count);
  [[nodiscard]] size_t size();
  void Reset();

 private:
  std::mutex mutex_;
  std::deque<SlowEntry> entries_;  // newest first
  int64_t next_id_ = 0;
};

}  // namespace pinion::command
