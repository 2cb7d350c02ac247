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

namespace error = resp::error;
using command::ArgReader;
using command::Context;
using types::Aggregate;
using types::ScoredSource;
using types::SortedSet;
using types::ValueType;

enum class Algebra : uint8_t { kUnion, kIntersection, kDifference };

struct Request {
  std::vector<ScoredSource> sources;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  size_t limit = 0;  // none when 0
};

// What a command of the family allows behind its keys.
struct AlgebraOptions {
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

void ReadOptions(ArgReader* args, const AlgebraOptions& allowed, Request* request) {
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
bool ReadAlgebra(Context& ctx, size_t first, std::string_view name, const AlgebraOptions& allowed, Request* request) {
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

SortedSet Compute(Algebra operation, Request* request) {
  switch (operation) {
    case Algebra::kUnion: return UnionOf(request->sources, request->aggregate);
    case Algebra::kIntersection: return IntersectionOf(request->sources, request->aggregate);
    case Algebra::kDifference: return DifferenceOf(request->sources);
  }
  __builtin_unreachable();
}

void ReplyWith(Context& ctx, Algebra operation, std::string_view name) {
  Request request;
  const AlgebraOptions allowed{operation != Algebra::kDifference, true, false};
  if (!ReadAlgebra(ctx, 1, name, allowed, &request)) return;
  const SortedSet result = Compute(operation, &request);
  result.ForEach(MembersReply(ctx.reply(), result.size(), request.with_scores));
}

// The event is named like the command.
void StoreSortedSet(Context& ctx, Algebra operation, std::string_view name) {
  Request request;
  const AlgebraOptions allowed{operation != Algebra::kDifference, false, false};
  if (!ReadAlgebra(ctx, 2, name, allowed, &request)) return;
  SortedSet result = Compute(operation, &request);
  result.Compact(SortedSetLimitsOf(ctx));
  const size_t size = result.size();
  StoreObject(ctx, ctx.key(0), std::move(result), store::kEventSortedSet, name);
  ctx.reply().Integer(static_cast<int64_t>(size));
}

void ZUnion(Context& ctx) { ReplyWith(ctx, Algebra::kUnion, "zunion"); }
void ZInter(Context& ctx) { ReplyWith(ctx, Algebra::kIntersection, "zinter"); }
void ZDiff(Context& ctx) { ReplyWith(ctx, Algebra::kDifference, "zdiff"); }
void ZUnionStore(Context& ctx) { StoreSortedSet(ctx, Algebra::kUnion, "zunionstore"); }
void ZInterStore(Context& ctx) { StoreSortedSet(ctx, Algebra::kIntersection, "zinterstore"); }
void ZDiffStore(Context& ctx) { StoreSortedSet(ctx, Algebra::kDifference, "zdiffstore"); }

void ZInterCard(Context& ctx) {
  Request request;
  if (!ReadAlgebra(ctx, 1, "zintercard", {false, false, true}, &request)) return;
  ctx.reply().Integer(static_cast<int64_t>(CountIntersection(request.sources, request.limit)));
}

using namespace command;
constexpr KeySpec kSources[] = {KeyNum(1, 0, 1, 1, kKeyRO | kKeyAccess)};
constexpr KeySpec kTargetAndSortedSets[] = {Range(1, 0, 1, kKeyOW | kKeyUpdate),
                                         KeyNum(2, 0, 1, 1, kKeyRO | kKeyAccess)};
constexpr CommandRow kSortedSetAlgebraRows[] = {
    {"ZDIFF", -3, kRead, kSources, ZDiff},
    {"ZDIFFSTORE", -4, kWrite | kDenyOom, kTargetAndSortedSets, ZDiffStore},
    {"ZINTER", -3, kRead, kSources, ZInter},
    {"ZINTERCARD", -3, kRead, kSources, ZInterCard},
    {"ZINTERSTORE", -4, kWrite | kDenyOom, kTargetAndSortedSets, ZInterStore},
    {"ZUNION", -3, kRead, kSources, ZUnion},
    {"ZUNIONSTORE", -4, kWrite | kDenyOom, kTargetAndSortedSets, ZUnionStore},
};

}  // namespace

const command::Family kSortedSetAlgebraFamily = {"sorted-set", kCatSortedSet, kSortedSetAlgebraRows};

}  // namespace pinion::commands
