// Intersection, union and difference of sets.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "types/set.h"

namespace pinion::types {

// The sets are looked at, never changed, and must not change meanwhile. Results that are sets take their encoding
// where Redis's do.

// Calls f(const ListpackItem&) for the members that all sets have; false from f stops. Walks the smallest set and
// looks its members up in the others, the small ones first. REQUIRES: !sets.empty().
template <typename F>
void Intersect(std::vector<SetView> sets, F&& f) {
  std::stable_sort(sets.begin(), sets.end(), [](SetView a, SetView b) { return a.size() < b.size(); });
  const SetView smallest = sets.front();
  if (smallest.empty()) return;
  std::erase_if(sets, [smallest](SetView s) { return s.IsSameAs(smallest); });
  smallest.ForEach([&](const ListpackItem& member) -> bool {
    const bool common = std::all_of(sets.begin(), sets.end(), [&](SetView s) { return s.Contains(member); });
    return !common || f(member);
  });
}

// How many members all sets have in common; counting ends at `limit` unless that is 0.
[[nodiscard]] size_t CountIntersection(std::span<const SetView> sets, size_t limit);
[[nodiscard]] Set IntersectionOf(std::span<const SetView> sets, const SetLimits& limits);

[[nodiscard]] Set UnionOf(std::span<const SetView> sets, const SetLimits& limits);

// The members of the first set that no other one has.
[[nodiscard]] Set DifferenceOf(std::span<const SetView> sets, const SetLimits& limits);

}  // namespace pinion::types
