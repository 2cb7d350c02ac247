// Reading /proc and the allocator's statistics.
#include "store/allocator_report.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "store/alloc.h"

namespace pinion::store {

ProcessMemory ReadProcessMemory() {
  ProcessMemory m;
  size_t pages_of_address_space = 0, pages = 0;
  if (std::ifstream("/proc/self/statm") >> pages_of_address_space >> pages) {
    m.resident = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) m.peak_resident = static_cast<size_t>(usage.ru_maxrss) * 1024;
  m.peak_resident = std::max(m.peak_resident, m.resident);
#if defined(PINION_SANITIZED)
  m.committed = m.resident;
#else
  size_t unused = 0;
  mi_process_info(&unused, &unused, &unused, &unused, &unused, &m.committed, &unused, &unused);
#endif
  return m;
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

}  // namespace pinion::store
