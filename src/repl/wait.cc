// WAIT and WAITAOF: waiting for replicas, and for the append-only file.
#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "command/append_only.h"
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
  const uint64_t offset = ctx.session().journal_ends[static_cast<size_t>(command::Listener::kReplicas)];
  const size_t acknowledged = source.CountAcknowledged(offset);
  command::WaitOptions options;
  options.timeout_ms = timeout;
  options.at_timeout = [&source, offset] { return fmt::format(":{}\r\n", source.CountAcknowledged(offset)); };
  if (static_cast<int64_t>(acknowledged) >= wanted || !ctx.Wait(std::move(options))) {
    return ctx.reply().Integer(static_cast<int64_t>(acknowledged));
  }
  source.AnswerWhenAcknowledged(ctx, offset, static_cast<size_t>(wanted));
}

// Nothing is ever known to be in a file elsewhere: where one is asked for, the reply comes when time is up.
void WaitAof(Context& ctx) {
  ArgReader args(ctx);
  const int64_t local = args.NextInt("ERR value is out of range, value must between 0 and 1", 0, 1);
  const int64_t replicas = args.NextInt(error::kNotPositive, 0);
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.Finish()) return;
  command::AppendOnly& file = *ctx.services().append_only;
  if (local != 0 && !file.enabled()) {
    return ctx.reply().Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  }
  const uint64_t end = ctx.session().journal_ends[static_cast<size_t>(command::Listener::kFile)];
  const auto now = [&file, end] { return fmt::format("*2\r\n:{:d}\r\n:0\r\n", file.enabled() && file.IsSynced(end)); };
  command::WaitOptions options;
  options.timeout_ms = timeout;
  options.at_timeout = now;
  const bool done = replicas == 0 && (local == 0 || file.IsSynced(end));
  if (done || !ctx.Wait(std::move(options))) return ctx.reply().Raw(now());
  if (replicas == 0) file.AnswerWhenSynced(ctx, end);
}

using namespace command;
constexpr CommandRow kWaitRows[] = {
    {"WAIT", 3, kBlocking, {}, Wait},
    {"WAITAOF", 4, kBlocking, {}, WaitAof},
};

}  // namespace

const command::Family kWaitFamily = {"generic", kCatConnection, kWaitRows};

}  // namespace pinion::repl
