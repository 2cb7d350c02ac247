// How the heap of field deadlines keeps its order and its memory.
#include "types/deadline_heap.h"

#include <algorithm>
#include <cstring>

#include "base/slab.h"

namespace pinion::types {

DeadlineHeap::~DeadlineHeap() {
  for (size_t i = 0; i < chunks_.size(); ++i) {
    Slab::Free(chunks_[i], (i + 1 == chunks_.size() ? last_room_ : kChunk) * sizeof(Slot));
  }
}

size_t DeadlineHeap::RoomFor(size_t n) {
  if (n <= 4) return 4;
  if (n <= 8) return 8;
  return (n + 15) / 16 * 16;
}

void DeadlineHeap::ResizeLast(size_t slots) {
  Slot*& last = chunks_.back();
  auto* fresh = static_cast<Slot*>(Slab::Allocate(slots * sizeof(Slot)));
  bytes_ += Slab::GoodSize(slots * sizeof(Slot));
  if (last != nullptr) {
    std::memcpy(fresh, last, std::min<size_t>(slots, last_room_) * sizeof(Slot));
    Slab::Free(last, last_room_ * sizeof(Slot));
    bytes_ -= Slab::GoodSize(last_room_ * sizeof(Slot));
  }
  last = fresh;
  last_room_ = static_cast<uint32_t>(slots);
}

void DeadlineHeap::Insert(HashItem* e, int64_t deadline) {
  const size_t used = size_ % kChunk;  // of the last chunk, unless that is full
  if (used == 0) {
    chunks_.push_back(nullptr);
    ResizeLast(RoomFor(1));
  } else if (used == last_room_) {
    ResizeLast(RoomFor(used + 1));
  }
  SiftUp(size_++, {deadline, e});
}

void DeadlineHeap::Change(uint32_t position, int64_t deadline) {
  Settle(position, {deadline, SlotAt(position).item()});
}

void DeadlineHeap::Remove(uint32_t position) {
  const Slot last = SlotAt(--size_);
  if (position != size_) Settle(position, last);
  const size_t used = size_ % kChunk;
  if (used == 0) {
    Slab::Free(chunks_.back(), last_room_ * sizeof(Slot));
    bytes_ -= Slab::GoodSize(last_room_ * sizeof(Slot));
    chunks_.pop_back();
    last_room_ = chunks_.empty() ? 0 : kChunk;
    if (chunks_.size() < chunks_.capacity() / 4) chunks_.shrink_to_fit();
  } else if (RoomFor(used) + 16 < last_room_) {
    ResizeLast(RoomFor(used));
  }
}

void DeadlineHeap::Settle(uint32_t free, const Slot& slot) {
  if (free > 0 && slot.deadline() < SlotAt((free - 1) / kWays).deadline()) {
    SiftUp(free, slot);
  } else {
    SiftDown(free, slot);
  }
}

void DeadlineHeap::SiftUp(uint32_t free, const Slot& slot) {
  while (free > 0) {
    const uint32_t parent = (free - 1) / kWays;
    const Slot& above = SlotAt(parent);
    if (above.deadline() <= slot.deadline()) break;
    Put(free, above);
    free = parent;
  }
  Put(free, slot);
}

void DeadlineHeap::SiftDown(uint32_t free, const Slot& slot) {
  for (;;) {
    const size_t child = size_t{free} * kWays + 1;
    const size_t end = std::min<size_t>(child + kWays, size_);
    if (child >= end) break;
    size_t least = child;
    for (size_t i = child + 1; i < end; ++i) {
      if (SlotAt(i).deadline() < SlotAt(least).deadline()) least = i;
    }
    if (SlotAt(least).deadline() >= slot.deadline()) break;
    Put(free, SlotAt(least));
    free = static_cast<uint32_t>(least);
  }
  Put(free, slot);
}

bool DeadlineHeap::CheckInvariants() const {
  if (chunks_.size() != (size_ + kChunk - 1) / kChunk) return false;
  for (uint32_t i = 0; i < size_; ++i) {
    const Slot& slot = SlotAt(i);
    if (!slot.item()->timed() || slot.item()->heap_position() != i) return false;
    if (i > 0 && SlotAt((i - 1) / kWays).deadline() > slot.deadline()) return false;
  }
  return true;
}

}  // namespace pinion::types
