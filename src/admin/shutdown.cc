// SHUTDOWN: the orderly end of the server.
#include <optional>

#include "admin/families.h"
#include "base/log.h"
#include "command/alone.h"
#include "command/append_only.h"
#include "command/args.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "command/persistence.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::Context;

bool SaveAlone(Context& ctx) {
  std::optional<command::Alone> alone;
  if (!ctx.alone()) alone.emplace(ctx.services(), ctx.worker());
  ctx.services().persistence->StopBackground();
  return ctx.services().persistence->Save();
}

void Shutdown(Context& ctx) {
  bool save = false, no_save = false, force = false, abort = false;
  command::ArgReader args(ctx);
  while (args.more()) {
    if (args.Accept("SAVE")) {
      save = true;
    } else if (args.Accept("NOSAVE")) {
      no_save = true;
    } else if (args.Accept("NOW")) {
      continue;  // a stop waits for nobody anyway
    } else if (args.Accept("FORCE")) {
      force = true;
    } else if (args.Accept("ABORT")) {
      abort = true;
    } else {
      args.Fail(resp::error::kSyntax);
    }
  }
  if ((save && no_save) || (abort && ctx.argc() > 2)) args.Fail(resp::error::kSyntax);
  if (!args.Finish()) return;
  // A stop begins at once and waits for nobody, so there is never one to call off.
  if (abort) return ctx.reply().Error("ERR No shutdown in progress.");
  command::Dispatcher& dispatcher = *ctx.services().dispatcher;
  if (dispatcher.BusyScript() != nullptr && !no_save) return ctx.reply().Error(dispatcher.BusyError());
  if (!force && !ctx.services().append_only->may_stop()) {
    Log(LogLevel::kWarning, "The first base of the append-only file is being written: going on");
    return ctx.reply().Error("ERR Errors trying to SHUTDOWN. Check logs.");
  }
  const bool saves = save || (!no_save && ctx.services().persistence->has_save_points());
  if (saves && !SaveAlone(ctx) && !force) return ctx.reply().Error("ERR Errors trying to SHUTDOWN. Check logs.");
  dispatcher.running_script().abort.store(true, std::memory_order_relaxed);
  ctx.services().host.RequestShutdown();
}

using namespace command;
constexpr CommandRow kShutdownRows[] = {
    {"SHUTDOWN",
     -1,
     kAdmin | kNoScript | kLoading | kStale | kNoMulti | kSentinel | kAllowBusy,
     {},
     Shutdown},
};

}  // namespace

const command::Family kShutdownFamily = {"server", 0, kShutdownRows};

}  // namespace pinion::admin
