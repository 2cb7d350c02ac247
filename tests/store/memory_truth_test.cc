// Tests that what the keyspace says it uses is what the allocator gave out, for every type and encoding.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "base/alloc.h"
#include "tests/store/store_test_util.h"
#include "types/hash.h"
#include "types/list.h"
#include "types/set.h"
#include "types/sorted_set.h"
#include "types/stream.h"

#if !defined(PINION_SANITIZED)

namespace pinion::store {
namespace {

// Bytes in blocks that this thread's heap has given out.
int64_t AllocatorBytes() {
  int64_t bytes = 0;
  mi_heap_collect(mi_heap_get_default(), false);
  mi_heap_visit_blocks(
      mi_heap_get_default(), false,
      [](const mi_heap_t*, const mi_heap_area_t* area, void*, size_t block_size, void* sum) {
        *static_cast<int64_t*>(sum) += static_cast<int64_t>(area->used * block_size);
        return true;
      },
      &bytes);
  return bytes;
}

// Makes the i-th key's value.
using MakeValue = std::function<void(WriteGuard&, int)>;

template <typename T>
void Put(WriteGuard& w, T& value) {
  w.SetObject(T::kType, value.Release(), kNoDeadline);
}

struct Kind {
  const char* name;
  int keys;
  MakeValue make;
};

const Kind kKinds[] = {
    {"integers", 50'000, [](WriteGuard& w, int i) { w.SetInteger(i); }},
    {"short strings", 50'000, [](WriteGuard& w, int i) { w.SetString(Pattern(i % 100), kNoDeadline); }},
    {"strings with deadlines", 50'000,
     [](WriteGuard& w, int i) { w.SetString(Pattern(i % 100), kStart + 1'000'000 + i); }},
    {"middling strings", 10'000, [](WriteGuard& w, int i) { w.SetString(Pattern(500 + i % 3000), kNoDeadline); }},
    {"long strings", 1'000, [](WriteGuard& w, int i) { w.SetString(Pattern(5'000 + i * 97), kNoDeadline); }},
    {"small lists", 30'000,
     [](WriteGuard& w, int i) {
       types::List list;
       for (int k = 0; k < 10 + i % 20; ++k) list.Push(types::ListEnd::kTail, Pattern(20), types::ListLimit(-2));
       Put(w, list);
     }},
    {"long lists", 200,
     [](WriteGuard& w, int i) {
       types::List list;
       for (int k = 0; k < 5'000; ++k) list.Push(types::ListEnd::kTail, Pattern(i % 100), types::ListLimit(-2));
       Put(w, list);
     }},
    {"intsets", 10'000,
     [](WriteGuard& w, int i) {
       types::Set set;
       for (int k = 0; k < 100; ++k) set.Add(std::to_string(k * i), types::SetLimits());
       Put(w, set);
     }},
    {"large sets", 60,
     [](WriteGuard& w, int i) {
       types::Set set;
       for (int k = 0; k < 5'000; ++k) set.Add(Pattern(10 + i % 50) + std::to_string(k), types::SetLimits());
       Put(w, set);
     }},
    {"small hashes", 30'000,
     [](WriteGuard& w, int i) {
       types::Hash hash;
       for (int k = 0; k < 10 + i % 20; ++k) hash.Set(std::to_string(k), Pattern(20), {128, 64});
       Put(w, hash);
     }},
    {"large hashes", 50,
     [](WriteGuard& w, int i) {
       types::Hash hash;
       for (int k = 0; k < 5'000; ++k) hash.Set("field" + std::to_string(k), Pattern(i % 200), {128, 64});
       Put(w, hash);
     }},
    {"small sorted sets", 30'000,
     [](WriteGuard& w, int i) {
       types::SortedSet set;
       for (int k = 0; k < 10 + i % 20; ++k) set.Set(std::to_string(k), k * 1.5, {128, 64});
       Put(w, set);
     }},
    {"large sorted sets", 50,
     [](WriteGuard& w, int i) {
       types::SortedSet set;
       for (int k = 0; k < 5'000; ++k) set.Set(Pattern(i % 60) + std::to_string(k), k, {128, 64});
       Put(w, set);
     }},
    {"streams", 50,
     [](WriteGuard& w, int i) {
       types::Stream stream;
       const std::string value = Pattern(i % 100);
       const std::string_view pair[] = {"field", value};
       for (uint64_t k = 1; k <= 2'000; ++k) stream.Append({k, 0}, pair, types::StreamNodeLimits());
       Put(w, stream);
     }},
};

// One keyspace for all, so that nothing is built in memory that others have left behind.
TEST(MemoryTruthTest, WhatIsCountedIsWhatWasAllocated) {
  TestStore s({.shards = 16, .databases = 1});
  Database db = s.Db();
  for (const Kind& kind : kKinds) {
    const int64_t allocated_before = AllocatorBytes(), counted_before = s.keyspace.UsedBytes();
    for (int i = 0; i < kind.keys; ++i) {
      const std::string name = kind.name + std::to_string(i);
      const Key key = s.keyspace.MakeKey(name);
      WriteGuard w = db.Write(key);
      kind.make(w, i);
    }
    const auto allocated = static_cast<double>(AllocatorBytes() - allocated_before);
    const auto counted = static_cast<double>(s.keyspace.UsedBytes() - counted_before);
    EXPECT_NEAR(counted / allocated, 1.0, 0.05) << kind.name << ": " << counted << " counted, " << allocated
                                                << " allocated";
  }
}

}  // namespace
}  // namespace pinion::store

#endif
