// What the store must be able to do with a value of any type but string: free, copy, measure and name it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace pinion::types {

enum class ValueType : uint8_t { kString, kList, kSet, kSortedSet, kHash, kStream };

// A value of any type but string is one of the classes List, Set, SortedSet, Hash and Stream. Each is one word wide,
// so that an entry can hold it: the address of its outermost allocation, with the encoding in the low three bits as
// it likes. Each has
//
//   static constexpr ValueType kType;
//   T();                                   // empty; allocates nothing, and its word is null
//   static T Adopt(void* word);            // takes over what Release gave
//   void* Release();                       // gives up the value as a word
//   bool empty() const;
//   size_t size() const;                   // elements
//   size_t AllocatedBytes() const;         // heap bytes held, in constant time
//   size_t CountAllocations() const;       // about how many blocks freeing it gives back, in constant time
//   T Clone() const;                       // a deep copy
//   std::string_view EncodingName() const; // as OBJECT ENCODING says
//
// can be moved but not copied, and is not thread-safe: the shard's lock guards it.

// A value that stays its owner's while it is looked at.
template <typename T>
class Borrowed {
 public:
  explicit Borrowed(void* word) : value_(T::Adopt(word)) {}
  ~Borrowed() { (void)value_.Release(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  [[nodiscard]] const T& operator*() const { return value_; }
  [[nodiscard]] const T* operator->() const { return &value_; }

 private:
  T value_;
};

// The same by run-time type. REQUIRES: type is not kString.
void FreeObject(ValueType type, void* word);
[[nodiscard]] void* CloneObject(ValueType type, void* word);
[[nodiscard]] size_t ObjectSize(ValueType type, void* word);
[[nodiscard]] size_t ObjectBytes(ValueType type, void* word);
[[nodiscard]] size_t ObjectAllocations(ValueType type, void* word);
[[nodiscard]] std::string_view ObjectEncoding(ValueType type, void* word);

// Whether a large removal has left something of its work to SweepObject, which does about `most` elements of it. Only
// a class with methods of these names ever does.
[[nodiscard]] bool ObjectUnswept(ValueType type, void* word);
void SweepObject(ValueType type, void* word, size_t most);

// Asks the cache for what looking up a member or field of this hash (base/hash.h) in a large set, sorted set or hash
// will touch: its bucket; and, when that has come, its item. Classes with a HashTable have both as methods.
void PrefetchMemberBucket(ValueType type, void* word, uint64_t hash);
void PrefetchMemberItem(ValueType type, void* word, uint64_t hash);

}  // namespace pinion::types
