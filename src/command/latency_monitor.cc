// Keeping latency spikes.
#include "command/latency_monitor.h"

#include <algorithm>

namespace pinion::command {
namespace {

constexpr size_t kSamples = 160;

}  // namespace

void LatencyMonitor::Add(std::string_view event, int64_t unix_seconds, int64_t millis) {
  std::lock_guard lock(mutex_);
  auto it = events_.find(event);
  if (it == events_.end()) it = events_.emplace(std::string(event), Series()).first;
  Series& s = it->second;
  s.max_millis = std::max(s.max_millis, millis);
  if (!s.samples.empty() && s.samples.back().unix_seconds == unix_seconds) {
    s.samples.back().millis = std::max(s.samples.back().millis, millis);
    return;
  }
  if (s.samples.size() == kSamples) s.samples.erase(s.samples.begin());
  s.samples.push_back({unix_seconds, millis});
}

std::map<std::string, LatencyMonitor::Series> LatencyMonitor::All() {
  std::lock_guard lock(mutex_);
  return {events_.begin(), events_.end()};
}

LatencyMonitor::Series LatencyMonitor::Of(std::string_view event) {
  std::lock_guard lock(mutex_);
  const auto it = events_.find(event);
  return it == events_.end() ? Series() : it->second;
}

size_t LatencyMonitor::Reset(const std::vector<std::string_view>& events) {
  std::lock_guard lock(mutex_);
  if (events.empty()) {
    const size_t n = events_.size();
    events_.clear();
    return n;
  }
  size_t n = 0;
  for (std::string_view e : events) {
    const auto it = events_.find(e);
    if (it == events_.end()) continue;
    events_.erase(it);
    ++n;
  }
  return n;
}

}  // namespace pinion::command
