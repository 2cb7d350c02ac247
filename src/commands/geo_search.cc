// Members inside an area: GEOSEARCH, GEOSEARCHSTORE, GEORADIUS, GEORADIUSBYMEMBER and their reading forms.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

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

// The commands differ in where the area stands among the arguments and in what may be stored where.
enum class Form : uint8_t { kSearch, kSearchStore, kAround, kAroundRead, kAroundMember, kAroundMemberRead };

bool IsSearch(Form form) { return form == Form::kSearch || form == Form::kSearchStore; }

enum class Order : uint8_t { kNone, kNearestFirst, kFarthestFirst };

// A request's area and options. Errors go to the reader.
class Search {
 public:
  // `source` is where members' positions are looked up; an absent one has every member, so that errors of later
  // arguments are found.
  Search(Context& ctx, Form form, const Reading<SortedSet>& source)
      : ctx_(ctx), form_(form), source_(source), args_(ctx, form == Form::kSearchStore ? 3 : 2) {}

  // False when the arguments are wrong; then the error was replied.
  [[nodiscard]] bool Read() {
    if (!IsSearch(form_)) ReadCircle();
    while (args_.more()) {
      if (!AcceptOption() && !AcceptStore() && !AcceptArea()) args_.Fail(error::kSyntax);
    }
    if (!args_.failed()) CheckTogether();
    return args_.Finish();
  }

  // REQUIRES of all below: Read() was true; of area(): the source exists.
  [[nodiscard]] types::GeoArea area() const {
    if (polygon_) return *polygon_;
    if (by_box_) return types::GeoBox{*center_, width_ * unit_, height_ * unit_};
    return types::GeoCircle{*center_, radius_ * unit_};
  }
  // Metres of the unit in which distances are replied.
  [[nodiscard]] double unit() const { return unit_; }
  [[nodiscard]] Order order() const {
    // The nearest, unless any will do.
    return order_ == Order::kNone && count_ != 0 && !any_ ? Order::kNearestFirst : order_;
  }
  // How many to reply at most; 0: all.
  [[nodiscard]] size_t count() const { return static_cast<size_t>(count_); }
  // How many to look for at most; 0: all.
  [[nodiscard]] size_t enough() const { return any_ ? count() : 0; }
  [[nodiscard]] bool with_distance() const { return with_distance_; }
  [[nodiscard]] bool with_hash() const { return with_hash_; }
  [[nodiscard]] bool with_position() const { return with_position_; }
  // Where to store the members; null: reply them.
  [[nodiscard]] const store::Key* destination() const { return destination_; }
  [[nodiscard]] bool store_distances() const { return store_distances_; }

 private:
  void ReadRadius() {
    radius_ = args_.NextDouble("ERR need numeric radius");
    if (radius_ < 0) args_.Fail("ERR radius cannot be negative");
    unit_ = NextUnit(args_);
  }

  void ReadBox() {
    width_ = args_.NextDouble("ERR need numeric width");
    height_ = args_.NextDouble("ERR need numeric height");
    if (width_ < 0 || height_ < 0) args_.Fail("ERR height or width cannot be negative");
    unit_ = NextUnit(args_);
  }

  void ReadPolygon() {
    const int64_t count = args_.NextInt("ERR invalid number of vertices");
    if (count < 3 || static_cast<uint64_t>(count) > args_.left() / 2) {
      return args_.Fail("ERR GEOSEARCH BYPOLYGON must have at least 3 vertices");
    }
    std::vector<GeoPoint> vertices;
    for (int64_t i = 0; i < count; ++i) vertices.push_back(NextPosition(args_, &error_text_));
    polygon_.emplace(std::move(vertices));
    unit_ = 1;
  }

  void ReadMember() {
    const std::string_view member = args_.Next();
    if (!source_.exists()) {
      center_.emplace();
      return;
    }
    const auto score = source_->Score(member);
    if (!score) return args_.Fail("ERR could not decode requested zset member");
    center_ = types::DecodeGeo(*score);
  }

  // What stands before the options of GEORADIUS and GEORADIUSBYMEMBER.
  void ReadCircle() {
    if (form_ == Form::kAround || form_ == Form::kAroundRead) {
      center_ = NextPosition(args_, &error_text_);
      return ReadRadius();
    }
    ReadMember();
    if (source_.exists()) {
      ReadRadius();
    } else {
      args_.Skip(2);  // not looked at
    }
  }

  bool AcceptOption() {
    if (args_.Accept("WITHDIST")) return with_distance_ = true;
    if (args_.Accept("WITHHASH")) return with_hash_ = true;
    if (args_.Accept("WITHCOORD")) return with_position_ = true;
    if (args_.Accept("ANY")) return any_ = true;
    if (args_.Accept("ASC")) return order_ = Order::kNearestFirst, true;
    if (args_.Accept("DESC")) return order_ = Order::kFarthestFirst, true;
    if (args_.left() < 2 || !args_.Accept("COUNT")) return false;
    count_ = args_.NextInt();
    if (count_ <= 0) args_.Fail("ERR COUNT must be > 0");
    return true;
  }

  bool AcceptStore() {
    if (form_ == Form::kSearchStore) return args_.Accept("STOREDIST") && (store_distances_ = true);
    if ((form_ != Form::kAround && form_ != Form::kAroundMember) || args_.left() < 2) return false;
    const bool distances = args_.Accept("STOREDIST");
    if (!distances && !args_.Accept("STORE")) return false;
    store_distances_ = distances;
    destination_text_ = args_.Next();
    return true;
  }

  // A word that lacks its arguments, or comes beside one that excludes it, is as unknown as any other.
  bool AcceptArea() {
    if (!IsSearch(form_)) return false;
    const size_t left = args_.left();
    if (left >= 2 && !from_position_ && !polygon_ && args_.Accept("FROMMEMBER")) {
      from_member_ = true;
      ReadMember();
    } else if (left >= 3 && !from_member_ && !polygon_ && args_.Accept("FROMLONLAT")) {
      from_position_ = true;
      center_ = NextPosition(args_, &error_text_);
    } else if (left >= 3 && !by_box_ && !polygon_ && args_.Accept("BYRADIUS")) {
      by_radius_ = true;
      ReadRadius();
    } else if (left >= 4 && !by_radius_ && !polygon_ && args_.Accept("BYBOX")) {
      by_box_ = true;
      ReadBox();
    } else if (left >= 3 && !by_radius_ && !by_box_ && !from_member_ && !from_position_ &&
               args_.Accept("BYPOLYGON")) {
      ReadPolygon();
    } else {
      return false;
    }
    return true;
  }

  void Fail(std::string text) {
    error_text_ = std::move(text);
    args_.Fail(error_text_);
  }

  // What no single option shows.
  void CheckTogether() {
    const bool stores = form_ == Form::kSearchStore || destination_text_;
    if (stores && (with_distance_ || with_hash_ || with_position_)) {
      return Fail(fmt::format("ERR {} is not compatible with WITHDIST, WITHHASH and WITHCOORD options",
                              form_ == Form::kSearchStore ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS"));
    }
    if (IsSearch(form_) && !from_member_ && !from_position_ && !polygon_) {
      return Fail(fmt::format("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for {}", ctx_.arg(0)));
    }
    if (IsSearch(form_) && !by_radius_ && !by_box_ && !polygon_) {
      return Fail(fmt::format("ERR exactly one of BYRADIUS and BYBOX can be specified for {}", ctx_.arg(0)));
    }
    if (any_ && count_ == 0) return args_.Fail("ERR the ANY argument requires COUNT argument");
    if (form_ == Form::kSearchStore) destination_ = &ctx_.key(0);
    if (destination_text_) FindDestination();
  }

  // A STORE that is given twice names a key that was not seen to be one.
  void FindDestination() {
    for (const store::Key& key : ctx_.keys()) {
      if (key.text == *destination_text_) destination_ = &key;
    }
    if (destination_ == nullptr) args_.Fail(error::kSyntax);
  }

  Context& ctx_;
  const Form form_;
  const Reading<SortedSet>& source_;
  ArgReader args_;
  std::string error_text_;

  bool from_member_ = false, from_position_ = false, by_radius_ = false, by_box_ = false;
  std::optional<GeoPoint> center_;
  double radius_ = 0, width_ = 0, height_ = 0;  // in units
  double unit_ = 1;
  std::optional<types::GeoPolygon> polygon_;
  Order order_ = Order::kNone;
  int64_t count_ = 0;
  bool any_ = false;
  bool with_distance_ = false, with_hash_ = false, with_position_ = false;
  bool store_distances_ = false;
  std::optional<std::string_view> destination_text_;
  const store::Key* destination_ = nullptr;
};

// The members found, with all their names in one string.
class Hits {
 public:
  struct Hit {
    size_t name, name_length;
    double score;
    GeoPoint position;
    double distance;  // metres
  };

  // Looks through the set, in the order in which Redis does; stops at `enough` if that is not 0.
  Hits(const SortedSet& set, const types::GeoArea& area, size_t enough) {
    const types::GeoFilter filter(area);
    for (const types::GeoScoreRange range : types::GeoCover(area)) {
      if (Full(enough)) return;
      const types::RankRange ranks = set.Within({range.min, range.max, false, true});
      set.ForEach(ranks, false, [&](std::string_view member, double score) {
        const GeoPoint p = types::DecodeGeo(score);
        if (const auto distance = filter.DistanceInside(p)) Add(member, score, p, *distance);
        return !Full(enough);
      });
    }
  }

  // Leaves at most `count` (0: all) of them, the first in the order. Those at the same distance stay in the order
  // in which they were found.
  void Sort(Order order, size_t count) {
    if (count == 0 || count > hits_.size()) count = hits_.size();
    if (order != Order::kNone) {
      // Names lie in the order of finding.
      const auto before = [order](const Hit& a, const Hit& b) {
        if (a.distance == b.distance) return a.name < b.name || (a.name == b.name && a.name_length < b.name_length);
        return order == Order::kNearestFirst ? a.distance < b.distance : a.distance > b.distance;
      };
      const auto end = hits_.begin() + static_cast<ptrdiff_t>(count);
      if (count < hits_.size()) std::nth_element(hits_.begin(), end, hits_.end(), before);
      std::sort(hits_.begin(), end, before);
    }
    hits_.resize(count);
  }

  [[nodiscard]] size_t size() const { return hits_.size(); }
  [[nodiscard]] const Hit* begin() const { return hits_.data(); }
  [[nodiscard]] const Hit* end() const { return hits_.data() + hits_.size(); }
  [[nodiscard]] std::string_view NameOf(const Hit& hit) const {
    return std::string_view(names_).substr(hit.name, hit.name_length);
  }

 private:
  [[nodiscard]] bool Full(size_t enough) const { return enough != 0 && hits_.size() >= enough; }
  void Add(std::string_view member, double score, GeoPoint p, double distance) {
    hits_.push_back({names_.size(), member.size(), score, p, distance});
    names_.append(member);
  }

  std::vector<Hit> hits_;
  std::string names_;
};

void ReplyHits(resp::ReplyWriter& reply, const Hits& hits, const Search& search) {
  const size_t extras = search.with_distance() + search.with_hash() + search.with_position();
  reply.Array(hits.size());
  for (const Hits::Hit& hit : hits) {
    if (extras != 0) reply.Array(extras + 1);
    reply.Bulk(hits.NameOf(hit));
    if (search.with_distance()) ReplyDistance(reply, hit.distance / search.unit());
    if (search.with_hash()) reply.Integer(static_cast<int64_t>(hit.score));
    if (search.with_position()) ReplyPosition(reply, hit.position);
  }
}

SortedSet ToSortedSet(const Hits& hits, const Search& search, const types::SortedSetLimits& limits) {
  SortedSet set;
  for (const Hits::Hit& hit : hits) {
    set.Set(hits.NameOf(hit), search.store_distances() ? hit.distance / search.unit() : hit.score, limits);
  }
  return set;
}

void Run(Context& ctx, Form form) {
  const Reading<SortedSet> source(ctx, ctx.key(form == Form::kSearchStore ? 1 : 0));
  if (source.wrong_type()) return;
  Search search(ctx, form, source);
  if (!search.Read()) return;

  std::optional<Hits> hits;
  if (source.exists()) {
    hits.emplace(*source, search.area(), search.enough());
    hits->Sort(search.order(), search.count());
  }
  if (search.destination() == nullptr) {
    if (hits) ReplyHits(ctx.reply(), *hits, search); else ctx.reply().EmptyArray();
    return;
  }
  StoreObject(ctx, *search.destination(), hits ? ToSortedSet(*hits, search, SortedSetLimitsOf(ctx)) : SortedSet(),
              store::kEventSortedSet, IsSearch(form) ? "geosearchstore" : "georadiusstore");
  ctx.reply().Integer(hits ? static_cast<int64_t>(hits->size()) : 0);
}

void GeoSearch(Context& ctx) { Run(ctx, Form::kSearch); }
void GeoSearchStore(Context& ctx) { Run(ctx, Form::kSearchStore); }
void GeoRadius(Context& ctx) { Run(ctx, Form::kAround); }
void GeoRadiusRo(Context& ctx) { Run(ctx, Form::kAroundRead); }
void GeoRadiusByMember(Context& ctx) { Run(ctx, Form::kAroundMember); }
void GeoRadiusByMemberRo(Context& ctx) { Run(ctx, Form::kAroundMemberRead); }

using namespace command;
constexpr KeySpec kStoredKeys[] = {Range(1, 0, 1, kKeyOW | kKeyUpdate), Range(2, 0, 1, kKeyRO | kKeyAccess)};
constexpr KeySpec kRadiusKeys[] = {Range(1, 0, 1, kKeyRO | kKeyAccess),
                                   Keyword("STORE", 6, 0, 1, kKeyOW | kKeyUpdate),
                                   Keyword("STOREDIST", 6, 0, 1, kKeyOW | kKeyUpdate)};
constexpr KeySpec kMemberRadiusKeys[] = {Range(1, 0, 1, kKeyRO | kKeyAccess),
                                         Keyword("STORE", 5, 0, 1, kKeyOW | kKeyUpdate),
                                         Keyword("STOREDIST", 5, 0, 1, kKeyOW | kKeyUpdate)};
constexpr CommandRow kGeoSearchRows[] = {
    {"GEOSEARCH", -7, kRead, kReadKey, GeoSearch},
    {"GEOSEARCHSTORE", -8, kWrite | kDenyOom, kStoredKeys, GeoSearchStore},
    {"GEORADIUS", -6, kWrite | kDenyOom, kRadiusKeys, GeoRadius},
    {"GEORADIUS_RO", -6, kRead, kReadKey, GeoRadiusRo},
    {"GEORADIUSBYMEMBER", -5, kWrite | kDenyOom, kMemberRadiusKeys, GeoRadiusByMember},
    {"GEORADIUSBYMEMBER_RO", -5, kRead, kReadKey, GeoRadiusByMemberRo},
};

}  // namespace

const command::Family kGeoSearchFamily = {"geo", kCatGeo, kGeoSearchRows};

}  // namespace pinion::commands
