// Options whose value is a list with its own grammar: save, bind, client-output-buffer-limit and the like.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/option.h"

namespace pinion::config {

// Save after `seconds` when at least `changes` keys changed.
struct SavePoint {
  int64_t seconds;
  int64_t changes;

  friend bool operator==(const SavePoint&, const SavePoint&) = default;
};

// The parsers give the canonical text, or the reason in Redis's words. One empty word means an empty list.
[[nodiscard]] tl::expected<Value, std::string> ParseSave(std::span<const std::string> words);
[[nodiscard]] tl::expected<Value, std::string> ParseBind(std::span<const std::string> words);
[[nodiscard]] tl::expected<Value, std::string> ParseOomScoreValues(std::span<const std::string> words);
[[nodiscard]] tl::expected<Value, std::string> ParsePercentiles(std::span<const std::string> words);
// Only "no one" is possible until there is replication.
[[nodiscard]] tl::expected<Value, std::string> ParseReplicaOf(std::span<const std::string> words);
// Classes that `words` leave out keep their limits in `current` (a canonical text, or empty: no limits).
[[nodiscard]] tl::expected<Value, std::string> ParseOutputBufferLimits(std::span<const std::string> words,
                                                                       std::string_view current);

// One line for each client class whose limits are not those of `except` (a canonical text, or empty: lines
// for all).
[[nodiscard]] std::vector<std::string> OutputBufferLimitLines(std::string_view option, std::string_view text,
                                                              std::string_view except);
void PublishOutputBufferLimits(std::string_view text, Settings* settings);

// From canonical texts.
[[nodiscard]] std::vector<std::string> SplitAtSpaces(std::string_view text);
[[nodiscard]] std::vector<SavePoint> SavePointsOf(std::string_view text);
[[nodiscard]] std::vector<double> PercentilesOf(std::string_view text);

// Bytes as redis.conf likes them: "1gb", "64mb", "1kb", "1000".
[[nodiscard]] std::string FormatMemory(uint64_t bytes);

}  // namespace pinion::config
