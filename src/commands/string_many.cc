// Strings, many keys at a time: MGET, MSET, MSETNX, MSETEX.
#include <algorithm>
#include <limits>

#include "command/args.h"
#include "command/context.h"
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

void MGet(Context& ctx) {
  resp::ReplyWriter& reply = ctx.reply();
  reply.Array(ctx.keys().size());
  for (const store::Key& key : ctx.keys()) {
    const store::Entry* e = ctx.db().Read(key);
    if (e == nullptr || !e->is_string()) reply.Null(); else ReplyString(reply, *e);
  }
}

[[nodiscard]] bool CheckPairs(Context& ctx) {
  if (ctx.argc() % 2 == 1) return true;
  ctx.reply().Error(error::WrongArity(ctx.command().full_name));
  return false;
}

void WritePairs(Context& ctx) {
  const auto keys = ctx.keys();
  for (size_t i = 0; i < keys.size(); ++i) {
    auto w = ctx.db().Write(keys[i]);
    w.SetString(ctx.arg(2 + 2 * i), kNoDeadline);
    w.Notify(kEventString, "set");
  }
}

bool Exists(Context& ctx, const store::Key& key) { return ctx.db().Write(key).exists(); }

void MSet(Context& ctx) {
  if (!CheckPairs(ctx)) return;
  WritePairs(ctx);
  ctx.reply().Ok();
}

void MSetNx(Context& ctx) {
  if (!CheckPairs(ctx)) return;
  for (const store::Key& key : ctx.keys()) {
    if (Exists(ctx, key)) return ctx.reply().Integer(0);
  }
  WritePairs(ctx);
  ctx.reply().Integer(1);
}

// How many pairs MSETEX was given, by its first argument; 0 when that is wrong and the error was replied.
size_t CountPairs(Context& ctx) {
  const auto count = ParseInt64(ctx.arg(1));
  if (!count || *count < 1 || *count > std::numeric_limits<int32_t>::max()) {
    ctx.reply().Error("ERR invalid numkeys value");
    return 0;
  }
  if (static_cast<size_t>(*count) > (ctx.argc() - 2) / 2) {
    ctx.reply().Error("ERR wrong number of key-value pairs");
    return 0;
  }
  return static_cast<size_t>(*count);
}

void MSetEx(Context& ctx) {
  const size_t pairs = CountPairs(ctx);
  if (pairs == 0) return;
  ArgReader args(ctx, 2 + 2 * pairs);
  ExpireOption expire(ExpireOption::kTimes | ExpireOption::kKeepTtl);
  bool nx = false, xx = false;
  while (args.more()) {
    if (expire.Accept(args)) continue;
    if (args.Accept("NX")) {
      nx = true;
    } else if (args.Accept("XX")) {
      xx = true;
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (nx && xx) args.Fail(error::kSyntax);
  if (!args.Finish()) return;
  UnixMillis deadline = kNoDeadline;
  if (expire.has_time()) {
    const auto at = expire.Resolve(ctx);
    if (!at) return;
    deadline = *at;
  }

  const auto keys = ctx.keys();
  if (nx || xx) {
    const bool met = std::all_of(keys.begin(), keys.end(), [&](const auto& key) { return Exists(ctx, key) == xx; });
    if (!met) return ctx.reply().Integer(0);
  }
  // Told as commands that replicas of older versions know, too.
  for (size_t i = 0; i < keys.size(); ++i) {
    auto w = ctx.db().Write(keys[i]);
    const std::string_view value = ctx.arg(3 + 2 * i);
    w.SetString(value, expire.word() == ExpireOption::kKeepTtl ? w.deadline() : deadline);
    w.Notify(kEventString, "set");
    if (expire.has_time()) w.Notify(kEventGeneric, "expire");
    if (expire.has_time()) {
      ctx.Effect("SET", keys[i].text, value, "PXAT", deadline);
    } else if (expire.word() == ExpireOption::kKeepTtl) {
      ctx.Effect("SET", keys[i].text, value, "KEEPTTL");
    } else {
      ctx.Effect("SET", keys[i].text, value);
    }
  }
  ctx.reply().Integer(1);
}

using namespace command;

constexpr KeySpec kOverwritePairs[] = {Range(1, -1, 2, kKeyOW | kKeyUpdate)};
constexpr KeySpec kInsertPairs[] = {Range(1, -1, 2, kKeyOW | kKeyInsert)};
constexpr KeySpec kCountedPairs[] = {KeyNum(1, 0, 1, 2, kKeyOW | kKeyUpdate)};

constexpr CommandRow kStringManyRows[] = {
    {"MGET", -2, kRead | kFast, kReadAllKeys, MGet},
    {"MSET", -3, kWrite | kDenyOom, kOverwritePairs, MSet},
    {"MSETNX", -3, kWrite | kDenyOom, kInsertPairs, MSetNx},
    {"MSETEX", -4, kWrite | kDenyOom, kCountedPairs, MSetEx},
};

}  // namespace

const command::Family kStringManyFamily = {"string", kCatString, kStringManyRows};

}  // namespace pinion::commands
