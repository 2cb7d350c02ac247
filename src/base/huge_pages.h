// Large memory in large pages.
#pragma once

#include <cstddef>

namespace pinion {

// For blocks from this size on it is worth to ask.
inline constexpr size_t kHugePagesFrom = size_t{4} << 20;

// Has the kernel back the whole 2 MiB pages in [p, p+size) as such when they are first written, if it has them: else a
// fresh block costs a page fault for every 4 KiB, which takes several times as long as copying them. Does nothing for
// blocks below kHugePagesFrom, or where the kernel does not know it.
void PreferHugePages(void* p, size_t size);

}  // namespace pinion
