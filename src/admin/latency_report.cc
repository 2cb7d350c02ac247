// Drawing and judging latency spikes.
#include "admin/latency_report.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace pinion::admin {
namespace {

using Series = command::LatencyMonitor::Series;
using Sample = command::LatencyMonitor::Sample;

constexpr size_t kColumns = 80;
constexpr int kGraphRows = 4;

// "12s", "3m", "5h", "2d".
std::string Age(int64_t seconds) {
  struct Unit {
    int64_t seconds;
    char letter;
  };
  constexpr std::array kUnits = {Unit{24 * 60 * 60, 'd'}, Unit{60 * 60, 'h'}, Unit{60, 'm'}};
  for (const Unit& u : kUnits) {
    if (seconds >= u.seconds) return fmt::format("{}{}", seconds / u.seconds, u.letter);
  }
  return fmt::format("{}s", std::max<int64_t>(seconds, 0));
}

struct Range {
  int64_t least, most;
};
Range RangeOf(const Series& series) {
  const auto by_millis = [](const Sample& a, const Sample& b) { return a.millis < b.millis; };
  const auto [least, most] =
      std::minmax_element(series.samples.begin(), series.samples.end(), by_millis);
  return {least->millis, most->millis};
}

// Trailing spaces say nothing.
void AppendRow(std::string row, std::string* out) {
  row.erase(row.find_last_not_of(' ') + 1);
  *out += row + '\n';
}

// A cell of a column `height` half-rows high; row 0 is the lowest.
char Cell(int height, int row) {
  const int above = height - 2 * row;
  if (above <= 0) return ' ';
  return above == 1 ? '_' : '#';
}

struct Summary {
  size_t spikes;
  int64_t average, deviation;  // milliseconds
  double period;               // seconds between spikes
};
Summary Summarize(const Series& series) {
  const auto n = static_cast<int64_t>(series.samples.size());
  int64_t sum = 0, deviation = 0;
  for (const Sample& s : series.samples) sum += s.millis;
  const int64_t average = sum / n;
  for (const Sample& s : series.samples) deviation += std::abs(s.millis - average);
  const int64_t span = series.samples.back().unix_seconds - series.samples.front().unix_seconds;
  return {series.samples.size(), average, deviation / n,
          static_cast<double>(std::max<int64_t>(span, 1)) / static_cast<double>(n)};
}

std::vector<std::string> Advice(const std::map<std::string, Series>& events,
                                const LatencySettings& settings) {
  std::vector<std::string> advice;
  if (events.contains("command")) {
    if (settings.slowlog_micros < 0 || settings.slowlog_entries == 0) {
      advice.emplace_back(
          "The slow log is off, so it cannot name the commands that took long. Turn it on: CONFIG "
          "SET "
          "slowlog-log-slower-than <microseconds>, CONFIG SET slowlog-max-len <entries>.");
    } else if (settings.slowlog_micros / 1000 > settings.threshold_millis) {
      advice.push_back(
          fmt::format("The slow log begins at {} ms, above the monitor's threshold of {} ms, and "
                      "misses part of these spikes. Lower it: "
                      "CONFIG SET slowlog-log-slower-than {}.",
                      settings.slowlog_micros / 1000, settings.threshold_millis,
                      settings.threshold_millis * 1000));
    }
    advice.emplace_back(
        "Read SLOWLOG GET for the commands behind these spikes; one over a large value or many "
        "keys is the usual cause.");
    advice.emplace_back("Give large values back with UNLINK: DEL frees them before it replies.");
  }
  if (events.contains("fast-command")) {
    advice.emplace_back(
        "Commands of constant time were slow: the machine kept the server waiting. Look for "
        "processes that compete for its "
        "cores, swapping, and a noisy host; redis-cli --intrinsic-latency measures what the "
        "machine alone adds.");
  }
  return advice;
}

}  // namespace

std::string LatencyGraph(std::string_view event, const Series& series, int64_t now_seconds) {
  const auto [least, most] = RangeOf(series);
  std::string out = fmt::format("{} - high {} ms, low {} ms (all time high {} ms)\n", event, most,
                                least, series.max_millis);
  out += std::string(kColumns, '-') + '\n';
  const size_t skip = series.samples.size() > kColumns ? series.samples.size() - kColumns : 0;
  const std::span<const Sample> shown = std::span(series.samples).subspan(skip);
  const int64_t span = std::max<int64_t>(most - least, 1);
  std::vector<int> heights;
  std::vector<std::string> labels;
  size_t label_rows = 0;
  for (const Sample& s : shown) {
    heights.push_back(1 + static_cast<int>((s.millis - least) * (2 * kGraphRows - 1) / span));
    labels.push_back(Age(now_seconds - s.unix_seconds));
    label_rows = std::max(label_rows, labels.back().size());
  }
  for (int row = kGraphRows - 1; row >= 0; --row) {
    std::string line;
    for (int h : heights) line += Cell(h, row);
    AppendRow(std::move(line), &out);
  }
  out += '\n';
  for (size_t row = 0; row < label_rows; ++row) {
    std::string line;
    for (const std::string& l : labels) line += row < l.size() ? l[row] : ' ';
    AppendRow(std::move(line), &out);
  }
  return out;
}

std::string LatencyReport(const std::map<std::string, Series>& events,
                          const LatencySettings& settings) {
  if (events.empty() && settings.threshold_millis == 0) {
    return "The latency monitor is off, so there is nothing to report. CONFIG SET "
           "latency-monitor-threshold <milliseconds> turns "
           "it on.\n";
  }
  if (events.empty())
    return fmt::format("No command took {} ms or longer: no latency spikes.\n",
                       settings.threshold_millis);
  std::string out = "Latency spikes were seen:\n\n";
  size_t number = 0;
  for (const auto& [event, series] : events) {
    const Summary s = Summarize(series);
    out += fmt::format(
        "{}. {}: {} latency spikes (average {}ms, mean deviation {}ms, period {:.2f} sec). Worst "
        "all time event {}ms.\n",
        ++number, event, s.spikes, s.average, s.deviation, s.period, series.max_millis);
  }
  const std::vector<std::string> advice = Advice(events, settings);
  if (!advice.empty()) out += "\nWhat may help:\n\n";
  for (const std::string& a : advice) out += "- " + a + '\n';
  return out;
}

}  // namespace pinion::admin
