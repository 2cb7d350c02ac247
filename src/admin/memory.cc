// MEMORY: where the bytes are.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "admin/families.h"
#include "admin/memory_use.h"
#include "base/numbers.h"
#include "command/append_only.h"
#include "command/args.h"
#include "command/context.h"
#include "command/help.h"
#include "command/observations.h"
#include "resp/errors.h"
#include "base/allocator.h"

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

struct DatabaseUse {
  uint64_t keys = 0;
  int64_t table_bytes = 0, wheel_bytes = 0;
};

DatabaseUse CountDatabase(Context& ctx, uint32_t index) {
  DatabaseUse use;
  store::Keyspace& keyspace = ctx.db().keyspace();
  for (uint32_t i = 0; i < keyspace.shard_count(); ++i) {
    store::Shard& shard = keyspace.shard(i);
    const store::MaybeLock lock(shard.mutex, ctx.alone());
    const store::ShardDb& part = shard.db(index);
    use.keys += part.table.size();
    use.table_bytes += static_cast<int64_t>(part.table.bytes());
    if (part.wheel) use.wheel_bytes += static_cast<int64_t>(part.wheel->bytes());
  }
  return use;
}

double RatioOf(double a, double b) { return b > 0 ? a / b : 0; }

// Names are Redis's, whose clients know them; what this server has no such thing of is 0.
void MemoryStats(Context& ctx) {
  const MemoryUse memory = CountMemory(ctx, CountClients(ctx));
  const int64_t used = memory.total();
  const int64_t peak = ctx.services().observations.Peak(used);
  const int64_t resident = ResidentBytes();
  const int64_t dataset = used - memory.overhead();
  const auto as_double = [](int64_t v) { return static_cast<double>(v); };

  resp::ReplyWriter& r = ctx.reply();
  const auto start = r.Begin();
  size_t pairs = 0;
  const auto integer = [&](std::string_view name, int64_t v) { r.Bulk(name), r.Integer(v), ++pairs; };
  const auto number = [&](std::string_view name, double v) { r.Bulk(name), r.Double(v), ++pairs; };
  integer("peak.allocated", peak);
  integer("total.allocated", used);
  integer("startup.allocated", memory.startup);
  integer("replication.backlog", 0);
  integer("clients.slaves", 0);
  integer("clients.normal", memory.clients);
  integer("cluster.links", 0);
  integer("aof.buffer", ctx.services().append_only->status().buffered_bytes);
  integer("lua.caches", 0);
  integer("functions.caches", 0);
  int64_t keys = 0, tables = 0;
  for (uint32_t i = 0; i < ctx.db().keyspace().database_count(); ++i) {
    const DatabaseUse db = CountDatabase(ctx, i);
    if (db.keys == 0) continue;
    tables += db.table_bytes + db.wheel_bytes;
    keys += static_cast<int64_t>(db.keys);
    r.Bulk(fmt::format("db.{}", i));
    r.Map(3);
    r.Bulk("overhead.hashtable.main"), r.Integer(db.table_bytes);
    r.Bulk("overhead.hashtable.expires"), r.Integer(db.wheel_bytes);
    r.Bulk("overhead.hashtable.slot-to-keys"), r.Integer(0);
    ++pairs;
  }
  integer("overhead.db.hashtable.lut", tables);
  integer("overhead.db.hashtable.rehashing", 0);  // tables grow segment by segment, never as a whole
  integer("db.dict.rehashing.count", 0);
  integer("overhead.total", memory.overhead());
  integer("keys.count", keys);
  integer("keys.bytes-per-key", keys == 0 ? 0 : memory.keyspace / keys);
  integer("dataset.bytes", dataset);
  number("dataset.percentage", 100 * RatioOf(as_double(dataset), as_double(used - memory.startup)));
  number("peak.percentage", 100 * RatioOf(as_double(used), as_double(peak)));
  integer("allocator.allocated", used);
  integer("allocator.active", resident);
  integer("allocator.resident", resident);
  number("allocator-fragmentation.ratio", RatioOf(as_double(resident), as_double(used)));
  integer("allocator-fragmentation.bytes", resident - used);
  number("allocator-rss.ratio", 1);
  integer("allocator-rss.bytes", 0);
  number("rss-overhead.ratio", 1);
  integer("rss-overhead.bytes", 0);
  number("fragmentation", RatioOf(as_double(resident), as_double(used)));
  integer("fragmentation.bytes", resident - used);
  r.EndMap(start, pairs);
}

std::string Human(int64_t bytes) { return FormatBytesHuman(static_cast<uint64_t>(std::max<int64_t>(bytes, 0))); }

void MemoryDoctor(Context& ctx) {
  constexpr int64_t kTooLittleToTell = 5 << 20;   // bytes of keys
  constexpr int64_t kMuchForAClient = 200 << 10;  // bytes, on average
  const ClientUse clients = CountClients(ctx);
  const MemoryUse memory = CountMemory(ctx, clients);
  const int64_t used = memory.total();
  const int64_t peak = ctx.services().observations.Peak(used);
  const int64_t resident = ResidentBytes();
  std::string advice;
  if (memory.keyspace < kTooLittleToTell) {
    advice = "The keyspace is nearly empty: there is nothing to say about its memory yet.\n";
  } else {
    if (peak > used / 2 * 3) {
      advice += fmt::format("* {} were in use once, {} are now: the allocator keeps some of the rest for later. "
                            "MEMORY PURGE gives back what it can.\n", Human(peak), Human(used));
    }
    if (resident > used / 2 * 3) {
      advice += fmt::format("* {} of keys and clients take {} of physical memory: much was deleted, or values "
                            "changed their sizes a lot.\n", Human(used), Human(resident));
    }
    if (clients.sessions != 0 && memory.clients / clients.sessions > kMuchForAClient) {
      advice += fmt::format("* Clients hold {} each on average: CLIENT LIST shows those that do not read their "
                            "replies.\n", Human(memory.clients / clients.sessions));
    }
    if (advice.empty()) advice = "All is well with this server's memory.\n";
  }
  ctx.reply().Verbatim("txt", advice);
}

void MemoryPurge(Context& ctx) {
  TrimAllocator();
  ctx.reply().Ok();
}

void MemoryMallocStats(Context& ctx) {
  std::string report = AllocatorReport();
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
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr CommandRow kMemorySubcommands[] = {
    {"DOCTOR", 2, kLocksItself, {}, MemoryDoctor},
    {"HELP", 2, kLoading | kStale, {}, MemoryHelp},
    {"MALLOC-STATS", 2, 0, {}, MemoryMallocStats},
    {"PURGE", 2, 0, {}, MemoryPurge},
    {"STATS", 2, kLocksItself, {}, MemoryStats},
    {"USAGE", -3, kRead, kSubcommandKey, MemoryUsage},
};
constexpr CommandRow kMemoryRows[] = {
    {"MEMORY", -2, 0, {}, nullptr, 0, kMemorySubcommands},
};

}  // namespace

const command::Family kMemoryFamily = {"server", 0, kMemoryRows};

}  // namespace pinion::admin
