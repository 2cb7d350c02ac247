// SAVE, BGSAVE, LASTSAVE.
#include "command/append_only.h"
#include "command/args.h"
#include "command/context.h"
#include "persist/families.h"
#include "persist/saver.h"

namespace pinion::persist {
namespace {

using command::Context;

constexpr std::string_view kRunsAlready = "ERR Background save already in progress";
constexpr std::string_view kRewrites =
    "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a "
    "BGSAVE whenever possible.";

Saver& SaverOf(Context& ctx) { return Saver::Of(ctx.services()); }

void Save(Context& ctx) {
  if (SaverOf(ctx).in_background() && !ctx.services().append_only->rewrites()) return ctx.reply().Error(kRunsAlready);
  if (!SaverOf(ctx).Save()) return ctx.reply().Error("ERR");
  ctx.reply().Ok();
}

// While the append-only file is being rewritten a save can only be scheduled.
void BgSave(Context& ctx) {
  command::ArgReader args(ctx);
  const bool schedule = args.Accept("SCHEDULE");
  if (args.more()) args.Fail(resp::error::kSyntax);
  if (!args.Finish()) return;
  Saver& saver = SaverOf(ctx);
  const bool rewrites = ctx.services().append_only->rewrites();
  if (saver.in_background() && !rewrites) return ctx.reply().Error(kRunsAlready);
  if (rewrites && !schedule && !ctx.in_exec()) return ctx.reply().Error(kRewrites);
  if (rewrites || ctx.in_exec()) {  // what the transaction does after this is to be saved too
    saver.ScheduleBackgroundSave();
    return ctx.reply().Simple("Background saving scheduled");
  }
  saver.StartBackgroundSave();
  ctx.reply().Simple("Background saving started");
}

void LastSave(Context& ctx) { ctx.reply().Integer(SaverOf(ctx).status().last_save); }

using namespace command;
constexpr CommandRow kSaveRows[] = {
    {"BGSAVE", -1, kAdmin | kNoScript | kNoAsyncLoading | kAlone, {}, BgSave},
    {"LASTSAVE", 1, kLoading | kStale | kFast, {}, LastSave, kCatAdmin | kCatDangerous},
    {"SAVE", 1, kAdmin | kNoScript | kNoAsyncLoading | kNoMulti | kAlone, {}, Save},
};

}  // namespace

const command::Family kSaveFamily = {"server", 0, kSaveRows};

}  // namespace pinion::persist
