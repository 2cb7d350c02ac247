// The checksum of dumped values and files: CRC-64 as Redis computes it.
#pragma once

#include <cstdint>
#include <string_view>

namespace pinion {

// The polynomial of Jones (0xAD93D23594C935A9), bits reflected in and out. Goes on from `crc`, 0 at first. Thread-safe.
[[nodiscard]] uint64_t Crc64(uint64_t crc, std::string_view bytes);

}  // namespace pinion
