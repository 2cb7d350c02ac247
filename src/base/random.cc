// Random bits from the operating system.
#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace pinion {

uint64_t SecureRandom64() {
  uint64_t value = 0;
  // Reads of up to 256 bytes come whole; EINTR is possible only before the generator is seeded,
  // early in boot.
  while (getrandom(&value, sizeof(value), 0) != static_cast<ssize_t>(sizeof(value))) {
    if (errno != EINTR)
      std::abort();  // a kernel without getrandom: there is nothing safe to fall back on
  }
  return value;
}

}  // namespace pinion
