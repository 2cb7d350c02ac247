// What the allocator says about itself.
#pragma once

#include <string>

namespace pinion {

// Gives what the calling thread freed back to the system. Thread-safe.
void TrimAllocator();

// The allocator's own statistics for people to read; empty when it keeps none. Thread-safe.
[[nodiscard]] std::string AllocatorReport();

}  // namespace pinion
