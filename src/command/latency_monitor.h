// The latency monitor: for each event, the worst of the last seconds in which it took longer than the threshold.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace pinion::command {

// Thread-safe.
class LatencyMonitor {
 public:
  struct Sample { int64_t unix_seconds = 0; int64_t millis = 0; };
  struct Series {
    std::vector<Sample> samples;   // oldest first, at most 160, one a second
    int64_t max_millis = 0;        // all time
  };

  // Records a spike; the caller compared it with latency-monitor-threshold.
  void Add(std::string_view event, int64_t unix_seconds, int64_t millis);
  [[nodiscard]] std::map<std::string, Series> All();
  [[nodiscard]] Series Of(std::string_view event);
  // Forgets the events named (all when none is); returns how many there were.
  size_t Reset(const std::vector<std::string_view>& events);

 private:
  std::mutex mutex_;
  std::map<std::string, Series, std::less<>> events_;
};

}  // namespace pinion::command
