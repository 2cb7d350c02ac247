// INCREX: an increment with bounds and a deadline in one step.
#include <cfloat>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "base/numbers.h"
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

struct IncrOptions {
  bool floating = false;  // BYFLOAT
  bool saturate = false;
  bool if_absent = false, if_present = false;
  bool only_without_deadline = false;  // ENX
  std::optional<std::string_view> increment, lower, upper;
  ExpireOption expire{ExpireOption::kTimes | ExpireOption::kPersist, /*repeatable=*/false};
};

// What became of an increment: the sum within the bounds, and how far it is from the old value.
template <typename T>
struct Step {
  T value, applied;
};

// Arithmetic, text and errors of one kind of number. Add takes one step; nullopt is a sum out of bounds that is not
// to be saturated. `overflow` says that the applied increment is not a number of this kind.
struct Integers {
  using T = int64_t;
  static constexpr T kLeast = std::numeric_limits<T>::min();
  static constexpr T kMost = std::numeric_limits<T>::max();
  static constexpr std::string_view kNotNumber = " is not an integer or out of range";
  static constexpr std::string_view kAppliedOverflow = "ERR applied increment would overflow";

  static std::optional<T> Parse(std::string_view text) { return ParseInt64(text); }
  static std::string_view RefuseInput(T) { return {}; }
  static std::string_view RefuseStored(T) { return {}; }
  static std::optional<Step<T>> Add(T old, T increment, T lower, T upper, bool saturate, bool* overflow) {
    __int128 sum = static_cast<__int128>(old) + increment;
    if (sum < lower || sum > upper) {
      if (!saturate) return std::nullopt;
      sum = sum < lower ? lower : upper;
    }
    const __int128 applied = sum - old;
    *overflow = applied < kLeast || applied > kMost;
    return Step<T>{static_cast<T>(sum), static_cast<T>(applied)};
  }
  static void Store(store::WriteGuard& w, T value) {
    w.SetInteger(value);
    w.Notify(kEventString, "incrby");
  }
  static void Reply(resp::ReplyWriter& reply, T value) { reply.Integer(value); }
};

struct Floats {
  using T = long double;
  static constexpr T kLeast = -LDBL_MAX;
  static constexpr T kMost = LDBL_MAX;
  static constexpr std::string_view kNotNumber = " is not a valid float";
  static constexpr std::string_view kAppliedOverflow = "ERR applied increment would be Infinity";

  static std::optional<T> Parse(std::string_view text) { return ParseLongDouble(text); }
  static std::string_view RefuseInput(T v) {
    return std::isinf(v) ? "ERR BYFLOAT increment cannot be Infinity" : "";
  }
  static std::string_view RefuseStored(T v) { return std::isinf(v) ? "ERR value cannot be Infinity" : ""; }
  static std::optional<Step<T>> Add(T old, T increment, T lower, T upper, bool saturate, bool* overflow) {
    T sum = old + increment;
    if (sum < lower || sum > upper || std::isinf(sum)) {
      if (!saturate) return std::nullopt;
      sum = sum < lower ? lower : upper;
    }
    *overflow = std::isinf(sum - old);
    return Step<T>{sum, sum - old};
  }
  static void Store(store::WriteGuard& w, T value) {
    w.SetText(FormatLongDouble(value), w.deadline());
    w.Notify(kEventString, "incrbyfloat");
  }
  static void Reply(resp::ReplyWriter& reply, T value) {
    const std::string text = FormatLongDouble(value);
    if (reply.protocol() == 2) return reply.Bulk(text);
    reply.Raw("," + text + "\r\n");
  }
};

void ReadOptions(ArgReader& args, IncrOptions* o) {
  const auto take = [&](std::optional<std::string_view>* into) {
    if (into->has_value()) args.Fail(error::kSyntax);
    *into = args.Next();
  };
  while (args.more()) {
    if (o->expire.Accept(args)) continue;
    if (args.Accept("BYINT")) {
      take(&o->increment);
    } else if (args.Accept("BYFLOAT")) {
      take(&o->increment);
      o->floating = true;
    } else if (args.Accept("LBOUND")) {
      take(&o->lower);
    } else if (args.Accept("UBOUND")) {
      take(&o->upper);
    } else if (args.Accept("SATURATE")) {
      o->saturate = true;
    } else if (args.Accept("ENX")) {
      o->only_without_deadline = true;
    } else if (args.Accept("NX")) {
      o->if_absent = true;
    } else if (args.Accept("XX")) {
      o->if_present = true;
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (o->if_absent && o->if_present) args.Fail(error::kSyntax);
  if (o->only_without_deadline && !o->expire.has_time()) {
    args.Fail(o->expire.word() == ExpireOption::kPersist ? error::kSyntax : "ERR ENX flag requires an expiration");
  }
}

// A number given as an argument; `name` stands for it in the error.
template <typename Kind>
std::optional<typename Kind::T> ReadNumber(Context& ctx, std::string_view name,
                                           std::optional<std::string_view> text, typename Kind::T otherwise) {
  if (!text) return otherwise;
  const auto v = Kind::Parse(*text);
  if (!v) ctx.reply().Error(std::string("ERR ").append(name).append(Kind::kNotNumber));
  return v;
}

// Changes value and deadline. A deadline that has passed takes the key away. The outcome is told as a SET.
template <typename Kind>
void Commit(Context& ctx, store::WriteGuard& w, const IncrOptions& o, typename Kind::T value, UnixMillis deadline) {
  const bool sets_deadline = o.expire.has_time() && !(o.only_without_deadline && w.deadline() != kNoDeadline);
  if (sets_deadline && ctx.HasCome(deadline)) {
    if (!w.exists()) return;
    w.Delete();
    w.Notify(kEventGeneric, "del");
    return command::NameExpiry(ctx);
  }
  Kind::Store(w, value);
  if (sets_deadline) {
    w.SetDeadline(deadline);
    w.Notify(kEventGeneric, "expire");
  } else if (o.expire.word() == ExpireOption::kPersist && w.deadline() != kNoDeadline) {
    w.SetDeadline(kNoDeadline);
    w.Notify(kEventGeneric, "persist");
  }
  if (!ctx.journaled()) return;
  if (w.deadline() == kNoDeadline) return ctx.Effect("SET", ctx.key().text, StringBytes(w.entry()).view());
  ctx.Effect("SET", ctx.key().text, StringBytes(w.entry()).view(), "PXAT", w.deadline());
}

template <typename Kind>
void Increment(Context& ctx, const IncrOptions& o) {
  using T = typename Kind::T;
  const auto increment = ReadNumber<Kind>(ctx, "Increment", o.increment, 1);
  if (!increment) return;
  if (const auto refused = Kind::RefuseInput(*increment); !refused.empty()) return ctx.reply().Error(refused);
  const auto lower = ReadNumber<Kind>(ctx, "LBOUND", o.lower, Kind::kLeast);
  if (!lower) return;
  const auto upper = ReadNumber<Kind>(ctx, "UBOUND", o.upper, Kind::kMost);
  if (!upper) return;
  if (*lower > *upper) return ctx.reply().Error("ERR LBOUND can't be greater than UBOUND");
  UnixMillis deadline = kNoDeadline;
  if (o.expire.has_time()) {
    const auto at = o.expire.Resolve(ctx);
    if (!at) return;
    deadline = *at;
  }

  auto w = ctx.db().Write(ctx.key());
  if (!CheckString(ctx, w.entry())) return;
  T old = 0;
  if (w.exists()) {
    const auto stored = Kind::Parse(StringBytes(w.entry()).view());
    if (!stored) return ctx.reply().Error(std::string("ERR value").append(Kind::kNotNumber));
    if (const auto refused = Kind::RefuseStored(*stored); !refused.empty()) return ctx.reply().Error(refused);
    old = *stored;
  }
  std::optional<Step<T>> step;
  bool overflow = false;
  if (w.exists() ? !o.if_absent : !o.if_present) {
    step = Kind::Add(old, *increment, *lower, *upper, o.saturate, &overflow);
  }
  if (overflow) return ctx.reply().Error(Kind::kAppliedOverflow);
  if (step) Commit<Kind>(ctx, w, o, step->value, deadline);
  ctx.reply().Array(2);
  Kind::Reply(ctx.reply(), step ? step->value : old);
  Kind::Reply(ctx.reply(), step ? step->applied : 0);
}

void IncrEx(Context& ctx) {
  ArgReader args(ctx, 2);
  IncrOptions options;
  ReadOptions(args, &options);
  if (!args.Finish()) return;
  if (options.floating) return Increment<Floats>(ctx, options);
  Increment<Integers>(ctx, options);
}

using namespace command;
constexpr CommandRow kStringIncrExRows[] = {
    {"INCREX", -2, kWrite | kDenyOom | kFast, kReadUpdateKey, IncrEx},
};

}  // namespace

const command::Family kStringIncrExFamily = {"string", kCatString, kStringIncrExRows};

}  // namespace pinion::commands
