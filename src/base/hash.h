// The one hash of the server: XXH3-64, seeded once a process so that keys cannot be chosen to
// collide.
#pragma once

#include <cstdint>
#include <string_view>

#include <xxhash.h>

namespace pinion {

// Drawn at random at start-up before any thread begins; constant afterwards.
extern uint64_t g_hash_seed;

// Hash of a key. Not stable between processes: never store it.
[[nodiscard]] inline uint64_t HashKey(std::string_view key) {
  return XXH3_64bits_withSeed(key.data(), key.size(), g_hash_seed);
}

// XXH3-64 without a seed, as DIGEST and IFDEQ define it.
[[nodiscard]] inline uint64_t Digest64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// The part of `key` between the first '{' and the first '}' after it, or all of it when that part
// is missing or empty: keys with equal tags share a shard (the rule of Redis Cluster).
[[nodiscard]] inline std::string_view HashTag(std::string_view key) {
  const size_t open = key.find('{');
  if (open == std::string_view::npos) return key;
  const size_t close = key.find('}', open + 1);
  if (close == std::string_view::npos || close == open + 1) return key;
  return key.substr(open + 1, close - open - 1);
}

}  // namespace pinion
