// Random members of sorted sets: ZRANDMEMBER.
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/random_picks.h"
#include "commands/sorted_set_value.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using types::SortedSet;

void ZRandMember(Context& ctx) {
  ArgReader args(ctx, 2);
  const RandomPicks picks = ReadRandomPicks(&args, "WITHSCORES");
  if (!args.Finish()) return;
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;

  Random& random = ctx.db().accessor().random;
  if (picks.one) {
    if (!set.exists()) return ctx.reply().Null();
    return set->Sample(random, [&ctx](std::string_view member, double) { ctx.reply().Bulk(member); });
  }
  const size_t n = picks.NumberOf(set->size());
  const MembersReply reply(ctx.reply(), n, picks.with_values);
  if (picks.repeated()) {
    for (size_t i = 0; i < n; ++i) set->Sample(random, reply);
  } else {
    set->SampleMany(n, random, reply);
  }
}

using namespace command;
constexpr CommandRow kSortedSetRandomRows[] = {
    {"ZRANDMEMBER", -2, kRead, kReadKey, ZRandMember},
};

}  // namespace

const command::Family kSortedSetRandomFamily = {"sorted-set", kCatSortedSet, kSortedSetRandomRows};

}  // namespace pinion::commands
