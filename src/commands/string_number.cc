// Strings as numbers: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT.
#include <cmath>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/string_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventString;

void AddInteger(Context& ctx, int64_t increment) {
  auto w = ctx.db().Write(ctx.key());
  int64_t value = 0;
  if (const store::Entry* e = w.entry(); e != nullptr) {
    if (!CheckString(ctx, e)) return;
    if (e->holding() == store::Holding::kInteger) [[likely]] {
      value = e->integer();
    } else {
      const auto parsed = ParseInt64(StringBytes(e).view());
      if (!parsed) return ctx.reply().Error(error::kNotInteger);
      value = *parsed;
    }
  }
  if (__builtin_add_overflow(value, increment, &value)) return ctx.reply().Error(error::kIncrOverflow);
  w.SetInteger(value);
  w.Notify(kEventString, "incrby");
  ctx.reply().Integer(value);
}

void Incr(Context& ctx) { AddInteger(ctx, 1); }
void Decr(Context& ctx) { AddInteger(ctx, -1); }

void IncrBy(Context& ctx) {
  ArgReader args(ctx, 2);
  const int64_t increment = args.NextInt();
  if (!args.Finish()) return;
  AddInteger(ctx, increment);
}

void DecrBy(Context& ctx) {
  ArgReader args(ctx, 2);
  const int64_t decrement = args.NextInt();
  if (decrement == std::numeric_limits<int64_t>::min()) args.Fail(error::kDecrOverflow);
  if (!args.Finish()) return;
  AddInteger(ctx, -decrement);
}

void IncrByFloat(Context& ctx) {
  auto w = ctx.db().Write(ctx.key());
  if (!CheckString(ctx, w.entry())) return;
  long double value = 0;
  if (w.exists()) {
    const auto parsed = ParseLongDouble(StringBytes(w.entry()).view());
    if (!parsed) return ctx.reply().Error(error::kNotFloat);
    value = *parsed;
  }
  const auto increment = ParseLongDouble(ctx.arg(2));
  if (!increment) return ctx.reply().Error(error::kNotFloat);
  value += *increment;
  if (!std::isfinite(value)) return ctx.reply().Error(error::kIncrNanOrInfinity);
  const std::string text = FormatLongDouble(value);
  w.SetText(text, w.deadline());
  w.Notify(kEventString, "incrbyfloat");
  ctx.Effect("SET", ctx.key().text, text, "KEEPTTL");
  ctx.reply().Bulk(text);
}

using namespace command;
constexpr CommandRow kStringNumberRows[] = {
    {"INCR", 2, kWrite | kDenyOom | kFast, kReadUpdateKey, Incr},
    {"DECR", 2, kWrite | kDenyOom | kFast, kReadUpdateKey, Decr},
    {"INCRBY", 3, kWrite | kDenyOom | kFast, kReadUpdateKey, IncrBy},
    {"DECRBY", 3, kWrite | kDenyOom | kFast, kReadUpdateKey, DecrBy},
    {"INCRBYFLOAT", 3, kWrite | kDenyOom | kFast, kReadUpdateKey, IncrByFloat},
};

}  // namespace

const command::Family kStringNumberFamily = {"string", kCatString, kStringNumberRows};

}  // namespace pinion::commands
