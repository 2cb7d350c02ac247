// A small hash of which some fields have deadlines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/slab.h"
#include "types/listpack.h"

namespace pinion::types {

// A listpack of fields and values, and the deadlines in order, each with its field's ordinal (0 for the first field
// of the listpack): 8 bytes a deadline. What costs time in proportion to the number of fields, as everything in a
// listpack does, may do so here. One allocation beside the listpack, reached by pointer; functions that may move it
// return its new address. Not thread-safe.
class TimedListpack {
 public:
  // Fields beyond this ordinal cannot have a deadline here.
  static constexpr size_t kMaxOrdinal = UINT16_MAX - 1;

  // Without any deadline yet.
  [[nodiscard]] static TimedListpack* New(Listpack fields);
  static void Delete(TimedListpack* t);
  // Deletes all but the fields.
  [[nodiscard]] static Listpack Dissolve(TimedListpack* t);
  [[nodiscard]] static TimedListpack* CopyOf(const TimedListpack& from);

  // Fields may be appended and values be replaced; whoever erases fields tells by Erased.
  [[nodiscard]] Listpack& fields() { return fields_; }
  [[nodiscard]] const Listpack& fields() const { return fields_; }

  [[nodiscard]] size_t size() const { return count_; }  // deadlines
  [[nodiscard]] int64_t Earliest() const { return DeadlineOf(Slots()[0]); }  // REQUIRES: size() > 0
  // A field's deadline; -1: none.
  [[nodiscard]] int64_t Deadline(size_t ordinal) const;
  // All fields' deadlines by ordinal.
  [[nodiscard]] std::vector<int64_t> Deadlines() const;
  // Sets, or with -1 removes, a field's deadline. REQUIRES: ordinal <= kMaxOrdinal, deadline < 2^48.
  [[nodiscard]] static TimedListpack* SetDeadline(TimedListpack* t, size_t ordinal, int64_t deadline);
  // The field of this ordinal is no longer in the listpack.
  void Erased(size_t ordinal);
  // Removes up to `most` fields whose deadline is at or before `now`; returns how many. Their names are appended to
  // `names` if it is given.
  size_t RemoveDue(int64_t now, size_t most, std::vector<std::string>* names);

  [[nodiscard]] uint32_t wheel_position() const { return wheel_position_; }
  void set_wheel_position(uint32_t v) { wheel_position_ = v; }

  // For tests.
  [[nodiscard]] bool CheckInvariants() const;

  // Heap bytes held, the listpack's included.
  [[nodiscard]] size_t AllocatedBytes() const { return Slab::GoodSize(BytesFor(room_)) + fields_.AllocatedBytes(); }

 private:
  // Deadline above 16 bits of ordinal.
  using Slot = uint64_t;
  static int64_t DeadlineOf(Slot s) { return static_cast<int64_t>(s >> 16); }
  static size_t OrdinalOf(Slot s) { return s & UINT16_MAX; }

  explicit TimedListpack(Listpack fields) : fields_(std::move(fields)) {}
  static size_t BytesFor(size_t room) { return sizeof(TimedListpack) + room * sizeof(Slot); }
  [[nodiscard]] static TimedListpack* WithRoom(TimedListpack* t, size_t room);
  [[nodiscard]] Slot* Slots() { return reinterpret_cast<Slot*>(this + 1); }
  [[nodiscard]] const Slot* Slots() const { return reinterpret_cast<const Slot*>(this + 1); }
  [[nodiscard]] const Slot* Find(size_t ordinal) const;

  Listpack fields_;
  uint32_t wheel_position_ = UINT32_MAX;
  uint16_t count_ = 0;
  uint16_t room_ = 0;  // slots allocated
};

}  // namespace pinion::types
