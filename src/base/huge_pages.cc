// Asking for huge pages.
#include "base/huge_pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace pinion {

void PreferHugePages(void* p, size_t size) {
  constexpr uintptr_t kPage = uintptr_t{2} << 20;
  if (size < kHugePagesFrom) return;
  const auto begin = (reinterpret_cast<uintptr_t>(p) + kPage - 1) & ~(kPage - 1);
  const auto end = (reinterpret_cast<uintptr_t>(p) + size) & ~(kPage - 1);
  (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

}  // namespace pinion
