// LATENCY: spikes kept by the latency monitor, and the distribution of commands' durations.
#include <string>
#include <vector>

#include "admin/command_stats.h"
#include "admin/families.h"
#include "admin/latency_report.h"
#include "command/context.h"
#include "command/help.h"
#include "command/latency_monitor.h"
#include "command/registry.h"
#include "config/config.h"

namespace pinion::admin {
namespace {

using command::Command;
using command::Context;

void LatencyDoctor(Context& ctx) {
  const config::Settings& s = ctx.services().config.settings();
  const LatencySettings settings = {s.latency_monitor_threshold.load(),
                                    s.slowlog_log_slower_than.load(), s.slowlog_max_len.load()};
  ctx.reply().Verbatim("txt", LatencyReport(ctx.services().latency.All(), settings));
}

void LatencyGraphOf(Context& ctx) {
  const auto series = ctx.services().latency.Of(ctx.arg(2));
  if (series.samples.empty()) {
    return ctx.reply().Error("ERR No samples available for event '" + std::string(ctx.arg(2)) +
                             "'");
  }
  ctx.reply().Verbatim("txt", LatencyGraph(ctx.arg(2), series, ctx.now() / 1000));
}

void LatencyHistory(Context& ctx) {
  const auto series = ctx.services().latency.Of(ctx.arg(2));
  ctx.reply().Array(series.samples.size());
  for (const auto& s : series.samples) {
    ctx.reply().Array(2);
    ctx.reply().Integer(s.unix_seconds);
    ctx.reply().Integer(s.millis);
  }
}

void LatencyLatest(Context& ctx) {
  const auto events = ctx.services().latency.All();
  ctx.reply().Array(events.size());
  for (const auto& [name, series] : events) {
    ctx.reply().Array(4);
    ctx.reply().Bulk(name);
    ctx.reply().Integer(series.samples.back().unix_seconds);
    ctx.reply().Integer(series.samples.back().millis);
    ctx.reply().Integer(series.max_millis);
  }
}

void LatencyReset(Context& ctx) {
  const auto names = ctx.args().subspan(2);
  ctx.reply().Integer(
      static_cast<int64_t>(ctx.services().latency.Reset({names.begin(), names.end()})));
}

// Upper bounds in microseconds with the number of calls up to each; only where the number grows.
std::vector<std::pair<int64_t, int64_t>> Microseconds(const Histogram& nanos) {
  std::vector<std::pair<int64_t, int64_t>> buckets;
  nanos.ForEachPowerOfTwo([&](uint64_t upper_bound, uint64_t cumulative) {
    const auto micros = std::max<int64_t>(static_cast<int64_t>((upper_bound + 1) / 1000), 1);
    if (buckets.empty() || buckets.back().first != micros) buckets.emplace_back(micros, 0);
    buckets.back().second = static_cast<int64_t>(cumulative);
  });
  return buckets;
}

bool WriteHistogram(Context& ctx, const Command& c) {
  const auto histogram = LatencyOf(ctx.services(), c);
  if (histogram == nullptr) return false;
  const auto buckets = Microseconds(*histogram);
  ctx.reply().Bulk(c.full_name);
  ctx.reply().Map(2);
  ctx.reply().Bulk("calls");
  ctx.reply().Integer(static_cast<int64_t>(histogram->count()));
  ctx.reply().Bulk("histogram_usec");
  ctx.reply().Map(buckets.size());
  for (const auto& [micros, calls] : buckets) {
    ctx.reply().Integer(micros);
    ctx.reply().Integer(calls);
  }
  return true;
}

void LatencyHistogram(Context& ctx) {
  const command::Registry& registry = ctx.services().registry;
  const auto mark = ctx.reply().Begin();
  size_t n = 0;
  if (ctx.argc() == 2) {
    registry.ForEach([&](const Command& c) { n += WriteHistogram(ctx, c); });
  }
  for (std::string_view name : ctx.args().subspan(2)) {
    const Command* c = registry.FindFull(name);
    if (c == nullptr) continue;
    n += WriteHistogram(ctx, *c);
    for (const auto& sub : c->subcommands) n += WriteHistogram(ctx, *sub);
  }
  ctx.reply().EndMap(mark, n);
}

void LatencyHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    Return a human readable latency analysis report.",
      "GRAPH <event>",
      "    Return an ASCII latency graph for the <event> class.",
      "HISTORY <event>",
      "    Return time-latency samples for the <event> class.",
      "LATEST",
      "    Return the latest latency samples for all events.",
      "RESET [<event> ...]",
      "    Reset latency data of one or more <event> classes.",
      "    (default: reset all data for all event classes)",
      "HISTOGRAM [COMMAND ...]",
      "    Return a cumulative distribution of latencies in the format of a histogram for the "
      "specified command names.",
      "    If no commands are specified then all histograms are replied.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr uint64_t kFlags = kAdmin | kNoScript | kLoading | kStale;
constexpr CommandRow kLatencySubcommands[] = {
    {"DOCTOR", 2, kFlags, {}, LatencyDoctor},
    {"GRAPH", 3, kFlags, {}, LatencyGraphOf},
    {"HELP", 2, kLoading | kStale, {}, LatencyHelp},
    {"HISTOGRAM", -2, kFlags, {}, LatencyHistogram},
    {"HISTORY", 3, kFlags, {}, LatencyHistory},
    {"LATEST", 2, kFlags, {}, LatencyLatest},
    {"RESET", -2, kFlags, {}, LatencyReset},
};
constexpr CommandRow kLatencyRows[] = {
    {"LATENCY", -2, 0, {}, nullptr, 0, kLatencySubcommands},
};

}  // namespace

const command::Family kLatencyFamily = {"server", 0, kLatencyRows};

}  // namespace pinion::admin
