// INFO's sections about what was done: stats, commandstats, errorstats, latencystats, keyspace.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "admin/command_stats.h"
#include "admin/info_sections.h"
#include "base/clock.h"
#include "command/acl_log.h"
#include "command/observations.h"
#include "command/pubsub.h"
#include "command/replication.h"
#include "command/script_engine.h"
#include "command/services.h"
#include "command/tracking.h"
#include "config/config.h"
#include "store/keyspace.h"

namespace pinion::admin {
namespace {

using command::Command;

constexpr double kBytesAKilobyte = 1024;
constexpr double kNanosAMicro = 1000;
constexpr int64_t kNanosAMicro64 = 1000;

int64_t SumOverWorkers(const command::Services& services,
                       const std::function<int64_t(const command::Worker&)>& f) {
  int64_t sum = 0;
  for (const auto& w : services.workers) sum += f(*w);
  return sum;
}

// Milliseconds, estimated from the volatile ones among some keys: their order in a scan is that of
// their hashes, so the first are as good as any. 0 when none was met.
int64_t AverageTtl(InfoText& out, uint32_t db) {
  constexpr size_t kKeysToVisit = 1000;
  command::Context& ctx = out.ctx();
  int64_t volatile_keys = 0;
  __int128 sum = 0;  // two deadlines at the far end of time are more than 64 bits hold
  ctx.services().keyspace.Scan(db, 0, kKeysToVisit, ctx.now(), ctx.alone(),
                               [&](const store::Entry& e) {
                                 if (!e.has_deadline()) return;
                                 ++volatile_keys;
                                 sum += e.deadline() - ctx.now();
                               });
  return volatile_keys == 0 ? 0 : static_cast<int64_t>(sum / volatile_keys);
}

// How far behind their deadlines keys were removed.
void ExpireLagLines(InfoText& out) {
  const auto lag = std::make_unique<Histogram>();
  for (const auto& w : out.services().workers) lag->Merge(w->accessor.stats.expire_lag_us);
  out.Line("expire_lag_p50_us", lag->Quantile(0.50));
  out.Line("expire_lag_p99_us", lag->Quantile(0.99));
  out.Line("expire_lag_max_us", lag->max());
}

void RateLines(InfoText& out, const command::Observations::Rates& rates, const command::Host::NetTotals& net) {
  out.Line("instantaneous_ops_per_sec", static_cast<int64_t>(rates.commands));
  out.Line("total_net_input_bytes", net.bytes_in);
  out.Line("total_net_output_bytes", net.bytes_out);
  out.Zeros({"total_net_repl_input_bytes", "total_net_repl_output_bytes"});
  out.Line("instantaneous_input_kbps", fmt::format("{:.2f}", rates.bytes_in / kBytesAKilobyte));
  out.Line("instantaneous_output_kbps", fmt::format("{:.2f}", rates.bytes_out / kBytesAKilobyte));
  out.Line("instantaneous_input_repl_kbps", "0.00");
  out.Line("instantaneous_output_repl_kbps", "0.00");
}

void KeyspaceCounterLines(InfoText& out) {
  const auto sum = [&](Counter store::KeyspaceStats::*counter) {
    return SumOverWorkers(out.services(), [&](const command::Worker& w) {
      return (w.accessor.stats.*counter).Get();
    });
  };
  out.Line("expired_keys", sum(&store::KeyspaceStats::expired));
  out.Line("expired_subkeys", sum(&store::KeyspaceStats::expired_fields));
  ExpireLagLines(out);
  out.Line("expired_stale_perc", "0.00");
  out.Zeros({"expired_time_cap_reached_count", "expire_cycle_cpu_milliseconds"});
  out.Line("evicted_keys", sum(&store::KeyspaceStats::evicted));
  out.Line("evicted_scripts", out.services().scripts->usage().evicted_scripts);
  out.Line("evicted_clients", SumOverWorkers(out.services(), [](const command::Worker& w) {
             return w.stats.evicted_clients.Get();
           }));
  out.Zeros({"total_eviction_exceeded_time", "current_eviction_exceeded_time"});
  out.Line("keyspace_hits", sum(&store::KeyspaceStats::hits));
  out.Line("keyspace_misses", sum(&store::KeyspaceStats::misses));
}

int64_t MicrosOf(int64_t cycles) {
  return static_cast<int64_t>(static_cast<double>(cycles) * NanosPerCycle() / kNanosAMicro);
}

// Sums over all loops; the rates are those of one loop, on average.
void EventLoopLines(InfoText& out, const command::Observations::Rates& rates, const command::Host::NetTotals& net) {
  command::Services& services = out.services();
  const int64_t cycles = SumOverWorkers(services, [](const command::Worker& w) {
    int64_t sum = 0;
    for (const command::CommandStats& s : w.stats.by_command) sum += s.cycles.Get();
    return sum;
  });
  const auto loops = static_cast<double>(services.workers.size());
  out.Line("eventloop_cycles", net.turns);
  out.Line("eventloop_duration_sum", net.busy_micros);
  out.Line("eventloop_duration_cmd_sum", MicrosOf(cycles));
  out.Line("instantaneous_eventloop_cycles_per_sec", std::llround(rates.turns / loops));
  out.Line("instantaneous_eventloop_duration_usec",
           rates.turns > 0 ? std::llround(rates.busy_micros / rates.turns) : 0);
}

void DenialLines(InfoText& out) {
  using Reason = command::DenialReason;
  const auto line = [&](std::string_view name, Reason reason) {
    out.Line(name, SumOverWorkers(out.services(), [reason](const command::Worker& w) {
               return w.stats.denials[static_cast<size_t>(reason)].Get();
             }));
  };
  line("acl_access_denied_auth", Reason::kAuthentication);
  line("acl_access_denied_cmd", Reason::kCommand);
  line("acl_access_denied_key", Reason::kKey);
  line("acl_access_denied_channel", Reason::kChannel);
}

}  // namespace

void InfoStats(InfoText& out) {
  using Kind = command::PubSub::Kind;
  command::Services& services = out.services();
  const auto net = services.host.net_totals();
  const int64_t commands =
      SumOverWorkers(services, [](const command::Worker& w) { return w.stats.commands.Get(); });
  out.Title("Stats");
  out.Line("total_connections_received", net.accepted);
  out.Line("total_commands_processed", commands);
  const command::Observations::Rates rates = services.observations.rates();
  RateLines(out, rates, net);
  out.Line("rejected_connections", net.rejected);
  const command::Replication::Status replication = services.replication->status();
  out.Line("sync_full", replication.full_syncs);
  out.Line("sync_partial_ok", replication.resumed_syncs);
  out.Line("sync_partial_err", replication.refused_resumptions);
  KeyspaceCounterLines(out);
  out.Line("pubsub_channels", services.pubsub.ChannelCount(Kind::kChannel));
  out.Line("pubsub_patterns", services.pubsub.PatternCount());
  out.Line("pubsubshard_channels", services.pubsub.ChannelCount(Kind::kShardChannel));
  out.Zeros({"latest_fork_usec", "total_forks", "migrate_cached_sockets",
             "slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses",
             "active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time",
             "current_active_defrag_time"});
  out.Line("tracking_total_keys", services.keyspace.tracked_keys());
  out.Line("tracking_total_items", services.keyspace.tracked_items());
  out.Line("tracking_total_prefixes", services.tracking.PrefixCount());
  out.Zeros({"unexpected_error_replies"});
  out.Line("total_error_replies",
           SumOverWorkers(services, [](const command::Worker& w) { return w.stats.errors.Get(); }));
  out.Zeros({"dump_payload_sanitizations"});
  out.Line("total_reads_processed", net.reads);
  out.Line("total_writes_processed", net.writes);
  out.Zeros({"io_threaded_reads_processed", "io_threaded_writes_processed", "reply_buffer_shrinks",
             "reply_buffer_expands"});
  out.Line("client_query_buffer_limit_disconnections", net.input_limit_closed);
  out.Line("client_output_buffer_limit_disconnections", net.output_limit_closed);
  DenialLines(out);
  EventLoopLines(out, rates, net);
}

// For whoever looks for the cause of a delay; shown only when asked for.
void InfoDebug(InfoText& out) {
  int64_t longest = 0, most = 0;
  for (const auto& w : out.services().workers) {
    longest = std::max(longest, w->stats.longest_batch.Get());
    most = std::max(most, w->stats.most_requests.Get());
  }
  out.Title("Debug");
  out.Zeros({"eventloop_duration_aof_sum"});
  out.Line("eventloop_duration_cron_sum", out.services().host.net_totals().tick_nanos / kNanosAMicro64);
  out.Line("eventloop_duration_max", MicrosOf(longest));
  out.Line("eventloop_cmd_per_cycle_max", most);
}

void InfoCommandStats(InfoText& out) {
  out.Title("Commandstats");
  out.services().registry.ForEach([&](const Command& c) {
    const CommandTotals t = TotalsOf(out.services(), c);
    if (t.calls == 0 && t.rejected == 0 && t.failed == 0) return;
    const double each =
        t.calls == 0 ? 0 : static_cast<double>(t.micros) / static_cast<double>(t.calls);
    out.Line("cmdstat_" + c.full_name,
             fmt::format("calls={},usec={},usec_per_call={:.2f},rejected_calls={},failed_calls={}",
                         t.calls, t.micros, each, t.rejected, t.failed));
  });
}

void InfoErrorStats(InfoText& out) {
  std::map<std::string, uint64_t> counts;
  for (const auto& w : out.services().workers) {
    w->stats.ForEachError([&](const std::string& code, uint64_t n) { counts[code] += n; });
  }
  out.Title("Errorstats");
  for (const auto& [code, n] : counts) out.Line("errorstat_" + code, fmt::format("count={}", n));
}

void InfoLatencyStats(InfoText& out) {
  out.Title("Latencystats");
  if (!out.services().config.settings().latency_tracking.load()) return;
  const std::vector<double> percentiles = out.services().config.LatencyPercentiles();
  out.services().registry.ForEach([&](const Command& c) {
    const auto histogram = LatencyOf(out.services(), c);
    if (histogram == nullptr) return;
    std::string values;
    for (double p : percentiles) {
      const double micros = static_cast<double>(histogram->Quantile(p / 100)) / kNanosAMicro;
      values += fmt::format("{}p{:g}={:.3f}", values.empty() ? "" : ",", p, micros);
    }
    out.Line("latency_percentiles_usec_" + c.full_name, values);
  });
}

void InfoKeyspace(InfoText& out) {
  store::Keyspace& keyspace = out.services().keyspace;
  out.Title("Keyspace");
  for (uint32_t db = 0; db < keyspace.database_count(); ++db) {
    const auto totals = keyspace.CountKeys(db, out.ctx().alone());
    if (totals.keys == 0 && totals.volatile_keys == 0) continue;
    out.Line(fmt::format("db{}", db),
             fmt::format("keys={},expires={},avg_ttl={}", totals.keys, totals.volatile_keys,
                         totals.volatile_keys == 0 ? 0 : AverageTtl(out, db)));
  }
}

}  // namespace pinion::admin
