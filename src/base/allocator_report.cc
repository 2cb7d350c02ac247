// The allocator's statistics.
#include "base/allocator_report.h"

#include "base/alloc.h"

namespace pinion {

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
