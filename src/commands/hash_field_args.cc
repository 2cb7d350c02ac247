// Reading the arguments of commands about fields with deadlines.
#include "commands/hash_field_args.h"

#include "base/numbers.h"
#include "resp/errors.h"
#include "types/hash.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
namespace error = resp::error;

constexpr std::string_view kNegativeTime = "ERR invalid expire time, must be >= 0";
constexpr std::string_view kFieldsMissing = "ERR Mandatory argument FIELDS is missing or not at the right position";
constexpr std::string_view kFieldsMismatch = "ERR The `numfields` parameter must match the number of arguments";

}  // namespace

UnixMillis FieldArgs::ReadDeadline(TimeForm form) {
  const int64_t time = args_.NextInt();
  if (time < 0) args_.Fail(kNegativeTime);
  const UnixMillis base = form.absolute ? 0 : ctx_.now();
  if (args_.failed()) return base;
  if (time <= (types::kMaxFieldDeadline - base) / form.unit) return base + time * form.unit;
  error_ = error::InvalidExpire(ctx_.command().full_name);
  args_.Fail(error_);
  return base;
}

std::span<const std::string_view> FieldArgs::ReadFields(std::string_view count_error) {
  if (!args_.Accept("FIELDS")) args_.Fail(kFieldsMissing);
  const int64_t count = args_.NextInt(count_error, 1);
  if (args_.failed()) return {};
  if (static_cast<size_t>(count) != args_.left()) args_.Fail(kFieldsMismatch);
  const auto fields = ctx_.args().subspan(args_.position());
  args_.Skip(fields.size());
  return fields;
}

bool FieldDeadlineOption::Accept(ArgReader& args, FieldArgs& fields, std::string_view word, Kind kind) {
  struct Time { std::string_view word; TimeForm form; };
  constexpr Time kTimes[] = {{"EX", kInSeconds}, {"PX", kInMillis}, {"EXAT", kAtSeconds}, {"PXAT", kAtMillis}};
  for (const Time& time : kTimes) {
    if (!args.Accept(time.word)) continue;
    deadline_ = fields.ReadDeadline(time.form);
    kind_ = Kind::kDeadline;
    return true;
  }
  if (!args.Accept(word)) return false;
  kind_ = kind;
  return true;
}

void NameFieldsRemoved(command::Context& ctx, std::span<const std::string_view> fields) {
  command::Effects* const effect = ctx.BeginEffect(2 + fields.size());
  if (effect == nullptr) return;
  for (std::string_view text : {std::string_view("HDEL"), ctx.key().text}) effect->Put(text);
  for (std::string_view field : fields) effect->Put(field);
}

void NameFieldsPersisted(command::Context& ctx, std::span<const std::string_view> fields) {
  command::Effects* const effect = ctx.BeginEffect(4 + fields.size());
  if (effect == nullptr) return;
  for (std::string_view text : {std::string_view("HPERSIST"), ctx.key().text, std::string_view("FIELDS")}) {
    effect->Put(text);
  }
  effect->Put(static_cast<int64_t>(fields.size()));
  for (std::string_view field : fields) effect->Put(field);
}

void NameFieldDeadline(command::Context& ctx, UnixMillis deadline, std::span<const std::string_view> fields) {
  command::Effects* const effect = ctx.BeginEffect(5 + fields.size());
  if (effect == nullptr) return;
  effect->Put("HPEXPIREAT");
  effect->Put(ctx.key().text);
  effect->Put(deadline);
  effect->Put("FIELDS");
  effect->Put(static_cast<int64_t>(fields.size()));
  for (std::string_view field : fields) effect->Put(field);
}

}  // namespace pinion::commands
