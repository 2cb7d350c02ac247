// One call to the kernel over the program's code.
#include "base/prefault.h"

#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

// The linker's names for where the program and its code begin and end.
extern "C" const char __executable_start, etext;

namespace pinion {

void PrefaultCode() {
#if defined(MADV_POPULATE_READ)
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(&__executable_start) & ~(page - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(&etext) + page - 1) & ~(page - 1);
  (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_READ);
#endif
}

}  // namespace pinion
