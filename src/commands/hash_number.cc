// Fields of hashes as numbers: HINCRBY, HINCRBYFLOAT.
#include <cmath>
#include <optional>
#include <string>

#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/hash_value.h"
#include "commands/object.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventHash;
using types::Hash;
using types::OldDeadline;

constexpr std::string_view kNotAnInteger = "ERR hash value is not an integer";
constexpr std::string_view kNotAFloat = "ERR hash value is not a float";
constexpr std::string_view kNanOrInfinity = "ERR value is NaN or Infinity";

std::optional<int64_t> IntegerOf(const types::HashText& text) {
  return text.is_integer() ? text.integer() : ParseInt64(text.View(nullptr));
}

std::optional<long double> NumberOf(const types::HashText& text) {
  char scratch[kMaxInt64Text];
  return ParseLongDouble(text.View(scratch));
}

void HIncrBy(Context& ctx) {
  ArgReader args(ctx, 3);
  const int64_t increment = args.NextInt();
  if (!args.Finish()) return;
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  int64_t value = 0;
  if (const auto old = hash->Get(ctx.arg(2))) {
    const auto parsed = IntegerOf(*old);
    if (!parsed) return ctx.reply().Error(kNotAnInteger);
    value = *parsed;
  }
  if (__builtin_add_overflow(value, increment, &value)) return ctx.reply().Error(error::kIncrOverflow);
  char text[kMaxInt64Text];
  hash->Set(ctx.arg(2), {text, FormatInt64(value, text)}, HashLimitsOf(ctx), OldDeadline::kKept);
  hash.Notify(kEventHash, "hincrby");
  ctx.reply().Integer(value);
}

void HIncrByFloat(Context& ctx) {
  const auto increment = ParseLongDouble(ctx.arg(3));
  if (!increment) return ctx.reply().Error(error::kNotFloat);
  if (!std::isfinite(*increment)) return ctx.reply().Error(kNanOrInfinity);
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  long double value = 0;
  if (const auto old = hash->Get(ctx.arg(2))) {
    const auto parsed = NumberOf(*old);
    if (!parsed) return ctx.reply().Error(kNotAFloat);
    value = *parsed;
  }
  value += *increment;
  if (!std::isfinite(value)) return ctx.reply().Error(error::kIncrNanOrInfinity);
  const std::string text = FormatLongDouble(value);
  hash->Set(ctx.arg(2), text, HashLimitsOf(ctx), OldDeadline::kKept);
  hash.Notify(kEventHash, "hincrbyfloat");
  if (hash->Deadline(ctx.arg(2)) >= 0) {
    ctx.Effect("HSETEX", ctx.key().text, "KEEPTTL", "FIELDS", "1", ctx.arg(2), text);
  } else {
    ctx.Effect("HSET", ctx.key().text, ctx.arg(2), text);
  }
  ctx.reply().Bulk(text);
}

using namespace command;
constexpr CommandRow kHashNumberRows[] = {
    {"HINCRBY", 4, kWrite | kDenyOom | kFast | kMemberIsArg2, kReadUpdateKey, HIncrBy},
    {"HINCRBYFLOAT", 4, kWrite | kDenyOom | kFast, kReadUpdateKey, HIncrByFloat},
};

}  // namespace

const command::Family kHashNumberFamily = {"hash", kCatHash, kHashNumberRows};

}  // namespace pinion::commands
