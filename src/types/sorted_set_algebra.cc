// How sorted sets and sets are united, intersected and subtracted.
#include "types/sorted_set_algebra.h"

#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "types/set.h"

namespace pinion::types {

std::optional<double> ScoredSource::Score(std::string_view member) const {
  if (type == ValueType::kSortedSet) return Borrowed<SortedSet>(word)->Score(member);
  return Borrowed<Set>(word)->Contains(member) ? std::optional(1.0) : std::nullopt;
}

template <typename F>
void ScoredSource::ForEach(F&& f) const {
  if (word == nullptr) return;
  if (type == ValueType::kSortedSet) return Borrowed<SortedSet>(word)->ForEach(f);
  char scratch[kMaxInt64Text];
  Borrowed<Set>(word)->ForEach([&](const ListpackItem& member) { return f(member.View(scratch), 1.0); });
}

namespace {

constexpr SortedSetLimits kLarge{0, 0};

double OrZero(double v) { return std::isnan(v) ? 0 : v; }

double Combine(Aggregate aggregate, double a, double b) {
  switch (aggregate) {
    case Aggregate::kSum: return OrZero(a + b);
    case Aggregate::kMin: return b < a ? b : a;
    case Aggregate::kMax: return b > a ? b : a;
  }
  __builtin_unreachable();
}

void SortBySize(std::span<ScoredSource> sources) {
  std::stable_sort(sources.begin(), sources.end(),
                   [](const ScoredSource& a, const ScoredSource& b) { return a.size() < b.size(); });
}

// Calls f(member, score) for each member of every source; f may return false to stop.
template <typename F>
void ForEachInAll(std::span<ScoredSource> sources, Aggregate aggregate, F&& f) {
  SortBySize(sources);
  sources.front().ForEach([&](std::string_view member, double first_score) {
    double score = OrZero(sources.front().weight * first_score);
    for (const ScoredSource& other : sources.subspan(1)) {
      const auto found = other.Score(member);
      if (!found) return true;
      score = Combine(aggregate, score, other.weight * *found);
    }
    return f(member, score);
  });
}

}  // namespace

SortedSet UnionOf(std::span<ScoredSource> sources, Aggregate aggregate) {
  SortBySize(sources);
  SortedSet result;
  for (const ScoredSource& source : sources) {
    source.ForEach([&](std::string_view member, double own_score) {
      const double score = OrZero(source.weight * own_score);
      (void)result.Update(member, kLarge, [&](const double* so_far) {
        return std::optional(so_far == nullptr ? score : Combine(aggregate, *so_far, score));
      });
      return true;
    });
  }
  return result;
}

SortedSet IntersectionOf(std::span<ScoredSource> sources, Aggregate aggregate) {
  SortedSet result;
  ForEachInAll(sources, aggregate, [&](std::string_view member, double score) {
    result.Set(member, score, kLarge);
    return true;
  });
  return result;
}

size_t CountIntersection(std::span<ScoredSource> sources, size_t limit) {
  size_t n = 0;
  ForEachInAll(sources, Aggregate::kSum, [&](std::string_view, double) { return ++n != limit; });
  return n;
}

SortedSet DifferenceOf(std::span<const ScoredSource> sources) {
  SortedSet result;
  const auto others = sources.subspan(1);
  const auto is_first = [&](const ScoredSource& other) { return other.word == sources.front().word; };
  if (std::any_of(others.begin(), others.end(), is_first)) return result;
  sources.front().ForEach([&](std::string_view member, double score) {
    const bool elsewhere = std::any_of(others.begin(), others.end(), [&](const ScoredSource& other) {
      return other.word != nullptr && other.Score(member).has_value();
    });
    if (!elsewhere) result.Set(member, score, kLarge);
    return true;
  });
  return result;
}

}  // namespace pinion::types
