// SHA-256, in which passwords are kept and compared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/hex.h"

namespace pinion {

using Sha256Digest = std::array<uint8_t, 32>;

// FIPS 180-4, section 6.2. Thread-safe.
[[nodiscard]] Sha256Digest Sha256(std::string_view bytes);

}  // namespace pinion
