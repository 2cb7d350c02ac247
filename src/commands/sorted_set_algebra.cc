// Sorted sets and sets with one another: ZUNION, ZINTER, ZDIFF, their STORE forms, and ZINTERCARD.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/sorted_set_value.h"
#include "resp/errors.h"
#include "types/sorted_set_algebra.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using types::Aggregate;
using types::ScoredSource;
using types::SortedSet;
using types::ValueType;

namespace error {
using namespace resp::error;
constexpr std::string_view kWeight = "ERR weight value is not a float";
}  // namespace error

enum class Operation : uint8_t { kUnion, kIntersection, kDifference };

struct Request {
  std::vector<ScoredSource> sources;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  size_t limit = 0;  // none when 0
};

// What a command of the family allows behind its keys.
struct Options {
  bool weights;      // WEIGHTS and AGGREGATE
  bool with_scores;  // WITHSCORES
  bool limit;        // LIMIT
};

// Looks the keys up. Replies when one of them holds another type.
bool ReadSources(Context& ctx, std::span<const store::Key> keys, std::vector<ScoredSource>* sources) {
  for (const store::Key& key : keys) {
    const store::Entry* e = ctx.db().Read(key);
    ScoredSource source;
    if (e != nullptr) {
      if (e->type() != ValueType::kSortedSet && e->type() != ValueType::kSet) {
        ctx.reply().Error(error::kWrongType);
        return false;
      }
      source.type = e->type();
      source.word = e->pointer();
    }
    sources->push_back(source);
  }
  return true;
}

void ReadOptions(ArgReader* args, const Options& allowed, Request* request) {
  while (args->more()) {
    if (allowed.weights && args->left() > request->sources.size() && args->Accept("WEIGHTS")) {
      for (ScoredSource& source : request->sources) source.weight = args->NextDouble(error::kWeight);
    } else if (allowed.weights && args->AcceptWithValue("AGGREGATE")) {
      if (args->Accept("SUM")) {
        request->aggregate = Aggregate::kSum;
      } else if (args->Accept("MIN")) {
        request->aggregate = Aggregate::kMin;
      } else if (args->Accept("MAX")) {
        request->aggregate = Aggregate::kMax;
      } else {
        args->Fail(error::kSyntax);
      }
    } else if (allowed.with_scores && args->Accept("WITHSCORES")) {
      request->with_scores = true;
    } else if (allowed.limit && args->AcceptWithValue("LIMIT")) {
      request->limit = static_cast<size_t>(args->NextInt(error::kLimitNegative, 0));
    } else {
      args->Fail(error::kSyntax);
    }
  }
}

// Reads "numkeys key [key ...] options" from argument `first` on; the keys are looked up before the options are
// judged. False when there was an error, which was replied.
bool ReadRequest(Context& ctx, size_t first, std::string_view name, const Options& allowed, Request* request) {
  ArgReader args(ctx, first);
  const int64_t num_keys = args.NextInt();
  std::string too_few;
  if (!args.failed() && num_keys < 1) {
    too_few = fmt::format("ERR at least 1 input key is needed for '{}' command", name);
    args.Fail(too_few);
  } else if (static_cast<uint64_t>(num_keys) > args.left()) {
    args.Fail(error::kSyntax);
  }
  if (args.failed()) return args.Finish();
  if (!ReadSources(ctx, ctx.keys().last(static_cast<size_t>(num_keys)), &request->sources)) return false;
  args.Skip(static_cast<size_t>(num_keys));
  ReadOptions(&args, allowed, request);
  return args.Finish();
}

SortedSet Compute(Operation operation, Request* request) {
  switch (operation) {
    case Operation::kUnion: return UnionOf(request->sources, request->aggregate);
    case Operation::kIntersection: return IntersectionOf(request->sources, request->aggregate);
    case Operation::kDifference: return DifferenceOf(request->sources);
  }
  __builtin_unreachable();
}

void ReplyWith(Context& ctx, Operation operation, std::string_view name) {
  Request request;
  const Options allowed{operation != Operation::kDifference, true, false};
  if (!ReadRequest(ctx, 1, name, allowed, &request)) return;
  const SortedSet result = Compute(operation, &request);
  result.ForEach(MembersReply(ctx.reply(), result.size(), request.with_scores));
}

// The event is named like the command.
void Store(Context& ctx, Operation operation, std::string_view name) {
  Request request;
  const Options allowed{operation != Operation::kDifference, false, false};
  if (!ReadRequest(ctx, 2, name, allowed, &request)) return;
  SortedSet result = Compute(operation, &request);
  result.Compact(SortedSetLimitsOf(ctx));
  const size_t size = result.size();
  StoreObject(ctx, ctx.key(0), std::move(result), store::kEventSortedSet, name);
  ctx.reply().Integer(static_cast<int64_t>(size));
}

void ZUnion(Context& ctx) { ReplyWith(ctx, Operation::kUnion, "zunion"); }
void ZInter(Context& ctx) { ReplyWith(ctx, Operation::kIntersection, "zinter"); }
void ZDiff(Context& ctx) { ReplyWith(ctx, Operation::kDifference, "zdiff"); }
void ZUnionStore(Context& ctx) { Store(ctx, Operation::kUnion, "zunionstore"); }
void ZInterStore(Context& ctx) { Store(ctx, Operation::kIntersection, "zinterstore"); }
void ZDiffStore(Context& ctx) { Store(ctx, Operation::kDifference, "zdiffstore"); }

void ZInterCard(Context& ctx) {
  Request request;
  if (!ReadRequest(ctx, 1, "zintercard", {false, false, true}, &request)) return;
  ctx.reply().Integer(static_cast<int64_t>(CountIntersection(request.sources, request.limit)));
}

using namespace command;
constexpr KeySpec kSources[] = {KeyNum(1, 0, 1, 1, kKeyRO | kKeyAccess)};
constexpr KeySpec kTargetAndSources[] = {Range(1, 0, 1, kKeyOW | kKeyUpdate),
                                         KeyNum(2, 0, 1, 1, kKeyRO | kKeyAccess)};
constexpr CommandRow kRows[] = {
    {"ZDIFF", -3, kRead, kSources, ZDiff},
    {"ZDIFFSTORE", -4, kWrite | kDenyOom, kTargetAndSources, ZDiffStore},
    {"ZINTER", -3, kRead, kSources, ZInter},
    {"ZINTERCARD", -3, kRead, kSources, ZInterCard},
    {"ZINTERSTORE", -4, kWrite | kDenyOom, kTargetAndSources, ZInterStore},
    {"ZUNION", -3, kRead, kSources, ZUnion},
    {"ZUNIONSTORE", -4, kWrite | kDenyOom, kTargetAndSources, ZUnionStore},
};

}  // namespace

const command::Family kSortedSetAlgebraFamily = {"sorted-set", kCatSortedSet, kRows};

}  // namespace pinion::commands
