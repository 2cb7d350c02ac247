// Fields read or written together with their deadlines: HGETEX, HSETEX, HGETDEL.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/hash_field_args.h"
#include "commands/hash_value.h"
#include "commands/object.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using Kind = FieldDeadlineOption::Kind;
using store::kEventHash;
using types::Hash;

constexpr std::string_view kInvalidFieldCount = "ERR invalid number of fields";
constexpr std::string_view kOneCondition = "ERR Only one of FXX or FNX arguments can be specified";
constexpr std::string_view kOneKeyCondition = "ERR Only one of XX or NX arguments can be specified";
constexpr std::string_view kOneTime = "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified";

void HGetEx(Context& ctx) {
  ArgReader args(ctx, 2);
  FieldArgs field_args(ctx, args);
  FieldDeadlineOption option;
  option.Accept(args, field_args, "PERSIST", Kind::kPersist);
  const auto fields = field_args.ReadFields();
  if (!args.Finish()) return;
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  const bool remove = option.HasCome(ctx);
  std::vector<std::string_view> changed;
  ctx.reply().Array(fields.size());
  for (const std::string_view field : fields) {
    const auto value = hash->Get(field);
    ReplyText(ctx.reply(), value);
    if (!value || option.kind() == Kind::kNone) continue;
    if (remove) {
      hash->Remove(field);
    } else if (option.kind() == Kind::kDeadline) {
      hash->SetDeadline(field, option.deadline());
    } else if (hash->Deadline(field) >= 0) {
      hash->SetDeadline(field, -1);
    } else {
      continue;
    }
    changed.push_back(field);
  }
  if (changed.empty()) return;
  if (remove) {
    hash.Notify(kEventHash, "hdel");
    NameFieldsRemoved(ctx, changed);
  } else if (option.kind() == Kind::kDeadline) {
    hash.Notify(kEventHash, "hexpire");
    NameFieldDeadline(ctx, option.deadline(), changed);
  } else {
    hash.Notify(kEventHash, "hpersist");
    NameFieldsPersisted(ctx, changed);
  }
}

void HGetDel(Context& ctx) {
  ArgReader args(ctx, 2);
  const auto fields = FieldArgs(ctx, args).ReadFields();
  if (!args.Finish()) return;
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  bool changed = false;
  ctx.reply().Array(fields.size());
  for (const std::string_view field : fields) {
    ReplyText(ctx.reply(), hash->Get(field));
    if (hash->Remove(field)) changed = true;
  }
  if (!changed) return;
  hash.Notify(kEventHash, "hdel");
  NameFieldsRemoved(ctx, fields);
}

// A condition that something exists (true) or does not.
using Existence = std::optional<bool>;

// What HSETEX is told, behind its key.
struct SetRequest {
  Existence key, fields;  // NX and XX, FNX and FXX
  FieldDeadlineOption option;
  std::span<const std::string_view> pairs;

  [[nodiscard]] bool IsMetBy(const Hash& hash, bool exists) const {
    if (key && *key != exists) return false;
    if (!fields) return true;
    for (size_t i = 0; i < pairs.size(); i += 2) {
      if (hash.Contains(pairs[i]) != *fields) return false;
    }
    return true;
  }
};

bool AcceptExistence(ArgReader& args, std::string_view absent, std::string_view present, std::string_view error,
                     Existence* existence) {
  const bool wants_absent = args.Accept(absent);
  if (!wants_absent && !args.Accept(present)) return false;
  if (existence->has_value()) args.Fail(error);
  *existence = !wants_absent;
  return true;
}

// Reads the arguments; replies and returns false on an error.
bool ReadSetRequest(Context& ctx, SetRequest* request) {
  ArgReader args(ctx, 2);
  FieldArgs field_args(ctx, args);
  std::string error;
  while (args.more() && request->pairs.empty()) {
    const Kind before = request->option.kind();
    if (args.Accept("FIELDS")) {
      const int64_t count = args.NextInt(kInvalidFieldCount, 1);
      request->pairs = ctx.args().subspan(args.position());
      if (request->pairs.size() % 2 != 0 || request->pairs.size() / 2 != static_cast<size_t>(count)) {
        args.Fail(error = resp::error::WrongArity(ctx.command().full_name));
      }
      args.Skip(args.left());
    } else if (request->option.Accept(args, field_args, "KEEPTTL", Kind::kKeep)) {
      if (before != Kind::kNone) args.Fail(kOneTime);
    } else if (!AcceptExistence(args, "FNX", "FXX", kOneCondition, &request->fields) &&
               !AcceptExistence(args, "NX", "XX", kOneKeyCondition, &request->key)) {
      error = "ERR unknown argument: ";
      error += resp::error::UpToNul(args.Next());
      args.Fail(error);
    }
  }
  if (request->pairs.empty() && !args.failed()) args.Fail(error = resp::error::WrongArity(ctx.command().full_name));
  return args.Finish();
}

// Without deadlines it is an HSET; those it sets are told as points in time.
void NameSet(Context& ctx, const SetRequest& request) {
  if (!ctx.journaled()) return;
  const bool keep = request.option.kind() == Kind::kKeep, sets = request.option.kind() == Kind::kDeadline;
  const size_t words = sets ? 6 : keep ? 5 : 2;
  command::Effects* const effect = ctx.BeginEffect(words + request.pairs.size());
  if (effect == nullptr) return;
  effect->Put(keep || sets ? "HSETEX" : "HSET");
  effect->Put(ctx.key().text);
  if (keep) effect->Put("KEEPTTL");
  if (sets) {
    effect->Put("PXAT");
    effect->Put(request.option.deadline());
  }
  if (keep || sets) {
    effect->Put("FIELDS");
    effect->Put(static_cast<int64_t>(request.pairs.size() / 2));
  }
  for (std::string_view text : request.pairs) effect->Put(text);
}

void HSetEx(Context& ctx) {
  SetRequest request;
  if (!ReadSetRequest(ctx, &request)) return;
  Editing<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  if (!request.IsMetBy(*hash, hash.existed())) return ctx.reply().Integer(0);

  ctx.reply().Integer(1);
  const auto& pairs = request.pairs;
  if (request.option.HasCome(ctx)) {  // what would be gone at once is not set
    std::vector<std::string_view> removed;
    for (size_t i = 0; i < pairs.size(); i += 2) {
      if (hash->Remove(pairs[i])) removed.push_back(pairs[i]);
    }
    if (removed.empty()) return;
    hash.Notify(kEventHash, "hdel");
    return NameFieldsRemoved(ctx, removed);
  }
  const types::HashLimits limits = HashLimitsOf(ctx);
  const bool keep = request.option.kind() == Kind::kKeep;
  hash->Expect(pairs.size() / 2, limits);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    hash->Set(pairs[i], pairs[i + 1], limits, keep ? types::OldDeadline::kKept : types::OldDeadline::kDropped);
    if (request.option.kind() == Kind::kDeadline) hash->SetDeadline(pairs[i], request.option.deadline());
  }
  hash.Notify(kEventHash, "hset");
  if (request.option.kind() == Kind::kDeadline) hash.Notify(kEventHash, "hexpire");
  NameSet(ctx, request);
}

using namespace command;
constexpr CommandRow kHashExRows[] = {
    {"HGETDEL", -5, kWrite | kFast, kReadDeleteKey, HGetDel},
    {"HGETEX", -5, kWrite | kFast, kReadUpdateKey, HGetEx},
    {"HSETEX", -6, kWrite | kDenyOom | kFast, kUpdateKey, HSetEx},
};

}  // namespace

const command::Family kHashExFamily = {"hash", kCatHash, kHashExRows};

}  // namespace pinion::commands
