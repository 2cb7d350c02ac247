// What hashes do in each of their forms, and when they take another.
#include "types/hash.h"

namespace pinion::types {

template <typename F>
auto Hash::EditSmall(F&& f) {
  if (form() == kTimed) return f(timed()->fields());
  Listpack fields = Listpack::Adopt(reinterpret_cast<void*>(word_));
  auto result = f(fields);
  word_ = reinterpret_cast<uintptr_t>(fields.Release());
  return result;
}

void Hash::Free() {
  switch (form()) {
    case kListpack: (void)Listpack::Adopt(reinterpret_cast<void*>(word_)); break;
    case kTimed: TimedListpack::Delete(timed()); break;
    case kLarge: delete large(); break;
  }
  word_ = 0;
}

size_t Hash::size() const {
  if (form() == kLarge) return large()->size();
  return word_ == 0 ? 0 : small().size() / 2;
}

size_t Hash::AllocatedBytes() const {
  switch (form()) {
    case kListpack: return word_ == 0 ? 0 : Borrowed<Listpack>(reinterpret_cast<void*>(word_))->AllocatedBytes();
    case kTimed: return timed()->AllocatedBytes();
    default: return large()->AllocatedBytes();
  }
}

size_t Hash::CountAllocations() const {
  switch (form()) {
    case kListpack: return word_ == 0 ? 0 : 1;
    case kTimed: return 2;
    default: return 1 + large()->size();
  }
}

Hash Hash::Clone() const {
  Hash copy;
  if (word_ == 0) return copy;
  switch (form()) {
    case kListpack: copy.SetForm(kListpack, Listpack::CopyOf(small()).Release()); break;
    case kTimed: copy.SetForm(kTimed, TimedListpack::CopyOf(*timed())); break;
    case kLarge: copy.SetForm(kLarge, large()->Clone().release()); break;
  }
  return copy;
}

std::string_view Hash::EncodingName() const {
  switch (form()) {
    case kListpack: return "listpack";
    case kTimed: return "listpackex";
    default: return "hashtable";
  }
}

std::optional<HashText> Hash::Get(std::string_view field) const {
  if (form() == kLarge) {
    const HashItem* e = large()->Find(field);
    if (e == nullptr) return std::nullopt;
    return e->value();
  }
  const ListpackView fields = small();
  const auto p = FindSmall(fields, field);
  if (p == nullptr) return std::nullopt;
  return HashText(ListpackView::Get(fields.Next(p)));
}

bool Hash::Contains(std::string_view field) const {
  if (form() == kLarge) return large()->Find(field) != nullptr;
  return FindSmall(small(), field) != nullptr;
}

bool Hash::Set(std::string_view field, std::string_view value, const HashLimits& limits, OldDeadline old_deadline) {
  if (form() != kLarge) {
    constexpr size_t kHeaders = 32;  // more than two elements of a listpack have beside their text
    const bool fits = field.size() <= limits.max_listpack_value && value.size() <= limits.max_listpack_value &&
                      small().bytes() + field.size() + value.size() + kHeaders <= kMaxListpackBytes;
    if (fits) [[likely]] {
      const bool added = SetSmall(field, value, old_deadline);
      const size_t most = form() == kTimed ? std::min(limits.max_listpack_entries, TimedListpack::kMaxOrdinal + 1)
                                           : limits.max_listpack_entries;
      if (small().size() / 2 > most) BecomeLarge();
      return added;
    }
    BecomeLarge();
  }
  return large()->Set(field, value, old_deadline);
}

bool Hash::SetSmall(std::string_view field, std::string_view value, OldDeadline old_deadline) {
  if (form() == kTimed && old_deadline == OldDeadline::kDropped && Deadline(field).value_or(-1) >= 0) {
    SetDeadline(field, -1);
  }
  return EditSmall([&](Listpack& fields) {
    const auto p = FindSmall(fields, field);
    if (p != nullptr) {
      fields.Replace(fields.Next(p), value);
      return false;
    }
    fields.Append(field);
    fields.Append(value);
    return true;
  });
}

void Hash::Expect(size_t fields, const HashLimits& limits) {
  if (form() != kLarge && fields > limits.max_listpack_entries) BecomeLarge();
}

bool Hash::Remove(std::string_view field) {
  if (form() == kLarge) {
    const bool removed = large()->Remove(field);
    if (large()->size() == 0) Free();
    return removed;
  }
  const auto p = FindSmall(small(), field);
  if (p == nullptr) return false;
  if (form() == kTimed) timed()->Erased(OrdinalOf(p));
  EditSmall([p](Listpack& fields) { return fields.Erase(p, 2); });
  SettleSmall();
  return true;
}

void Hash::SettleSmall() {
  if (form() == kTimed && timed()->size() == 0) SetForm(kListpack, TimedListpack::Dissolve(timed()).Release());
  if (word_ != 0 && small().empty()) Free();
}

void Hash::BecomeLarge() {
  auto* table = new LargeHash;
  ForEach([table](const HashPair& pair) {
    char field[kMaxInt64Text], value[kMaxInt64Text];
    table->Add(pair.field.View(field), pair.value.View(value));
  });
  if (form() == kTimed) {
    const std::vector<int64_t> deadlines = timed()->Deadlines();
    size_t ordinal = 0;
    ForEach([&](const HashPair& pair) {
      char field[kMaxInt64Text];
      const int64_t deadline = deadlines[ordinal++];
      if (deadline >= 0) table->SetDeadline(pair.field.View(field), deadline);
    });
    table->set_wheel_position(timed()->wheel_position());
  }
  Free();
  SetForm(kLarge, table);
}

size_t Hash::OrdinalOf(ListpackView::Position p) const {
  const ListpackView fields = small();
  size_t ordinal = 0;
  for (auto at = fields.First(); at != p; at = fields.Next(fields.Next(at))) ++ordinal;
  return ordinal;
}

std::vector<ListpackView::Position> Hash::SmallPositions() const {
  const ListpackView fields = small();
  std::vector<ListpackView::Position> positions;
  positions.reserve(fields.size() / 2);
  for (auto p = fields.First(); p != nullptr; p = fields.Next(fields.Next(p))) positions.push_back(p);
  return positions;
}

HashPair Hash::Sample(Random& random) const {
  if (form() == kLarge) return PairOf(large()->Sample(random));
  const ListpackView fields = small();
  return PairAt(fields, fields.At(static_cast<int64_t>(2 * random.Below(fields.size() / 2))));
}

std::optional<int64_t> Hash::Deadline(std::string_view field) const {
  if (form() == kLarge) {
    const HashItem* e = large()->Find(field);
    if (e == nullptr) return std::nullopt;
    return large()->DeadlineOf(*e);
  }
  const auto p = FindSmall(small(), field);
  if (p == nullptr) return std::nullopt;
  return form() == kTimed ? timed()->Deadline(OrdinalOf(p)) : -1;
}

void Hash::SetDeadline(std::string_view field, int64_t deadline) {
  if (form() == kListpack) {
    if (deadline < 0) return;
    if (small().size() / 2 > TimedListpack::kMaxOrdinal + 1) {
      BecomeLarge();
    } else {
      SetForm(kTimed, TimedListpack::New(Listpack::Adopt(reinterpret_cast<void*>(word_))));
    }
  }
  if (form() == kLarge) return large()->SetDeadline(field, deadline);
  const auto p = FindSmall(small(), field);
  SetForm(kTimed, TimedListpack::SetDeadline(timed(), OrdinalOf(p), deadline));
  SettleSmall();
}

int64_t Hash::NextDeadline() const {
  switch (form()) {
    case kListpack: return -1;
    case kTimed: return timed()->Earliest();
    default: return large()->NextDeadline();
  }
}

size_t Hash::RemoveDue(int64_t now, size_t most, std::vector<std::string>* names) {
  if (form() == kListpack) return 0;
  if (form() == kTimed) {
    const size_t removed = timed()->RemoveDue(now, most, names);
    SettleSmall();
    return removed;
  }
  const size_t removed = large()->RemoveDue(now, most, names);
  if (large()->size() == 0) Free();
  return removed;
}

uint32_t Hash::wheel_position() const {
  return form() == kTimed ? timed()->wheel_position() : large()->wheel_position();
}

void Hash::set_wheel_position(uint32_t position) {
  if (form() == kTimed) return timed()->set_wheel_position(position);
  large()->set_wheel_position(position);
}

bool Hash::CheckInvariants() const {
  switch (form()) {
    case kListpack: return word_ == 0 || (!small().empty() && small().size() % 2 == 0);
    case kTimed: return timed()->CheckInvariants();
    default: return large()->size() > 0 && large()->CheckInvariants();
  }
}

}  // namespace pinion::types
