// Several sets at once: SINTER, SUNION, SDIFF, their STORE forms, SINTERCARD.
#include <optional>
#include <span>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/set_value.h"
#include "types/set_algebra.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using store::kEventSet;
using types::ListpackItem;
using types::Set;
using types::SetView;

constexpr std::string_view kTooManyKeys = "ERR Number of keys can't be greater than number of args";

// Sets that only live until they are replied are found faster in a hash table than in a listpack.
constexpr types::SetLimits kForReply = {.intset_entries = 512, .listpack_entries = 0, .listpack_value = 0};

// The sets that the keys hold, empty ones for absent keys; nothing when one holds something else: WRONGTYPE was
// replied.
std::optional<std::vector<SetView>> ReadSets(Context& ctx, std::span<const store::Key> keys) {
  std::vector<SetView> sets;
  sets.reserve(keys.size());
  for (const store::Key& key : keys) {
    const Reading<Set> set(ctx, key);
    if (set.wrong_type()) return std::nullopt;
    sets.push_back(*set);
  }
  return sets;
}

void SInter(Context& ctx) {
  auto sets = ReadSets(ctx, ctx.keys());
  if (!sets) return;
  const auto start = ctx.reply().Begin();
  size_t n = 0;
  types::Intersect(std::move(*sets), [&](const ListpackItem& member) {
    ReplyItem(ctx.reply(), member);
    ++n;
    return true;
  });
  ctx.reply().EndSet(start, n);
}

void SInterCard(Context& ctx) {
  ArgReader args(ctx);
  const auto keys = static_cast<size_t>(args.NextInt(resp::error::kNumKeysNotPositive, 1));
  if (keys > args.left()) args.Fail(kTooManyKeys);
  if (!args.failed()) args.Skip(keys);
  int64_t limit = 0;
  while (args.more()) {
    if (args.AcceptWithValue("LIMIT")) {
      limit = args.NextInt(resp::error::kLimitNegative, 0);
    } else {
      args.Fail(resp::error::kSyntax);
    }
  }
  if (!args.Finish()) return;
  const auto sets = ReadSets(ctx, ctx.keys());
  if (!sets) return;
  ctx.reply().Integer(static_cast<int64_t>(types::CountIntersection(*sets, static_cast<size_t>(limit))));
}

void SUnion(Context& ctx) {
  const auto sets = ReadSets(ctx, ctx.keys());
  if (!sets) return;
  if (sets->size() == 1) return ReplyMembers(ctx.reply(), sets->front());
  ReplyMembers(ctx.reply(), types::UnionOf(*sets, kForReply));
}

void SDiff(Context& ctx) {
  const auto sets = ReadSets(ctx, ctx.keys());
  if (sets) ReplyMembers(ctx.reply(), types::DifferenceOf(*sets, kForReply));
}

using SetOperation = Set (*)(std::span<const SetView>, const types::SetLimits&);

// The first key becomes what the operation makes of the others.
void StoreSet(Context& ctx, SetOperation operation, std::string_view event) {
  const auto sets = ReadSets(ctx, ctx.keys().subspan(1));
  if (!sets) return;
  Set result = operation(*sets, SetLimitsOf(ctx));
  ctx.reply().Integer(static_cast<int64_t>(result.size()));
  StoreObject(ctx, ctx.key(), std::move(result), kEventSet, event);
}

void SInterStore(Context& ctx) { StoreSet(ctx, types::IntersectionOf, "sinterstore"); }
void SUnionStore(Context& ctx) { StoreSet(ctx, types::UnionOf, "sunionstore"); }
void SDiffStore(Context& ctx) { StoreSet(ctx, types::DifferenceOf, "sdiffstore"); }

using namespace command;
constexpr KeySpec kCountedSets[] = {KeyNum(1, 0, 1, 1, kKeyRO | kKeyAccess)};
constexpr KeySpec kStoreSetKeys[] = {Range(1, 0, 1, kKeyOW | kKeyUpdate), Range(2, -1, 1, kKeyRO | kKeyAccess)};

constexpr CommandRow kSetOperationRows[] = {
    {"SDIFF", -2, kRead, kReadAllKeys, SDiff},
    {"SDIFFSTORE", -3, kWrite | kDenyOom, kStoreSetKeys, SDiffStore},
    {"SINTER", -2, kRead, kReadAllKeys, SInter},
    {"SINTERCARD", -3, kRead, kCountedSets, SInterCard},
    {"SINTERSTORE", -3, kWrite | kDenyOom, kStoreSetKeys, SInterStore},
    {"SUNION", -2, kRead, kReadAllKeys, SUnion},
    {"SUNIONSTORE", -3, kWrite | kDenyOom, kStoreSetKeys, SUnionStore},
};

}  // namespace

const command::Family kSetOperationFamily = {"set", kCatSet, kSetOperationRows};

}  // namespace pinion::commands
