// Strings: GET, SET and their kin.
#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::Context;

void Get(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  if (!e->is_string()) return ctx.reply().Error(resp::error::kWrongType);
  switch (e->holding()) {
    case store::Holding::kInline: return ctx.reply().Bulk(e->inline_bytes());
    case store::Holding::kInteger: return ctx.reply().BulkInteger(e->integer());
    default: return ctx.reply().BulkBlob(e->blob());
  }
}

void Set(Context& ctx) {
  auto w = ctx.db().Write(ctx.key());
  w.SetString(ctx.arg(2), store::kNoDeadline);
  w.Notify(store::kEventString, "set");
  ctx.reply().Ok();
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"GET", 2, kRead | kFast, kReadKey, Get},
    {"SET", -3, kWrite | kDenyOom, kReadUpdateKey, Set},
};

}  // namespace

const command::Family kStringFamily = {"string", kCatString, kRows};

}  // namespace pinion::commands
