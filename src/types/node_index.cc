// How segments grow, split and join.
#include "types/node_index.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/slab.h"

namespace pinion::types {
namespace {

constexpr uint32_t kFirstCapacity = 4;  // nodes of a new segment, and slots of the first array of segments

// Nodes may be moved as bytes.
void MoveBytes(void* to, const void* from, size_t n) {
  if (n != 0) std::memmove(to, from, n);
}

// Finds element `index` of the `total` that parts hold, from the nearer end; count(i) tells how many part i holds.
// Returns the part and the element's number in it.
template <typename F>
std::pair<uint32_t, size_t> FindPart(size_t index, size_t total, uint32_t parts, F&& count) {
  if (index <= total / 2) {
    uint32_t i = 0;
    for (size_t n = count(i); index >= n; n = count(++i)) index -= n;
    return {i, index};
  }
  size_t behind = total - index;  // elements from this one to the end
  uint32_t i = parts - 1;
  size_t n = count(i);
  for (; behind > n; n = count(--i)) behind -= n;
  return {i, n - behind};
}

}  // namespace

NodeIndex::~NodeIndex() {
  for (uint32_t i = 0; i < segments_; ++i) {
    Segment* const s = segment_[i].block;
    for (uint32_t n = 0; n < s->size; ++n) s->nodes()[n].~ListNode();
    FreeSegment(s);
  }
  if (segment_ != nullptr) Slab::Free(segment_, capacity_ * sizeof(Slot));
}

NodeIndex::Found NodeIndex::Find(size_t element) const {
  const auto [segment, in_segment] =
      FindPart(element, elements_, segments_, [this](uint32_t i) { return segment_[i].elements; });
  const Slot& slot = segment_[segment];
  const ListNode* const nodes = slot.block->nodes();
  const auto [node, index] =
      FindPart(in_segment, slot.elements, slot.block->size, [nodes](uint32_t i) { return nodes[i].count(); });
  return {{segment, node}, index};
}

NodeIndex::Segment* NodeIndex::NewSegment(uint32_t capacity) {
  auto* s = new (Slab::Allocate(SegmentBytes(capacity))) Segment{0, capacity};
  bytes_ += Slab::GoodSize(SegmentBytes(capacity));
  return s;
}

void NodeIndex::FreeSegment(Segment* s) {
  bytes_ -= Slab::GoodSize(SegmentBytes(s->capacity));
  Slab::Free(s, SegmentBytes(s->capacity));
}

void NodeIndex::InsertSlot(uint32_t at, Slot slot) {
  if (segments_ == capacity_) {
    const uint32_t capacity = std::max(kFirstCapacity, capacity_ + capacity_ / 2);
    auto* grown = static_cast<Slot*>(Slab::Allocate(capacity * sizeof(Slot)));
    bytes_ += Slab::GoodSize(capacity * sizeof(Slot));
    if (segment_ != nullptr) {
      MoveBytes(grown, segment_, segments_ * sizeof(Slot));
      Slab::Free(segment_, capacity_ * sizeof(Slot));
      bytes_ -= Slab::GoodSize(capacity_ * sizeof(Slot));
    }
    segment_ = grown;
    capacity_ = capacity;
  }
  MoveBytes(segment_ + at + 1, segment_ + at, (segments_ - at) * sizeof(Slot));
  segment_[at] = slot;
  ++segments_;
}

void NodeIndex::EraseSlot(uint32_t at) {
  FreeSegment(segment_[at].block);
  --segments_;
  MoveBytes(segment_ + at, segment_ + at + 1, (segments_ - at) * sizeof(Slot));
}

void NodeIndex::MoveNodes(Slot* from, uint32_t first, Slot* to) {
  Segment& source = *from->block;
  Segment& target = *to->block;
  const uint32_t n = source.size - first;
  size_t moved = 0;
  for (uint32_t i = first; i < source.size; ++i) moved += source.nodes()[i].count();
  MoveBytes(target.nodes() + target.size, source.nodes() + first, n * sizeof(ListNode));
  source.size -= n;
  target.size += n;
  from->elements -= moved;
  to->elements += moved;
}

// Doubles a segment's capacity.
void NodeIndex::MakeRoom(Slot* slot) {
  Segment* const old = slot->block;
  Segment* const grown = NewSegment(old->capacity * 2);
  MoveBytes(grown->nodes(), old->nodes(), old->size * sizeof(ListNode));
  grown->size = old->size;
  FreeSegment(old);
  slot->block = grown;
}

NodeIndex::Place NodeIndex::Insert(Place p, ListNode node) {
  if (p == end()) {
    // Behind the last node, if its segment has room.
    if (segments_ == 0 || segment_[segments_ - 1].block->size == kMaxNodes) {
      InsertSlot(segments_, {NewSegment(kFirstCapacity), 0});
    }
    p = {segments_ - 1, segment_[segments_ - 1].block->size};
  } else if (segment_[p.segment].block->size == kMaxNodes) {
    if (p == first()) {
      InsertSlot(0, {NewSegment(kFirstCapacity), 0});
    } else {
      InsertSlot(p.segment + 1, {NewSegment(kMaxNodes), 0});
      MoveNodes(&segment_[p.segment], kMaxNodes / 2, &segment_[p.segment + 1]);
      if (p.node > kMaxNodes / 2) p = {p.segment + 1, p.node - kMaxNodes / 2};
    }
  }
  Slot& slot = segment_[p.segment];
  if (slot.block->size == slot.block->capacity) MakeRoom(&slot);
  ListNode* const at = slot.block->nodes() + p.node;
  MoveBytes(at + 1, at, (slot.block->size - p.node) * sizeof(ListNode));
  new (at) ListNode(std::move(node));
  ++slot.block->size;
  ++nodes_;
  Count(p.segment, at->count(), at->AllocatedBytes());
  return p;
}

NodeIndex::Place NodeIndex::Erase(Place p) {
  Slot& slot = segment_[p.segment];
  ListNode* const at = slot.block->nodes() + p.node;
  Count(p.segment, 0 - at->count(), 0 - at->AllocatedBytes());
  at->~ListNode();
  --slot.block->size;
  --nodes_;
  MoveBytes(at, at + 1, (slot.block->size - p.node) * sizeof(ListNode));
  if (slot.block->size == 0) {
    EraseSlot(p.segment);
    return {p.segment, 0};
  }
  // Two neighbours that are half empty together become one; the front one takes all.
  const auto fit = [this](uint32_t front) {
    return front + 1 < segments_ && segment_[front].block->size + segment_[front + 1].block->size <= kMergeBelow;
  };
  uint32_t front = p.segment;
  if (front != 0 && fit(front - 1)) {
    --front;
    p = {front, segment_[front].block->size + p.node};
  } else if (!fit(front)) {
    return p.node < slot.block->size ? p : Place{p.segment + 1, 0};
  }
  const uint32_t total = segment_[front].block->size + segment_[front + 1].block->size;
  while (segment_[front].block->capacity < total) MakeRoom(&segment_[front]);
  MoveNodes(&segment_[front + 1], 0, &segment_[front]);
  EraseSlot(front + 1);
  return p.node < total ? p : Place{p.segment + 1, 0};
}

}  // namespace pinion::types
