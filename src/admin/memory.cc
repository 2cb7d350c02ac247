// MEMORY: where the bytes are.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "admin/families.h"
#include "admin/help.h"
#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "resp/errors.h"
#include "store/allocator_report.h"

namespace pinion::admin {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

// Bytes of a key with its value and its places in table and wheel.
size_t KeyBytes(const store::Entry& e) {
  return e.TotalBytes() + sizeof(store::Table::Word) + (e.has_deadline() ? sizeof(store::Entry*) : 0);
}

void MemoryUsage(Context& ctx) {
  ArgReader args(ctx, 3);
  while (args.more()) {
    if (args.left() < 2 || !args.Accept("SAMPLES")) args.Fail(error::kSyntax);
    // How many members of a large value to look at: sizes here are known without sampling.
    if (args.NextInt() < 0) args.Fail(error::kSyntax);
  }
  if (!args.Finish()) return;
  const store::Entry* e = ctx.db().Peek(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  ctx.reply().Integer(static_cast<int64_t>(KeyBytes(*e)));
}

struct Database {
  uint32_t index;
  uint64_t keys;
  int64_t table_bytes, wheel_bytes;
};

struct MemoryReport {
  store::ProcessMemory process;
  int64_t keyspace = 0;   // entries, values, tables and wheels
  int64_t tables = 0;     // tables and wheels alone
  int64_t clients = 0;    // sessions
  uint64_t keys = 0;
  std::vector<Database> databases;  // those with keys

  [[nodiscard]] int64_t used() const { return keyspace + clients; }
  [[nodiscard]] int64_t overhead() const { return tables + clients; }
  [[nodiscard]] int64_t dataset() const { return keyspace - tables; }
};

// REQUIRES: ctx.alone().
MemoryReport ReadMemory(Context& ctx) {
  MemoryReport m;
  store::Keyspace& keyspace = ctx.db().keyspace();
  m.process = store::ReadProcessMemory();
  m.keyspace = keyspace.UsedBytes(true);
  m.tables = keyspace.TableBytes(true);
  for (const auto& worker : ctx.services().workers) {
    for (const auto& [id, session] : worker->sessions) {
      m.clients += static_cast<int64_t>(sizeof(command::Session) + session->allocated());
    }
  }
  for (uint32_t i = 0; i < keyspace.database_count(); ++i) {
    Database d{i, 0, 0, 0};
    for (uint32_t s = 0; s < keyspace.shard_count(); ++s) {
      const store::ShardDb& part = keyspace.shard(s).db(i);
      d.keys += part.table.size();
      d.table_bytes += static_cast<int64_t>(part.table.bytes());
      if (part.wheel) d.wheel_bytes += static_cast<int64_t>(part.wheel->bytes());
    }
    m.keys += d.keys;
    if (d.keys != 0) m.databases.push_back(d);
  }
  return m;
}

double Ratio(double a, double b) { return b > 0 ? a / b : 0; }

// Names are Redis's, whose clients know them; what this server has no such thing of is 0.
void MemoryStats(Context& ctx) {
  const MemoryReport m = ReadMemory(ctx);
  const auto used = m.used();
  const auto resident = static_cast<int64_t>(m.process.resident);
  const auto committed = static_cast<int64_t>(m.process.committed);
  const auto peak = std::max(used, static_cast<int64_t>(m.process.peak_resident));
  const auto keys = static_cast<int64_t>(m.keys);

  resp::ReplyWriter& r = ctx.reply();
  const auto start = r.Begin();
  size_t pairs = 0;
  const auto integer = [&](std::string_view name, int64_t v) { r.Bulk(name), r.Integer(v), ++pairs; };
  const auto number = [&](std::string_view name, double v) { r.Bulk(name), r.Double(v), ++pairs; };
  integer("peak.allocated", peak);
  integer("total.allocated", used);
  integer("startup.allocated", 0);
  integer("replication.backlog", 0);
  integer("clients.slaves", 0);
  integer("clients.normal", m.clients);
  integer("cluster.links", 0);
  integer("aof.buffer", 0);
  integer("lua.caches", 0);
  integer("functions.caches", 0);
  for (const Database& d : m.databases) {
    r.Bulk(fmt::format("db.{}", d.index));
    r.Map(3);
    r.Bulk("overhead.hashtable.main"), r.Integer(d.table_bytes);
    r.Bulk("overhead.hashtable.expires"), r.Integer(d.wheel_bytes);
    r.Bulk("overhead.hashtable.slot-to-keys"), r.Integer(0);
    ++pairs;
  }
  integer("overhead.total", m.overhead());
  integer("keys.count", keys);
  integer("keys.bytes-per-key", keys == 0 ? 0 : m.keyspace / keys);
  integer("dataset.bytes", m.dataset());
  number("dataset.percentage", 100 * Ratio(static_cast<double>(m.dataset()), static_cast<double>(used)));
  number("peak.percentage", 100 * Ratio(static_cast<double>(used), static_cast<double>(peak)));
  integer("allocator.allocated", used);
  integer("allocator.active", committed);
  integer("allocator.resident", resident);
  number("allocator-fragmentation.ratio", Ratio(static_cast<double>(committed), static_cast<double>(used)));
  integer("allocator-fragmentation.bytes", committed - used);
  number("allocator-rss.ratio", Ratio(static_cast<double>(resident), static_cast<double>(committed)));
  integer("allocator-rss.bytes", resident - committed);
  number("rss-overhead.ratio", 1);
  integer("rss-overhead.bytes", 0);
  number("fragmentation", Ratio(static_cast<double>(resident), static_cast<double>(used)));
  integer("fragmentation.bytes", resident - used);
  r.EndMap(start, pairs);
}

void MemoryDoctor(Context& ctx) {
  constexpr int64_t kTooLittleToTell = 5 << 20;
  constexpr int64_t kMuchForClients = 200 << 10;  // a session, on average
  const MemoryReport m = ReadMemory(ctx);
  const auto resident = static_cast<int64_t>(m.process.resident);
  const auto peak = static_cast<int64_t>(m.process.peak_resident);
  std::string advice;
  if (m.used() < kTooLittleToTell) {
    advice = "The keyspace is nearly empty: there is nothing to say about its memory yet.\n";
  } else {
    if (peak > resident / 2 * 3) {
      advice += fmt::format("* This process once took {}, now {}. The allocator keeps some of it for later; "
                            "MEMORY PURGE gives back what it can.\n",
                            FormatBytesHuman(m.process.peak_resident), FormatBytesHuman(m.process.resident));
    }
    if (resident > m.used() / 2 * 3) {
      advice += fmt::format("* {} of keys and clients take {} of physical memory: much has been deleted or values "
                            "changed their sizes a lot.\n",
                            FormatBytesHuman(static_cast<uint64_t>(m.used())), FormatBytesHuman(m.process.resident));
    }
    int64_t sessions = 0;
    for (const auto& worker : ctx.services().workers) sessions += static_cast<int64_t>(worker->sessions.size());
    if (sessions != 0 && m.clients / sessions > kMuchForClients) {
      advice += fmt::format("* Clients hold {} each on average: look for those that do not read their replies "
                            "with CLIENT LIST.\n",
                            FormatBytesHuman(static_cast<uint64_t>(m.clients / sessions)));
    }
    if (advice.empty()) advice = "All is well with this server's memory.\n";
  }
  ctx.reply().Verbatim("txt", advice);
}

void MemoryPurge(Context& ctx) {
  store::TrimAllocator();
  ctx.reply().Ok();
}

void MemoryMallocStats(Context& ctx) {
  std::string report = store::AllocatorReport();
  if (report.empty()) report = "Stats not supported for the current allocator";
  ctx.reply().Verbatim("txt", report);
}

void MemoryHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    Return memory problems reports.",
      "MALLOC-STATS",
      "    Return internal statistics report from the memory allocator.",
      "PURGE",
      "    Attempt to purge dirty pages for reclamation by the allocator.",
      "STATS",
      "    Return information about the memory usage of the server.",
      "USAGE <key> [SAMPLES <count>]",
      "    Return memory in bytes used by <key> and its value. Nested values are",
      "    sampled up to <count> times (default: 5, 0 means sample all).",
  };
  ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr CommandRow kMemorySubcommands[] = {
    {"DOCTOR", 2, kAlone, {}, MemoryDoctor},
    {"HELP", 2, kLoading | kStale, {}, MemoryHelp},
    {"MALLOC-STATS", 2, 0, {}, MemoryMallocStats},
    {"PURGE", 2, 0, {}, MemoryPurge},
    {"STATS", 2, kAlone, {}, MemoryStats},
    {"USAGE", -3, kRead, kSubcommandKey, MemoryUsage},
};
constexpr CommandRow kRows[] = {
    {"MEMORY", -2, 0, {}, nullptr, 0, kMemorySubcommands},
};

}  // namespace

const command::Family kMemoryFamily = {"server", 0, kRows};

}  // namespace pinion::admin
