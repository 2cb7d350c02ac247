// How sorted sets change, and the instantiation of their hash table.
#include "types/sorted_set.h"

#include <bit>
#include <cmath>
#include <limits>
#include <new>
#include <string>

#include "base/hash.h"
#include "base/hash_table_impl.h"
#include "base/numbers.h"
#include "base/slab.h"

namespace pinion {
template class HashTable<types::ScoreItem>;
}

namespace pinion::types {
namespace {

using Position = ListpackView::Position;

// Items from which on an erasure is left to Sweep: below, it takes less than a third of a millisecond.
constexpr size_t kCutFrom = 1000;

// A score that a listpack holds as an integer: one without a fraction that fits, and -0 as 0.
std::optional<int64_t> AsInteger(double score) {
  constexpr double kMost = static_cast<double>(std::numeric_limits<int64_t>::max() / 2);
  if (!(score >= -kMost && score <= kMost)) return std::nullopt;
  const auto integer = static_cast<int64_t>(score);
  if (static_cast<double>(integer) != score) return std::nullopt;
  return integer;
}

size_t ScoreBytes(double score) {
  if (const auto integer = AsInteger(score)) return Listpack::ElementBytes(*integer);
  char text[kMaxDoubleText];
  return Listpack::ElementBytes(std::string_view(text, FormatDouble(score, text)));
}

Position InsertScore(Listpack& list, Position before, double score) {
  if (const auto integer = AsInteger(score)) return list.InsertBefore(before, *integer);
  char text[kMaxDoubleText];
  return list.InsertBefore(before, std::string_view(text, FormatDouble(score, text)));
}

void ReplaceScore(Listpack& list, Position p, double score) {
  if (const auto integer = AsInteger(score)) {
    (void)list.Replace(p, *integer);
    return;
  }
  char text[kMaxDoubleText];
  (void)list.Replace(p, std::string_view(text, FormatDouble(score, text)));
}

// Puts a member with its score before the pair at `before`, or at the end when that is null.
void InsertPair(Listpack& list, Position before, std::string_view member, double score) {
  const Position p = list.InsertBefore(before, member);
  (void)InsertScore(list, list.Next(p), score);
}

}  // namespace

// What a listpack from elsewhere may hold that is no score counts as 0.
double SortedSet::ScoreOf(std::string_view text) {
  const double score = ParseDouble(text).value_or(0);
  return std::isnan(score) ? 0 : score;
}

// --- the two encodings --------------------------------------------------------------------------------------

SortedSet SortedSet::Adopt(void* word) {
  SortedSet set;
  set.word_ = reinterpret_cast<uintptr_t>(word);
  return set;
}

// Calls f(Listpack&) and keeps the result; one without elements is freed.
template <typename F>
void SortedSet::EditListpack(F&& f) {
  Listpack list = Listpack::Adopt(reinterpret_cast<void*>(std::exchange(word_, 0)));
  f(list);
  if (!list.empty()) word_ = reinterpret_cast<uintptr_t>(list.Release());
}

void SortedSet::Large::Add(std::string_view member, uint64_t hash, double score) {
  ScoreItem* item = ScoreItem::New(member, score);
  item_bytes += item->AllocatedBytes();
  // A namesake that is a member no longer gives its place to the new one.
  auto* const word = cuttings.empty() ? nullptr : index.Find(hash, member);
  if (word != nullptr) [[unlikely]] {
    HashTable<ScoreItem>::Replace(word, item);
  } else {
    index.Insert(hash, item);
  }
  tree.Insert(item);
}

void SortedSet::Large::Drop(ScoreItem* item) {
  const uint64_t hash = HashKey(item->key());
  index.Erase(hash, index.FindEntry(hash, item));
  item_bytes -= item->AllocatedBytes();
  ScoreItem::Delete(item);
}

void SortedSet::MakeLarge() {
  auto* large = new (Slab::Allocate(sizeof(Large))) Large;
  ForEach([large](std::string_view member, double score) { large->Add(member, HashKey(member), score); });
  Clear();
  word_ = reinterpret_cast<uintptr_t>(large) + 1;
}

void SortedSet::FreeLarge(Large* large) {
  for (auto cursor = large->tree.At(0); cursor.valid();) {
    ScoreItem* item = cursor.item();
    cursor.Next();
    ScoreItem::Delete(item);
  }
  while (!large->cuttings.empty()) {
    ScoreItem* items[ScoreTree::Cuttings::kLeafItems];
    const unsigned n = large->cuttings.TakeLeaf(items);
    for (unsigned i = 0; i < n; ++i) ScoreItem::Delete(items[i]);
  }
  large->~Large();
  Slab::Free(large, sizeof(Large));
}

void SortedSet::Clear() {
  if (is_large()) {
    FreeLarge(large());
  } else {
    (void)Listpack::Adopt(reinterpret_cast<void*>(word_));
  }
  word_ = 0;
}

void SortedSet::Compact(const SortedSetLimits& limits) {
  if (!is_large() || size() > limits.listpack_entries) return;
  size_t bytes = kListpackOverhead;
  bool fits = true;
  ForEach([&](std::string_view member, double score) {
    bytes += Listpack::ElementBytes(member) + ScoreBytes(score);
    return fits = member.size() <= limits.listpack_value && bytes <= kMaxListpackBytes;
  });
  if (!fits) return;
  Listpack list;
  ForEach([&list](std::string_view member, double score) { InsertPair(list, nullptr, member, score); });
  Clear();
  word_ = reinterpret_cast<uintptr_t>(list.Release());
}

SortedSet SortedSet::Clone() const {
  SortedSet copy;
  if (empty()) return copy;
  if (is_large()) {
    auto* to = new (Slab::Allocate(sizeof(Large))) Large;
    copy.word_ = reinterpret_cast<uintptr_t>(to) + 1;
    ForEach([to](std::string_view member, double score) { to->Add(member, HashKey(member), score); });
  } else {
    copy.word_ = reinterpret_cast<uintptr_t>(Listpack::CopyOf(listpack()).Release());
  }
  return copy;
}

size_t SortedSet::size() const { return is_large() ? large()->tree.size() : listpack().size() / 2; }

size_t SortedSet::AllocatedBytes() const {
  if (word_ == 0) return 0;
  if (!is_large()) {
    Listpack list = Listpack::Adopt(reinterpret_cast<void*>(word_));
    const size_t bytes = list.AllocatedBytes();
    (void)list.Release();
    return bytes;
  }
  const Large& l = *large();
  return Slab::GoodSize(sizeof(Large)) + l.index.bytes() + l.tree.bytes() + l.cuttings.bytes() + l.item_bytes;
}

size_t SortedSet::CountAllocations() const {
  if (!is_large()) return empty() ? 0 : 1;
  constexpr size_t kItemsPerSegment = 200;  // of the hash table, roughly
  const Large& l = *large();
  return 1 + l.index.size() + l.index.size() / kItemsPerSegment + l.tree.nodes() + l.cuttings.leaves();
}

// --- members ------------------------------------------------------------------------------------------------

SortedSet::Place SortedSet::Locate(std::string_view member) const {
  if (is_large()) {
    const uint64_t hash = HashKey(member);
    const auto* word = large()->index.Find(hash, member);
    if (word == nullptr) return {nullptr, 0, hash};
    const ScoreItem* item = HashTable<ScoreItem>::At(word);
    if (!large()->IsMember(item)) [[unlikely]] return {nullptr, 0, hash};
    return {item, item->score(), hash};
  }
  const ListpackView list = listpack();
  const Position p = list.Find(list.First(), member, 1);
  if (p == nullptr) return {};
  return {p, ScoreAt(list.Next(p)), 0};
}

size_t SortedSet::FormatScore(double score, char* out) const {
  if (!is_large()) {
    if (const auto integer = AsInteger(score)) return FormatInt64(*integer, out);
  }
  return FormatDouble(score, out);
}

std::optional<double> SortedSet::Score(std::string_view member) const {
  const Place place = Locate(member);
  if (place.at == nullptr) return std::nullopt;
  return place.score;
}

std::optional<SortedSet::Standing> SortedSet::Find(std::string_view member) const {
  if (is_large()) {
    const Place place = Locate(member);
    if (place.at == nullptr) return std::nullopt;
    return Standing{large()->tree.Rank(static_cast<const ScoreItem*>(place.at)), place.score};
  }
  const ListpackView list = listpack();
  size_t rank = 0;
  for (Position p = list.First(); p != nullptr; ++rank) {
    const Position score = list.Next(p);
    if (ListpackView::Equals(p, member)) return Standing{rank, ScoreAt(score)};
    p = list.Next(score);
  }
  return std::nullopt;
}

SortedSet::Change SortedSet::Put(const Place& place, std::string_view member, double score,
                                 const SortedSetLimits& limits) {
  const bool is_new = place.at == nullptr;
  if (!is_new && std::bit_cast<uint64_t>(place.score) == std::bit_cast<uint64_t>(score)) return Change::kNone;
  const Change change = is_new ? Change::kAdded : Change::kScore;
  if (is_large()) {
    if (is_new) {
      large()->Add(member, place.hash, score);
    } else {
      large()->tree.SetScore(static_cast<ScoreItem*>(const_cast<void*>(place.at)), score);
    }
    return change;
  }
  if (is_new && (size() >= limits.listpack_entries || member.size() > limits.listpack_value ||
                 listpack().bytes() + Listpack::ElementBytes(member) + ScoreBytes(score) > kMaxListpackBytes)) {
    MakeLarge();
    large()->Add(member, HashKey(member), score);
    return change;
  }
  EditListpack([&](Listpack& list) {
    if (is_new) return InsertPair(list, PlaceFor(list, member, score), member, score);
    auto pair = static_cast<Position>(place.at);
    const Position next = list.Next(list.Next(pair));
    const Position before = PlaceFrom(list, pair, member, score);
    if (before != pair && before != next) pair = list.Move(pair, 2, before);
    ReplaceScore(list, list.Next(pair), score);
  });
  return change;
}

// Whether the pair at p belongs before (score, member).
bool SortedSet::IsBelow(Position p, Position at_score, std::string_view member, double score) {
  const double other = ScoreAt(at_score);
  if (other != score) return other < score;
  char scratch[kMaxInt64Text];
  return ListpackView::Get(p).View(scratch) < member;
}

// The pair before which (score, member) belongs; null: at the end. Members that come in order are common: the last
// pair is looked at first.
Position SortedSet::PlaceFor(ListpackView list, std::string_view member, double score) {
  const Position last = list.Last();
  if (last == nullptr || IsBelow(list.Prev(last), last, member, score)) return nullptr;
  for (Position p = list.First();;) {
    const Position at_score = list.Next(p);
    if (!IsBelow(p, at_score, member, score)) return p;
    p = list.Next(at_score);
  }
}

// The same for the member of `pair`, which may stay where it is: then the result is that pair or the next. Looks
// from there on, since most changes of a score are small.
Position SortedSet::PlaceFrom(ListpackView list, Position pair, std::string_view member, double score) {
  Position p = pair;
  for (Position at_score = list.Prev(p); at_score != nullptr; at_score = list.Prev(p)) {
    const Position previous = list.Prev(at_score);
    if (IsBelow(previous, at_score, member, score)) break;
    p = previous;
  }
  if (p != pair) return p;
  for (p = list.Next(list.Next(pair)); p != nullptr;) {
    const Position at_score = list.Next(p);
    if (!IsBelow(p, at_score, member, score)) break;
    p = list.Next(at_score);
  }
  return p;
}

bool SortedSet::Erase(std::string_view member) {
  const Place place = Locate(member);
  if (place.at == nullptr) return false;
  if (!is_large()) {
    EditListpack([&](Listpack& list) { (void)list.Erase(static_cast<Position>(place.at), 2); });
    return true;
  }
  auto* item = static_cast<ScoreItem*>(const_cast<void*>(place.at));
  large()->tree.Erase(item);
  large()->Drop(item);
  if (large()->tree.empty() && !unswept()) Clear();
  return true;
}

void SortedSet::Erase(RankRange range) {
  if (range.count == 0) return;
  if (range.count == size()) return Clear();
  if (is_large()) {
    const auto drop = [this](ScoreItem* item) { large()->Drop(item); };
    if (range.count < kCutFrom) return large()->tree.EraseRange(range.first, range.count, drop);
    large()->tree.CutRange(range.first, range.count, &large()->cuttings, drop);
  } else {
    EditListpack([&](Listpack& list) {
      (void)list.EraseRange(static_cast<int64_t>(2 * range.first), 2 * range.count);
    });
  }
}

void SortedSet::Sweep(size_t most) {
  if (!is_large()) return;
  Large& l = *large();
  for (size_t swept = 0; swept < most && !l.cuttings.empty();) {
    ScoreItem* items[ScoreTree::Cuttings::kLeafItems];
    uint64_t hashes[ScoreTree::Cuttings::kLeafItems];
    const unsigned n = l.cuttings.TakeLeaf(items);
    for (unsigned i = 0; i < n; ++i) PrefetchForRead(items[i]);
    for (unsigned i = 0; i < n; ++i) {
      hashes[i] = HashKey(items[i]->key());
      l.index.PrefetchBucket(hashes[i]);
    }
    for (unsigned i = 0; i < n; ++i) {
      // It may have given its place to a new member of its name.
      if (auto* const word = l.index.FindEntry(hashes[i], items[i])) l.index.Erase(hashes[i], word);
      l.item_bytes -= items[i]->AllocatedBytes();
      ScoreItem::Delete(items[i]);
    }
    swept += n;
  }
}

// --- ranges -------------------------------------------------------------------------------------------------

size_t SortedSet::CountBelow(double score, bool or_equal) const {
  if (is_large()) return large()->tree.CountBelow(score, or_equal);
  const ListpackView list = listpack();
  size_t n = 0;
  for (Position p = list.First(); p != nullptr; ++n) {
    const Position at_score = list.Next(p);
    const double other = ScoreAt(at_score);
    if (or_equal ? other > score : other >= score) break;
    p = list.Next(at_score);
  }
  return n;
}

size_t SortedSet::CountBelow(std::string_view member, bool or_equal) const {
  if (is_large()) return large()->tree.CountBelow(member, or_equal);
  const ListpackView list = listpack();
  char scratch[kMaxInt64Text];
  size_t n = 0;
  for (Position p = list.First(); p != nullptr; ++n) {
    const int compared = ListpackView::Get(p).View(scratch).compare(member);
    if (or_equal ? compared > 0 : compared >= 0) break;
    p = list.Next(list.Next(p));
  }
  return n;
}

RankRange SortedSet::Within(const ScoreRange& range) const {
  const size_t first = CountBelow(range.min, range.min_excluded);
  const size_t end = CountBelow(range.max, !range.max_excluded);
  return {first, end > first ? end - first : 0};
}

RankRange SortedSet::Within(const LexRange& range) const {
  // How many members are before a bound, if those equal to an included or an excluded one count.
  const auto before = [this](const LexBound& bound, LexBound::Kind equal_counts) {
    if (bound.kind == LexBound::Kind::kLowest) return size_t{0};
    if (bound.kind == LexBound::Kind::kHighest) return size();
    return CountBelow(bound.text, bound.kind == equal_counts);
  };
  const size_t first = before(range.min, LexBound::Kind::kExcluded);
  const size_t end = before(range.max, LexBound::Kind::kIncluded);
  return {first, end > first ? end - first : 0};
}

// --- checking -----------------------------------------------------------------------------------------------

bool SortedSet::CheckInvariants() const {
  if (is_large()) {
    const Large& l = *large();
    if (l.tree.empty() && !unswept()) return false;
    if (!l.tree.CheckInvariants() || !l.index.CheckInvariants()) return false;
    size_t bytes = 0;
    bool indexed = true;
    for (auto cursor = l.tree.At(0); cursor.valid(); cursor.Next()) {
      const ScoreItem* item = cursor.item();
      bytes += item->AllocatedBytes();
      indexed = indexed && l.index.FindEntry(HashKey(item->key()), item) != nullptr;
    }
    size_t unswept_places = 0;
    l.cuttings.ForEach([&](const ScoreItem* item) {
      bytes += item->AllocatedBytes();
      if (l.index.FindEntry(HashKey(item->key()), item) != nullptr) ++unswept_places;
    });
    return indexed && bytes == l.item_bytes && l.index.size() == l.tree.size() + unswept_places;
  }
  if (empty()) return true;
  const ListpackView list = listpack();
  if (list.empty() || list.size() % 2 != 0 || !ListpackView::Validate({list.data(), list.bytes()})) return false;
  bool ordered = true, any = false;
  double last_score = 0;
  std::string last_member;
  ForEach([&](std::string_view member, double score) {
    if (any && (score < last_score || (score == last_score && member <= last_member))) ordered = false;
    any = true;
    last_score = score;
    last_member = member;
  });
  return ordered;
}

}  // namespace pinion::types
