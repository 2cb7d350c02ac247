// Sets of strings: an intset or a listpack while small, then a hash table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/hash_table.h"
#include "base/random.h"
#include "types/intset.h"
#include "types/listpack.h"
#include "types/object.h"
#include "types/sampling.h"
#include "types/set_member.h"

namespace pinion::types {

// Up to where the small encodings are used. An intset holds integers only; both are searched by walking or halving,
// so they must stay short.
struct SetLimits {
  size_t intset_entries = 512;
  size_t listpack_entries = 128;
  size_t listpack_value = 64;  // bytes of the longest member
};

// Reads a set that somebody else owns; valid until the set changes. Members are given out as listpack items: text,
// or an integer that stands for its canonical text. One word wide, passed by value. Not thread-safe.
class SetView {
 public:
  SetView() = default;

  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] size_t size() const;
  [[nodiscard]] bool Contains(std::string_view member) const;
  [[nodiscard]] bool Contains(const ListpackItem& member) const;
  // Whether both show the same set, not just equal ones.
  [[nodiscard]] bool IsSameAs(SetView o) const { return word_ == o.word_; }
  [[nodiscard]] bool is_intset() const { return encoding() == kIntSet; }

  // Calls f(const ListpackItem&) for every member; one that gives a bool stops the walk by false.
  template <typename F>
  void ForEach(F&& f) const;
  // A member, every one equally likely. REQUIRES: not empty.
  [[nodiscard]] ListpackItem Sample(Random& random) const;
  // Calls f(const ListpackItem&) for `count` different members; every choice of so many is equally likely, but not
  // every order. REQUIRES: count <= size().
  template <typename F>
  void SampleMany(size_t count, Random& random, F&& f) const;
  // Calls f(const ListpackItem&) for members from `cursor` on until about `count` were seen and returns the next
  // cursor, 0 at the end, with HashTable::Scan's promise. A small set is given whole.
  template <typename F>
  uint64_t Scan(uint64_t cursor, size_t count, F&& f) const;

  // See PrefetchMemberBucket.
  void PrefetchBucket(uint64_t hash) const {
    if (encoding() == kTable) large().table.PrefetchBucket(hash);
  }
  void PrefetchItem(uint64_t hash) const {
    if (encoding() == kTable) large().table.PrefetchEntry(hash);
  }

  // Heap bytes held; about how many blocks freeing it gives back; the encoding's name. In constant time.
  [[nodiscard]] size_t AllocatedBytes() const;
  [[nodiscard]] size_t CountAllocations() const;
  [[nodiscard]] std::string_view EncodingName() const;

 protected:
  enum Encoding : uintptr_t { kIntSet = 0, kListpack = 1, kTable = 2, kEncodingMask = 7 };

  struct Large {
    HashTable<SetMember> table;
    size_t member_bytes = 0;
  };

  [[nodiscard]] Encoding encoding() const { return static_cast<Encoding>(word_ & kEncodingMask); }
  [[nodiscard]] void* pointer() const { return reinterpret_cast<void*>(word_ & ~uintptr_t{kEncodingMask}); }
  [[nodiscard]] Borrowed<IntSet> intset() const { return Borrowed<IntSet>(pointer()); }
  [[nodiscard]] ListpackView listpack() const { return ListpackView(static_cast<const uint8_t*>(pointer())); }
  // REQUIRES: encoding() == kTable.
  [[nodiscard]] Large& large() const { return *static_cast<Large*>(pointer()); }

  static ListpackItem TextItem(std::string_view text) { return {text, 0, false}; }
  static ListpackItem IntegerItem(int64_t v) { return {{}, v, true}; }

  uintptr_t word_ = 0;
};

// Owns a set; see object.h. A set becomes a listpack or a hash table where Redis makes it one, and goes back only
// where Redis does.
class Set : public SetView {
 public:
  static constexpr ValueType kType = ValueType::kSet;

  Set() = default;
  ~Set() { Clear(); }
  Set(Set&& o) noexcept { std::swap(word_, o.word_); }
  Set& operator=(Set&& o) noexcept { std::swap(word_, o.word_); return *this; }
  [[nodiscard]] static Set Adopt(void* word);
  [[nodiscard]] void* Release() { return reinterpret_cast<void*>(std::exchange(word_, 0)); }
  [[nodiscard]] Set Clone() const;

  // Chooses the encoding for `count` members that are about to be added, of which `first` is one: an empty set
  // takes the smallest that fits, another one becomes a hash table when so many do not fit.
  void Expect(size_t count, std::string_view first, const SetLimits& limits);
  // An empty set takes members into a listpack, even integers.
  void ExpectTexts() { if (empty()) Take(Listpack()); }

  // False when it was a member already. An integer item is one.
  bool Add(std::string_view member, const SetLimits& limits);
  bool Add(const ListpackItem& member, const SetLimits& limits);
  // False when it was not a member.
  bool Remove(std::string_view member);
  bool Remove(const ListpackItem& member);
  // Removes a member, every one equally likely, after f(const ListpackItem&) has seen it. REQUIRES: not empty.
  template <typename F>
  void Pop(Random& random, F&& f);
  // The same for `count` members. Of a hash table most of whose members go the rest takes a small encoding if it
  // fits, as in Redis. REQUIRES: count <= size().
  template <typename F>
  void PopMany(size_t count, Random& random, const SetLimits& limits, F&& f);
  void Clear();

  // Makes an intset of it if the limit allows. REQUIRES: every member is a canonical integer.
  void CompactIntegers(const SetLimits& limits);

 private:
  // Members kept per member popped from which on it is cheaper to move those that stay.
  static constexpr size_t kKeptPerPopped = 5;

  void Take(IntSet s) { TakeWord(s.Release(), kIntSet); }
  void Take(Listpack l) { TakeWord(l.Release(), kListpack); }
  void TakeWord(void* pointer, Encoding encoding) {
    Clear();
    word_ = reinterpret_cast<uintptr_t>(pointer) | encoding;
  }
  // Gives up the value, leaving this empty. REQUIRES: it has that encoding.
  [[nodiscard]] IntSet TakeIntSet() { return IntSet::Adopt(TakePointer()); }
  [[nodiscard]] Listpack TakeListpack() { return Listpack::Adopt(TakePointer()); }
  [[nodiscard]] void* TakePointer() {
    void* p = pointer();
    word_ = 0;
    return p;
  }
  void MakeListpack();
  void MakeTable();
  bool AddInteger(int64_t v, const SetLimits& limits);
  bool AddToTable(std::string_view member);
  void AddNewToTable(std::string_view member);
  // Whether an intset's integers and one more text fit a listpack.
  [[nodiscard]] bool FitsListpack(std::string_view member, const SetLimits& limits) const;
  void EraseFromTable(uint64_t hash, HashTable<SetMember>::Word* w);
  void EraseFromTable(SetMember* m);
};

// --- inline parts -------------------------------------------------------------------------------------------

template <typename F>
void SetView::ForEach(F&& f) const {
  const auto visit = [&f](const ListpackItem& item) {
    if constexpr (std::is_same_v<decltype(f(item)), bool>) {
      return f(item);
    } else {
      f(item);
      return true;
    }
  };
  if (word_ == 0) return;
  if (encoding() == kIntSet) {
    const auto s = intset();
    for (size_t i = 0, n = s->size(); i < n; ++i) {
      if (!visit(IntegerItem(s->At(i)))) return;
    }
  } else if (encoding() == kListpack) {
    const ListpackView l = listpack();
    for (auto p = l.First(); p != nullptr; p = l.Next(p)) {
      if (!visit(ListpackView::Get(p))) return;
    }
  } else {
    size_t i = 0;
    bool going_on = true;
    do {
      i = large().table.ForEachInSegment(
          i, [&](const SetMember* m) { going_on = going_on && visit(TextItem(m->key())); });
    } while (i != 0 && going_on);
  }
}

template <typename F>
void SetView::SampleMany(size_t count, Random& random, F&& f) const {
  if (encoding() == kTable && FewWanted(count, size())) {
    return DrawDistinct(count, [&] { return large().table.Sample(random); },
                        [&](const SetMember* m) { f(TextItem(m->key())); });
  }
  SelectionSampler sampler(count, size(), &random);
  ForEach([&](const ListpackItem& item) {
    if (sampler.done()) return false;
    if (sampler.Take()) f(item);
    return true;
  });
}

template <typename F>
uint64_t SetView::Scan(uint64_t cursor, size_t count, F&& f) const {
  if (encoding() == kTable) {
    return large().table.Scan(cursor, count, [&f](const SetMember* m) { f(TextItem(m->key())); });
  }
  ForEach([&f](const ListpackItem& item) { f(item); });
  return 0;
}

template <typename F>
void Set::Pop(Random& random, F&& f) {
  if (encoding() == kIntSet) {
    IntSet s = TakeIntSet();
    const size_t i = random.Below(s.size());
    f(IntegerItem(s.At(i)));
    s.RemoveAt(i);
    Take(std::move(s));
  } else if (encoding() == kListpack) {
    Listpack l = TakeListpack();
    const auto p = l.At(static_cast<int64_t>(random.Below(l.size())));
    f(ListpackView::Get(p));
    l.Erase(p);
    Take(std::move(l));
  } else {
    SetMember* m = large().table.Sample(random);
    f(TextItem(m->key()));
    EraseFromTable(m);
  }
}

template <typename F>
void Set::PopMany(size_t count, Random& random, const SetLimits& limits, F&& f) {
  SelectionSampler sampler(count, size(), &random);
  if (encoding() == kIntSet) {
    IntSet s = TakeIntSet();
    s.KeepIf([&](int64_t v) {
      if (!sampler.Take()) return true;
      f(IntegerItem(v));
      return false;
    });
    Take(std::move(s));
  } else if (encoding() == kListpack) {
    Listpack kept;
    listpack().ForEach([&](const ListpackItem& item) {
      if (sampler.Take()) {
        f(item);
      } else {
        kept.Append(item);
      }
    });
    Take(std::move(kept));
  } else if (const size_t rest = size() - count; rest * kKeptPerPopped > count) {
    for (; count > 0; --count) Pop(random, f);
  } else {
    Set kept;
    kept.ExpectTexts();
    for (size_t i = 0; i < rest; ++i) {
      Pop(random, [&](const ListpackItem& item) { kept.Add(item, limits); });
    }
    ForEach([&f](const ListpackItem& item) { f(item); });
    std::swap(word_, kept.word_);
  }
}

}  // namespace pinion::types
