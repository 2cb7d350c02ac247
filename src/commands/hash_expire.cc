// Deadlines of fields: HEXPIRE, HTTL, HEXPIRETIME, HPERSIST and their kin.
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/deadline_condition.h"
#include "commands/families.h"
#include "commands/hash_field_args.h"
#include "commands/object.h"
#include "types/hash.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using store::kEventHash;
using types::Hash;

constexpr std::string_view kCountNotPositive = "ERR Parameter `numFields` should be greater than 0";

// What is replied for a field.
constexpr int64_t kNoField = -2, kNotMet = 0, kSet = 1, kRemoved = 2;  // HEXPIRE
constexpr int64_t kNone = -1, kPersisted = 1;                          // HTTL, HPERSIST; and kNoField

// The HEXPIRE commands. A time that has come already removes the field.
void SetDeadlines(Context& ctx, TimeForm form) {
  ArgReader args(ctx, 2);
  FieldArgs field_args(ctx, args);
  DeadlineCondition condition;
  const UnixMillis deadline = field_args.ReadDeadline(form);
  condition.Accept(args);
  const auto fields = field_args.ReadFields(kCountNotPositive);
  if (!args.Finish()) return;
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  const bool remove = ctx.HasCome(deadline);
  std::vector<std::string_view> changed;
  const auto apply = [&](std::string_view field) {
    const auto current = hash->Deadline(field);
    if (!current) return kNoField;
    if (!condition.Allows(*current, deadline)) return kNotMet;
    changed.push_back(field);
    if (remove) {
      hash->Remove(field);
      return kRemoved;
    }
    hash->SetDeadline(field, deadline);
    return kSet;
  };
  ctx.reply().Array(fields.size());
  for (const std::string_view field : fields) ctx.reply().Integer(apply(field));
  if (changed.empty()) return;
  hash.Notify(kEventHash, remove ? "hdel" : "hexpire");
  if (remove) {
    NameFieldsRemoved(ctx, changed);
  } else {
    NameFieldDeadline(ctx, deadline, changed);
  }
}

void HExpire(Context& ctx) { SetDeadlines(ctx, kInSeconds); }
void HPExpire(Context& ctx) { SetDeadlines(ctx, kInMillis); }
void HExpireAt(Context& ctx) { SetDeadlines(ctx, kAtSeconds); }
void HPExpireAt(Context& ctx) { SetDeadlines(ctx, kAtMillis); }

// The HTTL commands: the time in this form, rounded up.
void ReplyDeadlines(Context& ctx, TimeForm form) {
  ArgReader args(ctx, 2);
  const auto fields = FieldArgs(ctx, args).ReadFields();
  if (!args.Finish()) return;
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  const UnixMillis base = form.absolute ? 0 : ctx.now();
  ctx.reply().Array(fields.size());
  for (const std::string_view field : fields) {
    const auto deadline = hash->Deadline(field);
    if (!deadline || *deadline < 0) {
      ctx.reply().Integer(deadline ? kNone : kNoField);
    } else {
      ctx.reply().Integer((*deadline - base + form.unit - 1) / form.unit);
    }
  }
}

void HTtl(Context& ctx) { ReplyDeadlines(ctx, kInSeconds); }
void HPTtl(Context& ctx) { ReplyDeadlines(ctx, kInMillis); }
void HExpireTime(Context& ctx) { ReplyDeadlines(ctx, kAtSeconds); }
void HPExpireTime(Context& ctx) { ReplyDeadlines(ctx, kAtMillis); }

void HPersist(Context& ctx) {
  ArgReader args(ctx, 2);
  const auto fields = FieldArgs(ctx, args).ReadFields();
  if (!args.Finish()) return;
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  bool changed = false;
  ctx.reply().Array(fields.size());
  for (const std::string_view field : fields) {
    const auto deadline = hash->Deadline(field);
    if (!deadline || *deadline < 0) {
      ctx.reply().Integer(deadline ? kNone : kNoField);
      continue;
    }
    hash->SetDeadline(field, -1);
    changed = true;
    ctx.reply().Integer(kPersisted);
  }
  if (changed) hash.Notify(kEventHash, "hpersist");
}

using namespace command;
constexpr CommandRow kHashExpireRows[] = {
    {"HEXPIRE", -6, kWrite | kDenyOom | kFast, kUpdateKey, HExpire},
    {"HEXPIREAT", -6, kWrite | kDenyOom | kFast, kUpdateKey, HExpireAt},
    {"HEXPIRETIME", -5, kRead | kFast, kReadKey, HExpireTime},
    {"HPERSIST", -5, kWrite | kFast, kUpdateKey, HPersist},
    {"HPEXPIRE", -6, kWrite | kDenyOom | kFast, kUpdateKey, HPExpire},
    {"HPEXPIREAT", -6, kWrite | kDenyOom | kFast, kUpdateKey, HPExpireAt},
    {"HPEXPIRETIME", -5, kRead | kFast, kReadKey, HPExpireTime},
    {"HPTTL", -5, kRead | kFast, kReadKey, HPTtl},
    {"HTTL", -5, kRead | kFast, kReadKey, HTtl},
};

}  // namespace

const command::Family kHashExpireFamily = {"hash", kCatHash, kHashExpireRows};

}  // namespace pinion::commands
