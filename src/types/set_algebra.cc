// The operations on sets whose results are sets.
#include "types/set_algebra.h"

#include "base/numbers.h"

namespace pinion::types {
namespace {

// What the first set has and the others lack, by looking each of its members up in them: at most its size times
// their number. The large ones come first, as the likeliest to have a member.
Set SubtractByLookup(SetView first, std::vector<SetView> others, const SetLimits& limits) {
  std::stable_sort(others.begin(), others.end(), [](SetView a, SetView b) { return a.size() > b.size(); });
  Set result;
  first.ForEach([&](const ListpackItem& member) {
    if (std::none_of(others.begin(), others.end(), [&](SetView s) { return s.Contains(member); })) {
      result.Add(member, limits);
    }
  });
  return result;
}

// The same by taking the members of the others from a copy of the first: as much work as they all have members.
Set SubtractByRemoval(SetView first, const std::vector<SetView>& others, const SetLimits& limits) {
  Set result;
  first.ForEach([&](const ListpackItem& member) { result.Add(member, limits); });
  for (const SetView s : others) {
    s.ForEach([&](const ListpackItem& member) {
      result.Remove(member);
      return !result.empty();
    });
    if (result.empty()) break;
  }
  return result;
}

}  // namespace

size_t CountIntersection(std::span<const SetView> sets, size_t limit) {
  size_t n = 0;
  Intersect({sets.begin(), sets.end()}, [&n, limit](const ListpackItem&) { return ++n != limit; });
  return n;
}

Set IntersectionOf(std::span<const SetView> sets, const SetLimits& limits) {
  const SetView smallest = *std::min_element(sets.begin(), sets.end(), [](SetView a, SetView b) {
    return a.size() < b.size();
  });
  Set result;
  if (!smallest.is_intset()) result.ExpectTexts();
  bool integers = true;
  Intersect({sets.begin(), sets.end()}, [&](const ListpackItem& member) {
    integers = integers && (member.is_integer || ParseInt64(member.text));
    result.Add(member, limits);
    return true;
  });
  if (integers) result.CompactIntegers(limits);
  return result;
}

Set UnionOf(std::span<const SetView> sets, const SetLimits& limits) {
  Set result;
  for (const SetView s : sets) {
    s.ForEach([&](const ListpackItem& member) { result.Add(member, limits); });
  }
  return result;
}

Set DifferenceOf(std::span<const SetView> sets, const SetLimits& limits) {
  const SetView first = sets.front();
  std::vector<SetView> others;
  for (const SetView s : sets.subspan(1)) {
    if (s.IsSameAs(first)) return {};
    if (!s.empty()) others.push_back(s);
  }
  if (first.empty()) return {};
  // Looking up is the cheaper step, and may end early: it gets the benefit of half its worst case.
  size_t lookups = first.size(), removals = first.size();
  for (const SetView s : others) {
    lookups += first.size();
    removals += s.size();
  }
  if (lookups / 2 <= removals) return SubtractByLookup(first, std::move(others), limits);
  return SubtractByRemoval(first, others, limits);
}

}  // namespace pinion::types
