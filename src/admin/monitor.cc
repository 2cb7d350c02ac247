// MONITOR: a client that sees every command as it is executed.
#include "admin/families.h"
#include "command/context.h"
#include "command/pubsub.h"

namespace pinion::admin {
namespace {

using command::Context;

void Monitor(Context& ctx) {
  if (ctx.in_exec()) return ctx.reply().Error("ERR MONITOR isn't allowed for DENY BLOCKING client");
  command::Session& session = ctx.session();
  if (session.monitor) return;  // Redis leaves the second request without a reply
  session.monitor = true;
  ctx.services().pubsub.AddMonitor(session);
  ctx.reply().Ok();
}

using namespace command;
constexpr CommandRow kMonitorRows[] = {
    {"MONITOR", 1, kAdmin | kNoScript | kLoading | kStale, {}, Monitor},
};

}  // namespace

const command::Family kMonitorFamily = {"server", 0, kMonitorRows};

}  // namespace pinion::admin
