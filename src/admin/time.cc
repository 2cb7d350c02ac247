// TIME: the server's clock.
#include <string>

#include "admin/families.h"
#include "base/clock.h"
#include "command/context.h"

namespace pinion::admin {
namespace {

using command::Context;

// Seconds since the Unix epoch, and the microseconds of the one that has begun. For a script and a transaction time
// stands still.
void Time(Context& ctx) {
  constexpr int64_t kMicros = 1'000'000;
  const int64_t now = ctx.in_exec() ? ctx.worker().now_micros : ctx.services().clock.WallMicros();
  ctx.reply().Array(2);
  ctx.reply().BulkInteger(now / kMicros);
  ctx.reply().BulkInteger(now % kMicros);
}

using namespace command;
constexpr CommandRow kTimeRows[] = {
    {"TIME", 1, kLoading | kStale | kFast, {}, Time},
};

}  // namespace

const command::Family kTimeFamily = {"server", 0, kTimeRows};

}  // namespace pinion::admin
