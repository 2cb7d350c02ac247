// From a type known at run time to the class that holds its values.
#include "types/object.h"

#include "types/hash.h"
#include "types/list.h"
#include "types/set.h"
#include "types/sorted_set.h"
#include "types/stream.h"

namespace pinion::types {
namespace {

// Calls f.operator()<T>() for the class of this type.
template <typename F>
auto WithClass(ValueType type, F&& f) {
  switch (type) {
    case ValueType::kList: return f.template operator()<List>();
    case ValueType::kSet: return f.template operator()<Set>();
    case ValueType::kSortedSet: return f.template operator()<SortedSet>();
    case ValueType::kHash: return f.template operator()<Hash>();
    case ValueType::kStream: return f.template operator()<Stream>();
    case ValueType::kString: break;
  }
  __builtin_unreachable();
}

}  // namespace

void FreeObject(ValueType type, void* word) {
  WithClass(type, [word]<typename T>() { (void)T::Adopt(word); });
}

void* CloneObject(ValueType type, void* word) {
  return WithClass(type, [word]<typename T>() { return Borrowed<T>(word)->Clone().Release(); });
}

size_t ObjectSize(ValueType type, void* word) {
  return WithClass(type, [word]<typename T>() { return Borrowed<T>(word)->size(); });
}

size_t ObjectBytes(ValueType type, void* word) {
  return WithClass(type, [word]<typename T>() { return Borrowed<T>(word)->AllocatedBytes(); });
}

size_t ObjectAllocations(ValueType type, void* word) {
  return WithClass(type, [word]<typename T>() { return Borrowed<T>(word)->CountAllocations(); });
}

std::string_view ObjectEncoding(ValueType type, void* word) {
  return WithClass(type, [word]<typename T>() { return Borrowed<T>(word)->EncodingName(); });
}

bool ObjectUnswept(ValueType type, void* word) {
  return WithClass(type, [word]<typename T>() {
    if constexpr (requires(const T& v) { v.unswept(); }) return Borrowed<T>(word)->unswept();
    return false;
  });
}

void SweepObject(ValueType type, void* word, size_t most) {
  WithClass(type, [word, most]<typename T>() {
    if constexpr (requires(T& v) { v.Sweep(most); }) {
      T value = T::Adopt(word);
      value.Sweep(most);
      (void)value.Release();
    }
  });
}

void PrefetchMemberBucket(ValueType type, void* word, uint64_t hash) {
  WithClass(type, [word, hash]<typename T>() {
    if constexpr (requires(const T& v) { v.PrefetchBucket(hash); }) Borrowed<T>(word)->PrefetchBucket(hash);
  });
}

void PrefetchMemberItem(ValueType type, void* word, uint64_t hash) {
  WithClass(type, [word, hash]<typename T>() {
    if constexpr (requires(const T& v) { v.PrefetchItem(hash); }) Borrowed<T>(word)->PrefetchItem(hash);
  });
}

}  // namespace pinion::types
