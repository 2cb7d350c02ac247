// Unions, intersections and differences of sorted sets and sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "types/object.h"
#include "types/sorted_set.h"

namespace pinion::types {

// One input: a sorted set, or a set, whose members all have score 1; or nothing. Somebody else owns it, and it does
// not change meanwhile.
struct ScoredSource {
  ValueType type = ValueType::kSortedSet;
  void* word = nullptr;  // as its class keeps itself; null for an empty input
  double weight = 1;

  [[nodiscard]] size_t size() const { return word == nullptr ? 0 : ObjectSize(type, word); }
  [[nodiscard]] std::optional<double> Score(std::string_view member) const;
  // Calls f(std::string_view member, double score); f may return false to stop.
  template <typename F>
  void ForEach(F&& f) const;
};

// How a member's weighted scores become one.
enum class Aggregate : uint8_t { kSum, kMin, kMax };

// The results are large sorted sets, however few members they have (see SortedSet::Compact): a listpack would take
// a -0 for 0. A product of weight and score, or a sum, that is no number counts as 0. Sums depend on their order:
// scores are added from the smallest input to the largest, as Redis does. May sort the sources.
[[nodiscard]] SortedSet UnionOf(std::span<ScoredSource> sources, Aggregate aggregate);
[[nodiscard]] SortedSet IntersectionOf(std::span<ScoredSource> sources, Aggregate aggregate);
// How many members the intersection has; stops at `limit`, unless that is 0.
[[nodiscard]] size_t CountIntersection(std::span<ScoredSource> sources, size_t limit);
// The members of the first source, with their scores, that are in no other.
[[nodiscard]] SortedSet DifferenceOf(std::span<const ScoredSource> sources);

}  // namespace pinion::types
