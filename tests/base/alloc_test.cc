// The keyspace's allocator, and that the rest of the program uses the same one.
#include "base/alloc.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/blob.h"

namespace pinion {
namespace {

TEST(AllocTest, AlignedBlocksAreAlignedAndNotRoundedUp) {
  for (size_t buckets = 1; buckets <= 254; buckets += buckets < 16 ? 1 : 17) {
    std::vector<void*> blocks;
    for (int i = 0; i < 50; ++i) {
      void* p = AllocateAligned(buckets * 64, 64);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0u);
#if !defined(PINION_SANITIZED)
      EXPECT_LE(mi_usable_size(p), GoodSize(buckets * 64)) << buckets;
#endif
      blocks.push_back(p);
    }
    for (void* p : blocks) Free(p);
  }
}

TEST(AllocTest, GoodSizeIsNeverLessThanWhatIsAskedFor) {
  for (size_t n = 1; n < 5000; ++n) {
    EXPECT_GE(GoodSize(n), n);
    EXPECT_LE(GoodSize(n), n + n / 4 + 16);
  }
}

#if !defined(PINION_SANITIZED)
TEST(AllocTest, MallocAndNewComeFromTheSameAllocator) {
  void* p = std::calloc(1, 1000);
  EXPECT_TRUE(mi_is_in_heap_region(p));
  std::free(p);
  const auto object = std::make_unique<std::vector<int>>(1000);
  EXPECT_TRUE(mi_is_in_heap_region(object.get()));
  EXPECT_TRUE(mi_is_in_heap_region(object->data()));
  EXPECT_TRUE(mi_is_in_heap_region(Blob::WithSize(5000).data()));
}
#endif

}  // namespace
}  // namespace pinion
