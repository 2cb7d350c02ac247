// The allocator of the keyspace: mimalloc, or the sanitizers' malloc in their builds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if !defined(PINION_SANITIZED)
#include <mimalloc.h>
#endif

namespace pinion {

#if defined(PINION_SANITIZED)
// Nothing may be written past what was asked for, so that an overflow is seen.
[[nodiscard]] inline size_t GoodSize(size_t n) { return n; }
[[nodiscard]] inline void* Allocate(size_t n) {
  void* p = std::malloc(n);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
[[nodiscard]] inline void* AllocateAligned(size_t n, size_t alignment) {
  void* p = std::aligned_alloc(alignment, n);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
inline void Free(void* p) { std::free(p); }
#else
// Bytes an allocation of n really takes: what all accounting counts.
[[nodiscard]] inline size_t GoodSize(size_t n) { return mi_good_size(n); }
// Never returns null: throws bad_alloc when memory runs out.
[[nodiscard]] inline void* Allocate(size_t n) {
  void* p = mi_malloc(n);
  if (p == nullptr) [[unlikely]] throw std::bad_alloc();
  return p;
}
[[nodiscard]] inline void* AllocateAligned(size_t n, size_t alignment) {
  // mimalloc lays blocks of a multiple of 64 bytes out at multiples of 64, but its aligned entry
  // point does not count on that and takes the next larger size.
  void* p = mi_malloc(n);
  if (reinterpret_cast<uintptr_t>(p) % alignment != 0) [[unlikely]] {
    mi_free(p);
    p = mi_malloc_aligned(n, alignment);
  }
  if (p == nullptr) [[unlikely]] throw std::bad_alloc();
  return p;
}
inline void Free(void* p) { mi_free(p); }
#endif

}  // namespace pinion
