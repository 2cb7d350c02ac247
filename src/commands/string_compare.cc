// Compare and delete, and the digest to compare with: DELIFEQ, DELEX, DIGEST.
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/string_options.h"
#include "commands/string_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

constexpr std::string_view kNeedsString = "ERR Key should be of string type if conditions are specified";
constexpr std::string_view kInvalidCondition = "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE";

void DeleteAndReply(Context& ctx, store::WriteGuard& w) {
  w.Delete();
  w.Notify(store::kEventGeneric, "del");
  ctx.reply().Integer(1);
}

void DelIfEq(Context& ctx) {
  auto w = ctx.db().Write(ctx.key());
  if (!w.exists()) return ctx.reply().Integer(0);
  if (!CheckString(ctx, w.entry())) return;
  if (StringBytes(w.entry()).view() != ctx.arg(2)) return ctx.reply().Integer(0);
  DeleteAndReply(ctx, w);
}

// An absent key counts as not deleted before the condition is looked at; that is how Redis orders its checks.
void DelEx(Context& ctx) {
  if (ctx.argc() != 2 && ctx.argc() != 4) return ctx.reply().Error(error::WrongArity(ctx.command().full_name));
  auto w = ctx.db().Write(ctx.key());
  if (!w.exists()) return ctx.reply().Integer(0);
  if (ctx.argc() == 2) return DeleteAndReply(ctx, w);

  if (!w.entry()->is_string()) return ctx.reply().Error(kNeedsString);
  ArgReader args(ctx, 2);
  Condition condition;
  if (!condition.Accept(args) || !condition.compares()) {
    return ctx.reply().Error(kInvalidCondition);
  }
  const auto holds = condition.Holds(ctx, w.entry());
  if (!holds) return;
  if (!*holds) return ctx.reply().Integer(0);
  DeleteAndReply(ctx, w);
}

void Digest(Context& ctx) {
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  if (!CheckString(ctx, e)) return;
  char digest[kDigestText];
  FormatDigest(StringBytes(e).view(), digest);
  ctx.reply().Bulk({digest, kDigestText});
}

using namespace command;

constexpr KeySpec kDeleteMatchingKey[] = {Range(1, 0, 1, kKeyRW | kKeyDelete | kKeyVariableFlags)};

constexpr CommandRow kStringCompareRows[] = {
    {"DELIFEQ", 3, kWrite | kFast, kReadDeleteKey, DelIfEq},
    {"DELEX", -2, kWrite | kFast, kDeleteMatchingKey, DelEx},
    {"DIGEST", 2, kRead | kFast, kReadKey, Digest},
};

}  // namespace

const command::Family kStringCompareFamily = {"string", kCatString, kStringCompareRows};

}  // namespace pinion::commands
