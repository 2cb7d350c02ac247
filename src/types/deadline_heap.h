// Which of a large hash's fields is due next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "types/hash_item.h"

namespace pinion::types {

// A 4-ary min-heap of the timed items of one hash by deadline, in chunks, so that it never moves as a whole. A slot
// is 12 bytes: 48 bits of deadline and 48 of address; with the position that each item keeps, a deadline costs 16
// bytes. The earliest is known in O(1), all else is O(log n). Not thread-safe; does not own the items.
class DeadlineHeap {
 public:
  DeadlineHeap() = default;
  ~DeadlineHeap();
  DeadlineHeap(const DeadlineHeap&) = delete;
  DeadlineHeap& operator=(const DeadlineHeap&) = delete;

  [[nodiscard]] size_t size() const { return size_; }
  // Heap bytes held.
  [[nodiscard]] size_t bytes() const { return bytes_ + chunks_.capacity() * sizeof(Slot*); }

  // REQUIRES: size() > 0.
  [[nodiscard]] int64_t Earliest() const { return SlotAt(0).deadline(); }
  [[nodiscard]] HashItem* First() const { return SlotAt(0).item(); }
  [[nodiscard]] int64_t DeadlineAt(uint32_t position) const { return SlotAt(position).deadline(); }

  // Adds an item. REQUIRES: it is timed and in no heap; 0 <= deadline < 2^48.
  void Insert(HashItem* e, int64_t deadline);
  // Gives the item at this position another deadline.
  void Change(uint32_t position, int64_t deadline);
  void Remove(uint32_t position);
  // The item at this position now stands at another address.
  void Moved(uint32_t position, HashItem* e) { SlotAt(position).set_item(e); }

  // True when the heap is in order and every item knows its position; for tests.
  [[nodiscard]] bool CheckInvariants() const;

 private:
  class Slot {
   public:
    Slot() = default;
    Slot(int64_t deadline, const HashItem* e)
        : deadline_low_(static_cast<uint32_t>(deadline)), deadline_high_(static_cast<uint16_t>(deadline >> 32)) {
      set_item(e);
    }
    [[nodiscard]] int64_t deadline() const { return int64_t{deadline_high_} << 32 | deadline_low_; }
    [[nodiscard]] HashItem* item() const {
      return reinterpret_cast<HashItem*>(uintptr_t{item_high_} << 32 | item_low_);
    }
    void set_item(const HashItem* e) {
      const auto address = reinterpret_cast<uintptr_t>(e);
      item_low_ = static_cast<uint32_t>(address);
      item_high_ = static_cast<uint16_t>(address >> 32);
    }

   private:
    uint32_t deadline_low_;
    uint32_t item_low_;
    uint16_t deadline_high_;
    uint16_t item_high_;
  };
  static_assert(sizeof(Slot) == 12);

  static constexpr size_t kChunk = 256;  // slots
  static constexpr uint32_t kWays = 4;

  // Slots for which there is room in a last chunk that holds n of them.
  static size_t RoomFor(size_t n);
  void ResizeLast(size_t slots);
  [[nodiscard]] Slot& SlotAt(size_t position) const { return chunks_[position / kChunk][position % kChunk]; }
  void Put(uint32_t position, const Slot& slot) {
    SlotAt(position) = slot;
    slot.item()->set_heap_position(position);
  }
  // Puts a slot where it belongs, given a free position from which it can only go up or only go down.
  void SiftUp(uint32_t free, const Slot& slot);
  void SiftDown(uint32_t free, const Slot& slot);
  void Settle(uint32_t free, const Slot& slot);

  std::vector<Slot*> chunks_;  // all full but the last
  uint32_t size_ = 0;
  uint32_t last_room_ = 0;     // slots allocated in the last chunk
  size_t bytes_ = 0;           // of the chunks
};

}  // namespace pinion::types
