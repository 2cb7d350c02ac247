// From a type known at run time to the class that holds its values.
#include "types/object.h"

#include "types/hash.h"
#if __has_include("types/list.h")
#include "types/list.h"
#define PINION_LIST
#endif
#include "types/set.h"
#include "types/sorted_set.h"
#include "types/stream.h"

namespace pinion::types {
namespace {

#ifndef PINION_LIST
// In place of classes that have not come yet: no command makes their values.
struct Missing {
  static Missing Adopt(void*) { return {}; }
  void* Release() { return nullptr; }
  size_t size() const { return 0; }
  size_t AllocatedBytes() const { return 0; }
  size_t CountAllocations() const { return 0; }
  Missing Clone() const { return {}; }
  std::string_view EncodingName() const { return {}; }
};
#define PINION_OTHER return f.template operator()<Missing>()
#else
#define PINION_OTHER break
#endif

// Calls f.operator()<T>() for the class of this type.
template <typename F>
auto WithClass(ValueType type, F&& f) {
  switch (type) {
#ifdef PINION_LIST
    case ValueType::kList: return f.template operator()<List>();
#endif
    case ValueType::kSet: return f.template operator()<Set>();
    case ValueType::kSortedSet: return f.template operator()<SortedSet>();
    case ValueType::kHash: return f.template operator()<Hash>();
    case ValueType::kStream: return f.template operator()<Stream>();
    default: PINION_OTHER;
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
