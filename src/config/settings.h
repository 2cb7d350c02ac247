// The options that code reads while it serves: one atomic field each, named as the option with underscores.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/log.h"

namespace pinion::config {

enum class MaxmemoryPolicy {
  kVolatileLru, kVolatileLfu, kVolatileRandom, kVolatileTtl, kAllkeysLru, kAllkeysLfu, kAllkeysRandom, kNoeviction
};

// Who may use a dangerous command or option: nobody, everybody, or connections from this machine.
enum class ProtectedAction { kNo, kYes, kLocal };

enum class AppendFsync { kEverySecond, kAlways, kNo };

enum class SanitizePayload { kNo, kYes, kClients };

// Which channels a new ACL user may use.
enum class PubsubDefault { kResetChannels, kAllChannels };

// Bits of shutdown_on_sigint and shutdown_on_sigterm; 0 is "default".
enum ShutdownFlags : int64_t { kShutdownSave = 1, kShutdownNoSave = 2, kShutdownNow = 4, kShutdownForce = 8 };

// Index into Settings::client_output_buffer_limit.
enum class ClientClass { kNormal, kReplica, kPubsub };
inline constexpr int kClientClasses = 3;

// How much unsent output a client may pile up; 0 means no limit. While CONFIG SET runs a reader may see one
// new number beside an old one, which does no harm: each is a valid limit.
struct OutputBufferLimit {
  std::atomic<uint64_t> hard_bytes;
  std::atomic<uint64_t> soft_bytes;
  std::atomic<int64_t> soft_seconds;
};

// Every field may be read by any thread at any time (relaxed loads are enough: no field orders another) and
// is written by Config alone. Sizes are bytes. The defaults are in the option table; a Settings outside a
// Config is all zero.
struct Settings {
  template <typename T>
  using Value = std::atomic<T>;

  // Network.
  Value<int64_t> port;
  Value<int64_t> tcp_backlog;
  Value<int64_t> tcp_keepalive;  // seconds; 0: off
  Value<int64_t> timeout;        // seconds an idle client may stay; 0: for ever
  Value<int64_t> maxclients;
  Value<int64_t> unixsocketperm;  // mode bits; 0: as the umask leaves them
  Value<bool> protected_mode;
  Value<int64_t> proto_max_bulk_len;
  Value<int64_t> client_query_buffer_limit;
  Value<int64_t> maxmemory_clients;  // bytes; below zero: minus the percentage of maxmemory
  std::array<OutputBufferLimit, kClientClasses> client_output_buffer_limit;  // by ClientClass

  // Process.
  Value<int64_t> threads;
  Value<int64_t> shards;
  Value<int64_t> databases;
  Value<int64_t> hz;
  Value<bool> daemonize;
  Value<LogLevel> loglevel;
  Value<int64_t> shutdown_timeout;  // seconds
  Value<int64_t> shutdown_on_sigint;   // ShutdownFlags
  Value<int64_t> shutdown_on_sigterm;  // ShutdownFlags
  Value<int64_t> busy_reply_threshold;  // milliseconds

  // Memory and eviction.
  Value<int64_t> maxmemory;  // 0: no limit
  Value<MaxmemoryPolicy> maxmemory_policy;
  Value<int64_t> maxmemory_samples;
  Value<int64_t> maxmemory_eviction_tenacity;
  Value<int64_t> lfu_log_factor;
  Value<int64_t> lfu_decay_time;  // minutes
  Value<int64_t> active_expire_effort;
  Value<bool> lazyfree_lazy_eviction;
  Value<bool> lazyfree_lazy_expire;
  Value<bool> lazyfree_lazy_server_del;
  Value<bool> lazyfree_lazy_user_del;
  Value<bool> lazyfree_lazy_user_flush;

  // Where values change their encoding.
  Value<int64_t> hash_max_listpack_entries;
  Value<int64_t> hash_max_listpack_value;
  Value<int64_t> list_max_listpack_size;  // entries when positive; -1..-5: 4, 8, 16, 32, 64 kb
  Value<int64_t> list_compress_depth;
  Value<int64_t> set_max_intset_entries;
  Value<int64_t> set_max_listpack_entries;
  Value<int64_t> set_max_listpack_value;
  Value<int64_t> zset_max_listpack_entries;
  Value<int64_t> zset_max_listpack_value;
  Value<int64_t> stream_node_max_bytes;
  Value<int64_t> stream_node_max_entries;
  Value<int64_t> hll_sparse_max_bytes;

  // Observation.
  Value<uint32_t> notify_keyspace_events;    // NotifyFlags
  Value<int64_t> slowlog_log_slower_than;    // microseconds; -1: off
  Value<int64_t> slowlog_max_len;
  Value<int64_t> latency_monitor_threshold;  // milliseconds; 0: off
  Value<bool> latency_tracking;
  Value<int64_t> tracking_table_max_keys;
  Value<int64_t> acllog_max_len;

  // Replication.
  Value<int64_t> min_replicas_to_write;      // 0: none are asked for
  Value<int64_t> min_replicas_max_lag;       // seconds
  Value<int64_t> repl_timeout;               // seconds
  Value<int64_t> repl_ping_replica_period;   // seconds
  Value<int64_t> repl_backlog_size;          // bytes
  Value<int64_t> repl_backlog_ttl;           // seconds; 0: for ever

  // Access.
  Value<ProtectedAction> enable_debug_command;
  Value<ProtectedAction> enable_protected_configs;
  Value<SanitizePayload> sanitize_dump_payload;
  Value<PubsubDefault> acl_pubsub_default;

  // Persistence.
  Value<bool> rdbchecksum;
  Value<bool> rdbcompression;
  Value<bool> rdb_save_incremental_fsync;
  Value<bool> stop_writes_on_bgsave_error;
  Value<int64_t> rdb_key_save_delay;  // microseconds
  Value<bool> appendonly;
  Value<AppendFsync> appendfsync;
  Value<bool> no_appendfsync_on_rewrite;
  Value<bool> aof_rewrite_incremental_fsync;
  Value<bool> aof_load_truncated;
  Value<bool> aof_timestamp_enabled;
  Value<int64_t> auto_aof_rewrite_percentage;  // 0: never
  Value<int64_t> auto_aof_rewrite_min_size;    // bytes
};

}  // namespace pinion::config
