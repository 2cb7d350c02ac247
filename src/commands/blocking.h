// What the commands that may wait for a key, and their forms that do not, share.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "resp/errors.h"

namespace pinion::commands {

// A timeout in seconds, with a fraction if wanted, as milliseconds rounded up; 0 is for ever. Fails with "timeout
// is not a float or out of range", "timeout is out of range" or "timeout is negative". `now` plus it does not
// overflow.
inline int64_t ReadTimeout(command::ArgReader* args, UnixMillis now) {
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  const auto seconds = ParseLongDouble(args->Next());
  if (!seconds) {
    args->Fail("ERR timeout is not a float or out of range");
    return 0;
  }
  const long double millis = std::ceil(*seconds * 1000);
  if (millis > static_cast<long double>(kMost)) {
    args->Fail("ERR timeout is out of range");
  } else if (millis < 0) {
    args->Fail("ERR timeout is negative");
  } else if (static_cast<int64_t>(millis) > kMost - now) {
    args->Fail("ERR timeout is out of range");
  } else {
    return static_cast<int64_t>(millis);
  }
  return 0;
}

// A timeout in whole milliseconds, likewise.
inline int64_t ReadMillis(command::ArgReader* args, UnixMillis now) {
  const int64_t ms = args->NextInt("ERR timeout is not an integer or out of range");
  if (ms < 0) args->Fail("ERR timeout is negative");
  if (ms > std::numeric_limits<int64_t>::max() - now) args->Fail("ERR timeout is out of range");
  return ms;
}

// The timeout in argument 1; if it is none, the error was replied. For commands that judge it last.
[[nodiscard]] inline std::optional<int64_t> TimeoutInFront(command::Context& ctx) {
  command::ArgReader args(ctx, 1);
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.failed()) return timeout;
  (void)args.Finish();
  return std::nullopt;
}

// Has the client wait until one of the request's keys holds a value of this type, or replies a null array where it
// must not wait.
inline void WaitOrReplyNull(command::Context& ctx, store::ValueType type, int64_t timeout_ms) {
  command::WaitOptions options;
  options.wish.type = type;
  options.timeout_ms = timeout_ms;
  if (!ctx.Wait(std::move(options))) ctx.reply().NullArray();
}

// Passes over "numkeys key [key ...]", behind which something must follow. False when the reader has failed.
inline bool SkipCountedKeys(command::ArgReader* args) {
  const int64_t keys = args->NextInt(resp::error::kNumKeysNotPositive, 1);
  if (args->failed()) return false;
  if (static_cast<uint64_t>(keys) >= args->left()) {
    args->Fail(resp::error::kSyntax);
    return false;
  }
  args->Skip(static_cast<size_t>(keys));
  return true;
}

// "[COUNT count]" of elements to pop, 1 if it is not given.
inline int64_t ReadPopCount(command::ArgReader* args) {
  return args->AcceptWithValue("COUNT") ? args->NextInt(resp::error::kCountNotPositive, 1) : 1;
}

}  // namespace pinion::commands
