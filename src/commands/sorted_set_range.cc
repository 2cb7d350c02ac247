// Ranges of sorted sets: ZRANGE and its older forms, ZRANGESTORE, ZCOUNT, ZLEXCOUNT, ZREMRANGEBY*.
#include <algorithm>
#include <utility>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/sorted_set_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

namespace error = resp::error;
using command::ArgReader;
using command::Context;
using store::kEventSortedSet;
using types::RankRange;
using types::SortedSet;

enum class By : uint8_t { kRank, kScore, kLex };

struct Query {
  By by = By::kRank;
  bool reverse = false;
  bool with_scores = false;
  int64_t offset = 0;
  int64_t limit = -1;  // none when negative
  // What `by` says is used of these.
  int64_t start = 0, stop = 0;
  types::ScoreRange scores{};
  types::LexRange members{};
};

// What a command of the family allows: ZRANGE takes BYSCORE, BYLEX and REV, the older ones say so by their name.
enum class RangeForm : uint8_t { kGeneral, kNamed };

void ReadBounds(ArgReader* args, std::string_view from, std::string_view to, Query* q) {
  if (q->by == By::kRank) {
    const auto start = ParseInt64(from), stop = ParseInt64(to);
    if (!start || !stop) return args->Fail(error::kNotInteger);
    q->start = *start;
    q->stop = *stop;
    return;
  }
  if (q->reverse) std::swap(from, to);
  if (q->by == By::kScore) {
    const auto range = ParseScoreRange(from, to);
    if (!range) return args->Fail(error::kBadScoreRange);
    q->scores = *range;
  } else {
    const auto range = ParseLexRange(from, to);
    if (!range) return args->Fail(error::kBadLexRange);
    q->members = *range;
  }
}

// Reads all that stands behind the key: the options before the ends of the range, since they say what those are.
Query ReadQuery(ArgReader* args, RangeForm form, By by, bool reverse, bool storing) {
  Query q;
  q.by = by;
  q.reverse = reverse;
  bool by_given = form == RangeForm::kNamed, reverse_given = form == RangeForm::kNamed;
  const std::string_view from = args->Next();
  const std::string_view to = args->Next();
  while (args->more()) {
    if (!storing && args->Accept("WITHSCORES")) {
      q.with_scores = true;
    } else if (args->left() >= 3 && args->Accept("LIMIT")) {
      q.offset = args->NextInt();
      q.limit = args->NextInt();
    } else if (!reverse_given && args->Accept("REV")) {
      q.reverse = reverse_given = true;
    } else if (!by_given && args->Accept("BYLEX")) {
      q.by = By::kLex;
      by_given = true;
    } else if (!by_given && args->Accept("BYSCORE")) {
      q.by = By::kScore;
      by_given = true;
    } else {
      args->Fail(error::kSyntax);
    }
  }
  if (q.limit != -1 && q.by == By::kRank) args->Fail(error::kLimitByRank);
  if (q.with_scores && q.by == By::kLex) args->Fail(error::kScoresByLex);
  if (!args->failed()) ReadBounds(args, from, to, &q);
  return q;
}

// The ranks that a query selects. Offset and limit count from where the reply begins.
RankRange Select(const SortedSet& set, const Query& q) {
  if (q.by == By::kRank) {
    RankRange ranks = ClampRanks(q.start, q.stop, set.size());
    if (q.reverse) ranks.first = set.size() - ranks.first - ranks.count;
    return ranks;
  }
  RankRange ranks = q.by == By::kScore ? set.Within(q.scores) : set.Within(q.members);
  if (q.offset < 0 || static_cast<uint64_t>(q.offset) >= ranks.count) return {};
  const auto offset = static_cast<size_t>(q.offset);
  const size_t rest = ranks.count - offset;
  const size_t count = q.limit < 0 ? rest : std::min<size_t>(rest, static_cast<uint64_t>(q.limit));
  return {q.reverse ? ranks.first + rest - count : ranks.first + offset, count};
}

void ReplyRange(Context& ctx, RangeForm form, By by, bool reverse) {
  ArgReader args(ctx, 2);
  const Query query = ReadQuery(&args, form, by, reverse, false);
  if (!args.Finish()) return;

  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  const RankRange ranks = Select(*set, query);
  set->ForEach(ranks, query.reverse, MembersReply(ctx.reply(), ranks.count, query.with_scores));
}

void ZRange(Context& ctx) { ReplyRange(ctx, RangeForm::kGeneral, By::kRank, false); }
void ZRevRange(Context& ctx) { ReplyRange(ctx, RangeForm::kNamed, By::kRank, true); }
void ZRangeByScore(Context& ctx) { ReplyRange(ctx, RangeForm::kNamed, By::kScore, false); }
void ZRevRangeByScore(Context& ctx) { ReplyRange(ctx, RangeForm::kNamed, By::kScore, true); }
void ZRangeByLex(Context& ctx) { ReplyRange(ctx, RangeForm::kNamed, By::kLex, false); }
void ZRevRangeByLex(Context& ctx) { ReplyRange(ctx, RangeForm::kNamed, By::kLex, true); }

void ZRangeStore(Context& ctx) {
  ArgReader args(ctx, 3);
  const Query query = ReadQuery(&args, RangeForm::kGeneral, By::kRank, false, true);
  if (!args.Finish()) return;

  SortedSet result;
  {
    const Reading<SortedSet> set(ctx, ctx.key(1));
    if (set.wrong_type()) return;
    const RankRange ranks = Select(*set, query);
    types::SortedSetLimits limits = SortedSetLimitsOf(ctx);
    // As in Redis, which knows the size of a range of ranks beforehand: what will not fit a listpack never is one.
    if (query.by == By::kRank && ranks.count > limits.listpack_entries) limits = {0, 0};
    // Nor does the order go unseen: what comes before a long member stands in a listpack first, where -0 becomes 0.
    set->ForEach(ranks, query.reverse,
                 [&](std::string_view member, double score) { result.Set(member, score, limits); });
  }
  const size_t size = result.size();
  StoreObject(ctx, ctx.key(0), std::move(result), kEventSortedSet, "zrangestore");
  ctx.reply().Integer(static_cast<int64_t>(size));
}

// Reads the ends of a range that stand behind the key, and nothing else. Replies when they are none.
bool ReadOnlyBounds(Context& ctx, By by, Query* q) {
  ArgReader args(ctx, 2);
  const std::string_view from = args.Next();
  const std::string_view to = args.Next();
  q->by = by;
  ReadBounds(&args, from, to, q);
  return args.Finish();
}

void Count(Context& ctx, By by) {
  Query query;
  if (!ReadOnlyBounds(ctx, by, &query)) return;
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Integer(static_cast<int64_t>(Select(*set, query).count));
}

void ZCount(Context& ctx) { Count(ctx, By::kScore); }
void ZLexCount(Context& ctx) { Count(ctx, By::kLex); }

void RemoveRange(Context& ctx, By by, std::string_view event) {
  Query query;
  if (!ReadOnlyBounds(ctx, by, &query)) return;
  Editing<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  const RankRange ranks = Select(*set, query);
  EraseRanks(set, ranks);
  if (ranks.count > 0) set.Notify(kEventSortedSet, event);
  ctx.reply().Integer(static_cast<int64_t>(ranks.count));
}

void ZRemRangeByRank(Context& ctx) { RemoveRange(ctx, By::kRank, "zremrangebyrank"); }
void ZRemRangeByScore(Context& ctx) { RemoveRange(ctx, By::kScore, "zremrangebyscore"); }
void ZRemRangeByLex(Context& ctx) { RemoveRange(ctx, By::kLex, "zremrangebylex"); }

using namespace command;
constexpr KeySpec kStoreRangeKeys[] = {command::Range(1, 0, 1, kKeyOW | kKeyUpdate),
                                  command::Range(2, 0, 1, kKeyRO | kKeyAccess)};
constexpr CommandRow kSortedSetRangeRows[] = {
    {"ZCOUNT", 4, kRead | kFast, kReadKey, ZCount},
    {"ZLEXCOUNT", 4, kRead | kFast, kReadKey, ZLexCount},
    {"ZRANGE", -4, kRead, kReadKey, ZRange},
    {"ZRANGEBYLEX", -4, kRead, kReadKey, ZRangeByLex},
    {"ZRANGEBYSCORE", -4, kRead, kReadKey, ZRangeByScore},
    {"ZRANGESTORE", -5, kWrite | kDenyOom, kStoreRangeKeys, ZRangeStore},
    {"ZREMRANGEBYLEX", 4, kWrite, kDeleteKey, ZRemRangeByLex},
    {"ZREMRANGEBYRANK", 4, kWrite, kDeleteKey, ZRemRangeByRank},
    {"ZREMRANGEBYSCORE", 4, kWrite, kDeleteKey, ZRemRangeByScore},
    {"ZREVRANGE", -4, kRead, kReadKey, ZRevRange},
    {"ZREVRANGEBYLEX", -4, kRead, kReadKey, ZRevRangeByLex},
    {"ZREVRANGEBYSCORE", -4, kRead, kReadKey, ZRevRangeByScore},
};

}  // namespace

const command::Family kSortedSetRangeFamily = {"sorted-set", kCatSortedSet, kSortedSetRangeRows};

}  // namespace pinion::commands
