// INFO's sections about the process and its surroundings: server, clients, memory, cpu, and what is
// fixed in this version.
#include <algorithm>
#include <climits>

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "admin/info_sections.h"
#include "base/numbers.h"
#include "command/observations.h"
#include "command/append_only.h"
#include "command/persistence.h"
#include "command/replication.h"
#include "command/script_engine.h"
#include "command/services.h"
#include "command/tracking.h"
#include "config/config.h"
#include "pinion/version.h"
#include "store/database.h"
#include "store/keyspace.h"

namespace pinion::admin {
namespace {

constexpr int64_t kSecondsADay = 24 * 60 * 60;

std::string ExecutablePath() {
  std::array<char, PATH_MAX> path;
  const ssize_t n = readlink("/proc/self/exe", path.data(), path.size());
  return n > 0 ? std::string(path.data(), static_cast<size_t>(n)) : std::string();
}

std::string OsName() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

std::string Ratio(double a, double b) { return fmt::format("{:.2f}", b > 0 ? a / b : 0.0); }
std::string Percent(double part, double whole) {
  return fmt::format("{:.2f}%", whole > 0 ? part * 100 / whole : 0.0);
}

std::string CpuSeconds(const timeval& t) { return fmt::format("{}.{:06}", t.tv_sec, t.tv_usec); }

void CpuLines(InfoText& out, int who, std::string_view suffix) {
  rusage usage{};
  getrusage(who, &usage);
  out.Line(fmt::format("used_cpu_sys{}", suffix), CpuSeconds(usage.ru_stime));
  out.Line(fmt::format("used_cpu_user{}", suffix), CpuSeconds(usage.ru_utime));
}

}  // namespace

void InfoText::Bytes(std::string_view name, int64_t bytes) {
  Line(name, bytes);
  Line(fmt::format("{}_human", name),
       FormatBytesHuman(static_cast<uint64_t>(std::max<int64_t>(bytes, 0))));
}

void InfoServer(InfoText& out) {
  const command::Services& services = out.services();
  const config::Settings& settings = services.config.settings();
  const int64_t now = services.clock.WallMicros();
  const int64_t uptime = std::max<int64_t>(now - services.host.started_micros(), 0) / 1'000'000;
  out.Title("Server");
  out.Line("redis_version", kRedisVersion);
  out.Line("redis_git_sha1", "00000000");
  out.Line("redis_git_dirty", 0);
  out.Line("redis_build_id", "0");
  out.Line("redis_mode", "standalone");
  out.Line("server_name", "pinion");
  out.Line("pinion_version", kVersion);
  out.Line("os", OsName());
  out.Line("arch_bits", sizeof(void*) * CHAR_BIT);
  out.Line("monotonic_clock", "POSIX clock_gettime");
  out.Line("multiplexing_api", "epoll");
  out.Line("atomicvar_api", "c11-builtin");
  out.Line("gcc_version", fmt::format("{}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__));
  out.Line("process_id", getpid());
  out.Line("process_supervised", "no");
  out.Line("run_id", services.host.run_id());
  out.Line("tcp_port", services.host.port());
  out.Line("server_time_usec", now);
  out.Line("uptime_in_seconds", uptime);
  out.Line("uptime_in_days", uptime / kSecondsADay);
  out.Line("hz", settings.hz.load());
  out.Line("configured_hz", settings.hz.load());
  out.Line("lru_clock", store::LruClock(now / 1000));
  out.Line("executable", ExecutablePath());
  out.Line("config_file", services.config.config_file());
  out.Line("threads", services.workers.size());
  out.Line("io_threads_active", services.workers.size() > 1);
}

void InfoClients(InfoText& out) {
  const ClientUse& clients = out.clients();
  out.Title("Clients");
  out.Line("connected_clients", clients.sessions);
  out.Line("cluster_connections", 0);
  out.Line("maxclients", out.services().config.settings().maxclients.load());
  out.Line("client_recent_max_input_buffer", clients.max_input);
  out.Line("client_recent_max_output_buffer", clients.max_output);
  out.Line("blocked_clients", clients.blocked);
  out.Line("tracking_clients", out.services().tracking.ClientCount());
  out.Line("pubsub_clients", clients.subscribers);
  out.Line("watching_clients", clients.watching);
  out.Line("clients_in_timeout_table", clients.waiting_with_deadline);
  out.Line("total_watched_keys", clients.watched_keys);
  out.Line("total_blocking_keys", clients.awaited_keys);
  out.Line("total_blocking_keys_on_nokey", clients.awaited_keys_even_gone);
}

void InfoMemory(InfoText& out) {
  const MemoryUse& memory = out.memory();
  const config::Config& config = out.services().config;
  const int64_t used = memory.total();
  const int64_t resident = ResidentBytes();
  const int64_t peak = out.services().observations.Peak(used);
  const int64_t dataset = used - memory.overhead();
  const int64_t beyond_startup = used - memory.startup;
  const auto as_double = [](int64_t v) { return static_cast<double>(v); };
  out.Title("Memory");
  out.Bytes("used_memory", used);
  out.Bytes("used_memory_rss", resident);
  out.Bytes("used_memory_peak", peak);
  out.Line("used_memory_peak_perc", Percent(as_double(used), as_double(peak)));
  out.Line("used_memory_overhead", memory.overhead());
  out.Line("used_memory_startup", memory.startup);
  out.Line("used_memory_dataset", dataset);
  out.Line("used_memory_dataset_perc", Percent(as_double(dataset), as_double(beyond_startup)));
  out.Line("allocator_allocated", used);
  out.Line("allocator_active", resident);
  out.Line("allocator_resident", resident);
  out.Bytes("total_system_memory",
            static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE));
  const command::ScriptEngine::Usage scripts = out.services().scripts->usage();
  out.Bytes("used_memory_lua", scripts.vm_eval);
  out.Line("used_memory_vm_eval", scripts.vm_eval);
  out.Line("used_memory_scripts_eval", scripts.scripts_eval);
  out.Line("number_of_cached_scripts", scripts.cached_scripts);
  out.Line("number_of_functions", scripts.function_count);
  out.Line("number_of_libraries", scripts.libraries);
  out.Line("used_memory_vm_functions", scripts.vm_functions);
  out.Bytes("used_memory_vm_total", scripts.vm_eval + scripts.vm_functions);
  out.Line("used_memory_functions", scripts.functions);
  out.Bytes("used_memory_scripts", scripts.scripts_eval + scripts.functions);
  out.Bytes("maxmemory", config.settings().maxmemory.load());
  out.Line("maxmemory_policy", config.Text("maxmemory-policy"));
  out.Line("allocator_frag_ratio", Ratio(as_double(resident), as_double(used)));
  out.Line("allocator_frag_bytes", resident - used);
  out.Line("allocator_rss_ratio", "1.00");
  out.Line("allocator_rss_bytes", 0);
  out.Line("rss_overhead_ratio", "1.00");
  out.Line("rss_overhead_bytes", 0);
  out.Line("mem_fragmentation_ratio", Ratio(as_double(resident), as_double(used)));
  out.Line("mem_fragmentation_bytes", resident - used);
  out.Zeros({"mem_not_counted_for_evict", "mem_replication_backlog",
             "mem_total_replication_buffers", "mem_clients_slaves"});
  out.Line("mem_clients_normal", memory.clients);
  // Tables grow segment by segment, never as a whole.
  out.Zeros({"mem_cluster_links", "mem_overhead_db_hashtable_rehashing"});
  out.Line("mem_aof_buffer", out.services().append_only->status().buffered_bytes);
  out.Line("mem_allocator", "mimalloc");
  out.Zeros({"active_defrag_running"});
  const store::Reclaimer& reclaimer = out.services().keyspace.reclaimer();
  out.Line("lazyfree_pending_objects", reclaimer.pending_objects());
  out.Line("lazyfreed_objects", reclaimer.freed_objects());
}

namespace {

void AppendOnlyFields(InfoText& out) {
  const command::AppendOnly::Status s = out.services().append_only->status();
  out.Line("aof_enabled", s.enabled);
  out.Line("aof_rewrite_in_progress", s.rewrites);
  out.Line("aof_rewrite_scheduled", s.scheduled);
  out.Line("aof_last_rewrite_time_sec", s.last_rewrite_seconds);
  out.Line("aof_current_rewrite_time_sec", s.current_rewrite_seconds);
  out.Line("aof_last_bgrewrite_status", s.last_rewrite_ok ? "ok" : "err");
  out.Line("aof_rewrites", s.rewrites_done);
  out.Line("aof_rewrites_consecutive_failures", s.failures_in_a_row);
  out.Line("aof_last_write_status", s.last_write_ok ? "ok" : "err");
  out.Line("aof_last_cow_size", s.last_rewrite_bytes);
  if (!s.enabled) return;
  out.Line("aof_current_size", s.current_bytes);
  out.Line("aof_base_size", s.base_bytes);
  out.Line("aof_pending_rewrite", s.scheduled);
  out.Line("aof_buffer_length", s.buffered_bytes);
  out.Line("aof_pending_bio_fsync", s.syncs);
  out.Line("aof_delayed_fsync", s.delayed_syncs);
}

}  // namespace

void InfoPersistence(InfoText& out) {
  const command::Persistence::Status s = out.services().persistence->status();
  out.Title("Persistence");
  out.Zeros({"loading", "async_loading"});
  out.Line("current_cow_peak", s.running_most_bytes);
  out.Line("current_cow_size", s.running_bytes);
  out.Zeros({"current_cow_size_age"});
  out.Line("current_fork_perc", "0.00");
  out.Line("current_save_keys_processed", s.running_keys_done);
  out.Line("current_save_keys_total", s.running_keys);
  out.Line("rdb_changes_since_last_save", s.changes);
  out.Line("rdb_bgsave_in_progress", s.in_background);
  out.Line("rdb_last_save_time", s.last_save);
  out.Line("rdb_last_bgsave_status", s.last_background_ok ? "ok" : "err");
  out.Line("rdb_last_bgsave_time_sec", s.last_background_seconds);
  out.Line("rdb_current_bgsave_time_sec", s.running_background_seconds);
  out.Line("rdb_saves", s.saves);
  out.Line("rdb_last_cow_size", s.last_background_bytes);
  out.Line("rdb_last_load_keys_expired", s.loaded_expired_keys);
  out.Line("rdb_last_load_keys_loaded", s.loaded_keys);
  AppendOnlyFields(out);
  out.Zeros({"module_fork_in_progress", "module_fork_last_cow_size"});
}

void InfoReplication(InfoText& out) {
  const command::Replication::Status s = out.services().replication->status();
  const config::Settings& settings = out.services().config.settings();
  out.Title("Replication");
  out.Line("role", "master");
  out.Line("connected_slaves", s.replicas.size());
  if (settings.min_replicas_to_write.load() != 0 && settings.min_replicas_max_lag.load() != 0) {
    out.Line("min_slaves_good_slaves", s.good_replicas);
  }
  for (size_t i = 0; i < s.replicas.size(); ++i) {
    const auto& r = s.replicas[i];
    out.Line(fmt::format("slave{}", i), fmt::format("ip={},port={},state={},offset={},lag={}", r.address, r.port,
                                                    r.state, r.offset, r.lag_seconds));
  }
  out.Line("master_failover_state", "no-failover");
  out.Line("master_replid", s.id);
  out.Line("master_replid2", std::string(s.id.size(), '0'));
  out.Line("master_repl_offset", s.offset);
  out.Line("second_repl_offset", -1);
  out.Line("repl_backlog_active", s.has_backlog);
  out.Line("repl_backlog_size", settings.repl_backlog_size.load());
  out.Line("repl_backlog_first_byte_offset", s.backlog_first);
  out.Line("repl_backlog_histlen", s.backlog_bytes);
}

void InfoCpu(InfoText& out) {
  out.Title("CPU");
  CpuLines(out, RUSAGE_SELF, "");
  CpuLines(out, RUSAGE_CHILDREN, "_children");
  CpuLines(out, RUSAGE_THREAD, "_main_thread");
}

void InfoModules(InfoText& out) { out.Title("Modules"); }

void InfoCluster(InfoText& out) {
  out.Title("Cluster");
  out.Line("cluster_enabled", 0);
}

}  // namespace pinion::admin
