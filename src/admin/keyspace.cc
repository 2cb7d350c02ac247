// Whole databases: DBSIZE, FLUSHALL, FLUSHDB, SWAPDB.
#include <cstdint>
#include <limits>

#include "admin/families.h"
#include "command/args.h"
#include "command/context.h"
#include "command/tracking.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

void DbSize(Context& ctx) {
  const auto totals = ctx.db().keyspace().CountKeys(ctx.db().index(), ctx.alone());
  ctx.reply().Integer(static_cast<int64_t>(totals.keys));
}

// Reads SYNC or ASYNC, which make no difference: the keys are gone at once, their memory is given back in the
// background.
bool ReadFlushMode(Context& ctx) {
  ArgReader args(ctx);
  if (!args.Accept("SYNC")) args.Accept("ASYNC");
  return args.Finish();
}

void Flush(Context& ctx, uint32_t first, uint32_t last) {
  for (uint32_t db = first; db <= last; ++db) {
    ctx.db().accessor().stats.dirty.Add(static_cast<int64_t>(ctx.db().keyspace().Flush(db, ctx.db().accessor())));
  }
  ctx.services().tracking.InvalidateAll(ctx.worker());
  ctx.EffectAsSent();  // also when it was empty
  ctx.reply().Ok();
}

void FlushAll(Context& ctx) {
  if (!ReadFlushMode(ctx)) return;
  Flush(ctx, 0, ctx.db().keyspace().database_count() - 1);
}

void FlushDb(Context& ctx) {
  if (!ReadFlushMode(ctx)) return;
  Flush(ctx, ctx.db().index(), ctx.db().index());
}

void SwapDb(Context& ctx) {
  constexpr int64_t kLeast = std::numeric_limits<int32_t>::min(), kMost = std::numeric_limits<int32_t>::max();
  ArgReader args(ctx);
  const int64_t a = args.NextInt(error::kInvalidFirstDbIndex, kLeast, kMost);
  const int64_t b = args.NextInt(error::kInvalidSecondDbIndex, kLeast, kMost);
  const int64_t count = ctx.db().keyspace().database_count();
  if (a < 0 || a >= count || b < 0 || b >= count) args.Fail(error::kDbIndexRange);
  if (!args.Finish()) return;
  ctx.db().keyspace().Swap(static_cast<uint32_t>(a), static_cast<uint32_t>(b), ctx.db().accessor());
  ctx.db().accessor().stats.dirty.Add(1);
  ctx.reply().Ok();
}

using namespace command;
constexpr CommandRow kKeyspaceRows[] = {
    {"DBSIZE", 1, kRead | kFast | kLocksItself, {}, DbSize, kCatKeyspace},
    {"FLUSHALL", -1, kWrite | kAlone, {}, FlushAll, kCatKeyspace | kCatDangerous},
    {"FLUSHDB", -1, kWrite | kAlone, {}, FlushDb, kCatKeyspace | kCatDangerous},
    {"SWAPDB", 3, kWrite | kFast | kAlone, {}, SwapDb, kCatKeyspace | kCatDangerous},
};

}  // namespace

const command::Family kKeyspaceFamily = {"server", 0, kKeyspaceRows};

}  // namespace pinion::admin
