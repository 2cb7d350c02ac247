// Hashes: HSET, HSETNX, HMSET, HGET, HMGET, HDEL, HEXISTS, HLEN, HSTRLEN, HGETALL, HKEYS, HVALS.
#include "command/context.h"
#include "commands/families.h"
#include "commands/hash_value.h"
#include "commands/object.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::Context;
using store::kEventHash;
using types::Hash;
using types::HashPair;

// The pairs behind the key. Returns how many fields are new; nullopt when nothing was set and the error was
// replied.
std::optional<int64_t> SetPairs(Context& ctx) {
  if (ctx.argc() % 2 != 0) {
    ctx.reply().Error(resp::error::WrongArity(ctx.command().full_name));
    return std::nullopt;
  }
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return std::nullopt;

  const types::HashLimits limits = HashLimitsOf(ctx);
  hash->Expect((ctx.argc() - 2) / 2, limits);
  int64_t added = 0;
  for (size_t i = 2; i < ctx.argc(); i += 2) added += hash->Set(ctx.arg(i), ctx.arg(i + 1), limits);
  hash.Notify(kEventHash, "hset");
  return added;
}

void HSet(Context& ctx) {
  if (const auto added = SetPairs(ctx)) ctx.reply().Integer(*added);
}

void HMSet(Context& ctx) {
  if (SetPairs(ctx)) ctx.reply().Ok();
}

void HSetNx(Context& ctx) {
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  if (hash->Contains(ctx.arg(2))) return ctx.reply().Integer(0);
  hash->Set(ctx.arg(2), ctx.arg(3), HashLimitsOf(ctx));
  hash.Notify(kEventHash, "hset");
  ctx.reply().Integer(1);
}

void HGet(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  ReplyText(ctx.reply(), hash->Get(ctx.arg(2)));
}

void HMGet(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  ctx.reply().Array(ctx.argc() - 2);
  for (size_t i = 2; i < ctx.argc(); ++i) ReplyText(ctx.reply(), hash->Get(ctx.arg(i)));
}

void HDel(Context& ctx) {
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  int64_t removed = 0;
  for (size_t i = 2; i < ctx.argc() && !hash->empty(); ++i) removed += hash->Remove(ctx.arg(i));
  if (removed > 0) hash.Notify(kEventHash, "hdel");
  ctx.reply().Integer(removed);
}

void HExists(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  ctx.reply().Integer(hash->Contains(ctx.arg(2)));
}

void HLen(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  ctx.reply().Integer(static_cast<int64_t>(hash->size()));
}

void HStrLen(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  const auto value = hash->Get(ctx.arg(2));
  ctx.reply().Integer(value ? static_cast<int64_t>(value->length()) : 0);
}

void HGetAll(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  ctx.reply().Map(hash->size());
  hash->ForEach([&](const HashPair& pair) {
    ReplyText(ctx.reply(), pair.field);
    ReplyText(ctx.reply(), pair.value);
  });
}

void HKeys(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  ctx.reply().Array(hash->size());
  hash->ForEach([&](const HashPair& pair) { ReplyText(ctx.reply(), pair.field); });
}

void HVals(Context& ctx) {
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  ctx.reply().Array(hash->size());
  hash->ForEach([&](const HashPair& pair) { ReplyText(ctx.reply(), pair.value); });
}

using namespace command;
constexpr CommandRow kHashRows[] = {
    {"HDEL", -3, kWrite | kFast | kMemberIsArg2, kDeleteKey, HDel},
    {"HEXISTS", 3, kRead | kFast | kMemberIsArg2, kPeekKey, HExists},
    {"HGET", 3, kRead | kFast | kMemberIsArg2, kReadKey, HGet},
    {"HGETALL", 2, kRead, kReadKey, HGetAll},
    {"HKEYS", 2, kRead, kReadKey, HKeys},
    {"HLEN", 2, kRead | kFast, kPeekKey, HLen},
    {"HMGET", -3, kRead | kFast | kMemberIsArg2, kReadKey, HMGet},
    {"HMSET", -4, kWrite | kDenyOom | kFast, kUpdateKey, HMSet},
    {"HSET", -4, kWrite | kDenyOom | kFast | kMemberIsArg2, kUpdateKey, HSet},
    {"HSETNX", 4, kWrite | kDenyOom | kFast | kMemberIsArg2, kInsertKey, HSetNx},
    {"HSTRLEN", 3, kRead | kFast | kMemberIsArg2, kPeekKey, HStrLen},
    {"HVALS", 2, kRead, kReadKey, HVals},
};

}  // namespace

const command::Family kHashFamily = {"hash", kCatHash, kHashRows};

}  // namespace pinion::commands
