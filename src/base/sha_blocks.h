// What SHA-1 and SHA-256 have in common (FIPS 180-4, sections 3.1 and 5): big-endian words, blocks, padding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pinion::sha {

inline constexpr size_t kBlock = 64;

template <size_t kWords>
using State = std::array<uint32_t, kWords>;

inline uint32_t LoadBig(const uint8_t* p) {
  return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

inline void StoreBig(uint32_t v, uint8_t* p) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(v >> (24 - 8 * i));
}

template <size_t kWords>
void AddTo(State<kWords>* state, const State<kWords>& mixed) {
  for (size_t i = 0; i < kWords; ++i) (*state)[i] += mixed[i];
}

// The digest of the bytes: compress(State*, const uint8_t* block) is called for each block, the padding's too.
template <size_t kWords, typename Compress>
std::array<uint8_t, 4 * kWords> Digest(std::string_view bytes, State<kWords> state, Compress compress) {
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  size_t left = bytes.size();
  for (; left >= kBlock; at += kBlock, left -= kBlock) compress(&state, at);
  // What is left, a one bit, zeros, and the length in bits fill one block more, or two.
  uint8_t tail[2 * kBlock] = {};
  if (left != 0) std::memcpy(tail, at, left);
  tail[left] = 0x80;
  const size_t padded = left + 1 + 8 <= kBlock ? kBlock : 2 * kBlock;
  const uint64_t bits = uint64_t{bytes.size()} * 8;
  StoreBig(static_cast<uint32_t>(bits >> 32), tail + padded - 8);
  StoreBig(static_cast<uint32_t>(bits), tail + padded - 4);
  for (size_t i = 0; i < padded; i += kBlock) compress(&state, tail + i);
  std::array<uint8_t, 4 * kWords> digest;
  for (size_t i = 0; i < kWords; ++i) StoreBig(state[i], digest.data() + 4 * i);
  return digest;
}

}  // namespace pinion::sha
