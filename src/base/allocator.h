// The allocator as a whole: what it keeps, gives back, and says about itself.
#pragma once

#include <string>

namespace pinion {

// Keeps freed pages for later use instead of giving them back to the system inside some later allocation, which would
// make a request wait for milliseconds; TrimAllocator gives them back. Before other threads allocate.
void KeepFreedPages();

// Gives what the calling thread freed back to the system. Thread-safe.
void TrimAllocator();

// The allocator's own statistics for people to read; empty when it keeps none. Thread-safe.
[[nodiscard]] std::string AllocatorReport();

}  // namespace pinion
