// From a type known at run time to the class that holds its values.
#include "types/object.h"

#if __has_include("types/hash.h")
#include "types/hash.h"
#define PINION_HASH
#endif
#if __has_include("types/list.h")
#include "types/list.h"
#define PINION_LIST
#endif
#include "types/set.h"
#define PINION_SET
#if __has_include("types/sorted_set.h")
#include "types/sorted_set.h"
#define PINION_SORTED_SET
#endif
#if __has_include("types/stream.h")
#include "types/stream.h"
#define PINION_STREAM
#endif

namespace pinion::types {
namespace {

#if !(defined(PINION_LIST) && defined(PINION_SET) && defined(PINION_SORTED_SET) && defined(PINION_HASH) && defined(PINION_STREAM))
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
#ifdef PINION_SET
    case ValueType::kSet: return f.template operator()<Set>();
#endif
#ifdef PINION_SORTED_SET
    case ValueType::kSortedSet: return f.template operator()<SortedSet>();
#endif
#ifdef PINION_HASH
    case ValueType::kHash: return f.template operator()<Hash>();
#endif
#ifdef PINION_STREAM
    case ValueType::kStream: return f.template operator()<Stream>();
#endif
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

}  // namespace pinion::types
