// The compression function of SHA-1 and its padding.
#include "base/sha1.h"

#include <bit>
#include <cstring>

namespace pinion {
namespace {

constexpr size_t kBlock = 64;

using State = std::array<uint32_t, 5>;

uint32_t LoadBig(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

void StoreBig(uint32_t v, uint8_t* p) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(v >> (24 - 8 * i));
}

void Compress(State* state, const uint8_t* block) {
  uint32_t w[80];
  for (int t = 0; t < 16; ++t) w[t] = LoadBig(block + 4 * t);
  for (int t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  auto [a, b, c, d, e] = *state;
  for (int t = 0; t < 80; ++t) {
    uint32_t f, k;
    if (t < 20) {
      f = (b & c) | (~b & d), k = 0x5A827999;
    } else if (t < 40) {
      f = b ^ c ^ d, k = 0x6ED9EBA1;
    } else if (t < 60) {
      f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
    } else {
      f = b ^ c ^ d, k = 0xCA62C1D6;
    }
    const uint32_t next = std::rotl(a, 5) + f + e + k + w[t];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  const State mixed = {a, b, c, d, e};
  for (size_t i = 0; i < state->size(); ++i) (*state)[i] += mixed[i];
}

}  // namespace

Sha1Digest Sha1(std::string_view bytes) {
  State state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= kBlock; at += kBlock, left -= kBlock) Compress(&state, at);
  // What is left, a one bit, zeros, and the length in bits fill one block more, or two.
  uint8_t tail[2 * kBlock] = {};
  if (left != 0) std::memcpy(tail, at, left);
  tail[left] = 0x80;
  const size_t padded = left + 1 + 8 <= kBlock ? kBlock : 2 * kBlock;
  const uint64_t bits = uint64_t{bytes.size()} * 8;
  StoreBig(static_cast<uint32_t>(bits >> 32), tail + padded - 8);
  StoreBig(static_cast<uint32_t>(bits), tail + padded - 4);
  for (size_t i = 0; i < padded; i += kBlock) Compress(&state, tail + i);
  Sha1Digest digest;
  for (size_t i = 0; i < state.size(); ++i) StoreBig(state[i], digest.data() + 4 * i);
  return digest;
}

std::string ToHex(const Sha1Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (uint8_t b : digest) {
    hex += kDigits[b >> 4];
    hex += kDigits[b & 15];
  }
  return hex;
}

}  // namespace pinion
