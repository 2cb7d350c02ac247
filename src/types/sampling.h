// Choosing some of many elements so that every choice is equally likely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"

namespace pinion::types {

// Chooses `wanted` of `total` elements that pass by one after another: Take() is asked once for each, in order, and
// says whether this one is chosen. Every subset of that size is equally likely. Knuth, "The Art of Computer
// Programming" 3.4.2, algorithm S.
class SelectionSampler {
 public:
  // REQUIRES: wanted <= total.
  SelectionSampler(size_t wanted, size_t total, Random* random)
      : wanted_(wanted), left_(total), random_(random) {}

  [[nodiscard]] bool Take() {
    const bool taken = random_->Below(left_--) < wanted_;
    wanted_ -= taken;
    return taken;
  }
  [[nodiscard]] bool done() const { return wanted_ == 0; }

 private:
  size_t wanted_, left_;
  Random* random_;
};

// Remembers which addresses were drawn before, for sampling without repetition: an open-addressed table with a
// fixed number of places.
class DrawnBefore {
 public:
  // For at most `most` addresses.
  explicit DrawnBefore(size_t most) {
    size_t places = 16;
    while (places < 2 * most) places *= 2;
    places_.resize(places);
  }

  // Whether this one is new; it no longer is from then on. REQUIRES: not null.
  [[nodiscard]] bool Insert(const void* drawn) {
    const size_t mask = places_.size() - 1;
    // Addresses are multiples of eight.
    size_t i = static_cast<size_t>((reinterpret_cast<uintptr_t>(drawn) >> 3) * 0x9E3779B97F4A7C15ull >> 32) & mask;
    for (; places_[i] != nullptr; i = (i + 1) & mask) {
      if (places_[i] == drawn) return false;
    }
    places_[i] = drawn;
    return true;
  }

 private:
  std::vector<const void*> places_;
};

// Whether so few of `size` elements are wanted that drawing them one by one seldom meets one drawn before.
[[nodiscard]] inline bool FewWanted(size_t wanted, size_t size) { return wanted * 3 <= size; }

// f(const Item*) for `count` different items of those that draw() returns with equal chances.
// REQUIRES: there are so many.
template <typename Draw, typename F>
void DrawDistinct(size_t count, Draw&& draw, F&& f) {
  DrawnBefore drawn(count);
  while (count > 0) {
    const auto* item = draw();
    if (!drawn.Insert(item)) continue;
    f(item);
    --count;
  }
}

}  // namespace pinion::types
