// Looking through the keyspace: KEYS, SCAN, RANDOMKEY.
#include <algorithm>
#include <string>

#include "base/glob.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/scan_options.h"
#include "store/describe.h"
#include "store/gate.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;

// Keys looked at under one hold of a shard's lock, and between two chances for others to be alone.
constexpr size_t kChunk = 1024;

// Calls f(const Entry&) for live entries from `cursor` on until about `count` were looked at; returns the next cursor.
// Expired entries are left, or removed if there is a remover.
template <typename F>
uint64_t Walk(Context& ctx, uint64_t cursor, size_t count, store::Accessor* remover, F&& f) {
  for (;;) {
    const size_t step = std::min(count, kChunk);
    cursor = ctx.db().keyspace().Scan(ctx.db().index(), cursor, step, ctx.now(), ctx.alone(), f, remover);
    count -= step;
    if (cursor == 0 || count == 0) return cursor;
    if (!ctx.alone()) {
      ctx.services().gate.StepAside(ctx.worker().index);
    }
  }
}

void Keys(Context& ctx) {
  const std::string_view pattern = ctx.arg(1);
  const bool all = pattern == "*";
  const auto start = ctx.reply().Begin();
  size_t n = 0;
  Walk(ctx, 0, SIZE_MAX, nullptr, [&](const store::Entry& e) {
    if (!all && !GlobMatch(pattern, e.key())) return;
    ctx.reply().Bulk(e.key());
    ++n;
  });
  ctx.reply().EndArray(start, n);
}

void Scan(Context& ctx) {
  ArgReader args(ctx);
  const uint64_t cursor = ReadCursor(&args);
  const ScanOptions options = ReadScanOptions(&args, Scanned::kKeys);
  if (!args.Finish()) return;

  ScanReply reply(ctx.reply());
  reply.End(Walk(ctx, cursor, options.count, &ctx.db().accessor(), [&](const store::Entry& e) {
    if (!options.Matches(e.key())) return;
    if (options.type && !command::EqualsNoCase(*options.type, store::TypeName(e.type()))) return;
    reply.Add(e.key());
  }));
}

void RandomKey(Context& ctx) {
  std::string key;
  store::Database& db = ctx.db();
  if (!db.keyspace().RandomKey(db.index(), ctx.now(), ctx.alone(), db.accessor(), &key)) return ctx.reply().Null();
  ctx.reply().Bulk(key);
}

using namespace command;
constexpr CommandRow kScanRows[] = {
    {"KEYS", 2, kRead | kLocksItself, {}, Keys, kCatDangerous},
    {"RANDOMKEY", 1, kRead | kTouchesArbitraryKeys | kLocksItself, {}, RandomKey},
    {"SCAN", -2, kRead | kTouchesArbitraryKeys | kLocksItself, {}, Scan},
};

}  // namespace

const command::Family kScanFamily = {"generic", kCatKeyspace, kScanRows};

}  // namespace pinion::commands
