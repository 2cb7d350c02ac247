// DUMP and RESTORE: a value as a payload, and back.
//
//   payload = type value version crc
//   version = 2 bytes, crc = CRC-64 of all before it in 8 bytes (the lowest byte first)
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/crc64.h"
#include "command/args.h"
#include "command/context.h"
#include "command/deletion.h"
#include "persist/families.h"
#include "persist/payload.h"
#include "persist/restored_value.h"
#include "rdb/format.h"
#include "rdb/reader.h"
#include "rdb/value.h"
#include "rdb/writer.h"

namespace pinion::persist {
namespace {

using command::Context;
namespace error = resp::error;

constexpr size_t kVersionBytes = 2;

void Dump(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  ctx.reply().Bulk(PayloadOf(ctx.services(), *e));
}

// The part before the footer, if that is right.
std::optional<std::string_view> CheckFooter(std::string_view payload) {
  if (payload.size() < rdb::kFooterBytes) return std::nullopt;
  const std::string_view body = payload.substr(0, payload.size() - rdb::kFooterBytes);
  rdb::Reader footer(payload.substr(body.size()));
  const uint64_t version = footer.Low(kVersionBytes), crc = footer.Low(8);
  if (version > static_cast<uint64_t>(rdb::kLatestVersion)) return std::nullopt;
  if (crc != Crc64(0, payload.substr(0, body.size() + kVersionBytes))) return std::nullopt;
  return body;
}

std::optional<rdb::Value> ReadPayload(std::string_view body, const rdb::ValueLimits& limits) {
  rdb::Reader in(body);
  const uint8_t type = in.Byte();
  auto value = rdb::ReadValue(type, in, limits);
  if (!in.ok() || !value || value->empty()) return std::nullopt;
  return value;
}

struct RestoreOptions {
  bool replace = false, absolute = false;
  Use use;
};

RestoreOptions ReadOptions(command::ArgReader& args) {
  RestoreOptions o;
  while (args.more()) {
    if (args.Accept("REPLACE")) {
      o.replace = true;
    } else if (args.Accept("ABSTTL")) {
      o.absolute = true;
    } else if (!o.use.frequency && args.AcceptWithValue("IDLETIME")) {
      o.use.idle_seconds = args.NextInt();
      if (*o.use.idle_seconds < 0) args.Fail("ERR Invalid IDLETIME value, must be >= 0");
    } else if (!o.use.idle_seconds && args.AcceptWithValue("FREQ")) {
      const int64_t frequency = args.NextInt();
      if (frequency < 0 || frequency > 255) args.Fail("ERR Invalid FREQ value, must be >= 0 and <= 255");
      o.use.frequency = static_cast<uint8_t>(frequency);
    } else {
      args.Fail(error::kSyntax);
    }
  }
  return o;
}

// With the deadline as a point in time.
void NameRestored(Context& ctx, UnixMillis deadline) {
  command::Effects* const effect = ctx.BeginEffect(ctx.argc() + 1);
  if (effect == nullptr) return;
  for (size_t i = 0; i < ctx.argc(); ++i) {
    if (i == 2) {
      effect->Put(deadline);
    } else {
      effect->Put(ctx.arg(i));
    }
  }
  effect->Put("ABSTTL");
}

void Restore(Context& ctx) {
  command::ArgReader args(ctx, 4);
  const RestoreOptions o = ReadOptions(args);
  if (!args.Finish()) return;
  auto w = ctx.db().Write(ctx.key());
  // That the key is taken is said before anything is said of time and payload.
  if (w.exists() && !o.replace) return ctx.reply().Error("BUSYKEY Target key name already exists.");
  const auto ttl = ParseInt64(ctx.arg(2));
  if (!ttl) return ctx.reply().Error(error::kNotInteger);
  const int64_t base = o.absolute ? 0 : ctx.now();
  if (*ttl < 0 || *ttl > std::numeric_limits<int64_t>::max() - base) {
    return ctx.reply().Error("ERR Invalid TTL value, must be >= 0");
  }
  const auto body = CheckFooter(ctx.arg(3));
  if (!body) return ctx.reply().Error("ERR DUMP payload version or checksum are wrong");
  auto value = ReadPayload(*body, LimitsOf(ctx.services()));
  if (!value) return ctx.reply().Error("ERR Bad data format");
  const UnixMillis deadline = *ttl == 0 ? store::kNoDeadline : base + *ttl;
  if (deadline != store::kNoDeadline && deadline <= ctx.now()) {
    if (w.exists()) {
      w.Delete();
      w.Notify(store::kEventGeneric, "del");
      ctx.Effect(command::DeletionWord(ctx.services().config.settings().lazyfree_lazy_server_del), ctx.key().text);
    }
    return ctx.reply().Ok();
  }
  if (w.exists()) w.Delete();  // what replaces it is a new key, and told as one
  const bool lfu = ctx.db().keyspace().settings().lfu.load(std::memory_order_relaxed);
  PutRestored(w, std::move(*value), deadline, o.use, ctx.now(), lfu);
  w.Notify(store::kEventGeneric, "restore");
  if (deadline != store::kNoDeadline && !o.absolute) NameRestored(ctx, deadline);
  ctx.reply().Ok();
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"DUMP", 2, kRead, kReadKey, Dump},
    {"RESTORE", -4, kWrite | kDenyOom, kOverwriteKey, Restore, kCatDangerous},
};

constexpr CommandRow kClusterRows[] = {
    {"RESTORE-ASKING", -4, kWrite | kDenyOom | kAsking, kOverwriteKey, Restore, kCatKeyspace | kCatDangerous},
};

}  // namespace

std::string PayloadOf(const command::Services& services, const store::Entry& e) {
  char scratch[24];
  rdb::ValueView value;
  value.type = e.type();
  if (e.is_string()) {
    value.text = e.StringView(scratch);
  } else {
    value.word = e.pointer();
  }
  std::string payload;
  rdb::Writer out(&payload, services.config.settings().rdbcompression.load(std::memory_order_relaxed));
  out.Byte(rdb::TypeOf(value));
  rdb::WriteValue(value, out);
  out.Low(static_cast<uint64_t>(rdb::VersionOf(value)), kVersionBytes);
  out.Low(Crc64(0, payload), 8);
  return payload;
}

const command::Family kDumpFamily = {"generic", kCatKeyspace, kRows};
const command::Family kRestoreAskingFamily = {"server", 0, kClusterRows};

}  // namespace pinion::persist
