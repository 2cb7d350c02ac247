// A hash of many or long fields: a hash table of packed records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/hash_table.h"
#include "base/random.h"
#include "types/deadline_heap.h"
#include "types/hash_item.h"

namespace pinion::types {

// What happens to a field's deadline when its value is replaced.
enum class OldDeadline : uint8_t { kDropped, kKept };

// Owns its items. Not thread-safe.
class LargeHash {
 public:
  LargeHash() = default;
  ~LargeHash();
  LargeHash(const LargeHash&) = delete;
  LargeHash& operator=(const LargeHash&) = delete;
  [[nodiscard]] std::unique_ptr<LargeHash> Clone() const;

  [[nodiscard]] size_t size() const { return table_.size(); }
  [[nodiscard]] size_t AllocatedBytes() const;

  // Null when there is no such field. Valid until the hash changes.
  [[nodiscard]] const HashItem* Find(std::string_view field) const;
  // Returns whether the field is new.
  bool Set(std::string_view field, std::string_view value, OldDeadline old_deadline);
  // The same for a field that is known to be new.
  void Add(std::string_view field, std::string_view value);
  bool Remove(std::string_view field);

  // -1: none.
  [[nodiscard]] int64_t DeadlineOf(const HashItem& e) const {
    return e.timed() ? timing_->heap.DeadlineAt(e.heap_position()) : -1;
  }
  // Sets, or with -1 removes, a field's deadline. REQUIRES: there is such a field.
  void SetDeadline(std::string_view field, int64_t deadline);
  [[nodiscard]] int64_t NextDeadline() const { return timing_ ? timing_->heap.Earliest() : -1; }
  size_t RemoveDue(int64_t now, size_t most, std::vector<std::string>* names);
  // REQUIRES: NextDeadline() >= 0.
  [[nodiscard]] uint32_t wheel_position() const { return timing_->wheel_position; }
  void set_wheel_position(uint32_t v) { timing_->wheel_position = v; }

  // f(const HashItem*); must not change the hash.
  template <typename F>
  void ForEach(F&& f) const { table_.ForEach(f); }
  template <typename F>
  uint64_t Scan(uint64_t cursor, size_t count, F&& f) const { return table_.Scan(cursor, count, f); }
  void PrefetchBucket(uint64_t hash) const { table_.PrefetchBucket(hash); }
  void PrefetchItem(uint64_t hash) const { table_.PrefetchEntry(hash); }
  // Any item, every one equally likely. REQUIRES: size() > 0.
  [[nodiscard]] const HashItem* Sample(Random& random) const { return table_.Sample(random); }

  // For tests.
  [[nodiscard]] bool CheckInvariants() const;

 private:
  using Table = HashTable<HashItem>;

  // There while some field has a deadline.
  struct Timing {
    DeadlineHeap heap;
    uint32_t wheel_position = UINT32_MAX;
  };

  void Insert(uint64_t hash, HashItem* e);
  // Deletes the word's item and its deadline.
  void Erase(uint64_t hash, Table::Word* w);
  // Puts what `change` makes of the word's item in its place, and counts the bytes.
  template <typename F>
  HashItem* Change(Table::Word* w, F&& change);
  void SetDeadline(Table::Word* w, int64_t deadline);
  void ForgetDeadline(const HashItem& e);

  Table table_;
  size_t item_bytes_ = 0;
  std::unique_ptr<Timing> timing_;
};

}  // namespace pinion::types
