// Strings, one key at a time: GET, SET and their kin.
#include "command/args.h"
#include "command/context.h"
#include "command/deletion.h"
#include "commands/families.h"
#include "commands/string_options.h"
#include "commands/string_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventGeneric;
using store::kEventString;
using store::kNoDeadline;

void Get(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  if (!e->is_string()) return ctx.reply().Error(error::kWrongType);
  ReplyString(ctx.reply(), *e);
}

// What SET does once its options are read.
struct SetOptions {
  Condition condition;
  ExpireOption expire{ExpireOption::kTimes | ExpireOption::kKeepTtl};
  bool get = false;
};

// A deadline is told as a point in time. GET concerns only the reply, and a comparison that held needs no repeating.
void NameSet(Context& ctx, const SetOptions& o, UnixMillis deadline) {
  if (!ctx.journaled()) return;
  const std::string_view key = ctx.key().text, value = ctx.arg(2);
  const ExpireOption::Word word = o.expire.word();
  if (o.expire.has_time()) {
    if (word == ExpireOption::kPxAt && !o.condition.compares()) return;
    return ctx.Effect("SET", key, value, "PXAT", deadline);
  }
  if (o.condition.compares()) {
    return word == ExpireOption::kKeepTtl ? ctx.Effect("SET", key, value, "KEEPTTL") : ctx.Effect("SET", key, value);
  }
  if (!o.get) return;
  const auto is_get = [&](size_t i) { return i >= 3 && command::EqualsNoCase(ctx.arg(i), "GET"); };
  size_t kept = 0;
  for (size_t i = 0; i < ctx.argc(); ++i) kept += !is_get(i);
  command::Effects* const effect = ctx.BeginEffect(kept);
  for (size_t i = 0; effect != nullptr && i < ctx.argc(); ++i) {
    if (!is_get(i)) effect->Put(ctx.arg(i));
  }
}

void SetWithOptions(Context& ctx, const SetOptions& options) {
  UnixMillis deadline = kNoDeadline;
  if (options.expire.has_time()) {
    const auto at = options.expire.Resolve(ctx);
    if (!at) return;
    deadline = *at;
  }
  if (options.get && !CheckString(ctx, ctx.db().Read(ctx.key()))) return;
  auto w = ctx.db().Write(ctx.key());
  const auto holds = options.condition.Holds(ctx, w.entry());
  if (!holds) return;
  if (options.get) {
    if (w.exists()) ReplyString(ctx.reply(), *w.entry()); else ctx.reply().Null();
  } else if (*holds) {
    ctx.reply().Ok();
  } else {
    ctx.reply().Null();
  }
  if (!*holds) return;
  if (options.expire.word() == ExpireOption::kKeepTtl) deadline = w.deadline();
  w.SetString(ctx.arg(2), deadline);
  w.Notify(kEventString, "set");
  if (options.expire.has_time()) w.Notify(kEventGeneric, "expire");
  NameSet(ctx, options, deadline);
}

void Set(Context& ctx) {
  if (ctx.argc() == 3) [[likely]] {
    auto w = ctx.db().Write(ctx.key());
    w.SetString(ctx.arg(2), kNoDeadline);
    w.Notify(kEventString, "set");
    return ctx.reply().Ok();
  }
  ArgReader args(ctx, 3);
  SetOptions options;
  while (args.more()) {
    if (options.condition.Accept(args) || options.expire.Accept(args)) continue;
    if (!args.Accept("GET")) args.Fail(error::kSyntax);
    options.get = true;
  }
  if (!args.Finish()) return;
  SetWithOptions(ctx, options);
}

void SetNx(Context& ctx) {
  auto w = ctx.db().Write(ctx.key());
  if (w.exists()) return ctx.reply().Integer(0);
  w.SetString(ctx.arg(2), kNoDeadline);
  w.Notify(kEventString, "set");
  ctx.reply().Integer(1);
}

void SetExpiring(Context& ctx, ExpireOption::Word unit) {
  const auto deadline = ExpireOption::Resolve(ctx, unit, ctx.arg(2));
  if (!deadline) return;
  auto w = ctx.db().Write(ctx.key());
  w.SetString(ctx.arg(3), *deadline);
  w.Notify(kEventString, "set");
  w.Notify(kEventGeneric, "expire");
  ctx.Effect("SET", ctx.key().text, ctx.arg(3), "PXAT", *deadline);
  ctx.reply().Ok();
}

void SetEx(Context& ctx) { SetExpiring(ctx, ExpireOption::kEx); }
void PSetEx(Context& ctx) { SetExpiring(ctx, ExpireOption::kPx); }

void GetSet(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (!CheckString(ctx, e)) return;
  if (e == nullptr) ctx.reply().Null(); else ReplyString(ctx.reply(), *e);
  auto w = ctx.db().Write(ctx.key());
  w.SetString(ctx.arg(2), kNoDeadline);
  w.Notify(kEventString, "set");
  ctx.Effect("SET", ctx.key().text, ctx.arg(2));
}

void GetDel(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  if (!CheckString(ctx, e)) return;
  ReplyString(ctx.reply(), *e);
  auto w = ctx.db().Write(ctx.key());
  w.Delete();
  w.Notify(kEventGeneric, "del");
  ctx.Effect("DEL", ctx.key().text);
}

void GetEx(Context& ctx) {
  ArgReader args(ctx, 2);
  ExpireOption expire(ExpireOption::kTimes | ExpireOption::kPersist);
  while (args.more()) {
    if (!expire.Accept(args)) args.Fail(error::kSyntax);
  }
  if (!args.Finish()) return;

  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  if (!CheckString(ctx, e)) return;
  UnixMillis deadline = kNoDeadline;
  if (expire.has_time()) {
    const auto at = expire.Resolve(ctx);
    if (!at) return;
    deadline = *at;
  }
  ReplyString(ctx.reply(), *e);
  if (expire.word() == ExpireOption::kNone) return;

  auto w = ctx.db().Write(ctx.key());
  if (expire.absolute() && ctx.HasCome(deadline)) {
    w.Delete();
    w.Notify(kEventGeneric, "del");
    command::NameExpiry(ctx);
  } else if (expire.has_time()) {
    w.SetDeadline(deadline);
    w.Notify(kEventGeneric, "expire");
    ctx.Effect("PEXPIREAT", ctx.key().text, deadline);
  } else if (w.entry()->has_deadline()) {
    w.SetDeadline(kNoDeadline);
    w.Notify(kEventGeneric, "persist");
    ctx.Effect("PERSIST", ctx.key().text);
  }
}

void StrLen(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (!CheckString(ctx, e)) return;
  ctx.reply().Integer(e == nullptr ? 0 : static_cast<int64_t>(e->StringLength()));
}

using namespace command;

// SET reads the old value only with GET or a comparison, and so its flags depend on the arguments.
constexpr KeySpec kSetKey[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyUpdate | kKeyVariableFlags)};
uint32_t SetKeyFlags(std::span<const std::string_view> args) {
  constexpr std::string_view kReading[] = {"GET", "IFEQ", "IFNE", "IFDEQ", "IFDNE"};
  for (size_t i = 3; i < args.size(); ++i) {
    for (std::string_view word : kReading) {
      if (command::EqualsNoCase(args[i], word)) return kKeyRW | kKeyAccess | kKeyUpdate;
    }
  }
  return kKeyOW | kKeyUpdate;
}
constexpr KeySpec kSetNxKey[] = {Range(1, 0, 1, kKeyOW | kKeyInsert)};

constexpr CommandRow kStringRows[] = {
    {"GET", 2, kRead | kFast, kReadKey, Get},
    {"SET", -3, kWrite | kDenyOom, kSetKey, Set, 0, {}, nullptr, nullptr, SetKeyFlags},
    {"SETNX", 3, kWrite | kDenyOom | kFast, kSetNxKey, SetNx},
    {"SETEX", 4, kWrite | kDenyOom, kOverwriteKey, SetEx},
    {"PSETEX", 4, kWrite | kDenyOom, kOverwriteKey, PSetEx},
    {"GETSET", 3, kWrite | kDenyOom | kFast, kReadUpdateKey, GetSet},
    {"GETDEL", 2, kWrite | kFast, kReadDeleteKey, GetDel},
    {"GETEX", -2, kWrite | kFast, kReadUpdateKey, GetEx},
    {"STRLEN", 2, kRead | kFast, kPeekKey, StrLen},
};

}  // namespace

const command::Family kStringFamily = {"string", kCatString, kStringRows};

}  // namespace pinion::commands
