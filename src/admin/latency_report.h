// Latency spikes made readable: the graph and the report of LATENCY GRAPH and LATENCY DOCTOR.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "command/latency_monitor.h"

namespace pinion::admin {

// A line of figures, a rule, and a column a sample whose height is its latency, with its age
// written downwards below it. REQUIRES: the series has samples.
[[nodiscard]] std::string LatencyGraph(std::string_view event,
                                       const command::LatencyMonitor::Series& series,
                                       int64_t now_seconds);

// What the report's advice depends on.
struct LatencySettings {
  int64_t threshold_millis = 0;  // 0: the monitor is off
  int64_t slowlog_micros = 0;    // below 0: the slow log is off
  int64_t slowlog_entries = 0;
};
[[nodiscard]] std::string LatencyReport(
    const std::map<std::string, command::LatencyMonitor::Series>& events,
    const LatencySettings& settings);

}  // namespace pinion::admin
