// The option table: every directive of redis.conf 7.2 and valkey.conf 8.0, and Pinion's own, one row each.
#include <algorithm>
#include <thread>
#include <vector>

#include "base/ascii.h"
#include "config/option.h"
#include "config/option_checks.h"

namespace pinion::config {
namespace {

constexpr int64_t kMinInt = std::numeric_limits<int32_t>::min();
constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kMaxUint = std::numeric_limits<uint32_t>::max();
constexpr int64_t kMaxLong = std::numeric_limits<int64_t>::max();
constexpr int64_t kMb = 1024 * 1024;

constexpr EnumWord kLoglevelWords[] = {
    {"debug", static_cast<int64_t>(LogLevel::kDebug)},     {"verbose", static_cast<int64_t>(LogLevel::kVerbose)},
    {"notice", static_cast<int64_t>(LogLevel::kNotice)},   {"warning", static_cast<int64_t>(LogLevel::kWarning)},
    {"nothing", static_cast<int64_t>(LogLevel::kNothing)},
};

constexpr EnumWord kPolicyWords[] = {
    {"volatile-lru", static_cast<int64_t>(MaxmemoryPolicy::kVolatileLru)},
    {"volatile-lfu", static_cast<int64_t>(MaxmemoryPolicy::kVolatileLfu)},
    {"volatile-random", static_cast<int64_t>(MaxmemoryPolicy::kVolatileRandom)},
    {"volatile-ttl", static_cast<int64_t>(MaxmemoryPolicy::kVolatileTtl)},
    {"allkeys-lru", static_cast<int64_t>(MaxmemoryPolicy::kAllkeysLru)},
    {"allkeys-lfu", static_cast<int64_t>(MaxmemoryPolicy::kAllkeysLfu)},
    {"allkeys-random", static_cast<int64_t>(MaxmemoryPolicy::kAllkeysRandom)},
    {"noeviction", static_cast<int64_t>(MaxmemoryPolicy::kNoeviction)},
};

constexpr EnumWord kProtectedWords[] = {
    {"no", static_cast<int64_t>(ProtectedAction::kNo)},
    {"yes", static_cast<int64_t>(ProtectedAction::kYes)},
    {"local", static_cast<int64_t>(ProtectedAction::kLocal)},
};

constexpr EnumWord kSanitizeWords[] = {
    {"no", static_cast<int64_t>(SanitizePayload::kNo)},
    {"yes", static_cast<int64_t>(SanitizePayload::kYes)},
    {"clients", static_cast<int64_t>(SanitizePayload::kClients)},
};

constexpr EnumWord kPubsubWords[] = {
    {"allchannels", static_cast<int64_t>(PubsubDefault::kAllChannels)},
    {"resetchannels", static_cast<int64_t>(PubsubDefault::kResetChannels)},
};

constexpr EnumWord kShutdownWords[] = {
    {"default", 0},        {"save", kShutdownSave},   {"nosave", kShutdownNoSave},
    {"now", kShutdownNow}, {"force", kShutdownForce},
};

// Words of options without effect: only their order counts.
constexpr EnumWord kSupervisedWords[] = {{"upstart", 0}, {"systemd", 1}, {"auto", 2}, {"no", 3}};
constexpr EnumWord kSyslogWords[] = {{"user", 0},   {"local0", 1}, {"local1", 2}, {"local2", 3}, {"local3", 4},
                                     {"local4", 5}, {"local5", 6}, {"local6", 7}, {"local7", 8}};
constexpr EnumWord kFsyncWords[] = {{"everysec", 0}, {"always", 1}, {"no", 2}};
constexpr EnumWord kDisklessLoadWords[] = {{"disabled", 0}, {"on-empty-db", 1}, {"swapdb", 2}};
constexpr EnumWord kTlsAuthWords[] = {{"no", 0}, {"yes", 1}, {"optional", 2}};
constexpr EnumWord kOomScoreWords[] = {{"no", 0}, {"yes", 1}, {"relative", 1}, {"absolute", 2}};
constexpr EnumWord kEndpointWords[] = {{"ip", 0}, {"hostname", 1}, {"unknown-endpoint", 2}};
constexpr EnumWord kPropagationWords[] = {{"ignore", 0}, {"panic", 1}, {"panic-on-replicas", 2}};

// The rows' columns. All begin with the name; then come the alias (Enum and EnumSet have none), the default, the
// range or the words, the flags, and for options that code reads while serving the field of Settings.
using Text = std::string_view;
using Store = Option::Store;
using Check = Option::Check;

constexpr Option Bool(Text name, Text alias, Text initial, uint32_t flags, Store store = nullptr) {
  return {.name = name, .alias = alias, .kind = Kind::kBool, .default_text = initial,
          .flags = flags, .store = store};
}
constexpr Option Number(Kind kind, Text name, Text alias, Text initial, int64_t min, int64_t max, uint32_t flags,
                        Store store, Check check) {
  return {.name = name, .alias = alias, .kind = kind, .default_text = initial, .min = min, .max = max,
          .flags = flags, .store = store, .check = check};
}
constexpr Option Int(Text name, Text alias, Text initial, int64_t min, int64_t max, uint32_t flags,
                     Store store = nullptr, Check check = nullptr) {
  return Number(Kind::kInteger, name, alias, initial, min, max, flags, store, check);
}
constexpr Option Memory(Text name, Text alias, Text initial, int64_t min, int64_t max, uint32_t flags,
                        Store store = nullptr, Check check = nullptr) {
  return Number(Kind::kMemory, name, alias, initial, min, max, flags, store, check);
}
constexpr Option Enum(Text name, Text initial, std::span<const EnumWord> words, uint32_t flags,
                      Store store = nullptr) {
  return {.name = name, .kind = Kind::kEnum, .default_text = initial, .words = words,
          .flags = flags, .store = store};
}
constexpr Option EnumSet(Text name, Text initial, std::span<const EnumWord> words, uint32_t flags, Store store,
                         Check check) {
  return {.name = name, .kind = Kind::kEnumSet, .default_text = initial, .words = words,
          .flags = flags | kMultiWord, .store = store, .check = check};
}
constexpr Option String(Text name, Text alias, Text initial, uint32_t flags, Check check = nullptr) {
  return {.name = name, .alias = alias, .default_text = initial, .flags = flags, .check = check};
}
constexpr Option Special(Kind kind, Text name, Text alias, Text initial, uint32_t flags, Store store = nullptr) {
  return {.name = name, .alias = alias, .kind = kind, .default_text = initial, .flags = flags, .store = store};
}

using S = Settings;
constexpr uint32_t kUnsetOr = kEmptyIsUnset;  // a string that is usually not set

// clang-format off
constexpr Option kOptions[] = {
    // Network.
    Int(   "port",                      "", "6379",       0,   65535,    0,          In<&S::port>),
    Int(   "tcp-backlog",               "", "511",        0,   kMaxInt,  kImmutable, In<&S::tcp_backlog>),
    Int(   "tcp-keepalive",             "", "300",        0,   kMaxInt,  0,          In<&S::tcp_keepalive>),
    Int(   "timeout",                   "", "0",          0,   kMaxInt,  0,          In<&S::timeout>),
    Int(   "maxclients",                "", "10000",      1,   kMaxUint, 0,          In<&S::maxclients>),
    Bool(  "protected-mode", "", "yes", 0, In<&S::protected_mode>),
    Memory("proto-max-bulk-len",        "", "536870912",  kMb, kMaxLong, 0,          In<&S::proto_max_bulk_len>),
    Memory("client-query-buffer-limit", "", "1073741824", kMb, kMaxLong, 0, In<&S::client_query_buffer_limit>),
    Number(Kind::kMemoryOrPercent, "maxmemory-clients", "", "0",
            -100, kMaxLong, 0, In<&S::maxmemory_clients>, nullptr),
    Number(Kind::kOctal, "unixsocketperm", "", "0", 0, 0777, kImmutable, In<&S::unixsocketperm>, nullptr),
    String("unixsocket",       "", "", kImmutable | kUnsetOr),
    String("unixsocketgroup",  "", "", kImmutable | kUnsetOr),
    String("bind-source-addr", "", "", kUnsetOr | kAccepted),
    Special(Kind::kBind, "bind", "", "* -::*", kMultiWord),
    Special(Kind::kOutputBufferLimits, "client-output-buffer-limit", "",
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", kMultiWord),

    // Process.
    // Hidden: there are clients that set all that CONFIG GET * shows, but for what they know to be immutable.
    Int(   "threads",              "",               "",     1, 128, kImmutable | kCoresByDefault | kHidden,
        In<&S::threads>),
    Int(   "shards",               "",               "256",  16, 4096, kImmutable | kHidden, In<&S::shards>,
        CheckPowerOfTwo),
    Int(   "databases",            "",               "16",   1, kMaxInt, kImmutable, In<&S::databases>),
    Int(   "hz",                   "",               "10",   0, kMaxInt, 0, In<&S::hz>, ClampHz),
    Bool(  "daemonize", "", "no", kImmutable, In<&S::daemonize>),
    String("pidfile", "", "", kImmutable | kUnsetOr),
    Enum(  "loglevel", "notice", kLoglevelWords, 0, In<&S::loglevel>),
    String("logfile", "", "", kImmutable),
    Special(Kind::kDirectory, "dir", "", "", kProtected | kDenyLoading | kAlwaysRewrite),
    Int(   "shutdown-timeout",     "",               "10",   0, kMaxInt, 0, In<&S::shutdown_timeout>),
    EnumSet("shutdown-on-sigint",  "default", kShutdownWords, 0, In<&S::shutdown_on_sigint>,  CheckShutdownFlags),
    EnumSet("shutdown-on-sigterm", "default", kShutdownWords, 0, In<&S::shutdown_on_sigterm>, CheckShutdownFlags),
    Int(   "busy-reply-threshold", "lua-time-limit", "5000", 0, kMaxLong, 0, In<&S::busy_reply_threshold>),

    // Memory and eviction.
    Memory("maxmemory",                   "", "0",  0, kMaxLong, kUnsigned64, In<&S::maxmemory>),
    Enum(  "maxmemory-policy", "noeviction", kPolicyWords, 0, In<&S::maxmemory_policy>),
    Int(   "maxmemory-samples",           "", "5",  1, 64,       0,           In<&S::maxmemory_samples>),
    Int(   "maxmemory-eviction-tenacity", "", "10", 0, 100,      0,           In<&S::maxmemory_eviction_tenacity>),
    Int(   "lfu-log-factor",              "", "10", 0, kMaxInt,  0,           In<&S::lfu_log_factor>),
    Int(   "lfu-decay-time",              "", "1",  0, kMaxInt,  0,           In<&S::lfu_decay_time>),
    Int(   "active-expire-effort",        "", "1",  1, 10,       kAccepted,   In<&S::active_expire_effort>),
    Bool(  "lazyfree-lazy-eviction",   "", "yes", 0, In<&S::lazyfree_lazy_eviction>),
    Bool(  "lazyfree-lazy-expire",     "", "yes", 0, In<&S::lazyfree_lazy_expire>),
    Bool(  "lazyfree-lazy-server-del", "", "yes", 0, In<&S::lazyfree_lazy_server_del>),
    Bool(  "lazyfree-lazy-user-del",   "", "yes", 0, In<&S::lazyfree_lazy_user_del>),
    Bool(  "lazyfree-lazy-user-flush", "", "yes", 0, In<&S::lazyfree_lazy_user_flush>),

    // Where values change their encoding.
    Int(   "hash-max-listpack-entries", "hash-max-ziplist-entries",
           "512", 0, kMaxLong, 0, In<&S::hash_max_listpack_entries>),
    Memory("hash-max-listpack-value", "hash-max-ziplist-value",
           "64", 0, kMaxLong, 0, In<&S::hash_max_listpack_value>),
    Int(   "list-max-listpack-size", "list-max-ziplist-size",
           "-2", kMinInt, kMaxInt, 0, In<&S::list_max_listpack_size>),
    Int(   "list-compress-depth",       "", "0", 0, kMaxInt, kAccepted, In<&S::list_compress_depth>),
    Int(   "set-max-intset-entries",    "", "512", 0, kMaxLong, 0, In<&S::set_max_intset_entries>),
    Int(   "set-max-listpack-entries",  "", "128", 0, kMaxLong, 0, In<&S::set_max_listpack_entries>),
    Int(   "set-max-listpack-value",    "", "64", 0, kMaxLong, 0, In<&S::set_max_listpack_value>),
    Int(   "zset-max-listpack-entries", "zset-max-ziplist-entries",
           "128", 0, kMaxLong, 0, In<&S::zset_max_listpack_entries>),
    Memory("zset-max-listpack-value", "zset-max-ziplist-value",
           "64", 0, kMaxLong, 0, In<&S::zset_max_listpack_value>),
    Memory("stream-node-max-bytes",     "", "4096", 0, kMaxLong, 0, In<&S::stream_node_max_bytes>),
    Int(   "stream-node-max-entries",   "", "100", 0, kMaxLong, 0, In<&S::stream_node_max_entries>),
    Memory("hll-sparse-max-bytes",      "", "3000", 0, kMaxLong, 0, In<&S::hll_sparse_max_bytes>),

    // Observation.
    Special(Kind::kNotifyFlags, "notify-keyspace-events", "", "", 0, In<&S::notify_keyspace_events>),
    Int(   "slowlog-log-slower-than",   "", "10000",   -1, kMaxLong, 0, In<&S::slowlog_log_slower_than>),
    Int(   "slowlog-max-len",           "", "128",     0,  kMaxLong, 0, In<&S::slowlog_max_len>),
    Int(   "latency-monitor-threshold", "", "0",       0,  kMaxLong, 0, In<&S::latency_monitor_threshold>),
    Bool(  "latency-tracking", "", "yes", 0, In<&S::latency_tracking>),
    Special(Kind::kPercentiles, "latency-tracking-info-percentiles", "", "50 99 99.9", kMultiWord),
    Int(   "tracking-table-max-keys",   "", "1000000", 0,  kMaxLong, 0, In<&S::tracking_table_max_keys>),
    Int(   "acllog-max-len",            "", "128",     0,  kMaxLong, 0, In<&S::acllog_max_len>),

    // Access.
    String("requirepass", "", "", kUnsetOr | kSensitive),
    Enum(  "enable-debug-command",     "no",            kProtectedWords, kImmutable, In<&S::enable_debug_command>),
    Enum(  "enable-protected-configs", "no", kProtectedWords, kImmutable, In<&S::enable_protected_configs>),
    Enum(  "enable-module-command",    "no",            kProtectedWords, kImmutable | kAccepted),
    Enum(  "sanitize-dump-payload",    "no",            kSanitizeWords,  0,          In<&S::sanitize_dump_payload>),
    Enum(  "acl-pubsub-default",       "resetchannels", kPubsubWords,    0,          In<&S::acl_pubsub_default>),
    String("aclfile",     "", "", kImmutable),

    // Persistence.
    Special(Kind::kSave, "save", "", "", kMultiWord | kAlwaysRewrite),
    String("dbfilename",     "", "dump.rdb",       kProtected, CheckDbFilename),
    Bool(  "rdbchecksum",                   "", "yes", kImmutable, In<&S::rdbchecksum>),
    Bool(  "rdbcompression",                "", "yes", 0, In<&S::rdbcompression>),
    Bool(  "rdb-del-sync-files",            "", "no",  kAccepted),
    Bool(  "rdb-save-incremental-fsync",    "", "yes", 0, In<&S::rdb_save_incremental_fsync>),
    Bool(  "stop-writes-on-bgsave-error",   "", "yes", 0, In<&S::stop_writes_on_bgsave_error>),
    Bool(  "appendonly",                    "", "no",  kDenyLoading, In<&S::appendonly>),
    Enum(  "appendfsync", "everysec", kFsyncWords, 0, In<&S::appendfsync>),
    String("appendfilename", "", "appendonly.aof", kImmutable, CheckAppendFilename),
    String("appenddirname",  "", "appendonlydir",  kImmutable, CheckAppendDirname),
    Bool(  "no-appendfsync-on-rewrite",     "", "no",  0, In<&S::no_appendfsync_on_rewrite>),
    Bool(  "aof-rewrite-incremental-fsync", "", "yes", 0, In<&S::aof_rewrite_incremental_fsync>),
    Bool(  "aof-load-truncated",            "", "yes", 0, In<&S::aof_load_truncated>),
    Bool(  "aof-use-rdb-preamble",          "", "yes", kAccepted),
    Bool(  "aof-timestamp-enabled",         "", "no",  0, In<&S::aof_timestamp_enabled>),
    Bool(  "aof-disable-auto-gc",           "", "no",  kHidden | kAccepted),
    Int(   "auto-aof-rewrite-percentage",           "", "100",      0,       kMaxInt,  0,
           In<&S::auto_aof_rewrite_percentage>),
    Memory("auto-aof-rewrite-min-size",             "", "67108864", 0,       kMaxLong, 0,
           In<&S::auto_aof_rewrite_min_size>),
    Int(   "rdb-key-save-delay",  "", "0", kMinInt, kMaxInt, kHidden, In<&S::rdb_key_save_delay>),
    Int(   "key-load-delay",                        "", "0",        kMinInt, kMaxInt,  kHidden | kAccepted),
    Int(   "loading-process-events-interval-bytes", "", "2097152",  1024,    kMaxInt,  kHidden | kAccepted),

    // Replication.
    Special(Kind::kReplicaOf, "replicaof", "slaveof", "", kImmutable | kMultiWord | kEmptyIsUnset),
    String("masterauth",          "primaryauth",       "", kUnsetOr | kSensitive | kAccepted),
    String("masteruser",          "primaryuser",       "", kUnsetOr | kSensitive | kAccepted),
    Bool(  "replica-serve-stale-data",         "slave-serve-stale-data", "yes", kAccepted),
    Bool(  "replica-read-only",                "slave-read-only",        "yes", kAccepted),
    Bool(  "replica-lazy-flush",               "slave-lazy-flush",       "no",  kAccepted),
    Bool(  "replica-ignore-maxmemory",         "slave-ignore-maxmemory", "yes", kAccepted),
    Bool(  "replica-ignore-disk-write-errors", "",                       "no",  kAccepted),
    Bool(  "replica-announced",                "",                       "yes", kAccepted),
    String("replica-announce-ip", "slave-announce-ip", "", kUnsetOr | kAccepted),
    Int(   "replica-announce-port",           "slave-announce-port",    "0",       0, 65535,    kAccepted),
    Int(   "replica-priority",                "slave-priority",         "100",     0, kMaxInt,  kAccepted),
    Int(   "min-replicas-to-write", "min-slaves-to-write", "0", 0, kMaxInt, 0, In<&S::min_replicas_to_write>),
    Int(   "min-replicas-max-lag", "min-slaves-max-lag", "10", 0, kMaxInt, 0, In<&S::min_replicas_max_lag>),
    Bool(  "repl-disable-tcp-nodelay",         "",                       "no",  kAccepted),
    Bool(  "repl-diskless-sync",               "",                       "yes", kAccepted),
    Int(   "repl-diskless-sync-delay",        "",                       "5",       0, kMaxInt,  kAccepted),
    Int(   "repl-diskless-sync-max-replicas", "",                       "0",       0, kMaxInt,  kAccepted),
    Enum(  "repl-diskless-load",         "disabled", kDisklessLoadWords, kDenyLoading | kAccepted),
    Int(   "repl-timeout", "", "60", 1, kMaxInt, 0, In<&S::repl_timeout>),
    Int(   "repl-ping-replica-period", "repl-ping-slave-period", "10", 1, kMaxInt, 0, In<&S::repl_ping_replica_period>),
    Memory("repl-backlog-size", "", "1048576", 1, kMaxLong, 0, In<&S::repl_backlog_size>, ClampBacklogSize),
    Int(   "repl-backlog-ttl", "", "3600", 0, kMaxLong, 0, In<&S::repl_backlog_ttl>),
    Bool(  "dual-channel-replication-enabled", "",                       "no",  kAccepted),
    Enum(  "propagation-error-behavior", "ignore",   kPropagationWords,  kAccepted),

    // Cluster.
    Bool(  "cluster-enabled",                     "",                          "no",  kImmutable | kUnsupported),
    String("cluster-config-file",             "", "nodes.conf", kImmutable | kAccepted, CheckClusterConfigFile),
    Int(   "cluster-port",                    "", "0", 0, 65535, kImmutable | kAccepted),
    Int(   "cluster-node-timeout",            "",                              "15000", 0, kMaxLong, kAccepted),
    Int(   "cluster-ping-interval",           "", "0", 0, kMaxLong, kHidden | kAccepted),
    Int(   "cluster-blacklist-ttl",           "",                              "60",    0, kMaxLong, kAccepted),
    Int(   "cluster-migration-barrier",       "",                              "1",     0, kMaxInt,  kAccepted),
    Int(   "cluster-replica-validity-factor", "cluster-slave-validity-factor", "10",    0, kMaxInt,  kAccepted),
    Bool(  "cluster-replica-no-failover",         "cluster-slave-no-failover", "no",  kAccepted),
    Bool(  "cluster-require-full-coverage",       "",                          "yes", kAccepted),
    Bool(  "cluster-allow-reads-when-down",       "",                          "no",  kAccepted),
    Bool(  "cluster-allow-pubsubshard-when-down", "",                          "yes", kAccepted),
    Bool(  "cluster-allow-replica-migration",     "",                          "yes", kAccepted),
    Bool(  "cluster-slot-stats-enabled",          "",                          "no",  kAccepted),
    Memory("cluster-link-sendbuf-limit",      "", "0", 0, kMaxLong, kUnsigned64 | kAccepted),
    Enum(  "cluster-preferred-endpoint-type", "ip", kEndpointWords, kAccepted),
    String("cluster-announce-ip",             "", "",           kUnsetOr | kAccepted),
    String("cluster-announce-client-ipv4",    "", "",           kUnsetOr | kAccepted),
    String("cluster-announce-client-ipv6",    "", "",           kUnsetOr | kAccepted),
    String("cluster-announce-hostname",       "", "",           kUnsetOr | kAccepted,   CheckHostname),
    String("cluster-announce-human-nodename", "", "",           kUnsetOr | kAccepted),
    Int(   "cluster-announce-port",           "",                              "0",     0, 65535,    kAccepted),
    Int(   "cluster-announce-tls-port",       "",                              "0",     0, 65535,    kAccepted),
    Int(   "cluster-announce-bus-port",       "",                              "0",     0, 65535,    kAccepted),

    // TLS.
    Int(   "tls-port",                  "", "0",     0, 65535,   kUnsupported),
    Bool(  "tls-cluster",               "", "no",  kUnsupported),
    Bool(  "tls-replication",           "", "no",  kUnsupported),
    Enum(  "tls-auth-clients", "yes", kTlsAuthWords, kAccepted),
    Bool(  "tls-prefer-server-ciphers", "", "no",  kAccepted),
    Bool(  "tls-session-caching",       "", "yes", kAccepted),
    Int(   "tls-session-cache-size",    "", "20480", 0, kMaxInt, kAccepted),
    Int(   "tls-session-cache-timeout", "", "300",   0, kMaxInt, kAccepted),
    String("tls-cert-file",            "", "", kUnsetOr | kAlwaysApply | kAccepted),
    String("tls-key-file",             "", "", kUnsetOr | kAlwaysApply | kAccepted),
    String("tls-key-file-pass",        "", "", kUnsetOr | kSensitive | kAccepted),
    String("tls-client-cert-file",     "", "", kUnsetOr | kAlwaysApply | kAccepted),
    String("tls-client-key-file",      "", "", kUnsetOr | kAlwaysApply | kAccepted),
    String("tls-client-key-file-pass", "", "", kUnsetOr | kSensitive | kAccepted),
    String("tls-dh-params-file",       "", "", kUnsetOr | kAlwaysApply | kAccepted),
    String("tls-ca-cert-file",         "", "", kUnsetOr | kAlwaysApply | kAccepted),
    String("tls-ca-cert-dir",          "", "", kUnsetOr | kAlwaysApply | kAccepted),
    String("tls-protocols",            "", "", kUnsetOr | kAccepted),
    String("tls-ciphers",              "", "", kUnsetOr | kAccepted),
    String("tls-ciphersuites",         "", "", kUnsetOr | kAccepted),

    // About machinery that Pinion has not got or runs differently.
    Int(   "io-threads",                        "", "1",         1, 128,      kImmutable | kAccepted),
    Bool(  "io-threads-do-reads",          "", "no",  kImmutable | kAccepted),
    Int(   "events-per-io-thread",              "", "2",         0, kMaxInt,  kAccepted),
    Int(   "prefetch-batch-max-size",           "", "16",        0, 128,      kAccepted),
    Int(   "max-new-connections-per-cycle",     "", "10",        1, 1000,     kAccepted),
    Int(   "max-new-tls-connections-per-cycle", "", "1",         1, 1000,     kAccepted),
    Int(   "socket-mark-id",                    "", "0",         0, kMaxUint, kImmutable | kAccepted),
    Bool(  "activerehashing",              "", "yes", kAccepted),
    Bool(  "dynamic-hz",                   "", "yes", kAccepted),
    Bool(  "always-show-logo",             "", "no",  kImmutable | kAccepted),
    Bool(  "set-proc-title",               "", "yes", kImmutable | kAccepted),
    String("proc-title-template", "", "{title} {listen-addr} {server-mode}", kAccepted, CheckProcTitleTemplate),
    Enum(  "supervised",      "no",     kSupervisedWords, kImmutable | kAccepted),
    Bool(  "syslog-enabled",               "", "no",  kImmutable | kAccepted),
    String("syslog-ident",        "",                    "redis", kImmutable | kAccepted),
    Enum(  "syslog-facility", "local0", kSyslogWords,     kImmutable | kAccepted),
    Bool(  "hide-user-data-from-log",      "", "no",  kAccepted),
    Bool(  "crash-log-enabled",            "", "yes", kAccepted),
    Bool(  "crash-memcheck-enabled",       "", "yes", kAccepted),
    Bool(  "use-exit-on-panic",            "", "no",  kHidden | kAccepted),
    Bool(  "enable-debug-assert",          "", "no",  kImmutable | kHidden | kAccepted),
    String("debug-context",       "",                    "", kHidden | kAccepted),
    Int(   "watchdog-period",                   "", "0",         0, kMaxInt,  kHidden | kAccepted),
    Bool(  "disable-thp",                  "", "yes", kImmutable | kAccepted),
    Bool(  "jemalloc-bg-thread",           "", "yes", kAccepted),
    Enum(  "oom-score-adj",   "no",     kOomScoreWords,   kAccepted),
    Special(Kind::kOomScoreValues, "oom-score-adj-values", "", "0 200 800", kMultiWord | kAccepted),
    String("server-cpulist",      "server_cpulist",      "", kImmutable | kUnsetOr | kAccepted),
    String("bio-cpulist",         "bio_cpulist",         "", kImmutable | kUnsetOr | kAccepted),
    String("aof-rewrite-cpulist", "aof_rewrite_cpulist", "", kImmutable | kUnsetOr | kAccepted),
    String("bgsave-cpulist",      "bgsave_cpulist",      "", kImmutable | kUnsetOr | kAccepted),
    String("ignore-warnings",     "",                    "",                                    kAccepted),
    String("locale-collate",      "",                    "",                                    kAccepted),
    String("availability-zone",   "",                    "",                                    kAccepted),
    Bool(  "extended-redis-compatibility", "", "no",  kAccepted),
    Bool(  "lua-enable-deprecated-api",    "", "no",  kImmutable | kHidden | kAccepted),
    Bool(  "activedefrag",                 "", "no",  kUnsupported),
    Memory("active-defrag-ignore-bytes",        "", "104857600", 1, kMaxLong, kAccepted),
    Int(   "active-defrag-threshold-lower",     "", "10",        0, 1000,     kAccepted),
    Int(   "active-defrag-threshold-upper",     "", "100",       0, 1000,     kAccepted),
    Int(   "active-defrag-cycle-min",           "", "1",         1, 99,       kAccepted),
    Int(   "active-defrag-cycle-max",           "", "25",        1, 99,       kAccepted),
    Int(   "active-defrag-max-scan-fields",     "", "1000",      1, kMaxLong, kAccepted),
};
// clang-format on

std::vector<OptionName> SortedNames() {
  std::vector<OptionName> names;
  for (const Option& option : kOptions) {
    names.push_back({option.name, &option});
    if (!option.alias.empty()) names.push_back({option.alias, &option});
  }
  std::sort(names.begin(), names.end(), [](const OptionName& a, const OptionName& b) { return a.name < b.name; });
  return names;
}

}  // namespace

std::span<const Option> AllOptions() { return kOptions; }

std::span<const OptionName> AllOptionNames() {
  static const std::vector<OptionName> names = SortedNames();
  return names;
}

const OptionName* FindOptionName(std::string_view text) {
  const std::string lower = ToLower(text);
  const std::span<const OptionName> names = AllOptionNames();
  const auto at = std::lower_bound(names.begin(), names.end(), lower,
                                   [](const OptionName& a, const std::string& b) { return a.name < b; });
  return at != names.end() && at->name == lower ? &*at : nullptr;
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerAscii(c);
  return lower;
}

std::string DefaultText(const Option& option) {
  if (!option.Has(kCoresByDefault)) return std::string(option.default_text);
  return std::to_string(std::clamp<int64_t>(std::thread::hardware_concurrency(), option.min, option.max));
}

}  // namespace pinion::config
