// DUMP and RESTORE: a value as a payload, which is its type, the value and a footer (rdb/footer.h), and back.
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "command/args.h"
#include "command/context.h"
#include "command/deletion.h"
#include "persist/families.h"
#include "persist/payload.h"
#include "persist/value_limits.h"
#include "rdb/footer.h"
#include "rdb/keyspace.h"
#include "rdb/reader.h"
#include "rdb/restored_value.h"
#include "rdb/writer.h"

namespace pinion::persist {
namespace {

using command::Context;
namespace error = resp::error;

void Dump(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  ctx.reply().Bulk(PayloadOf(ctx.services(), *e));
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
  rdb::Use use;
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
  const auto body = rdb::CheckFooter(ctx.arg(3), rdb::kLatestVersion);
  if (!body) return ctx.reply().Error(rdb::kBadFooter);
  auto value = ReadPayload(*body, LimitsOf(ctx.services()));
  if (!value) return ctx.reply().Error("ERR Bad data format");
  const UnixMillis deadline = *ttl == 0 ? store::kNoDeadline : base + *ttl;
  if (deadline != store::kNoDeadline && ctx.HasCome(deadline)) {
    if (w.exists()) {
      w.Delete();
      w.Notify(store::kEventGeneric, "del");
      ctx.Effect(command::DeletionWord(ctx.services().config.settings().lazyfree_lazy_server_del), ctx.key().text);
    }
    return ctx.reply().Ok();
  }
  if (w.exists()) w.Delete();  // what replaces it is a new key, and told as one
  const bool lfu = ctx.db().keyspace().settings().lfu.load(std::memory_order_relaxed);
  rdb::PutRestored(w, std::move(*value), deadline, o.use, ctx.now(), lfu);
  w.Notify(store::kEventGeneric, "restore");
  if (deadline != store::kNoDeadline && !o.absolute) NameRestored(ctx, deadline);
  ctx.reply().Ok();
}

using namespace command;
constexpr CommandRow kDumpRows[] = {
    {"DUMP", 2, kRead, kReadKey, Dump},
    {"RESTORE", -4, kWrite | kDenyOom, kOverwriteKey, Restore, kCatDangerous},
};

constexpr CommandRow kClusterRows[] = {
    {"RESTORE-ASKING", -4, kWrite | kDenyOom | kAsking, kOverwriteKey, Restore, kCatKeyspace | kCatDangerous},
};

}  // namespace

std::string PayloadOf(const command::Services& services, const store::Entry& e) {
  char scratch[kMaxInt64Text];
  const rdb::ValueView value = rdb::ViewOf(e, scratch);
  const uint8_t type = rdb::TypeOf(value);
  std::string payload;
  rdb::Writer out(&payload, services.config.settings().rdbcompression.load(std::memory_order_relaxed));
  out.Byte(type);
  rdb::WriteValue(value, type, out);
  rdb::AppendFooter(rdb::VersionOf(value), &payload);
  return payload;
}

const command::Family kDumpFamily = {"generic", kCatKeyspace, kDumpRows};
const command::Family kRestoreAskingFamily = {"server", 0, kClusterRows};

}  // namespace pinion::persist
