// What the dispatcher shows of commands to those who look on: the slow log, the latency monitor and MONITOR.
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/quoted.h"
#include "command/dispatcher.h"
#include "command/latency_monitor.h"
#include "command/pubsub.h"
#include "command/slowlog.h"
#include "config/config.h"

namespace pinion::command {

void Dispatcher::NoteSlow(Worker& worker, Session& session, const Command& c, std::span<const std::string_view> args,
                          int64_t micros) {
  const config::Settings& settings = services_.config.settings();
  const int64_t slow = settings.slowlog_log_slower_than.load(std::memory_order_relaxed);
  const auto max_entries = static_cast<size_t>(settings.slowlog_max_len.load(std::memory_order_relaxed));
  if (slow >= 0 && micros >= slow && !c.Has(kSkipSlowlog)) {
    const Session& client = session.script ? *running_script_.caller : session;
    services_.slowlog.Add(Redacted(worker, args), worker.now_micros / 1'000'000, micros, client.link.peer(),
                          client.name, max_entries);
  }
  const int64_t threshold = settings.latency_monitor_threshold.load(std::memory_order_relaxed);
  if (threshold > 0 && micros / 1000 >= threshold) {
    services_.latency.Add(c.Has(kFast) ? "fast-command" : "command", worker.now_micros / 1'000'000, micros / 1000);
  }
}

// The arguments as logs may show them: passwords do not belong there.
std::vector<std::string_view> Dispatcher::Redacted(const Worker& worker, std::span<const std::string_view> args) {
  std::vector<std::string_view> shown(args.begin(), args.end());
  for (size_t i : worker.hidden_args) shown[i] = "(redacted)";
  return shown;
}

void Dispatcher::FeedMonitors(Worker& worker, const Session& session, std::span<const std::string_view> args) {
  const int64_t micros = services_.clock.WallMicros();
  std::string line = fmt::format("+{}.{:06} [{} {}]", micros / 1'000'000, micros % 1'000'000, session.db,
                                 session.script ? "lua"
                                 : session.link.is_unix() ? "unix:" + session.link.local() : session.link.peer());
  for (std::string_view a : Redacted(worker, args)) {
    line += ' ';
    line += Quote(a);
  }
  line += "\r\n";
  services_.pubsub.FeedMonitors(Blob::CopyOf(line), &worker);
}

}  // namespace pinion::command
