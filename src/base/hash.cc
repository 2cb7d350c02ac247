// The process's hash seed.
#include "base/hash.h"

#include "base/random.h"

namespace pinion {

uint64_t g_hash_seed = SecureRandom64();

}  // namespace pinion
