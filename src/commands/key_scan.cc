// Looking through the keyspace: KEYS, SCAN, RANDOMKEY.
#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/glob.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "resp/errors.h"
#include "store/describe.h"
#include "store/gate.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

constexpr size_t kDefaultCount = 10;

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
      ctx.services().gate.Leave(ctx.worker().index);
      ctx.services().gate.Enter(ctx.worker().index);
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

// A cursor as C's strtoul reads it, which is what clients may send: a sign is allowed, and nothing at all is zero.
std::optional<uint64_t> ParseCursor(std::string_view text) {
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint64_t v = 0;
  for (char c : text) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(v, uint64_t{10}, &v) ||
        __builtin_add_overflow(v, static_cast<uint64_t>(c - '0'), &v)) {
      return std::nullopt;
    }
  }
  return negative ? 0 - v : v;
}

void Scan(Context& ctx) {
  ArgReader args(ctx);
  const auto cursor = ParseCursor(args.Next());
  if (!cursor) args.Fail(error::kInvalidCursor);
  size_t count = kDefaultCount;
  std::optional<std::string_view> pattern, type;
  while (args.more()) {
    if (args.left() < 2) {
      args.Fail(error::kSyntax);
    } else if (args.Accept("COUNT")) {
      const int64_t n = args.NextInt();
      if (n < 1) args.Fail(error::kSyntax);
      count = static_cast<size_t>(n);
    } else if (args.Accept("MATCH")) {
      pattern = args.Next();
    } else if (args.Accept("TYPE")) {
      type = args.Next();
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (!args.Finish()) return;

  if (pattern == "*") pattern.reset();
  const auto start = ctx.reply().Begin();
  size_t n = 0;
  const uint64_t next = Walk(ctx, *cursor, count, &ctx.db().accessor(), [&](const store::Entry& e) {
    if (pattern && !GlobMatch(*pattern, e.key())) return;
    if (type && !command::EqualsNoCase(*type, store::TypeName(e.type()))) return;
    ctx.reply().Bulk(e.key());
    ++n;
  });
  // The cursor goes ahead of the keys but is known only behind them.
  ctx.reply().EndArray(start, n);
  const std::string text = std::to_string(next);
  ctx.reply().out().Insert(start, fmt::format("*2\r\n${}\r\n{}\r\n", text.size(), text));
}

void RandomKey(Context& ctx) {
  std::string key;
  store::Database& db = ctx.db();
  if (!db.keyspace().RandomKey(db.index(), ctx.now(), ctx.alone(), db.accessor(), &key)) return ctx.reply().Null();
  ctx.reply().Bulk(key);
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"KEYS", 2, kRead | kLocksItself, {}, Keys, kCatDangerous},
    {"RANDOMKEY", 1, kRead | kTouchesArbitraryKeys | kLocksItself, {}, RandomKey},
    {"SCAN", -2, kRead | kTouchesArbitraryKeys | kLocksItself, {}, Scan},
};

}  // namespace

const command::Family kScanFamily = {"generic", kCatKeyspace, kRows};

}  // namespace pinion::commands
