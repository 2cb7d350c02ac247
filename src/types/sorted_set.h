// Sorted sets: members with scores, in order of both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/hash_table.h"
#include "base/random.h"
#include "types/listpack.h"
#include "types/object.h"
#include "types/sampling.h"
#include "types/score_tree.h"

namespace pinion::types {

// Until when a sorted set stays a listpack.
struct SortedSetLimits {
  size_t listpack_entries;  // members
  size_t listpack_value;    // bytes of a member
};

// Scores from min to max. Neither is NaN.
struct ScoreRange {
  double min, max;
  bool min_excluded = false, max_excluded = false;
};

// An end of a range of members: before all, behind all, or at a text.
struct LexBound {
  enum class Kind : uint8_t { kLowest, kHighest, kIncluded, kExcluded };
  Kind kind;
  std::string_view text;
};
struct LexRange { LexBound min, max; };

// Consecutive ranks; rank 0 is the lowest score. A range by score or member, too, is one of these.
struct RankRange { size_t first = 0, count = 0; };

// A value type (types/object.h) with two encodings. Small: a listpack of member, score, member, score in order, as
// Redis lays it out, a score with no fraction being an integer. Large: items in a ScoreTree, and in a HashTable by
// member. It becomes large when it passes the limits, and stays so until Compact.
//
// When a large range is erased, only the tree is changed at once. The items cut out of it are members no longer, but
// their memory and their places in the hash table are left to Sweep, which any number of other calls may precede.
//
// Order: by score, members of equal scores by their bytes. Scores are never NaN.
class SortedSet {
 public:
  static constexpr ValueType kType = ValueType::kSortedSet;

  SortedSet() = default;
  ~SortedSet() { Clear(); }
  SortedSet(SortedSet&& o) noexcept : word_(std::exchange(o.word_, 0)) {}
  SortedSet& operator=(SortedSet&& o) noexcept { std::swap(word_, o.word_); return *this; }
  [[nodiscard]] static SortedSet Adopt(void* word);
  [[nodiscard]] void* Release() { return reinterpret_cast<void*>(std::exchange(word_, 0)); }

  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] size_t size() const;
  [[nodiscard]] size_t AllocatedBytes() const;
  [[nodiscard]] size_t CountAllocations() const;
  [[nodiscard]] SortedSet Clone() const;
  [[nodiscard]] std::string_view EncodingName() const { return is_large() ? "skiplist" : "listpack"; }

  [[nodiscard]] std::optional<double> Score(std::string_view member) const;
  struct Standing { size_t rank; double score; };
  [[nodiscard]] std::optional<Standing> Find(std::string_view member) const;

  enum class Change : uint8_t { kNone, kScore, kAdded };
  // Sets what decide(const double* score) returns, an optional<double>; its argument is null when the member is
  // absent, and nullopt leaves everything as it is.
  template <typename Decide>
  Change Update(std::string_view member, const SortedSetLimits& limits, Decide&& decide) {
    const Place place = Locate(member);
    const std::optional<double> score = decide(place.at == nullptr ? nullptr : &place.score);
    return score ? Put(place, member, *score, limits) : Change::kNone;
  }
  Change Set(std::string_view member, double score, const SortedSetLimits& limits) {
    return Put(Locate(member), member, score, limits);
  }
  // False when the member is absent.
  bool Erase(std::string_view member);
  // REQUIRES: within size().
  void Erase(RankRange range);
  void Clear();
  // Whether a large erasure has left something to be swept; sweeping does away with about `most` items of it, some
  // 0.15 us each.
  [[nodiscard]] bool unswept() const { return is_large() && !large()->cuttings.empty(); }
  void Sweep(size_t most);
  // Makes a listpack of it if the limits allow.
  void Compact(const SortedSetLimits& limits);

  // Writes a score as it is stored at `out` (room for kMaxDoubleText) and returns the length: in a listpack
  // integers of any size have no exponent.
  size_t FormatScore(double score, char* out) const;

  // The members in a range, as ranks. For one of members all scores must be equal; else it is any ranks.
  [[nodiscard]] RankRange Within(const ScoreRange& range) const;
  [[nodiscard]] RankRange Within(const LexRange& range) const;

  // Calls f(std::string_view member, double score) for each of the ranks, from the highest down when `reverse`. f
  // must not change the set; it may return false to stop. REQUIRES: within size().
  template <typename F>
  void ForEach(RankRange range, bool reverse, F&& f) const;
  template <typename F>
  void ForEach(F&& f) const { ForEach({0, size()}, false, std::forward<F>(f)); }
  // Calls f(std::string_view member, double score) for one member, every one equally likely. REQUIRES: not empty.
  template <typename F>
  void Sample(Random& random, F&& f) const { ForEach({random.Below(size()), 1}, false, std::forward<F>(f)); }
  // The same for `count` different members; every choice of so many is equally likely, but their order is no
  // secret. REQUIRES: count <= size().
  template <typename F>
  void SampleMany(size_t count, Random& random, F&& f) const;
  // ForEach from a cursor on, as HashTable::Scan; a listpack comes whole.
  template <typename F>
  uint64_t Scan(uint64_t cursor, size_t count, F&& f) const;

  // See PrefetchMemberBucket.
  void PrefetchBucket(uint64_t hash) const {
    if (is_large()) large()->index.PrefetchBucket(hash);
  }
  void PrefetchItem(uint64_t hash) const {
    if (is_large()) large()->index.PrefetchEntry(hash);
  }

  // True when index and tree agree, and all is in order; for tests.
  [[nodiscard]] bool CheckInvariants() const;

 private:
  struct Large {
    HashTable<ScoreItem> index;
    ScoreTree tree;
    ScoreTree::Cuttings cuttings;  // items that are members no longer, and may still be found in the index
    size_t item_bytes = 0;         // with those of the cuttings

    void Add(std::string_view member, uint64_t hash, double score);
    [[nodiscard]] bool IsMember(const ScoreItem* found) const { return cuttings.empty() || tree.Contains(found); }
    void Drop(ScoreItem* item);  // an item that is out of the tree
  };
  // Where a member is: its address in the listpack, its item, or null.
  struct Place {
    const void* at = nullptr;
    double score = 0;
    uint64_t hash = 0;  // when large
  };

  // The word is the listpack's address, or a Large's with a 1 in the lowest bit.
  [[nodiscard]] bool is_large() const { return (word_ & 1) != 0; }
  [[nodiscard]] Large* large() const { return reinterpret_cast<Large*>(word_ - 1); }
  [[nodiscard]] ListpackView listpack() const { return ListpackView(reinterpret_cast<const uint8_t*>(word_)); }
  template <typename F>
  void EditListpack(F&& f);
  void MakeLarge();
  static void FreeLarge(Large* large);

  [[nodiscard]] Place Locate(std::string_view member) const;
  Change Put(const Place& place, std::string_view member, double score, const SortedSetLimits& limits);
  [[nodiscard]] size_t CountBelow(double score, bool or_equal) const;
  [[nodiscard]] size_t CountBelow(std::string_view member, bool or_equal) const;
  static double ScoreAt(ListpackView::Position p) {
    const ListpackItem item = ListpackView::Get(p);
    return item.is_integer ? static_cast<double>(item.integer) : ScoreOf(item.text);
  }
  static double ScoreOf(std::string_view text);
  static bool IsBelow(ListpackView::Position p, ListpackView::Position at_score, std::string_view member,
                      double score);
  static ListpackView::Position PlaceFor(ListpackView list, std::string_view member, double score);
  static ListpackView::Position PlaceFrom(ListpackView list, ListpackView::Position pair, std::string_view member,
                                          double score);
  // What f returned if it said whether to go on, else true.
  template <typename F>
  static bool Visit(F&& f, std::string_view member, double score) {
    if constexpr (std::is_same_v<decltype(f(member, score)), bool>) {
      return f(member, score);
    } else {
      f(member, score);
      return true;
    }
  }

  uintptr_t word_ = 0;
};

// --- inline parts -------------------------------------------------------------------------------------------

template <typename F>
void SortedSet::ForEach(RankRange range, bool reverse, F&& f) const {
  if (range.count == 0) return;
  const size_t begin = reverse ? range.first + range.count - 1 : range.first;
  if (is_large()) {
    auto cursor = large()->tree.At(begin);
    for (size_t n = range.count; n > 0; --n) {
      const ScoreItem* item = cursor.item();
      if (!Visit(f, item->key(), item->score())) return;
      reverse ? cursor.Prev() : cursor.Next();
    }
    return;
  }
  const ListpackView list = listpack();
  char scratch[kMaxInt64Text];
  ListpackView::Position p = list.At(static_cast<int64_t>(2 * begin));
  for (size_t n = range.count; n > 0; --n) {
    const ListpackView::Position score = list.Next(p);
    if (!Visit(f, ListpackView::Get(p).View(scratch), ScoreAt(score)) || n == 1) return;
    p = reverse ? list.Prev(list.Prev(p)) : list.Next(score);
  }
}

template <typename F>
void SortedSet::SampleMany(size_t count, Random& random, F&& f) const {
  if (is_large() && FewWanted(count, size())) {
    return DrawDistinct(count, [&] { return large()->tree.At(random.Below(size())).item(); },
                        [&](const ScoreItem* item) { f(item->key(), item->score()); });
  }
  SelectionSampler sampler(count, size(), &random);
  ForEach([&](std::string_view member, double score) {
    if (sampler.done()) return false;
    if (sampler.Take()) f(member, score);
    return true;
  });
}

template <typename F>
uint64_t SortedSet::Scan(uint64_t cursor, size_t count, F&& f) const {
  if (is_large()) {
    return large()->index.Scan(cursor, count, [&](const ScoreItem* item) {
      if (large()->IsMember(item)) [[likely]] f(item->key(), item->score());
    });
  }
  ForEach(f);
  return 0;
}

}  // namespace pinion::types
