// The hierarchical timing wheels of one shard's database: every deadline to the millisecond, each step O(1).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "base/random.h"
#include "store/entry.h"

namespace pinion::store {

// Which deadline of an entry a wheel goes by, and where the entry keeps its position in that wheel.
struct KeyDeadline {
  static UnixMillis Of(const Entry* e) { return e->deadline(); }
  static uint32_t Position(const Entry* e) { return e->wheel_position(); }
  static void SetPosition(Entry* e, uint32_t position) { e->set_wheel_position(position); }
};

// The earliest deadline of a hash's fields; the position stands in the hash.
struct FieldDeadline {
  static UnixMillis Of(const Entry* e);
  static uint32_t Position(const Entry* e);
  static void SetPosition(Entry* e, uint32_t position);
};

// Levels of 64 slots, a slot of level l spanning 64^l ms; an occupancy bitmap a level. An entry stands at the level
// of the highest 6-bit digit in which its deadline differs from the wheel's time, in the slot of that digit; so its
// place is known from its deadline, and the entry itself stores only its index in the slot's array. When time
// reaches a slot of a higher level, its entries are spread over the levels below. After Varghese and Lauck, "Hashed
// and Hierarchical Timing Wheels" (1987), scheme 6.
//
// The digits are those of (deadline + phase). Giving each shard its own phase makes the rare spreading of the big
// slots happen shard by shard instead of everywhere at one instant, so no entry is late because thousands of others
// are being moved.
//
// Not thread-safe: the shard's lock guards it. Does not own entries. An entry must not change deadline or address
// while it is in the wheel: Remove it first and Insert it again.
template <typename Deadline>
class BasicWheel {
 public:
  BasicWheel(UnixMillis now, uint64_t phase);
  ~BasicWheel();
  BasicWheel(const BasicWheel&) = delete;
  BasicWheel& operator=(const BasicWheel&) = delete;

  // Returns the time at which Advance must next look at e. `now` is the caller's time: an idle wheel catches up
  // with it first, and one far ahead of it goes back. REQUIRES: e has a deadline and is in no wheel.
  UnixMillis Insert(Entry* e, UnixMillis now);
  // REQUIRES: e is in this wheel. Its position is Entry::kNotInWheel afterwards.
  void Remove(Entry* e);

  [[nodiscard]] size_t size() const { return size_; }
  // An entry, every one equally likely. Null when empty.
  [[nodiscard]] Entry* Sample(Random& random) const;
  // Heap bytes held.
  [[nodiscard]] size_t bytes() const { return bytes_; }

  // The earliest time at which Advance has something to do (never later than the earliest deadline); INT64_MAX when
  // empty.
  [[nodiscard]] UnixMillis NextEvent() const;

  // Moves time towards `now` and takes entries whose deadline is not after it out of the wheel, earliest slots
  // first, giving each to expire(Entry*), which may delete it but must not touch the wheel otherwise. Stops after
  // about `budget` entries were moved or taken, and returns how many it was; fewer than `budget` means that
  // everything due is done. Does nothing when `now` is before the wheel's time, but when it is so by more than
  // kSetBack the clock was set back, and the wheel goes back too.
  template <typename F>
  size_t Advance(UnixMillis now, size_t budget, F&& expire);
  // Milliseconds; a request's time may lag that much behind, because it ran long.
  static constexpr uint64_t kSetBack = 5000;

 private:
  static constexpr unsigned kLevels = 11;  // 66 bits: every int64 deadline
  struct Slot {
    Entry** items = nullptr;
    uint32_t size = 0;
    uint32_t capacity = 0;
  };
  using Level = std::array<Slot, 64>;

  [[nodiscard]] uint64_t TickOf(UnixMillis t) const { return static_cast<uint64_t>(t < 0 ? 0 : t) + phase_; }
  [[nodiscard]] static unsigned LevelOf(uint64_t difference) {
    return difference < 64 ? 0 : (63 - static_cast<unsigned>(__builtin_clzll(difference))) / 6;
  }
  void Push(Slot* slot, Entry* e);
  void RemoveFrom(Slot* slot, uint32_t position);
  void FreeSlot(Slot* slot);
  // Puts e where its deadline belongs, and returns the tick at which that slot begins.
  uint64_t Place(Entry* e);
  Slot* SlotHolding(const Entry* e);
  [[nodiscard]] uint64_t NextTick() const;
  // Makes `tick` the wheel's time; the slot that begins there goes to due_ or spreading_.
  void Step(uint64_t tick);
  // Moves time to `tick` when no occupied slot begins before or at it: then every entry keeps its place.
  void CatchUp(uint64_t tick);
  // Makes an earlier `tick` the wheel's time: all entries are to be placed again.
  void Rewind(uint64_t tick);
  Entry* PopDue();
  void SpreadOne();

  uint64_t now_;    // tick up to which everything was taken out of the levels
  const uint64_t phase_;
  size_t size_ = 0;
  size_t bytes_ = 0;
  std::array<uint64_t, kLevels> occupied_{};  // a bit a slot; here, so that NextEvent need not look at the levels
  std::array<std::unique_ptr<Level>, kLevels> levels_;
  Slot due_;        // deadline at or before now_, not yet given to expire
  Slot spreading_;  // contents of a higher slot that time has reached, not yet placed below
};

template <typename Deadline>
template <typename F>
size_t BasicWheel<Deadline>::Advance(UnixMillis now, size_t budget, F&& expire) {
  const uint64_t target = TickOf(now);
  if (target < now_) {
    if (now_ - target <= kSetBack) return 0;
    Rewind(target);
  }
  size_t done = 0;
  while (done < budget) {
    if (due_.size != 0) {
      expire(PopDue());
      ++done;
    } else if (spreading_.size != 0) {
      SpreadOne();
      ++done;
    } else {
      const uint64_t next = NextTick();
      if (next > target) {
        now_ = target;
        break;
      }
      Step(next);
      for (uint32_t i = 0; i < std::min<uint32_t>(due_.size, 16); ++i) {
        __builtin_prefetch(due_.items[due_.size - 1 - i], /*rw=*/1);
      }
    }
  }
  return done;
}

// Of the keys' own deadlines.
using Wheel = BasicWheel<KeyDeadline>;
extern template class BasicWheel<KeyDeadline>;
// Of hashes whose fields have deadlines.
using FieldWheel = BasicWheel<FieldDeadline>;
extern template class BasicWheel<FieldDeadline>;

}  // namespace pinion::store
