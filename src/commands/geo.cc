// Positions of members: GEOADD, GEODIST, GEOHASH, GEOPOS.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/geo_args.h"
#include "commands/object.h"
#include "commands/sorted_set_value.h"
#include "resp/errors.h"
#include "types/geo.h"
#include "types/sorted_set.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using types::GeoPoint;
using types::SortedSet;

struct Addition {
  double score;
  std::string_view member;
};

// As a ZADD of the scores that stand for the positions, with the options as they were given.
void NameAdditions(Context& ctx, const std::vector<Addition>& additions) {
  const size_t options = ctx.argc() - 3 * additions.size();
  command::Effects* const effect = ctx.BeginEffect(options + 2 * additions.size());
  if (effect == nullptr) return;
  effect->Put("ZADD");
  for (std::string_view text : ctx.args().subspan(1, options - 1)) effect->Put(text);
  for (const Addition& a : additions) {
    effect->Put(static_cast<int64_t>(a.score));
    effect->Put(a.member);
  }
}

void GeoAdd(Context& ctx) {
  std::string bad_position;
  ArgReader args(ctx, 2);
  bool nx = false, xx = false, ch = false;
  for (;;) {
    if (args.Accept("NX")) nx = true;
    else if (args.Accept("XX")) xx = true;
    else if (args.Accept("CH")) ch = true;
    else break;
  }
  if (args.left() == 0 || args.left() % 3 != 0 || (nx && xx)) args.Fail(error::kSyntax);
  std::vector<Addition> additions;
  additions.reserve(args.left() / 3);
  while (args.more()) {
    const GeoPoint p = NextPosition(args, &bad_position);
    const std::string_view member = args.Next();
    if (!args.failed()) additions.push_back({static_cast<double>(types::EncodeGeo(p)), member});
  }
  if (!args.Finish()) return;

  Editing<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  const types::SortedSetLimits limits = SortedSetLimitsOf(ctx);
  int64_t added = 0, moved = 0;
  for (const Addition& a : additions) {
    const auto change = set->Update(a.member, limits, [&](const double* old) -> std::optional<double> {
      if (old == nullptr ? xx : nx || *old == a.score) return std::nullopt;
      return a.score;
    });
    added += change == SortedSet::Change::kAdded;
    moved += change == SortedSet::Change::kScore;
  }
  if (added + moved > 0) {
    set.Notify(store::kEventSortedSet, "zadd");
    NameAdditions(ctx, additions);
  }
  ctx.reply().Integer(ch ? added + moved : added);
}

// Where a member is, if it is there.
std::optional<GeoPoint> PositionOf(const SortedSet& set, std::string_view member) {
  const auto score = set.Score(member);
  return score ? std::optional(types::DecodeGeo(*score)) : std::nullopt;
}

void GeoDist(Context& ctx) {
  ArgReader args(ctx, 4);
  double unit = 1;
  if (args.left() > 1) args.Fail(error::kSyntax);
  if (args.more()) unit = NextUnit(args);
  if (!args.Finish()) return;
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  const auto a = PositionOf(*set, ctx.arg(2)), b = PositionOf(*set, ctx.arg(3));
  if (!a || !b) return ctx.reply().Null();
  ReplyDistance(ctx.reply(), types::GeoDistance(*a, *b) / unit);
}

void GeoHash(Context& ctx) {
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Array(ctx.argc() - 2);
  for (const std::string_view member : ctx.args().subspan(2)) {
    const auto p = PositionOf(*set, member);
    if (p) ctx.reply().Bulk(types::GeohashText(*p)); else ctx.reply().Null();
  }
}

void GeoPos(Context& ctx) {
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;
  ctx.reply().Array(ctx.argc() - 2);
  for (const std::string_view member : ctx.args().subspan(2)) {
    const auto p = PositionOf(*set, member);
    if (p) ReplyPosition(ctx.reply(), *p); else ctx.reply().NullArray();
  }
}

using namespace command;
constexpr CommandRow kGeoRows[] = {
    {"GEOADD", -5, kWrite | kDenyOom, kUpdateKey, GeoAdd},
    {"GEODIST", -4, kRead, kReadKey, GeoDist},
    {"GEOHASH", -2, kRead, kReadKey, GeoHash},
    {"GEOPOS", -2, kRead, kReadKey, GeoPos},
};

}  // namespace

const command::Family kGeoFamily = {"geo", kCatGeo, kGeoRows};

}  // namespace pinion::commands
