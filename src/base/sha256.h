// SHA-256, in which passwords are kept and compared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pinion {

using Sha256Digest = std::array<uint8_t, 32>;

// FIPS 180-4, section 6.2. Thread-safe.
[[nodiscard]] Sha256Digest Sha256(std::string_view bytes);

// Sixty-four lower-case hexadecimal digits.
[[nodiscard]] std::string ToHex(const Sha256Digest& digest);

}  // namespace pinion
