// Reading ranges of scores, members and ranks.
#include "commands/sorted_set_value.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "base/numbers.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

struct ScoreBound {
  double score;
  bool excluded;
};

std::optional<ScoreBound> ParseScoreBound(std::string_view text) {
  const bool excluded = text.starts_with('(');
  if (excluded) text.remove_prefix(1);
  if (const auto score = ParseDouble(text)) return ScoreBound{*score, excluded};
  const std::string terminated(resp::error::UpToNul(text));
  char* end;
  const double score = std::strtod(terminated.c_str(), &end);
  if (*end != '\0' || std::isnan(score)) return std::nullopt;
  return ScoreBound{score, excluded};
}

std::optional<types::LexBound> ParseLexBound(std::string_view text) {
  using Kind = types::LexBound::Kind;
  if (text == "-") return types::LexBound{Kind::kLowest, {}};
  if (text == "+") return types::LexBound{Kind::kHighest, {}};
  if (text.starts_with('[')) return types::LexBound{Kind::kIncluded, text.substr(1)};
  if (text.starts_with('(')) return types::LexBound{Kind::kExcluded, text.substr(1)};
  return std::nullopt;
}

}  // namespace

std::optional<types::ScoreRange> ParseScoreRange(std::string_view min, std::string_view max) {
  const auto low = ParseScoreBound(min);
  const auto high = ParseScoreBound(max);
  if (!low || !high) return std::nullopt;
  return types::ScoreRange{low->score, high->score, low->excluded, high->excluded};
}

std::optional<types::LexRange> ParseLexRange(std::string_view min, std::string_view max) {
  const auto low = ParseLexBound(min);
  const auto high = ParseLexBound(max);
  if (!low || !high) return std::nullopt;
  return types::LexRange{*low, *high};
}

types::RankRange ClampRanks(int64_t start, int64_t stop, size_t size) {
  const auto n = static_cast<int64_t>(size);
  if (start < 0) start += n;
  if (stop < 0) stop += n;
  if (start < 0) start = 0;
  if (stop >= n) stop = n - 1;
  if (start > stop) return {};
  return {static_cast<size_t>(start), static_cast<size_t>(stop - start + 1)};
}

}  // namespace pinion::commands
