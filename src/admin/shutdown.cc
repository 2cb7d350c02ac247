// SHUTDOWN: the orderly end of the server.
#include "admin/families.h"
#include "command/args.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::Context;

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
  // There is nowhere to save to: who insists on it must know that the data would be lost.
  if (save && !force) return ctx.reply().Error("ERR Errors trying to SHUTDOWN. Check logs.");
  command::Dispatcher& dispatcher = *ctx.services().dispatcher;
  if (dispatcher.BusyScript() != nullptr && !no_save) return ctx.reply().Error(dispatcher.BusyError());
  dispatcher.running_script().abort.store(true, std::memory_order_relaxed);
  ctx.services().host.RequestShutdown();
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"SHUTDOWN",
     -1,
     kAdmin | kNoScript | kLoading | kStale | kNoMulti | kSentinel | kAllowBusy,
     {},
     Shutdown},
};

}  // namespace

const command::Family kShutdownFamily = {"server", 0, kRows};

}  // namespace pinion::admin
