// WAIT and WAITAOF: waiting for replicas and append-only files, of which this server has none yet.
#include <cstdint>
#include <string_view>
#include <utility>

#include "command/args.h"
#include "command/context.h"
#include "commands/blocking.h"
#include "commands/families.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

// Nobody will ever acknowledge anything, so the reply comes when time is up; at once where nobody is asked for, or the
// client must not wait.
void ReplyWhenTimeIsUp(Context& ctx, bool satisfied, int64_t timeout_ms, std::string_view reply) {
  command::WaitOptions options;
  options.timeout_ms = timeout_ms;
  options.if_timeout = reply;
  if (satisfied || !ctx.Wait(std::move(options))) ctx.reply().Raw(reply);
}

void Wait(Context& ctx) {
  ArgReader args(ctx);
  const int64_t replicas = args.NextInt();
  const int64_t timeout = ReadMillis(&args, ctx.now());
  if (!args.Finish()) return;
  ReplyWhenTimeIsUp(ctx, replicas <= 0, timeout, ":0\r\n");
}

void WaitAof(Context& ctx) {
  ArgReader args(ctx);
  const int64_t local = args.NextInt("ERR value is out of range, value must between 0 and 1", 0, 1);
  const int64_t replicas = args.NextInt(error::kNotPositive, 0);
  const int64_t timeout = ReadMillis(&args, ctx.now());
  if (!args.Finish()) return;
  if (local != 0) {
    return ctx.reply().Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  }
  ReplyWhenTimeIsUp(ctx, replicas == 0, timeout, "*2\r\n:0\r\n:0\r\n");
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"WAIT", 3, kBlocking, {}, Wait},
    {"WAITAOF", 4, kBlocking, {}, WaitAof},
};

}  // namespace

const command::Family kWaitFamily = {"generic", kCatConnection, kRows};

}  // namespace pinion::commands
