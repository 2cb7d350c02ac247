// The ID of a stream entry: milliseconds and a sequence number within them.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/numbers.h"

namespace pinion::types {

struct StreamId {
  uint64_t ms = 0;
  uint64_t seq = 0;

  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;

  [[nodiscard]] constexpr bool zero() const { return ms == 0 && seq == 0; }
  // The neighbouring IDs; nullopt when there is none.
  [[nodiscard]] constexpr std::optional<StreamId> Next() const;
  [[nodiscard]] constexpr std::optional<StreamId> Previous() const;
};

inline constexpr StreamId kMinStreamId{};
inline constexpr StreamId kMaxStreamId{std::numeric_limits<uint64_t>::max(), std::numeric_limits<uint64_t>::max()};

constexpr std::optional<StreamId> StreamId::Next() const {
  if (*this == kMaxStreamId) return std::nullopt;
  return seq == kMaxStreamId.seq ? StreamId{ms + 1, 0} : StreamId{ms, seq + 1};
}

constexpr std::optional<StreamId> StreamId::Previous() const {
  if (zero()) return std::nullopt;
  return seq == 0 ? StreamId{ms - 1, kMaxStreamId.seq} : StreamId{ms, seq - 1};
}

// Longest text of an ID.
inline constexpr size_t kMaxStreamIdText = 2 * kMaxInt64Text + 1;

// Writes "<ms>-<seq>" at `out` (room for kMaxStreamIdText) and returns the length.
inline size_t FormatStreamId(StreamId id, char* out) {
  const size_t n = FormatUint64(id.ms, out);
  out[n] = '-';
  return n + 1 + FormatUint64(id.seq, out + n + 1);
}

[[nodiscard]] inline std::string StreamIdString(StreamId id) {
  char text[kMaxStreamIdText];
  return {text, FormatStreamId(id, text)};
}

// An ID as a client writes it.
struct StreamIdText {
  StreamId id;
  bool any_seq = false;  // "<ms>-*": the sequence number is for the stream to choose; seq is 0
};

// Reads "<ms>" (seq is then `missing_seq`), "<ms>-<seq>" or, if `allow_any_seq`, "<ms>-*". The numbers are read as
// Redis reads them: leading zeros, space and "+" are taken, and the text ends at its first NUL.
[[nodiscard]] std::optional<StreamIdText> ParseStreamId(std::string_view text, uint64_t missing_seq,
                                                        bool allow_any_seq);

}  // namespace pinion::types
