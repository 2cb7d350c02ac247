// SHA-1, for names of scripts and digests of data; not for anything an enemy might forge.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/hex.h"

namespace pinion {

using Sha1Digest = std::array<uint8_t, 20>;

// FIPS 180-4, section 6.1. Thread-safe.
[[nodiscard]] Sha1Digest Sha1(std::string_view bytes);

}  // namespace pinion
