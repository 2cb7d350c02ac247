// SAVE, BGSAVE, LASTSAVE.
#include "command/args.h"
#include "command/context.h"
#include "persist/families.h"
#include "persist/saver.h"

namespace pinion::persist {
namespace {

using command::Context;

constexpr std::string_view kRunsAlready = "ERR Background save already in progress";

Saver& SaverOf(Context& ctx) { return Saver::Of(ctx.services()); }

void Save(Context& ctx) {
  if (SaverOf(ctx).in_background()) return ctx.reply().Error(kRunsAlready);
  if (!SaverOf(ctx).Save()) return ctx.reply().Error("ERR");
  ctx.reply().Ok();
}

// SCHEDULE is for servers whose append-only file may be rewritten at the moment.
void BgSave(Context& ctx) {
  command::ArgReader args(ctx);
  if (args.more() && !args.Accept("SCHEDULE")) args.Fail(resp::error::kSyntax);
  if (!args.Finish()) return;
  Saver& saver = SaverOf(ctx);
  if (saver.in_background()) return ctx.reply().Error(kRunsAlready);
  if (ctx.in_exec()) {  // what the transaction does after this is to be saved too
    saver.ScheduleBackgroundSave();
    return ctx.reply().Simple("Background saving scheduled");
  }
  saver.StartBackgroundSave();
  ctx.reply().Simple("Background saving started");
}

void LastSave(Context& ctx) { ctx.reply().Integer(SaverOf(ctx).status().last_save); }

using namespace command;
constexpr CommandRow kRows[] = {
    {"BGSAVE", -1, kAdmin | kNoScript | kNoAsyncLoading | kAlone, {}, BgSave},
    {"LASTSAVE", 1, kLoading | kStale | kFast, {}, LastSave, kCatAdmin | kCatDangerous},
    {"SAVE", 1, kAdmin | kNoScript | kNoAsyncLoading | kNoMulti | kAlone, {}, Save},
};

}  // namespace

const command::Family kSaveFamily = {"server", 0, kRows};

}  // namespace pinion::persist
