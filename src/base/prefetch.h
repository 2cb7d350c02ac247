// Asking the cache for memory that is about to be used.
#pragma once

namespace pinion {

// The empty asm keeps GCC from taking a function that only prefetches for one without effect, whose calls it drops.
inline void PrefetchForRead(const void* at) {
  __builtin_prefetch(at);
  asm volatile("" : : "r"(at));
}
inline void PrefetchForWrite(const void* at) {
  __builtin_prefetch(at, 1);
  asm volatile("" : : "r"(at));
}

}  // namespace pinion
