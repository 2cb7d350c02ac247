// Random members of sets: SPOP, SRANDMEMBER.
#include <algorithm>
#include <cstdint>

#include "command/args.h"
#include "command/context.h"
#include "command/deletion.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/random_picks.h"
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

void PopOne(Context& ctx) {
  Editing<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  if (!set.existed()) return ctx.reply().Null();
  set->Pop(ctx.db().accessor().random, [&ctx](const ListpackItem& member) {
    ReplyItem(ctx.reply(), member);
    char scratch[kMaxInt64Text];
    ctx.Effect("SREM", ctx.key().text, member.View(scratch));
  });
  set.Notify(store::kEventSet, "spop");
}

// Tells of `count` members that are removed, as SREM commands of a bounded length.
class RemovalEffect {
 public:
  RemovalEffect(Context& ctx, size_t count) : ctx_(ctx), left_(count) {}
  void Add(const ListpackItem& member) {
    if (!ctx_.journaled()) return;
    if (in_this_ == 0) {
      in_this_ = std::min(left_, kMembers);
      effect_ = ctx_.BeginEffect(2 + in_this_);
      if (effect_ != nullptr) {
        effect_->Put("SREM");
        effect_->Put(ctx_.key().text);
      }
    }
    char scratch[kMaxInt64Text];
    if (effect_ != nullptr) effect_->Put(member.View(scratch));
    --in_this_;
    --left_;
  }

 private:
  static constexpr size_t kMembers = 1024;
  Context& ctx_;
  command::Effects* effect_ = nullptr;
  size_t left_;
  size_t in_this_ = 0;
};

void PopMany(Context& ctx, size_t count) {
  Editing<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  count = std::min(count, set->size());
  ctx.reply().Set(count);
  if (count == 0) return;
  if (count == set->size()) {
    set->ForEach([&ctx](const ListpackItem& member) { ReplyItem(ctx.reply(), member); });
    set.Clear();
    ctx.Effect(command::DeletionWord(ctx.services().config.settings().lazyfree_lazy_server_del), ctx.key().text);
  } else {
    RemovalEffect removal(ctx, count);
    set->PopMany(count, ctx.db().accessor().random, SetLimitsOf(ctx), [&](const ListpackItem& member) {
      ReplyItem(ctx.reply(), member);
      removal.Add(member);
    });
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
  const RandomPicks picks = ReadRandomPicks(&args);
  if (!args.Finish()) return;
  const Reading<Set> set(ctx, ctx.key());
  if (set.wrong_type()) return;

  resp::ReplyWriter& reply = ctx.reply();
  Random& random = ctx.db().accessor().random;
  if (picks.one) {
    if (!set.exists()) return reply.Null();
    return ReplyItem(reply, set->Sample(random));
  }
  const size_t n = picks.NumberOf(set->size());
  reply.Array(n);
  if (picks.repeated()) {
    for (size_t i = 0; i < n; ++i) ReplyItem(reply, set->Sample(random));
  } else {
    set->SampleMany(n, random, [&reply](const ListpackItem& member) { ReplyItem(reply, member); });
  }
}

using namespace command;
constexpr CommandRow kSetRandomRows[] = {
    {"SPOP", -2, kWrite | kFast, kReadDeleteKey, SPop},
    {"SRANDMEMBER", -2, kRead, kReadKey, SRandMember},
};

}  // namespace

const command::Family kSetRandomFamily = {"set", kCatSet, kSetRandomRows};

}  // namespace pinion::commands
