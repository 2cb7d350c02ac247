// CL.THROTTLE: rate limiting, with the arguments and the reply of the redis-cell module.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/clock.h"
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

// Room for products of two 63-bit numbers.
using Wide = __int128;

constexpr int64_t kNanosPerMilli = 1'000'000;

struct Limit {
  int64_t max_burst;  // tokens that may be taken at once beyond the first
  int64_t interval;   // nanoseconds in which one token comes back, at least 1
};

struct Verdict {
  bool limited;
  int64_t remaining;    // tokens that could be taken now
  int64_t retry_nanos;  // until the same request would pass; -1 when it passed or never will
  int64_t reset_nanos;  // until all tokens are back
  Wide arrival;         // the theoretical arrival time after the request
};

// The generic cell rate algorithm in its virtual scheduling form (ITU-T I.371): `arrival` is the theoretical
// arrival time, when all tokens will be back; a request for `quantity` tokens moves it on by as many intervals, and
// passes unless it would then lie further ahead of `now` than the whole burst lasts. Times in Unix nanoseconds.
Verdict Judge(const Limit& limit, int64_t quantity, int64_t now, int64_t arrival) {
  const Wide tolerance = Wide{limit.interval} * (limit.max_burst + 1);
  const Wide increment = Wide{limit.interval} * quantity;
  const Wide from = std::max(now, arrival);
  const Wide after = from + increment;
  const Wide wait = after - tolerance - now;
  Verdict v{};
  v.limited = wait > 0;
  v.arrival = v.limited ? from : after;
  v.retry_nanos = v.limited && increment <= tolerance ? static_cast<int64_t>(wait) : -1;
  const Wide reset = v.arrival - now;
  v.reset_nanos = static_cast<int64_t>(std::min<Wide>(reset, std::numeric_limits<int64_t>::max()));
  v.remaining = static_cast<int64_t>(std::max<Wide>((tolerance - reset) / limit.interval, 0));
  return v;
}

// Whole seconds, so that who waits them is never early by a millisecond or more.
int64_t CeilSeconds(int64_t nanos) {
  const int64_t millis = nanos / kNanosPerMilli;
  return millis / 1000 + (millis % 1000 != 0);
}

// The key holds the theoretical arrival time in decimal and goes when that is reached, since then it says nothing
// any more.
void Throttle(Context& ctx) {
  ArgReader args(ctx, 2);
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const int64_t max_burst = args.NextInt(error::kNotInteger, 0, kMost - 1);
  const int64_t count = args.NextInt(error::kNotInteger, 1);
  const int64_t period = args.NextInt(error::kNotInteger, 1, kMost / kNanosPerSecond);
  const int64_t quantity = args.left() > 0 ? args.NextInt(error::kNotInteger, 0) : 1;
  const Limit limit{max_burst, args.failed() ? 0 : period * kNanosPerSecond / count};
  if (limit.interval == 0) args.Fail("ERR rate is out of range, at most one token a nanosecond");
  if (!args.Finish()) return;

  auto w = ctx.db().Write(ctx.key());
  if (!CheckString(ctx, w.entry())) return;
  const int64_t now = ctx.worker().now_micros * 1000;
  int64_t arrival = now;
  if (w.exists()) {
    const auto stored = ParseInt64(StringBytes(w.entry()).view());
    if (!stored) return ctx.reply().Error(error::kNotInteger);
    arrival = *stored;
  }
  const Verdict v = Judge(limit, quantity, now, arrival);
  if (v.arrival > kMost) return ctx.reply().Error(error::kOutOfRange);
  if (!v.limited && quantity > 0) {
    const auto next = static_cast<int64_t>(v.arrival);
    char text[kMaxInt64Text];
    const std::string_view value(text, FormatInt64(next, text));
    const UnixMillis deadline = next / kNanosPerMilli + (next % kNanosPerMilli != 0);
    w.SetString(value, deadline);
    w.Notify(store::kEventString, "set");
    w.Notify(store::kEventGeneric, "expire");
    ctx.Effect("SET", ctx.key().text, value, "PXAT", deadline);
  }
  resp::ReplyWriter& reply = ctx.reply();
  reply.Array(5);
  reply.Integer(v.limited);
  reply.Integer(max_burst + 1);
  reply.Integer(v.remaining);
  reply.Integer(v.retry_nanos < 0 ? -1 : CeilSeconds(v.retry_nanos));
  reply.Integer(CeilSeconds(v.reset_nanos));
}

using namespace command;
constexpr CommandRow kRateLimitRows[] = {
    {"CL.THROTTLE", -5, kWrite | kDenyOom | kFast, kReadUpdateKey, Throttle},
};

}  // namespace

const command::Family kRateLimitFamily = {"string", kCatString, kRateLimitRows};

}  // namespace pinion::commands
