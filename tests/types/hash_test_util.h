// What the tests of hashes share: limits, random texts, and contents as standard containers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "types/hash.h"

namespace pinion::types {

inline constexpr HashLimits kSmall{.max_listpack_entries = 1000, .max_listpack_value = 64};
// Large from the first field.
inline constexpr HashLimits kNone{.max_listpack_entries = 0, .max_listpack_value = 0};

inline std::string Text(const HashText& text) {
  char scratch[kMaxInt64Text];
  return std::string(text.View(scratch));
}
inline std::string Text(const std::optional<HashText>& text) { return text ? Text(*text) : "(none)"; }

inline std::vector<std::pair<std::string, std::string>> InOrder(const Hash& h) {
  std::vector<std::pair<std::string, std::string>> all;
  h.ForEach([&](const HashPair& pair) { all.emplace_back(Text(pair.field), Text(pair.value)); });
  return all;
}

inline std::map<std::string, std::string> Contents(const Hash& h) {
  const auto pairs = InOrder(h);
  return {pairs.begin(), pairs.end()};
}

// One of `n` texts: integers, short words, some longer than a listpack's short strings.
inline std::string RandomText(Random& random, uint64_t n) {
  const uint64_t i = random.Below(n);
  if (i % 3 == 0) return std::to_string(static_cast<int64_t>(i) - 5);
  if (i % 7 == 0) return std::string(40 + i % 50, 'x') + std::to_string(i);
  return "w" + std::to_string(i);
}

}  // namespace pinion::types
