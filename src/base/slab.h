// Small allocations in steps of four or eight bytes: what keeps a small key's memory near its own bytes.
#pragma once

#include <cstddef>

#include "base/alloc.h"

namespace pinion {

// General allocators round 88 bytes up to 96; with a hundred million keys that is a gigabyte. Here a class is four
// bytes wide, for records that are read byte by byte; what has an alignment, or is pointed to by words with tags in
// their low bits, takes every other class.
//
// A class's blocks are cut from aligned 16 KiB pages, each of one class, so a block finds its page by its address.
// A thread takes blocks from its own arena; a block goes back to the arena it came from, whoever frees it. Each
// arena has a lock, which only such foreign frees ever contend for. All but a few empty pages return to the general
// allocator. After Bonwick, "The Slab Allocator" (1994).
class Slab {
 public:
  static constexpr size_t kMaxSize = 512;

  // `size` bytes, 8-byte aligned; throws bad_alloc. Larger than kMaxSize comes from the general allocator.
  // Thread-safe.
  [[nodiscard]] static void* Allocate(size_t size);
  // Gives back what Allocate(size) returned. Thread-safe.
  static void Free(void* block, size_t size);
  // Bytes an allocation of `size` takes.
  [[nodiscard]] static size_t GoodSize(size_t size) { return Rounded(size, 8); }

  // The same three for packed records, which stand at any multiple of four bytes.
  [[nodiscard]] static void* AllocatePacked(size_t size);
  static void FreePacked(void* block, size_t size);
  [[nodiscard]] static size_t PackedSize(size_t size) { return Rounded(size, 4); }

 private:
  static size_t Rounded(size_t size, size_t step) {
#if defined(PINION_SANITIZED)
    (void)step;
    return size;
#else
    return size <= kMaxSize ? (size + step - 1) & ~(step - 1) : pinion::GoodSize(size);
#endif
  }
};

}  // namespace pinion
