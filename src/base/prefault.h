// The program's own code in memory before the first request.
#pragma once

namespace pinion {

// Has the kernel map all of the program's code now. A request that is the first of its kind would otherwise wait while
// pages of its code are read, from the disk if need be. Does what the kernel allows (Linux 5.14 and later).
void PrefaultCode();

}  // namespace pinion
