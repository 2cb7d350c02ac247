// The nodes of a quicklist in order, found by the number of an element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "types/list_node.h"

namespace pinion::types {

// An array of segments, each an array of up to 64 nodes; either knows how many elements it holds. So the node of an
// element is found by adding up some counts that stand side by side: for a million elements about a hundred, and no
// step ever moves more than the array of segments. Adding and removing at the ends is O(1) but for that.
//
// Not thread-safe.
class NodeIndex {
 public:
  // Where a node stands. Valid until a node is inserted or erased; those two return places.
  struct Place {
    uint32_t segment;
    uint32_t node;
    bool operator==(const Place&) const = default;
  };
  // An element: its node, and its number in that.
  struct Found {
    Place place;
    size_t index;
  };

  NodeIndex() = default;
  ~NodeIndex();
  NodeIndex(const NodeIndex&) = delete;
  NodeIndex& operator=(const NodeIndex&) = delete;

  [[nodiscard]] size_t elements() const { return elements_; }
  [[nodiscard]] size_t nodes() const { return nodes_; }
  [[nodiscard]] size_t segments() const { return segments_; }
  // Heap bytes of nodes and index.
  [[nodiscard]] size_t AllocatedBytes() const { return bytes_; }

  [[nodiscard]] const ListNode& at(Place p) const { return segment_[p.segment].block->nodes()[p.node]; }
  // REQUIRES for the first two: not empty.
  [[nodiscard]] Place first() const { return {0, 0}; }
  [[nodiscard]] Place last() const { return {segments_ - 1, segment_[segments_ - 1].block->size - 1}; }
  [[nodiscard]] Place end() const { return {segments_, 0}; }
  [[nodiscard]] Place Next(Place p) const {  // end() after the last
    return p.node + 1 < segment_[p.segment].block->size ? Place{p.segment, p.node + 1} : Place{p.segment + 1, 0};
  }
  [[nodiscard]] Place Prev(Place p) const {  // REQUIRES: p is not the first
    if (p.node != 0) return {p.segment, p.node - 1};
    return {p.segment - 1, segment_[p.segment - 1].block->size - 1};
  }
  // REQUIRES: element < elements().
  [[nodiscard]] Found Find(size_t element) const;

  // Changes a node: f(ListNode&).
  template <typename F>
  void Edit(Place p, F&& f) {
    ListNode& node = segment_[p.segment].block->nodes()[p.node];
    Count(p.segment, 0 - node.count(), 0 - node.AllocatedBytes());
    f(node);
    Count(p.segment, node.count(), node.AllocatedBytes());
  }
  // Puts a node before another, or at the end; returns its place.
  Place Insert(Place before, ListNode node);
  // Removes a node; returns the place of the one behind it.
  Place Erase(Place p);

 private:
  struct Segment {
    uint32_t size;
    uint32_t capacity;
    ListNode* nodes() { return reinterpret_cast<ListNode*>(this + 1); }
    [[nodiscard]] const ListNode* nodes() const { return reinterpret_cast<const ListNode*>(this + 1); }
  };
  struct Slot {
    Segment* block;
    size_t elements;
  };
  static constexpr uint32_t kMaxNodes = 64;  // of a segment
  static constexpr uint32_t kMergeBelow = kMaxNodes / 2;

  static size_t SegmentBytes(uint32_t capacity) { return sizeof(Segment) + capacity * sizeof(ListNode); }
  // Changes the sums by these; wraps around to subtract.
  void Count(uint32_t segment, size_t elements, size_t bytes) {
    segment_[segment].elements += elements;
    elements_ += elements;
    bytes_ += bytes;
  }
  Segment* NewSegment(uint32_t capacity);
  void FreeSegment(Segment* s);
  void InsertSlot(uint32_t at, Slot slot);
  void EraseSlot(uint32_t at);
  // Moves the last nodes of a segment, from `first` on, to the end of another with room.
  void MoveNodes(Slot* from, uint32_t first, Slot* to);
  void MakeRoom(Slot* slot);

  Slot* segment_ = nullptr;
  uint32_t segments_ = 0;
  uint32_t capacity_ = 0;
  size_t nodes_ = 0;
  size_t elements_ = 0;
  size_t bytes_ = 0;
};

}  // namespace pinion::types
