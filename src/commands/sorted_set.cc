// Sorted sets, member by member: ZADD, ZINCRBY, ZREM, ZCARD, ZSCORE, ZMSCORE, ZRANK, ZREVRANK, ZSCAN.
#include <array>
#include <cmath>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/scan_value.h"
#include "commands/sorted_set_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

namespace error = resp::error;
using command::ArgReader;
using command::Context;
using store::kEventSortedSet;
using types::SortedSet;

struct AddOptions {
  bool nx = false, xx = false, gt = false, lt = false, ch = false, incr = false;
};

AddOptions ReadAddOptions(ArgReader* args, bool incr) {
  AddOptions o;
  o.incr = incr;
  for (;;) {
    if (args->Accept("NX")) o.nx = true;
    else if (args->Accept("XX")) o.xx = true;
    else if (args->Accept("GT")) o.gt = true;
    else if (args->Accept("LT")) o.lt = true;
    else if (args->Accept("CH")) o.ch = true;
    else if (args->Accept("INCR")) o.incr = true;
    else break;
  }
  const size_t left = args->left();
  if (left == 0 || left % 2 != 0) args->Fail(error::kSyntax);
  if (o.nx && o.xx) args->Fail(error::kNxAndXx);
  if ((o.nx && (o.gt || o.lt)) || (o.gt && o.lt)) args->Fail(error::kGtLtNx);
  if (o.incr && left > 2) args->Fail(error::kIncrPairs);
  return o;
}

// The scores of a ZADD: all are read before the first member is added. Few need no allocation.
class Scores {
 public:
  explicit Scores(size_t count) {
    if (count > few_.size()) many_.resize(count);
  }
  double& operator[](size_t i) { return many_.empty() ? few_[i] : many_[i]; }

 private:
  std::array<double, 8> few_;
  std::vector<double> many_;
};

// What ZADD gives a member whose score is *old, or that is absent; nullopt: nothing.
std::optional<double> ScoreToSet(const AddOptions& o, const double* old, double score) {
  if (old == nullptr) return o.xx ? std::nullopt : std::optional(score);
  if (o.nx) return std::nullopt;
  if (o.incr) score += *old;
  if ((o.lt && score >= *old) || (o.gt && score <= *old)) return std::nullopt;
  return score;
}

void Add(Context& ctx, bool incr) {
  ArgReader args(ctx, 2);
  const AddOptions options = ReadAddOptions(&args, incr);
  const size_t first = args.position();
  const size_t pairs = args.left() / 2;
  Scores scores(args.failed() ? 0 : pairs);
  for (size_t i = 0; i < pairs && !args.failed(); ++i) {
    scores[i] = args.NextDouble();
    args.Skip(1);
  }
  if (args.failed()) return (void)args.Finish();

  Editing<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  const types::SortedSetLimits limits = SortedSetLimitsOf(ctx);
  int64_t added = 0, changed = 0;
  std::optional<double> result;  // of INCR
  for (size_t i = 0; i < pairs; ++i) {
    const auto change = set->Update(ctx.arg(first + 2 * i + 1), limits, [&](const double* old) {
      result = ScoreToSet(options, old, scores[i]);
      const bool same = old != nullptr && result && (*result == *old || std::isnan(*result));
      return same ? std::nullopt : result;
    });
    added += change == SortedSet::Change::kAdded;
    changed += change == SortedSet::Change::kScore;
  }
  if (options.incr && result && std::isnan(*result)) return ctx.reply().Error(error::kNanScore);
  if (added + changed > 0) set.Notify(kEventSortedSet, options.incr ? "zincr" : "zadd");
  if (!options.incr) return ctx.reply().Integer(options.ch ? added + changed : added);
  if (!result) return ctx.reply().Null();
  ctx.reply().Double(*result);
}

void ZAdd(Context& ctx) { Add(ctx, false); }
void ZIncrBy(Context& ctx) { Add(ctx, true); }

void ZRem(Context& ctx) {
  Editing<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  int64_t removed = 0;
  for (size_t i = 2; i < ctx.argc() && !set->empty(); ++i) removed += set->Erase(ctx.arg(i));
  if (removed > 0) set.Notify(kEventSortedSet, "zrem");
  ctx.reply().Integer(removed);
}

void ZCard(Context& ctx) {
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Integer(static_cast<int64_t>(set->size()));
}

void ReplyScore(Context& ctx, const std::optional<double>& score) {
  if (!score) return ctx.reply().Null();
  ctx.reply().Double(*score);
}

void ZScore(Context& ctx) {
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ReplyScore(ctx, set->Score(ctx.arg(2)));
}

void ZMScore(Context& ctx) {
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Array(ctx.argc() - 2);
  for (size_t i = 2; i < ctx.argc(); ++i) ReplyScore(ctx, set->Score(ctx.arg(i)));
}

void Rank(Context& ctx, bool reverse, std::string_view name) {
  if (ctx.argc() > 4) return ctx.reply().Error(error::WrongArity(name));
  ArgReader args(ctx, 3);
  const bool with_score = args.Accept("WITHSCORE");
  if (!args.Finish()) return;

  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  const auto found = set->Find(ctx.arg(2));
  if (!found) return with_score ? ctx.reply().NullArray() : ctx.reply().Null();
  if (with_score) ctx.reply().Array(2);
  ctx.reply().Integer(static_cast<int64_t>(reverse ? set->size() - 1 - found->rank : found->rank));
  if (with_score) ctx.reply().Double(found->score);
}

void ZRank(Context& ctx) { Rank(ctx, false, "zrank"); }
void ZRevRank(Context& ctx) { Rank(ctx, true, "zrevrank"); }

void ZScan(Context& ctx) {
  ScanValue<SortedSet>(ctx, Scanned::kSortedSet,
                       [](const SortedSet& set, uint64_t cursor, const ScanOptions& options, ScanReply& reply) {
    return set.Scan(cursor, options.count, [&](std::string_view member, double score) {
      if (!options.Matches(member)) return;
      reply.Add(member);
      if (options.names_only) return;
      std::array<char, kMaxDoubleText> text;
      reply.Add({text.data(), set.FormatScore(score, text.data())});
    });
  });
}

using namespace command;
constexpr CommandRow kSortedSetRows[] = {
    {"ZADD", -4, kWrite | kDenyOom | kFast | kMemberIsArg3, kUpdateKey, ZAdd},
    {"ZCARD", 2, kRead | kFast, kPeekKey, ZCard},
    {"ZINCRBY", 4, kWrite | kDenyOom | kFast | kMemberIsArg3, kReadUpdateKey, ZIncrBy},
    {"ZMSCORE", -3, kRead | kFast | kMemberIsArg2, kReadKey, ZMScore},
    {"ZRANK", -3, kRead | kFast | kMemberIsArg2, kReadKey, ZRank},
    {"ZREM", -3, kWrite | kFast | kMemberIsArg2, kDeleteKey, ZRem},
    {"ZREVRANK", -3, kRead | kFast | kMemberIsArg2, kReadKey, ZRevRank},
    {"ZSCAN", -3, kRead, kReadKey, ZScan},
    {"ZSCORE", 3, kRead | kFast | kMemberIsArg2, kReadKey, ZScore},
};

}  // namespace

const command::Family kSortedSetFamily = {"sorted-set", kCatSortedSet, kSortedSetRows};

}  // namespace pinion::commands
