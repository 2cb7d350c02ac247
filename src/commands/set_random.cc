// Random members of sets: SPOP, SRANDMEMBER.
#include <cstdint>
#include <limits>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/set_value.h"
#include "resp/errors.h"
#include "types/set.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using types::ListpackItem;
using types::Set;

constexpr std::string_view kCountRange =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";

void PopOne(Context& ctx) {
  Editing<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  if (!set.existed()) return ctx.reply().Null();
  set->Pop(ctx.db().accessor().random, [&ctx](const ListpackItem& member) { ReplyItem(ctx.reply(), member); });
  set.Notify(store::kEventSet, "spop");
}

void PopMany(Context& ctx, size_t count) {
  Editing<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  count = std::min(count, set->size());
  ctx.reply().Set(count);
  if (count == 0) return;
  if (count == set->size()) {
    set->ForEach([&ctx](const ListpackItem& member) { ReplyItem(ctx.reply(), member); });
    set->Clear();
  } else {
    set->PopMany(count, ctx.db().accessor().random, SetLimitsOf(ctx),
                 [&ctx](const ListpackItem& member) { ReplyItem(ctx.reply(), member); });
  }
  set.Notify(store::kEventSet, "spop");
}

void SPop(Context& ctx) {
  ArgReader args(ctx, 2);
  if (args.left() > 1) args.Fail(error::kSyntax);
  const bool one = !args.more();
  const int64_t count = one ? 1 : args.NextInt(error::kNotPositive, 0);
  if (!args.Finish()) return;
  if (one) return PopOne(ctx);
  PopMany(ctx, static_cast<size_t>(count));
}

void SRandMember(Context& ctx) {
  ArgReader args(ctx, 2);
  if (args.left() > 1) args.Fail(error::kSyntax);
  const bool one = !args.more();
  const int64_t count = one ? 1 : args.NextInt();
  if (count == std::numeric_limits<int64_t>::min()) args.Fail(kCountRange);
  if (!args.Finish()) return;
  const Reading<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;

  resp::ReplyWriter& reply = ctx.reply();
  Random& random = ctx.db().accessor().random;
  if (one) {
    if (!set.exists()) return reply.Null();
    return ReplyItem(reply, set->Sample(random));
  }
  if (count >= 0) {
    const size_t n = std::min(static_cast<size_t>(count), set->size());
    reply.Array(n);
    set->SampleMany(n, random, [&reply](const ListpackItem& member) { ReplyItem(reply, member); });
  } else {
    // With repetition, in random order.
    const size_t n = set->empty() ? 0 : static_cast<size_t>(-count);
    reply.Array(n);
    for (size_t i = 0; i < n; ++i) ReplyItem(reply, set->Sample(random));
  }
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"SPOP", -2, kWrite | kFast, kReadDeleteKey, SPop},
    {"SRANDMEMBER", -2, kRead, kReadKey, SRandMember},
};

}  // namespace

const command::Family kSetRandomFamily = {"set", kCatSet, kRows};

}  // namespace pinion::commands
