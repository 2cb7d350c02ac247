// Hashes: fields with values, and with deadlines where wanted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "types/hash_text.h"
#include "types/large_hash.h"
#include "types/listpack.h"
#include "types/object.h"
#include "types/sampling.h"
#include "types/timed_listpack.h"

namespace pinion::types {

// Up to which size a hash stays a listpack.
struct HashLimits {
  size_t max_listpack_entries;  // fields
  size_t max_listpack_value;    // bytes of any field or value
};

// The latest deadline a field can have, in Unix milliseconds (in the year 4199).
inline constexpr int64_t kMaxFieldDeadline = (int64_t{1} << 46) - 1;

// Small hashes are a listpack of fields and values in turn, in the order in which the fields came; with deadlines,
// a TimedListpack. Once a hash has outgrown its limits it is a LargeHash for good.
//
// A field whose deadline has passed is there like any other until RemoveDue removes it: whoever owns the hash does
// so before it shows the hash to a reader. What is read is valid until the hash changes.
class Hash {
 public:
  static constexpr ValueType kType = ValueType::kHash;

  Hash() = default;
  ~Hash() { if (word_ != 0) Free(); }
  Hash(Hash&& o) noexcept : word_(std::exchange(o.word_, 0)) {}
  Hash& operator=(Hash&& o) noexcept { std::swap(word_, o.word_); return *this; }

  [[nodiscard]] static Hash Adopt(void* word) {
    Hash h;
    h.word_ = reinterpret_cast<uintptr_t>(word);
    return h;
  }
  [[nodiscard]] void* Release() { return reinterpret_cast<void*>(std::exchange(word_, 0)); }

  [[nodiscard]] bool empty() const { return word_ == 0; }
  [[nodiscard]] size_t size() const;  // fields
  [[nodiscard]] size_t AllocatedBytes() const;
  [[nodiscard]] size_t CountAllocations() const;
  [[nodiscard]] Hash Clone() const;
  // "listpack", "listpackex" (with deadlines) or "hashtable".
  [[nodiscard]] std::string_view EncodingName() const;

  [[nodiscard]] std::optional<HashText> Get(std::string_view field) const;
  [[nodiscard]] bool Contains(std::string_view field) const;

  // Returns whether the field is new. REQUIRES: field and value do not point into the hash.
  bool Set(std::string_view field, std::string_view value, const HashLimits& limits,
           OldDeadline old_deadline = OldDeadline::kDropped);
  // Makes the hash large at once when so many fields are to be set; they must be set then.
  void Expect(size_t fields, const HashLimits& limits);
  // Returns whether there was such a field.
  bool Remove(std::string_view field);

  // f(const HashPair&) for every field; must not change the hash.
  template <typename F>
  void ForEach(F&& f) const;
  // The same for about `count` fields from `cursor` on; returns the next cursor, 0 at the end (begin with 0). A
  // field that stays from the first call to the last is seen at least once. A small hash is seen whole.
  template <typename F>
  uint64_t Scan(uint64_t cursor, size_t count, F&& f) const;

  // Any field, every one equally likely. REQUIRES: !empty().
  [[nodiscard]] HashPair Sample(Random& random) const;
  // f(const HashPair&) for `count` times any field. REQUIRES: !empty().
  template <typename F>
  void SampleRepeatedly(size_t count, Random& random, F&& f) const;
  // f(const HashPair&) for `count` different fields (all when there are no more), every choice equally likely.
  template <typename F>
  void SampleDistinct(size_t count, Random& random, F&& f) const;

  // See PrefetchMemberBucket.
  void PrefetchBucket(uint64_t hash) const {
    if (form() == kLarge) large()->PrefetchBucket(hash);
  }
  void PrefetchItem(uint64_t hash) const {
    if (form() == kLarge) large()->PrefetchItem(hash);
  }

  // A field's deadline in Unix milliseconds; -1 when it has none, nullopt when there is no such field.
  [[nodiscard]] std::optional<int64_t> Deadline(std::string_view field) const;
  // Sets, or with -1 removes, a field's deadline. REQUIRES: there is such a field; deadline <= kMaxFieldDeadline.
  void SetDeadline(std::string_view field, int64_t deadline);

  // The earliest deadline of any field, -1 when no field has one; in constant time.
  [[nodiscard]] int64_t NextDeadline() const;
  // Removes up to `most` fields whose deadline is at or before `now`, the earliest first; returns how many.
  // Their names are appended to `removed` if it is given.
  size_t RemoveDue(int64_t now, size_t most, std::vector<std::string>* removed = nullptr);
  // A number that its owner keeps with the deadlines; UINT32_MAX when there was no deadline before.
  // REQUIRES: NextDeadline() >= 0.
  [[nodiscard]] uint32_t wheel_position() const;
  void set_wheel_position(uint32_t position);

  // For tests.
  [[nodiscard]] bool CheckInvariants() const;

 private:
  enum Form : uintptr_t { kListpack = 0, kTimed = 1, kLarge = 2 };
  static constexpr uintptr_t kFormBits = 7;

  [[nodiscard]] Form form() const { return static_cast<Form>(word_ & kFormBits); }
  [[nodiscard]] TimedListpack* timed() const { return reinterpret_cast<TimedListpack*>(word_ - kTimed); }
  [[nodiscard]] LargeHash* large() const { return reinterpret_cast<LargeHash*>(word_ - kLarge); }
  void SetForm(Form form, void* address) { word_ = reinterpret_cast<uintptr_t>(address) | form; }
  // REQUIRES: not large.
  [[nodiscard]] ListpackView small() const {
    if (form() == kTimed) return timed()->fields();
    return ListpackView(reinterpret_cast<const uint8_t*>(word_));
  }
  [[nodiscard]] static ListpackView::Position FindSmall(const ListpackView& fields, std::string_view field) {
    return fields.Find(fields.First(), field, 1);
  }
  // f(Listpack&) that may change it; returns what f does. REQUIRES: not large.
  template <typename F>
  auto EditSmall(F&& f);

  static HashPair PairAt(const ListpackView& fields, ListpackView::Position p) {
    return {HashText(ListpackView::Get(p)), HashText(ListpackView::Get(fields.Next(p)))};
  }
  static HashPair PairOf(const HashItem* e) { return {HashText(e->key()), e->value()}; }
  [[nodiscard]] std::vector<ListpackView::Position> SmallPositions() const;
  [[nodiscard]] size_t OrdinalOf(ListpackView::Position p) const;

  bool SetSmall(std::string_view field, std::string_view value, OldDeadline old_deadline);
  void BecomeLarge();
  // Puts a small hash in the form that its fields and deadlines call for.
  void SettleSmall();
  void Free();

  uintptr_t word_ = 0;
};

// --- inline parts -------------------------------------------------------------------------------------------

template <typename F>
void Hash::ForEach(F&& f) const {
  if (form() == kLarge) return large()->ForEach([&](const HashItem* e) { f(PairOf(e)); });
  const ListpackView fields = small();
  for (auto p = fields.First(); p != nullptr;) {
    const auto value = fields.Next(p);
    f(HashPair{HashText(ListpackView::Get(p)), HashText(ListpackView::Get(value))});
    p = fields.Next(value);
  }
}

template <typename F>
uint64_t Hash::Scan(uint64_t cursor, size_t count, F&& f) const {
  if (form() == kLarge) return large()->Scan(cursor, count, [&](const HashItem* e) { f(PairOf(e)); });
  ForEach(f);
  return 0;
}

template <typename F>
void Hash::SampleRepeatedly(size_t count, Random& random, F&& f) const {
  if (form() == kLarge) {
    for (; count > 0; --count) f(PairOf(large()->Sample(random)));
    return;
  }
  const auto positions = SmallPositions();
  for (; count > 0; --count) f(PairAt(small(), positions[random.Below(positions.size())]));
}

template <typename F>
void Hash::SampleDistinct(size_t count, Random& random, F&& f) const {
  count = std::min(count, size());
  if (form() == kLarge && FewWanted(count, size())) {
    return DrawDistinct(count, [&] { return large()->Sample(random); }, [&](const HashItem* e) { f(PairOf(e)); });
  }
  SelectionSampler sampler(count, size(), &random);
  ForEach([&](const HashPair& pair) {
    if (sampler.Take()) f(pair);
  });
}

}  // namespace pinion::types
