// The allocator's statistics.
#include "store/allocator_report.h"

#include "store/alloc.h"

namespace pinion::store {

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

}  // namespace pinion::store
