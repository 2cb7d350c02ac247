// CRC-64 by table, a byte at a time.
#include "base/crc64.h"

#include <array>

namespace pinion {
namespace {

constexpr uint64_t kReflectedPolynomial = 0x95AC9329AC4BC9B5;

constexpr std::array<uint64_t, 256> kTable = [] {
  std::array<uint64_t, 256> table{};
  for (uint64_t i = 0; i < table.size(); ++i) {
    uint64_t v = i;
    for (int bit = 0; bit < 8; ++bit) v = v >> 1 ^ (v & 1 ? kReflectedPolynomial : 0);
    table[i] = v;
  }
  return table;
}();

}  // namespace

uint64_t Crc64(uint64_t crc, std::string_view bytes) {
  for (char c : bytes) crc = kTable[(crc ^ static_cast<uint8_t>(c)) & 0xFF] ^ crc >> 8;
  return crc;
}

}  // namespace pinion
