// DEBUG: what tests of a server need to see and to do.
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "admin/digest.h"
#include "admin/families.h"
#include "admin/shared_integers.h"
#include "base/log.h"
#include "base/numbers.h"
#include "command/append_only.h"
#include "command/args.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "command/help.h"
#include "command/persistence.h"
#include "config/config.h"
#include "resp/errors.h"
#include "store/describe.h"
#include "types/list.h"

namespace pinion::admin {
namespace {

using command::Context;
namespace error = resp::error;

// A switch's argument as C's atoi reads it: anything that does not begin with a number but 0 is off.
bool IsOn(std::string_view text) { return std::atoi(std::string(text).c_str()) != 0; }

// Nobody is served meanwhile.
void Sleep(Context& ctx) {
  constexpr double kLongest = 1e9;  // seconds
  const double asked = std::strtod(std::string(ctx.arg(2)).c_str(), nullptr);
  const double seconds = asked > 0 ? std::min(asked, kLongest) : 0;
  std::this_thread::sleep_for(std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6)));
  ctx.reply().Ok();
}

void Error(Context& ctx) { ctx.reply().Error(ctx.arg(2)); }

void LogMessage(Context& ctx) {
  Log(LogLevel::kWarning, "DEBUG LOG: {}", ctx.arg(2));
  ctx.reply().Ok();
}

// --- keys ---------------------------------------------------------------------------------------------------

// Bytes of a string in the RDB format, uncompressed; of another type about what its encoding takes.
size_t SerializedLength(const store::Entry& e) {
  if (!e.is_string()) return types::ObjectBytes(e.type(), e.pointer());
  if (e.holding() == store::Holding::kInteger) {
    const int64_t v = e.integer();
    if (v == static_cast<int8_t>(v)) return 2;
    if (v == static_cast<int16_t>(v)) return 3;
    if (v == static_cast<int32_t>(v)) return 5;
  }
  const size_t n = e.StringLength();
  if (n < 1 << 6) return 1 + n;
  if (n < 1 << 14) return 2 + n;
  return (n <= UINT32_MAX ? 5 : 9) + n;
}

// What is said of a quicklist besides. Nodes are never compressed here; what is told is how they are configured.
std::string QuicklistFields(Context& ctx, const store::Entry& e) {
  if (e.type() != types::ValueType::kList) return {};
  const types::Borrowed<types::List> list(e.pointer());
  const types::List::NodeTotals totals = list->CountNodes();
  if (totals.nodes == 0) return {};
  const auto& settings = ctx.services().config.settings();
  return fmt::format(" ql_nodes:{} ql_avg_node:{:.2f} ql_listpack_max:{} ql_compressed:{:d} ql_uncompressed_size:{}",
                     totals.nodes, static_cast<double>(list->size()) / static_cast<double>(totals.nodes),
                     settings.list_max_listpack_size.load(), settings.list_compress_depth.load() != 0, totals.bytes);
}

void Object(Context& ctx) {
  const store::Key key = ctx.db().keyspace().MakeKey(ctx.arg(2));
  const store::Entry* const e = ctx.db().Find(key);
  if (e == nullptr) return ctx.reply().Error(error::kNoSuchKey);
  ctx.reply().Simple(fmt::format("Value at:{} refcount:{} encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{}{}",
                                 fmt::ptr(e), ShownRefCount(ctx, *e), store::EncodingName(*e),
                                 SerializedLength(*e), e->access_clock(),
                                 store::IdleSeconds(e->access_clock(), ctx.now()), QuicklistFields(ctx, *e)));
}

void Digest(Context& ctx) { ctx.reply().Simple(ToHex(DigestOfEverything(ctx.db().keyspace(), ctx.now()))); }

void DigestValue(Context& ctx) {
  ctx.reply().Array(ctx.argc() - 2);
  for (std::string_view text : ctx.args().subspan(2)) {
    const store::Key key = ctx.db().keyspace().MakeKey(text);
    const store::Entry* e = ctx.db().Peek(key);
    ctx.reply().Simple(ToHex(e ? DigestOfValue(*e) : Sha1Digest{}));
  }
}

// RELOAD [MERGE] [NOFLUSH] [NOSAVE]
void Reload(Context& ctx) {
  command::Persistence::ReloadOptions options;
  command::ArgReader args(ctx, 2);
  while (args.more()) {
    if (args.Accept("MERGE")) {
      options.merge = true;
    } else if (args.Accept("NOFLUSH")) {
      options.flush = false;
    } else if (args.Accept("NOSAVE")) {
      options.save = false;
    } else {
      args.Fail("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
    }
  }
  if (!args.Finish()) return;
  ctx.services().persistence->Reload(ctx, options);
}

void LoadAof(Context& ctx) { ctx.services().append_only->LoadAgain(ctx); }

// POPULATE count [prefix [size]]: keys that are there already stay as they are.
void Populate(Context& ctx) {
  const auto count = ParseInt64(ctx.arg(2));
  const std::string_view prefix = ctx.argc() > 3 ? ctx.arg(3) : "key";
  const auto size = ctx.argc() > 4 ? ParseInt64(ctx.arg(4)) : 0;
  if (!count || *count < 0 || !size || *size < 0) return ctx.reply().Error(error::kNotPositive);
  if (*size > ctx.services().config.settings().proto_max_bulk_len.load()) {
    return ctx.reply().Error(error::kStringTooLong);
  }
  for (int64_t i = 0; i < *count; ++i) {
    const std::string name = fmt::format("{}:{}", prefix, i);
    const store::Key key = ctx.db().keyspace().MakeKey(name);
    auto w = ctx.db().Write(key);
    if (w.exists()) continue;
    std::string value = fmt::format("value:{}", i);
    if (*size != 0) value.resize(static_cast<size_t>(*size), '\0');
    w.SetString(value, store::kNoDeadline);
  }
  ctx.reply().Ok();
}

// --- the store ----------------------------------------------------------------------------------------------

void SetActiveExpire(Context& ctx) {
  ctx.db().keyspace().settings().active_expire.store(IsOn(ctx.arg(2)), std::memory_order_relaxed);
  ctx.reply().Ok();
}

void SetLargeListElement(Context& ctx) {
  constexpr uint64_t kMost = uint64_t{4} << 30;
  const auto bytes = ParseMemorySize(ctx.arg(2));
  if (!bytes || *bytes > kMost) {
    return ctx.reply().Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb");
  }
  ctx.db().keyspace().settings().large_list_element.store(*bytes, std::memory_order_relaxed);
  ctx.reply().Ok();
}

void HtStats(Context& ctx) {
  store::Keyspace& keyspace = ctx.db().keyspace();
  const auto db = ParseInt64(ctx.arg(2));
  if (!db) return ctx.reply().Error(error::kNotInteger);
  if (*db < 0 || *db >= keyspace.database_count()) return ctx.reply().Error("ERR Out of range database");
  size_t keys = 0, buckets = 0, segments = 0, table_bytes = 0, deadlines = 0, wheel_bytes = 0;
  for (uint32_t i = 0; i < keyspace.shard_count(); ++i) {
    const store::ShardDb& part = keyspace.shard(i).db(static_cast<uint32_t>(*db));
    keys += part.table.size();
    buckets += part.table.CountBuckets();
    segments += part.table.CountSegments();
    table_bytes += part.table.bytes();
    if (!part.wheel) continue;
    deadlines += part.wheel->size();
    wheel_bytes += part.wheel->bytes();
  }
  constexpr size_t kPlaces = 8;  // a bucket
  const double load = buckets == 0 ? 0 : static_cast<double>(keys) / static_cast<double>(buckets * kPlaces);
  std::string text = fmt::format(
      "[Dictionary HT]\n table size: {}\n number of elements: {}\n shards: {}\n segments: {}\n buckets: {}\n"
      " load: {:.2f}\n bytes: {}\n",
      buckets * kPlaces, keys, keyspace.shard_count(), segments, buckets, load, table_bytes);
  text += fmt::format("[Expires HT]\n number of elements: {}\n bytes: {}\n", deadlines, wheel_bytes);
  ctx.reply().Verbatim("txt", text);
}

void HtStatsKey(Context& ctx) {
  const store::Key key = ctx.db().keyspace().MakeKey(ctx.arg(2));
  if (ctx.db().Peek(key) == nullptr) return ctx.reply().Error(error::kNoSuchKey);
  ctx.reply().Error("ERR The value stored at the specified key is not represented using an hash table");
}

// --- the protocol -------------------------------------------------------------------------------------------

void ReplyAttribute(Context& ctx) {
  resp::ReplyWriter& r = ctx.reply();
  if (r.protocol() == 3) {
    r.Attribute(1);
    r.Bulk("key-popularity");
    r.Array(2);
    r.Bulk("key:123");
    r.Integer(90);
  }
  r.Bulk("Some real reply following the attribute");
}

void ReplyPush(Context& ctx) {
  resp::ReplyWriter& r = ctx.reply();
  if (r.protocol() < 3) return r.Error("ERR RESP2 is not supported by this command");
  r.Push(2);
  r.Bulk("server-cpu-usage");
  r.Integer(42);
  r.Bulk("Some real reply following the push reply");
}

struct ProtocolExample {
  std::string_view type;
  void (*reply)(Context&);
};

constexpr ProtocolExample kProtocolExamples[] = {
    {"string", [](Context& ctx) { ctx.reply().Bulk("Hello World"); }},
    {"integer", [](Context& ctx) { ctx.reply().Integer(12345); }},
    {"double", [](Context& ctx) { ctx.reply().Double(3.141); }},
    {"bignum", [](Context& ctx) { ctx.reply().BigNumber("1234567999999999999999999999999999999"); }},
    {"null", [](Context& ctx) { ctx.reply().Null(); }},
    {"array",
     [](Context& ctx) {
       ctx.reply().Array(3);
       for (int i = 0; i < 3; ++i) ctx.reply().Integer(i);
     }},
    {"set",
     [](Context& ctx) {
       ctx.reply().Set(3);
       for (int i = 0; i < 3; ++i) ctx.reply().Integer(i);
     }},
    {"map",
     [](Context& ctx) {
       ctx.reply().Map(3);
       for (int i = 0; i < 3; ++i) ctx.reply().Integer(i), ctx.reply().Bool(i == 1);
     }},
    {"attrib", ReplyAttribute},
    {"push", ReplyPush},
    {"verbatim", [](Context& ctx) { ctx.reply().Verbatim("txt", "This is a verbatim\nstring"); }},
    {"true", [](Context& ctx) { ctx.reply().Bool(true); }},
    {"false", [](Context& ctx) { ctx.reply().Bool(false); }},
};

void Protocol(Context& ctx) {
  for (const ProtocolExample& example : kProtocolExamples) {
    if (command::EqualsNoCase(ctx.arg(2), example.type)) return example.reply(ctx);
  }
  ctx.reply().Error(
      "ERR Wrong protocol type name. Please use one of the following: "
      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

// --- what is not here ---------------------------------------------------------------------------------------

// Switches of machinery that Redis has and this server does without. Tests turn it off to see what stands behind it,
// which here is all they ever see.
void AcceptSwitch(Context& ctx) { ctx.reply().Ok(); }

void SetDisableDenyScripts(Context& ctx) {
  ctx.services().dispatcher->LetScriptsCallAll(ctx.arg(2) == "1");
  ctx.reply().Ok();
}

void ReplyBuffer(Context& ctx);

void RefuseWithout(Context& ctx, std::string_view part) {
  ctx.reply().Error(
      fmt::format("ERR DEBUG {} needs {}, which this server does not have", command::ToUpper(ctx.arg(1)), part));
}

void RefuseReplication(Context& ctx) { RefuseWithout(ctx, "replication"); }

void RefuseCrash(Context& ctx) {
  ctx.reply().Error("ERR DEBUG " + command::ToUpper(ctx.arg(1)) + " is refused: this server does not crash on request");
}

void DebugHelp(Context& ctx);

// --- the list -----------------------------------------------------------------------------------------------

// Not rows: to COMMAND, ACL and arity DEBUG is one command.
struct Subcommand {
  std::string_view name;
  size_t least, most;  // arguments behind the name
  command::Handler handler;
};

constexpr size_t kAny = SIZE_MAX;
constexpr Subcommand kDebugSubcommands[] = {
    {"ASSERT", 0, 0, RefuseCrash},
    {"CHANGE-REPL-ID", 0, 0, RefuseReplication},
    {"CRASH-AND-RECOVER", 0, 1, RefuseCrash},
    {"DICT-RESIZING", 1, 1, AcceptSwitch},
    {"DIGEST", 0, 0, Digest},
    {"DIGEST-VALUE", 0, kAny, DigestValue},
    {"ERROR", 1, 1, Error},
    {"HELP", 0, 0, DebugHelp},
    {"HTSTATS", 1, 2, HtStats},
    {"HTSTATS-KEY", 1, 2, HtStatsKey},
    {"LOADAOF", 0, 0, LoadAof},
    {"LOG", 1, 1, LogMessage},
    {"OBJECT", 1, 2, Object},
    {"OOM", 0, 0, RefuseCrash},
    {"PANIC", 0, 0, RefuseCrash},
    {"PAUSE-CRON", 1, 1, AcceptSwitch},
    {"POPULATE", 1, 3, Populate},
    {"PROTOCOL", 1, 1, Protocol},
    {"RELOAD", 0, kAny, Reload},
    {"REPLICATE", 1, kAny, RefuseReplication},
    {"REPLYBUFFER", 2, 2, ReplyBuffer},
    {"RESTART", 0, 1, RefuseCrash},
    {"SEGFAULT", 0, 0, RefuseCrash},
    {"QUICKLIST-PACKED-THRESHOLD", 1, 1, SetLargeListElement},
    {"SET-ACTIVE-EXPIRE", 1, 1, SetActiveExpire},
    {"SET-DISABLE-DENY-SCRIPTS", 1, 1, SetDisableDenyScripts},
    {"SLEEP", 1, 1, Sleep},
};

void RefuseUnknown(Context& ctx) {
  constexpr size_t kMostShown = 128;
  ctx.reply().Error(fmt::format("ERR unknown subcommand or wrong number of arguments for '{}'. Try DEBUG HELP.",
                                resp::error::UpToNul(ctx.arg(1)).substr(0, kMostShown)));
}

// The peak of a reply buffer is not remembered here, and buffers shrink on their own.
void ReplyBuffer(Context& ctx) {
  const std::string_view what = ctx.arg(2), value = ctx.arg(3);
  if (command::EqualsNoCase(what, "PEAK-RESET-TIME")) {
    const bool word = command::EqualsNoCase(value, "NEVER") || command::EqualsNoCase(value, "RESET");
    if (!word && !ParseInt64(value)) return ctx.reply().Error(error::kNotInteger);
    return ctx.reply().Ok();
  }
  if (command::EqualsNoCase(what, "RESIZING")) return ctx.reply().Ok();
  RefuseUnknown(ctx);
}

void DebugHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "DIGEST",
      "    Reply with a digest of all databases: equal for equal contents.",
      "DIGEST-VALUE <key> [<key> ...]",
      "    The same for the value of each key.",
      "ERROR <string>",
      "    Reply with this error.",
      "HTSTATS <dbid>",
      "    Describe the tables and the timing wheels of a database.",
      "LOG <message>",
      "    Write a line to the log.",
      "OBJECT <key>",
      "    Describe a key's value: address, encoding, length, access clock.",
      "POPULATE <count> [<prefix>] [<size>]",
      "    Create string keys <prefix>:0, <prefix>:1 and so on (default: key) of <size> bytes.",
      "PROTOCOL <type>",
      "    Reply with an example of a type: string, integer, double, bignum, null, array,",
      "    set, map, attrib, push, verbatim, true, false.",
      "QUICKLIST-PACKED-THRESHOLD <size>",
      "    From which size on a list's element gets a node to itself. 0: when it is larger than a node.",
      "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
      "    Save to the file and load it again. MERGE: its keys may replace others; NOFLUSH: keep the keys that are",
      "    there; NOSAVE: load what was saved before.",
      "SET-ACTIVE-EXPIRE <0|1>",
      "    Whether expired keys are removed before anybody asks for them.",
      "SLEEP <seconds>",
      "    Serve nobody for that long. Decimals allowed.",
      "SET-DISABLE-DENY-SCRIPTS <0|1>",
      "    Whether scripts may call what they are refused otherwise.",
      "DICT-RESIZING|PAUSE-CRON <0|1>, REPLYBUFFER <what> <value>",
      "    Accepted for tests that use them; no effect.",
  };
  command::ReplyHelp(ctx, kLines);
}

void Debug(Context& ctx) {
  const size_t n = ctx.argc() - 2;
  for (const Subcommand& s : kDebugSubcommands) {
    if (n >= s.least && n <= s.most && command::EqualsNoCase(ctx.arg(1), s.name)) return s.handler(ctx);
  }
  RefuseUnknown(ctx);
}

using namespace command;
constexpr CommandRow kDebugRows[] = {
    {"DEBUG", -2, kAdmin | kNoScript | kLoading | kStale | kProtected | kAlone, {}, Debug},
};

}  // namespace

const command::Family kDebugFamily = {"server", 0, kDebugRows};

}  // namespace pinion::admin
