// SLOWLOG: reading and emptying the log of slow commands.
#include "command/slowlog.h"

#include <limits>
#include <string>

#include "admin/families.h"
#include "command/args.h"
#include "command/context.h"
#include "command/help.h"

namespace pinion::admin {
namespace {

using command::Context;

constexpr size_t kDefaultCount = 10;

void WriteEntry(const command::SlowEntry& e, resp::ReplyWriter& reply) {
  reply.Array(6);
  reply.Integer(e.id);
  reply.Integer(e.unix_seconds);
  reply.Integer(e.micros);
  reply.Array(e.args.size());
  for (const std::string& a : e.args) reply.Bulk(a);
  reply.Bulk(e.peer);
  reply.Bulk(e.client_name);
}

void SlowLogGet(Context& ctx) {
  if (ctx.argc() > 3) {
    return ctx.reply().Error(
        std::string("ERR unknown subcommand or wrong number of arguments for '")
            .append(ctx.arg(1))
            .append("'. Try SLOWLOG HELP."));
  }
  size_t count = kDefaultCount;
  if (ctx.argc() == 3) {
    command::ArgReader args(ctx, 2);
    const int64_t asked = args.NextInt("ERR count should be greater than or equal to -1", -1);
    if (!args.Finish()) return;
    count = asked < 0 ? std::numeric_limits<size_t>::max() : static_cast<size_t>(asked);
  }
  const auto entries = ctx.services().slowlog.Newest(count);
  ctx.reply().Array(entries.size());
  for (const command::SlowEntry& e : entries) WriteEntry(e, ctx.reply());
}

void SlowLogLen(Context& ctx) {
  ctx.reply().Integer(static_cast<int64_t>(ctx.services().slowlog.size()));
}

void SlowLogReset(Context& ctx) {
  ctx.services().slowlog.Reset();
  ctx.reply().Ok();
}

void SlowLogHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "GET [<count>]",
      "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
      "    Entries are made of:",
      "    id, timestamp, time in microseconds, arguments array, client IP and port,",
      "    client name",
      "LEN",
      "    Return the length of the slowlog.",
      "RESET",
      "    Reset the slowlog.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr CommandRow kSlowLogSubcommands[] = {
    {"GET", -2, kAdmin | kLoading | kStale, {}, SlowLogGet},
    {"HELP", 2, kLoading | kStale, {}, SlowLogHelp},
    {"LEN", 2, kAdmin | kLoading | kStale, {}, SlowLogLen},
    {"RESET", 2, kAdmin | kLoading | kStale, {}, SlowLogReset},
};
constexpr CommandRow kSlowLogRows[] = {
    {"SLOWLOG", -2, 0, {}, nullptr, 0, kSlowLogSubcommands},
};

}  // namespace

const command::Family kSlowLogFamily = {"server", 0, kSlowLogRows};

}  // namespace pinion::admin
