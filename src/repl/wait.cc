// WAIT and WAITAOF: waiting for replicas, and for append-only files, of which there are none yet.
#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "command/args.h"
#include "command/context.h"
#include "repl/families.h"
#include "repl/source.h"
#include "resp/errors.h"

namespace pinion::repl {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

// A timeout in milliseconds; 0 is for ever.
int64_t ReadTimeout(ArgReader* args, UnixMillis now) {
  const int64_t ms = args->NextInt("ERR timeout is not an integer or out of range");
  if (ms < 0) args->Fail("ERR timeout is negative");
  if (ms > std::numeric_limits<int64_t>::max() - now) args->Fail("ERR timeout is out of range");
  return ms;
}

void Wait(Context& ctx) {
  ArgReader args(ctx);
  const int64_t wanted = args.NextInt();
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.Finish()) return;

  Source& source = Source::Of(ctx);
  const uint64_t offset = ctx.session().journal_end;
  const size_t acknowledged = source.CountAcknowledged(offset);
  command::WaitOptions options;
  options.timeout_ms = timeout;
  options.at_timeout = [&source, offset] { return fmt::format(":{}\r\n", source.CountAcknowledged(offset)); };
  if (static_cast<int64_t>(acknowledged) >= wanted || !ctx.Wait(std::move(options))) {
    return ctx.reply().Integer(static_cast<int64_t>(acknowledged));
  }
  source.AnswerWhenAcknowledged(ctx, offset, static_cast<size_t>(wanted));
}

// Nothing is ever known to be in a file elsewhere, so the reply comes when time is up; at once where nobody is asked
// for, or the client must not wait.
void WaitAof(Context& ctx) {
  ArgReader args(ctx);
  const int64_t local = args.NextInt("ERR value is out of range, value must between 0 and 1", 0, 1);
  const int64_t replicas = args.NextInt(error::kNotPositive, 0);
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.Finish()) return;
  if (local != 0) {
    return ctx.reply().Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  }
  constexpr std::string_view kNone = "*2\r\n:0\r\n:0\r\n";
  command::WaitOptions options;
  options.timeout_ms = timeout;
  options.if_timeout = kNone;
  if (replicas == 0 || !ctx.Wait(std::move(options))) ctx.reply().Raw(kNone);
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"WAIT", 3, kBlocking, {}, Wait},
    {"WAITAOF", 4, kBlocking, {}, WaitAof},
};

}  // namespace

const command::Family kWaitFamily = {"generic", kCatConnection, kRows};

}  // namespace pinion::repl
