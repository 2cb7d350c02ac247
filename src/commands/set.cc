// Sets, member by member: SADD, SREM, SMOVE, SISMEMBER, SMISMEMBER, SCARD, SMEMBERS, SSCAN.
#include <array>
#include <optional>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/scan_value.h"
#include "commands/set_value.h"
#include "types/set.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using store::kEventSet;
using types::Set;

void SAdd(Context& ctx) {
  const auto members = ctx.args().subspan(2);
  Editing<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  const types::SetLimits limits = SetLimitsOf(ctx);
  set->Expect(members.size(), members[0], limits);
  int64_t added = 0;
  for (const std::string_view member : members) added += set->Add(member, limits);
  if (added > 0) set.Notify(kEventSet, "sadd");
  ctx.reply().Integer(added);
}

void SRem(Context& ctx) {
  Editing<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  int64_t removed = 0;
  for (const std::string_view member : ctx.args().subspan(2)) removed += set->Remove(member);
  if (removed > 0) set.Notify(kEventSet, "srem");
  ctx.reply().Integer(removed);
}

void SMove(Context& ctx) {
  const std::string_view member = ctx.arg(3);
  std::optional<Editing<Set>> to;  // ends after `from`, whose events come first
  Editing<Set> from(ctx, ctx.key(0));
  if (from.wrong_type()) return;
  if (!from.existed()) return ctx.reply().Integer(0);
  if (ctx.key(0).text == ctx.key(1).text) return ctx.reply().Integer(from->Contains(member));
  to.emplace(ctx, ctx.key(1));
  if (to->wrong_type()) return;
  if (!from->Remove(member)) return ctx.reply().Integer(0);
  from.Notify(kEventSet, "srem");
  const types::SetLimits limits = SetLimitsOf(ctx);
  if (!to->existed()) (*to)->Expect(1, member, limits);
  if ((*to)->Add(member, limits)) to->Notify(kEventSet, "sadd");
  ctx.reply().Integer(1);
}

void SIsMember(Context& ctx) {
  const Reading<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Integer(set->Contains(ctx.arg(2)));
}

void SMIsMember(Context& ctx) {
  const auto members = ctx.args().subspan(2);
  const Reading<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Array(members.size());
  for (const std::string_view member : members) ctx.reply().Integer(set->Contains(member));
}

void SCard(Context& ctx) {
  const Reading<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Integer(static_cast<int64_t>(set->size()));
}

void SMembers(Context& ctx) {
  const Reading<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ReplyMembers(ctx.reply(), *set);
}

void SScan(Context& ctx) {
  ScanValue<Set>(ctx, Scanned::kSet,
                 [](const Set& set, uint64_t cursor, const ScanOptions& options, ScanReply& reply) {
    std::array<char, kMaxInt64Text> scratch;
    return set.Scan(cursor, options.count, [&](const types::ListpackItem& item) {
      const std::string_view member = item.View(scratch.data());
      if (options.Matches(member)) reply.Add(member);
    });
  });
}

using namespace command;
constexpr KeySpec kMoveKeys[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyDelete),
                                 Range(2, 0, 1, kKeyRW | kKeyInsert)};

constexpr CommandRow kSetRows[] = {
    {"SADD", -3, kWrite | kDenyOom | kFast | kMemberIsArg2, kInsertKey, SAdd},
    {"SCARD", 2, kRead | kFast, kPeekKey, SCard},
    {"SISMEMBER", 3, kRead | kFast | kMemberIsArg2, kPeekKey, SIsMember},
    {"SMEMBERS", 2, kRead, kReadKey, SMembers},
    {"SMISMEMBER", -3, kRead | kFast | kMemberIsArg2, kReadKey, SMIsMember},
    {"SMOVE", 4, kWrite | kFast, kMoveKeys, SMove},
    {"SREM", -3, kWrite | kFast | kMemberIsArg2, kDeleteKey, SRem},
    {"SSCAN", -3, kRead, kReadKey, SScan},
};

}  // namespace

const command::Family kSetFamily = {"set", kCatSet, kSetRows};

}  // namespace pinion::commands
