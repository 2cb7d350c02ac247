// Taking members off the ends of sorted sets: ZPOPMIN, ZPOPMAX, ZMPOP, and BZPOPMIN, BZPOPMAX, BZMPOP.
#include <algorithm>
#include <optional>

#include "command/args.h"
#include "command/context.h"
#include "commands/blocking.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/sorted_set_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using types::RankRange;
using types::SortedSet;

namespace error = resp::error;

enum class End : uint8_t { kMin, kMax };

// Replies with the `count` members of an end, from the end on, and removes them. REQUIRES: 0 < count <= size.
template <typename Reply>
void Pop(Editing<SortedSet>& set, End end, size_t count, Reply&& reply) {
  const bool max = end == End::kMax;
  const RankRange ranks{max ? set->size() - count : 0, count};
  set->ForEach(ranks, max, reply);
  EraseRanks(set, ranks);
  set.Notify(store::kEventSortedSet, max ? "zpopmax" : "zpopmin");
}

void PopEnd(Context& ctx, End end) {
  ArgReader args(ctx, 2);
  std::optional<int64_t> count;
  if (args.left() > 1) args.Fail(error::kSyntax);
  if (args.more()) count = args.NextInt(error::kNotPositive, 0);
  if (!args.Finish()) return;

  Editing<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  if (!set.existed() || count == 0) return ctx.reply().EmptyArray();
  const size_t n = std::min<size_t>(static_cast<uint64_t>(count.value_or(1)), set->size());
  if (count) return Pop(set, end, n, MembersReply(ctx.reply(), n, true));
  ctx.reply().Array(2);
  Pop(set, end, 1, [&](std::string_view member, double score) {
    ctx.reply().Bulk(member);
    ctx.reply().Double(score);
  });
}

void ZPopMin(Context& ctx) { PopEnd(ctx, End::kMin); }
void ZPopMax(Context& ctx) { PopEnd(ctx, End::kMax); }

// --- the first of several keys ------------------------------------------------------------------------------

// What is taken from the first key that has members.
struct Wanted {
  End end;
  // How many pairs at most, in an array of their own; none: one, flat behind the key.
  std::optional<int64_t> count;
};

// Serves the request from this key: replies with the key and what was taken, or with WRONGTYPE. False when the key
// has nothing, and then nothing was replied.
bool TryPop(Context& ctx, const store::Key& key, const Wanted& wanted) {
  Editing<SortedSet> set(ctx, key);
  if (set.wrong_type()) return true;
  if (set->empty()) return false;
  resp::ReplyWriter& reply = ctx.reply();
  reply.Array(wanted.count ? 2 : 3);
  reply.Bulk(key.text);
  const size_t n = std::min<size_t>(static_cast<uint64_t>(wanted.count.value_or(1)), set->size());
  if (wanted.count) reply.Array(n);
  Pop(set, wanted.end, n, [&](std::string_view member, double score) {
    if (wanted.count) reply.Array(2);
    reply.Bulk(member);
    reply.Double(score);
  });
  const std::string_view word = wanted.end == End::kMax ? "ZPOPMAX" : "ZPOPMIN";
  if (wanted.count) {
    ctx.Effect(word, key.text, static_cast<int64_t>(n));
  } else {
    ctx.Effect(word, key.text);
  }
  return true;
}

// The same from the first of the request's keys that has something.
bool TryPopAny(Context& ctx, const Wanted& wanted) {
  return std::any_of(ctx.keys().begin(), ctx.keys().end(),
                     [&](const store::Key& key) { return ctx.MayServe(key) && TryPop(ctx, key, wanted); });
}

// "numkeys key [key ...] MIN|MAX [COUNT count]"
Wanted ReadWanted(ArgReader* args) {
  Wanted wanted{End::kMin, 1};
  if (!SkipCountedKeys(args)) return wanted;
  if (args->Accept("MAX")) {
    wanted.end = End::kMax;
  } else if (!args->Accept("MIN")) {
    args->Fail(error::kSyntax);
  }
  wanted.count = ReadPopCount(args);
  return wanted;
}

void PopOrWait(Context& ctx, const Wanted& wanted, int64_t timeout_ms) {
  if (!TryPopAny(ctx, wanted)) WaitOrReplyNull(ctx, SortedSet::kType, timeout_ms);
}

void ZMPop(Context& ctx) {
  ArgReader args(ctx);
  const Wanted wanted = ReadWanted(&args);
  if (!args.Finish()) return;
  if (!TryPopAny(ctx, wanted)) ctx.reply().NullArray();
}

void BZMPop(Context& ctx) {
  ArgReader args(ctx, 2);
  const Wanted wanted = ReadWanted(&args);
  if (!args.Finish()) return;
  if (const auto timeout = TimeoutInFront(ctx)) PopOrWait(ctx, wanted, *timeout);
}

void BlockingPopEnd(Context& ctx, End end) {
  ArgReader args(ctx, ctx.argc() - 1);
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.Finish()) return;
  PopOrWait(ctx, {end, std::nullopt}, timeout);
}

void BZPopMin(Context& ctx) { BlockingPopEnd(ctx, End::kMin); }
void BZPopMax(Context& ctx) { BlockingPopEnd(ctx, End::kMax); }

using namespace command;
constexpr uint32_t kPoppedMembers = kKeyRW | kKeyAccess | kKeyDelete;
constexpr KeySpec kAllButLast[] = {Range(1, -2, 1, kPoppedMembers)};
constexpr KeySpec kNumbered[] = {KeyNum(1, 0, 1, 1, kPoppedMembers)};
constexpr KeySpec kNumberedBehindTimeout[] = {KeyNum(2, 0, 1, 1, kPoppedMembers)};
constexpr CommandRow kSortedSetPopRows[] = {
    {"BZMPOP", -5, kWrite | kBlocking, kNumberedBehindTimeout, BZMPop},
    {"BZPOPMAX", -3, kWrite | kFast | kBlocking, kAllButLast, BZPopMax},
    {"BZPOPMIN", -3, kWrite | kFast | kBlocking, kAllButLast, BZPopMin},
    {"ZMPOP", -4, kWrite, kNumbered, ZMPop},
    {"ZPOPMAX", -2, kWrite | kFast, kReadDeleteKey, ZPopMax},
    {"ZPOPMIN", -2, kWrite | kFast, kReadDeleteKey, ZPopMin},
};

}  // namespace

const command::Family kSortedSetPopFamily = {"sorted-set", kCatSortedSet, kSortedSetPopRows};

}  // namespace pinion::commands
