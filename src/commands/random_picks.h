// What HRANDFIELD, SRANDMEMBER and ZRANDMEMBER are asked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "command/args.h"
#include "resp/errors.h"

namespace pinion::commands {

struct RandomPicks {
  bool one = true;           // without a count the reply is an element, not an array
  int64_t count = 1;         // different elements; when negative, so many that may be the same
  bool with_values = false;

  [[nodiscard]] bool repeated() const { return count < 0; }
  // How many elements to pick out of `size`.
  [[nodiscard]] size_t NumberOf(size_t size) const {
    if (repeated()) return size == 0 ? 0 : static_cast<size_t>(-count);
    return std::min(static_cast<size_t>(count), size);
  }
};

// Reads [count [word]] behind the key. An empty word: only the count.
inline RandomPicks ReadRandomPicks(command::ArgReader* args, std::string_view word = {}) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  RandomPicks picks;
  if (!args->more()) return picks;
  picks.one = false;
  picks.count = args->NextSignedCount();
  if (word.empty()) return picks;
  if (args->left() > 1) args->Fail(resp::error::kSyntax);
  picks.with_values = args->Accept(word);
  // Twice as many replies could not be counted.
  if (picks.with_values && (picks.count < -kMost / 2 || picks.count > kMost / 2)) {
    args->Fail(resp::error::kOutOfRange);
  }
  return picks;
}

}  // namespace pinion::commands
