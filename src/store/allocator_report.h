// What the allocator and the system say about this process's memory.
#pragma once

#include <cstddef>
#include <string>

namespace pinion::store {

struct ProcessMemory {
  size_t resident = 0;       // bytes of physical memory now
  size_t peak_resident = 0;  // the most there ever was
  size_t committed = 0;      // bytes the allocator has taken from the system
};
// Thread-safe; costs a few system calls.
[[nodiscard]] ProcessMemory ReadProcessMemory();

// Gives what the calling thread freed back to the system. Thread-safe.
void TrimAllocator();

// The allocator's own statistics for people to read; empty when it keeps none. Thread-safe.
[[nodiscard]] std::string AllocatorReport();

}  // namespace pinion::store
