// Settings and statistics of mimalloc.
#include "base/allocator.h"

#include "base/alloc.h"

namespace pinion {

void KeepFreedPages() {
#if !defined(PINION_SANITIZED)
  mi_option_disable(mi_option_allow_decommit);
#endif
}

void TrimAllocator() {
#if !defined(PINION_SANITIZED)
  mi_collect(true);
#endif
}

std::string AllocatorReport() {
  std::string report;
#if !defined(PINION_SANITIZED)
  mi_stats_print_out([](const char* text, void* out) { static_cast<std::string*>(out)->append(text); }, &report);
#endif
  return report;
}

}  // namespace pinion
