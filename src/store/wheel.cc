// Placing, removing and spreading of entries in the wheel.
#include "store/wheel.h"

#include <algorithm>

#include "types/hash.h"

namespace pinion::store {

UnixMillis FieldDeadline::Of(const Entry* e) { return types::Borrowed<types::Hash>(e->pointer())->NextDeadline(); }

uint32_t FieldDeadline::Position(const Entry* e) {
  return types::Borrowed<types::Hash>(e->pointer())->wheel_position();
}

void FieldDeadline::SetPosition(Entry* e, uint32_t position) {
  auto hash = types::Hash::Adopt(e->pointer());
  hash.set_wheel_position(position);
  (void)hash.Release();
}

template <typename Deadline>
BasicWheel<Deadline>::BasicWheel(UnixMillis now, uint64_t phase)
    : now_(0), phase_(phase), bytes_(GoodSize(sizeof(BasicWheel))) {
  now_ = TickOf(now);
}

template <typename Deadline>
BasicWheel<Deadline>::~BasicWheel() {
  for (auto& level : levels_) {
    if (!level) continue;
    for (Slot& slot : *level) Free(slot.items);
  }
  Free(due_.items);
  Free(spreading_.items);
}

template <typename Deadline>
void BasicWheel<Deadline>::Push(Slot* slot, Entry* e) {
  if (slot->size == slot->capacity) {
    // Grows by a quarter: slack costs memory for every volatile key, and the copy is eight bytes an entry.
    const size_t wanted = std::max<size_t>(4, slot->capacity + slot->capacity / 4 + 1);
    const size_t good = GoodSize(wanted * sizeof(Entry*));
    auto** items = static_cast<Entry**>(Allocate(good));
    if (slot->size != 0) std::memcpy(items, slot->items, slot->size * sizeof(Entry*));
    bytes_ += good - slot->capacity * sizeof(Entry*);
    Free(slot->items);
    slot->items = items;
    slot->capacity = static_cast<uint32_t>(good / sizeof(Entry*));
  }
  Deadline::SetPosition(e, slot->size);
  slot->items[slot->size++] = e;
}

template <typename Deadline>
void BasicWheel<Deadline>::RemoveFrom(Slot* slot, uint32_t position) {
  Entry* last = slot->items[--slot->size];
  slot->items[position] = last;
  Deadline::SetPosition(last, position);
  if (slot->size == 0) FreeSlot(slot);
}

template <typename Deadline>
void BasicWheel<Deadline>::FreeSlot(Slot* slot) {
  bytes_ -= slot->capacity * sizeof(Entry*);
  Free(slot->items);
  *slot = Slot();
}

template <typename Deadline>
uint64_t BasicWheel<Deadline>::Place(Entry* e) {
  const uint64_t tick = TickOf(Deadline::Of(e));
  if (tick <= now_) {
    Push(&due_, e);
    return now_;
  }
  const unsigned l = LevelOf(tick ^ now_);
  if (!levels_[l]) {
    levels_[l] = std::make_unique<Level>();
    bytes_ += GoodSize(sizeof(Level));
  }
  const unsigned digit = tick >> (6 * l) & 63;
  occupied_[l] |= uint64_t{1} << digit;
  Push(&(*levels_[l])[digit], e);
  return tick >> (6 * l) << (6 * l);
}

template <typename Deadline>
UnixMillis BasicWheel<Deadline>::Insert(Entry* e, UnixMillis now) {
  const uint64_t tick = TickOf(now);
  bool rewound = false;
  if (tick - now_ > 63) {  // also when tick is before now_
    if (tick > now_) {
      CatchUp(tick);
    } else if (now_ - tick > kSetBack) {
      Rewind(tick);
      rewound = true;
    }
  }
  const uint64_t begin = Place(e);
  ++size_;
  return rewound ? NextEvent() : static_cast<UnixMillis>(begin - phase_);
}

// The array that e's position counts in: normally the slot its deadline gives; due_ or spreading_ while Advance was
// interrupted there.
template <typename Deadline>
typename BasicWheel<Deadline>::Slot* BasicWheel<Deadline>::SlotHolding(const Entry* e) {
  const uint32_t at = Deadline::Position(e);
  const uint64_t tick = TickOf(Deadline::Of(e));
  if (tick > now_) {
    const unsigned l = LevelOf(tick ^ now_);
    if (levels_[l]) {
      Slot* slot = &(*levels_[l])[tick >> (6 * l) & 63];
      if (at < slot->size && slot->items[at] == e) return slot;
    }
  } else if (at < due_.size && due_.items[at] == e) {
    return &due_;
  }
  return &spreading_;
}

template <typename Deadline>
void BasicWheel<Deadline>::Remove(Entry* e) {
  Slot* slot = SlotHolding(e);
  RemoveFrom(slot, Deadline::Position(e));
  Deadline::SetPosition(e, Entry::kNotInWheel);
  --size_;
  if (slot->size == 0 && slot != &due_ && slot != &spreading_) {
    const uint64_t tick = TickOf(Deadline::Of(e));
    const unsigned l = LevelOf(tick ^ now_);
    occupied_[l] &= ~(uint64_t{1} << (tick >> (6 * l) & 63));
  }
}

template <typename Deadline>
Entry* BasicWheel<Deadline>::Sample(Random& random) const {
  if (size_ == 0) return nullptr;
  size_t at = random.Below(size_);
  for (const Slot* slot : {&due_, &spreading_}) {
    if (at < slot->size) return slot->items[at];
    at -= slot->size;
  }
  for (unsigned l = 0; l < kLevels; ++l) {
    for (uint64_t left = occupied_[l]; left != 0; left &= left - 1) {
      const Slot& slot = (*levels_[l])[static_cast<size_t>(__builtin_ctzll(left))];
      if (at < slot.size) return slot.items[at];
      at -= slot.size;
    }
  }
  return nullptr;
}

template <typename Deadline>
uint64_t BasicWheel<Deadline>::NextTick() const {
  for (unsigned l = 0; l < kLevels; ++l) {
    if (occupied_[l] == 0) continue;
    const unsigned shift = 6 * l;
    const unsigned digit = static_cast<unsigned>(__builtin_ctzll(occupied_[l]));
    const uint64_t above = shift + 6 >= 64 ? 0 : now_ >> (shift + 6) << (shift + 6);
    return above | uint64_t{digit} << shift;
  }
  return UINT64_MAX;
}

template <typename Deadline>
UnixMillis BasicWheel<Deadline>::NextEvent() const {
  if (due_.size != 0 || spreading_.size != 0) return static_cast<UnixMillis>(now_ - phase_);
  const uint64_t tick = NextTick();
  return tick == UINT64_MAX ? INT64_MAX : static_cast<UnixMillis>(tick - phase_);
}

template <typename Deadline>
void BasicWheel<Deadline>::Step(uint64_t tick) {
  for (unsigned l = 0; l < kLevels; ++l) {
    if (occupied_[l] == 0) continue;
    // The lowest occupied level holds the slot that begins at `tick`.
    const unsigned digit = tick >> (6 * l) & 63;
    occupied_[l] &= ~(uint64_t{1} << digit);
    Slot* into = l == 0 ? &due_ : &spreading_;
    FreeSlot(into);
    std::swap(*into, (*levels_[l])[digit]);
    break;
  }
  now_ = tick;
}

template <typename Deadline>
void BasicWheel<Deadline>::CatchUp(uint64_t tick) {
  if (due_.size == 0 && spreading_.size == 0 && NextTick() > tick) now_ = tick;
}

template <typename Deadline>
void BasicWheel<Deadline>::Rewind(uint64_t tick) {
  Slot all;
  const auto take = [&](Slot* slot) {
    for (uint32_t i = 0; i < slot->size; ++i) Push(&all, slot->items[i]);
    FreeSlot(slot);
  };
  for (unsigned l = 0; l < kLevels; ++l) {
    for (; occupied_[l] != 0; occupied_[l] &= occupied_[l] - 1) {
      take(&(*levels_[l])[static_cast<size_t>(__builtin_ctzll(occupied_[l]))]);
    }
  }
  take(&due_);
  take(&spreading_);
  spreading_ = all;
  now_ = tick;
}

template <typename Deadline>
Entry* BasicWheel<Deadline>::PopDue() {
  Entry* e = due_.items[--due_.size];
  if (due_.size >= 8) __builtin_prefetch(due_.items[due_.size - 8]);
  if (due_.size == 0) FreeSlot(&due_);
  Deadline::SetPosition(e, Entry::kNotInWheel);
  --size_;
  return e;
}

template <typename Deadline>
void BasicWheel<Deadline>::SpreadOne() {
  Entry* e = spreading_.items[--spreading_.size];
  if (spreading_.size >= 8) __builtin_prefetch(spreading_.items[spreading_.size - 8]);
  if (spreading_.size == 0) FreeSlot(&spreading_);
  Place(e);
}

template class BasicWheel<KeyDeadline>;
template class BasicWheel<FieldDeadline>;

}  // namespace pinion::store
