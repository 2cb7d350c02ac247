// Deadlines: EXPIRE, TTL, EXPIRETIME, PERSIST and their kin.
#include <string>

#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/deadline_condition.h"
#include "command/deletion.h"
#include "commands/families.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

constexpr int64_t kSeconds = 1000;  // milliseconds
constexpr int64_t kMillis = 1;

// Reads the options behind the time; replies and returns false on an error.
bool ReadCondition(Context& ctx, DeadlineCondition* c) {
  ArgReader args(ctx, 3);
  std::string unsupported;
  while (args.more()) {
    if (c->Accept(args)) continue;
    unsupported = "ERR Unsupported option ";
    unsupported += args.Next();
    args.Fail(unsupported);
  }
  if (c->if_none && (c->if_some || c->if_later || c->if_earlier)) {
    args.Fail("ERR NX and XX, GT or LT options at the same time are not compatible");
  }
  if (c->if_later && c->if_earlier) args.Fail("ERR GT and LT options at the same time are not compatible");
  return args.Finish();
}

// As a point in time, with the conditions as they were given.
void NameDeadline(Context& ctx, UnixMillis deadline) {
  command::Effects* const effect = ctx.BeginEffect(ctx.argc());
  if (effect == nullptr) return;
  effect->Put("PEXPIREAT");
  effect->Put(ctx.key().text);
  effect->Put(deadline);
  for (std::string_view condition : ctx.args().subspan(3)) effect->Put(condition);
}

// The EXPIRE commands: a time in `unit` milliseconds after `base`. A time that has come already deletes the key.
void SetDeadline(Context& ctx, int64_t unit, UnixMillis base) {
  DeadlineCondition condition;
  if (!ReadCondition(ctx, &condition)) return;
  const auto time = ParseInt64(ctx.arg(2));
  if (!time) return ctx.reply().Error(error::kNotInteger);
  UnixMillis deadline;
  if (__builtin_mul_overflow(*time, unit, &deadline) || __builtin_add_overflow(deadline, base, &deadline)) {
    return ctx.reply().Error(error::InvalidExpire(ctx.command().full_name));
  }

  auto w = ctx.db().Write(ctx.key());
  if (!w.exists() || !condition.Allows(w.deadline(), deadline)) return ctx.reply().Integer(0);
  if (ctx.HasCome(deadline)) {
    w.Delete();
    w.Notify(store::kEventGeneric, "del");
    command::NameExpiry(ctx);
  } else {
    w.SetDeadline(deadline);
    w.Notify(store::kEventGeneric, "expire");
    NameDeadline(ctx, deadline);
  }
  ctx.reply().Integer(1);
}

void Expire(Context& ctx) { SetDeadline(ctx, kSeconds, ctx.now()); }
void ExpireAt(Context& ctx) { SetDeadline(ctx, kSeconds, 0); }
void PExpire(Context& ctx) { SetDeadline(ctx, kMillis, ctx.now()); }
void PExpireAt(Context& ctx) { SetDeadline(ctx, kMillis, 0); }

// The TTL commands: the deadline less `base` in `unit` milliseconds, to the nearest; -1 without a deadline, -2 without
// a key.
void ReplyDeadline(Context& ctx, int64_t unit, UnixMillis base) {
  const store::Entry* e = ctx.db().ReadUntouched(ctx.key());
  if (e == nullptr) return ctx.reply().Integer(-2);
  if (!e->has_deadline()) return ctx.reply().Integer(-1);
  const int64_t millis = e->deadline() - base;
  ctx.reply().Integer(millis / unit + (millis % unit * 2 >= unit ? 1 : 0));
}

void Ttl(Context& ctx) { ReplyDeadline(ctx, kSeconds, ctx.now()); }
void PTtl(Context& ctx) { ReplyDeadline(ctx, kMillis, ctx.now()); }
void ExpireTime(Context& ctx) { ReplyDeadline(ctx, kSeconds, 0); }
void PExpireTime(Context& ctx) { ReplyDeadline(ctx, kMillis, 0); }

void Persist(Context& ctx) {
  auto w = ctx.db().Write(ctx.key());
  if (w.deadline() == store::kNoDeadline) return ctx.reply().Integer(0);
  w.SetDeadline(store::kNoDeadline);
  w.Notify(store::kEventGeneric, "persist");
  ctx.reply().Integer(1);
}

using namespace command;
constexpr CommandRow kExpireRows[] = {
    {"EXPIRE", -3, kWrite | kFast, kUpdateKey, Expire},
    {"EXPIREAT", -3, kWrite | kFast, kUpdateKey, ExpireAt},
    {"EXPIRETIME", 2, kRead | kFast, kReadKey, ExpireTime},
    {"PERSIST", 2, kWrite | kFast, kUpdateKey, Persist},
    {"PEXPIRE", -3, kWrite | kFast, kUpdateKey, PExpire},
    {"PEXPIREAT", -3, kWrite | kFast, kUpdateKey, PExpireAt},
    {"PEXPIRETIME", 2, kRead | kFast, kReadKey, PExpireTime},
    {"PTTL", 2, kRead | kFast, kReadKey, PTtl},
    {"TTL", 2, kRead | kFast, kReadKey, Ttl},
};

}  // namespace

const command::Family kExpireFamily = {"generic", kCatKeyspace, kExpireRows};

}  // namespace pinion::commands
