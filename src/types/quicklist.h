// A long list: listpack nodes of bounded size in an index by element number.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "base/slab.h"
#include "types/list_node.h"
#include "types/listpack.h"
#include "types/listpack_element.h"
#include "types/node_index.h"

namespace pinion::types {

enum class ListEnd : uint8_t { kHead, kTail };

// How much a node holds, from list-max-listpack-size: so many elements when that is positive (0 counts as 1),
// within 8 kB; or with -1 to -5 so many bytes: 4, 8, 16, 32 or 64 kB.
class ListLimit {
 public:
  // Elements of `large` bytes stand by themselves; 0: those that are larger than a node.
  explicit constexpr ListLimit(int64_t list_max_listpack_size, size_t large = 0) {
    if (list_max_listpack_size < 0) {
      bytes_ = size_t{4096} << (-1 - std::max<int64_t>(list_max_listpack_size, -5));
    } else {
      elements_ = static_cast<size_t>(std::max<int64_t>(list_max_listpack_size, 1));
    }
    large_ = large != 0 ? std::min(large, kMaxListpackBytes / 2) : bytes_ + 1;
  }

  [[nodiscard]] size_t bytes() const { return bytes_; }
  // Whether a listpack of this size is too large.
  [[nodiscard]] bool Exceeded(size_t bytes, size_t elements) const {
    return bytes > bytes_ || elements > elements_;
  }
  // Whether an element stands by itself.
  [[nodiscard]] bool IsLarge(std::string_view element) const { return element.size() >= large_; }
  // Whether a list that has shrunk is so far below the limit that it becomes a listpack again.
  [[nodiscard]] bool FitsHalf(size_t bytes, size_t elements) const {
    return elements_ == kNoLimit ? bytes <= bytes_ / 2 : elements <= elements_ / 2;
  }

 private:
  static constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();
  size_t bytes_ = 8192;
  size_t elements_ = kNoLimit;
  size_t large_ = 0;
};

// Elements of a list that stand one behind the other in memory.
struct ListRun {
  const uint8_t* first;     // the first of `count` elements of a listpack; null when the run is one large element
  size_t count;
  size_t bytes;             // at least what those take in the listpack
  std::string_view plain;   // the large element
};

// Where elements go, and when nodes are split and joined, is as in Redis's quicklist, so that a list changes its
// encoding where it does there. What is not: nodes are found by an index, and have room to grow (node_index.h,
// list_node.h), and an element that would make a node much larger than the limit splits it.
//
// Not thread-safe. Indexes REQUIRE to be within the list.
class Quicklist {
 public:
  // The elements of a listpack as the first node, if there are any.
  explicit Quicklist(Listpack from);

  static void* operator new(size_t n) { return Slab::Allocate(n); }
  static void operator delete(void* p, size_t n) { Slab::Free(p, n); }

  [[nodiscard]] size_t size() const { return nodes_.elements(); }
  [[nodiscard]] size_t AllocatedBytes() const;
  [[nodiscard]] size_t CountAllocations() const { return nodes_.nodes() + nodes_.segments() + 2; }
  [[nodiscard]] const NodeIndex& nodes() const { return nodes_; }
  [[nodiscard]] Quicklist* Clone() const;

  void Push(ListEnd end, std::string_view element, const ListLimit& limit);
  // Puts an element before or behind another.
  void Insert(size_t index, bool behind, std::string_view element, const ListLimit& limit);
  void Replace(size_t index, std::string_view element, const ListLimit& limit);
  // Whole nodes go to `remains`, if there is one.
  void Erase(size_t index, size_t count, Remains* remains = nullptr);
  // Removes up to `most` elements that match, counted from an end; returns how many.
  size_t EraseMatching(const ListpackNeedle& needle, size_t most, ListEnd from);

  [[nodiscard]] ListpackItem Get(size_t index) const;
  // Calls f(const ListRun&) until all of the range was named. REQUIRES: index + count <= size().
  template <typename F>
  void ForEachRun(size_t index, size_t count, F&& f) const;
  // Calls f(const ListpackItem&) for every element from an end on, until f returns false.
  template <typename F>
  void Walk(ListEnd from, F&& f) const;

 private:
  using Place = NodeIndex::Place;

  Quicklist() = default;
  [[nodiscard]] bool HasRoom(const ListNode& node, std::string_view element, const ListLimit& limit) const;
  [[nodiscard]] bool Joinable(Place front, const ListLimit& limit) const;
  static ListNode NodeOf(std::string_view element, const ListLimit& limit);
  // Splits a node; returns the place of the first part, behind which the second now stands.
  Place Split(Place p, size_t index);
  // Appends the next node's elements to this one's; returns its place.
  Place Join(Place front);
  // Joins the nodes around this one where they fit together.
  void JoinAround(Place centre, const ListLimit& limit);

  NodeIndex nodes_;
};

// --- inline parts -------------------------------------------------------------------------------------------

template <typename F>
void Quicklist::ForEachRun(size_t index, size_t count, F&& f) const {
  if (count == 0) return;
  auto [place, at] = nodes_.Find(index);
  for (;; place = nodes_.Next(place), at = 0) {
    const ListNode& node = nodes_.at(place);
    const size_t n = std::min(count, node.count() - at);
    if (node.plain()) {
      f(ListRun{nullptr, 1, 0, node.plain_text()});
    } else {
      const uint8_t* const first = node.view().At(static_cast<int64_t>(at));
      f(ListRun{first, n, static_cast<size_t>(node.view().data() + node.bytes() - first), {}});
    }
    count -= n;
    if (count == 0) return;
  }
}

template <typename F>
void Quicklist::Walk(ListEnd from, F&& f) const {
  if (nodes_.nodes() == 0) return;
  const bool forward = from == ListEnd::kHead;
  const Place last = forward ? nodes_.last() : nodes_.first();
  for (Place p = forward ? nodes_.first() : nodes_.last();; p = forward ? nodes_.Next(p) : nodes_.Prev(p)) {
    const ListNode& node = nodes_.at(p);
    if (node.plain()) {
      if (!f(ListpackItem{node.plain_text(), 0, false})) return;
    } else {
      const ListpackView view = node.view();
      for (const uint8_t* e = forward ? view.First() : view.Last(); e != nullptr;
           e = forward ? view.Next(e) : view.Prev(e)) {
        if (!f(ListpackView::Get(e))) return;
      }
    }
    if (p == last) return;
  }
}

}  // namespace pinion::types
