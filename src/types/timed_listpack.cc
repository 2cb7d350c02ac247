// How a small hash keeps its deadlines in order while fields come and go.
#include "types/timed_listpack.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace pinion::types {

TimedListpack* TimedListpack::New(Listpack fields) {
  return new (Slab::Allocate(BytesFor(0))) TimedListpack(std::move(fields));
}

void TimedListpack::Delete(TimedListpack* t) {
  const size_t bytes = BytesFor(t->room_);
  t->~TimedListpack();
  Slab::Free(t, bytes);
}

Listpack TimedListpack::Dissolve(TimedListpack* t) {
  Listpack fields = std::move(t->fields_);
  Delete(t);
  return fields;
}

TimedListpack* TimedListpack::CopyOf(const TimedListpack& from) {
  TimedListpack* t = WithRoom(New(Listpack::CopyOf(from.fields_)), from.count_);
  t->count_ = from.count_;
  std::copy_n(from.Slots(), from.count_, t->Slots());
  return t;
}

TimedListpack* TimedListpack::WithRoom(TimedListpack* t, size_t room) {
  auto* fresh = new (Slab::Allocate(BytesFor(room))) TimedListpack(std::move(t->fields_));
  fresh->wheel_position_ = t->wheel_position_;
  fresh->count_ = t->count_;
  fresh->room_ = static_cast<uint16_t>(room);
  std::copy_n(t->Slots(), t->count_, fresh->Slots());
  Delete(t);
  return fresh;
}

const TimedListpack::Slot* TimedListpack::Find(size_t ordinal) const {
  return std::find_if(Slots(), Slots() + count_, [ordinal](Slot s) { return OrdinalOf(s) == ordinal; });
}

int64_t TimedListpack::Deadline(size_t ordinal) const {
  const Slot* slot = Find(ordinal);
  return slot == Slots() + count_ ? -1 : DeadlineOf(*slot);
}

std::vector<int64_t> TimedListpack::Deadlines() const {
  std::vector<int64_t> deadlines(fields_.size() / 2, -1);
  for (const Slot* s = Slots(); s != Slots() + count_; ++s) deadlines[OrdinalOf(*s)] = DeadlineOf(*s);
  return deadlines;
}

TimedListpack* TimedListpack::SetDeadline(TimedListpack* t, size_t ordinal, int64_t deadline) {
  Slot* const old = t->Slots() + (t->Find(ordinal) - t->Slots());
  Slot* const end = t->Slots() + t->count_;
  if (old != end) {
    std::copy(old + 1, end, old);
    --t->count_;
  }
  if (deadline < 0) return t->count_ + 8u < t->room_ / 2u ? WithRoom(t, t->count_) : t;
  if (t->count_ == t->room_) t = WithRoom(t, std::min<size_t>(t->room_ + 1 + t->room_ / 4, kMaxOrdinal + 1));
  const Slot slot = static_cast<Slot>(deadline) << 16 | ordinal;
  Slot* const at = std::upper_bound(t->Slots(), t->Slots() + t->count_, slot);
  std::copy_backward(at, t->Slots() + t->count_, t->Slots() + t->count_ + 1);
  *at = slot;
  ++t->count_;
  return t;
}

void TimedListpack::Erased(size_t ordinal) {
  Slot* to = Slots();
  for (Slot* from = Slots(); from != Slots() + count_; ++from) {
    if (OrdinalOf(*from) == ordinal) continue;
    *to++ = *from - (OrdinalOf(*from) > ordinal ? 1 : 0);
  }
  count_ = static_cast<uint16_t>(to - Slots());
}

size_t TimedListpack::RemoveDue(int64_t now, size_t most, std::vector<std::string>* names) {
  size_t due = 0;
  while (due < count_ && due < most && DeadlineOf(Slots()[due]) <= now) ++due;
  if (due == 0) return 0;
  std::vector<size_t> gone(due);
  std::transform(Slots(), Slots() + due, gone.begin(), OrdinalOf);
  std::sort(gone.begin(), gone.end());

  if (names != nullptr) {
    char scratch[kMaxInt64Text];
    for (size_t ordinal : gone) {
      names->emplace_back(Listpack::Get(fields_.At(static_cast<int64_t>(2 * ordinal))).View(scratch));
    }
  }

  // Neighbours go together, the last first, so that the ordinals before stay.
  for (size_t end = due; end > 0;) {
    size_t begin = end - 1;
    while (begin > 0 && gone[begin - 1] + 1 == gone[begin]) --begin;
    fields_.EraseRange(static_cast<int64_t>(2 * gone[begin]), 2 * (end - begin));
    end = begin;
  }
  Slot* to = Slots();
  for (const Slot* from = Slots() + due; from != Slots() + count_; ++from) {
    *to++ = *from - static_cast<Slot>(std::lower_bound(gone.begin(), gone.end(), OrdinalOf(*from)) - gone.begin());
  }
  count_ = static_cast<uint16_t>(count_ - due);
  return due;
}

bool TimedListpack::CheckInvariants() const {
  const size_t fields = fields_.size() / 2;
  std::vector<bool> seen(fields);
  for (const Slot* s = Slots(); s != Slots() + count_; ++s) {
    if (OrdinalOf(*s) >= fields || seen[OrdinalOf(*s)]) return false;
    seen[OrdinalOf(*s)] = true;
  }
  return count_ > 0 && count_ <= room_ && fields_.size() % 2 == 0 && std::is_sorted(Slots(), Slots() + count_);
}

}  // namespace pinion::types
