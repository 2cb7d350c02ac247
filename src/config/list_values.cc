// Lists with their own grammar; each keeps one canonical text, words separated by one space.
#include "config/list_values.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/numbers.h"

namespace pinion::config {
namespace {

using Words = std::span<const std::string>;
using Result = tl::expected<Value, std::string>;

constexpr size_t kMaxBindAddresses = 16;
constexpr size_t kOomScoreValues = 3;
constexpr int64_t kMaxOomScore = 2000;
constexpr int64_t kMaxCount = std::numeric_limits<int32_t>::max();

Value TextValue(std::string text) { return {std::move(text), 0}; }

// How the empty list is written.
bool IsEmptyList(Words words) { return words.empty() || (words.size() == 1 && words[0].empty()); }

std::optional<int64_t> NumberIn(std::string_view text, int64_t min, int64_t max) {
  const std::optional<int64_t> number = ParseInt64(text);
  if (!number || *number < min || *number > max) return std::nullopt;
  return number;
}

struct Limit {
  uint64_t hard = 0;
  uint64_t soft = 0;
  int64_t seconds = 0;

  friend bool operator==(const Limit&, const Limit&) = default;
};
using Limits = std::array<Limit, kClientClasses>;

// The names CONFIG GET prints. Both "slave" and "replica" are read.
constexpr std::array<std::string_view, kClientClasses> kClassNames = {"normal", "slave", "pubsub"};
constexpr std::array<std::string_view, kClientClasses> kRewrittenClassNames = {"normal", "replica", "pubsub"};

std::optional<size_t> FindClass(std::string_view name) {
  const std::string lower = ToLower(name);
  for (size_t i = 0; i < kClientClasses; ++i) {
    if (lower == kClassNames[i] || lower == kRewrittenClassNames[i]) return i;
  }
  return std::nullopt;
}

// Words are groups of class, hard limit, soft limit, seconds.
tl::expected<void, std::string> ReadLimits(Words words, Limits* limits) {
  if (words.size() % 4 != 0) return Fail("Wrong number of arguments in buffer limit configuration.");
  for (; !words.empty(); words = words.subspan(4)) {
    const std::optional<size_t> client_class = FindClass(words[0]);
    if (!client_class) return Fail("Invalid client class specified in buffer limit configuration.");
    const std::optional<uint64_t> hard = ParseMemorySize(words[1]);
    const std::optional<uint64_t> soft = ParseMemorySize(words[2]);
    const std::optional<int64_t> seconds = NumberIn(words[3], 0, kMaxCount);
    if (!hard || !soft || !seconds) {
      return Fail("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    (*limits)[*client_class] = {*hard, *soft, *seconds};
  }
  return {};
}

Limits LimitsOf(std::string_view canonical) {
  Limits limits;
  // Cannot fail: the text was printed by PrintLimits.
  (void)ReadLimits(SplitAtSpaces(canonical), &limits);
  return limits;
}

std::string PrintLimits(const Limits& limits) {
  std::string text;
  for (size_t i = 0; i < kClientClasses; ++i) {
    if (i > 0) text += ' ';
    text += fmt::format("{} {} {} {}", kClassNames[i], limits[i].hard, limits[i].soft, limits[i].seconds);
  }
  return text;
}

// Names and addresses need no more, so a bind list never needs quotes.
bool IsAddressByte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view(".:-*%_").find(c) != std::string_view::npos;
}

// "%f" without the zeros at its end: 99.9, 50.
std::string PrintPercentile(double percentile) {
  std::string text = fmt::format("{:.6f}", percentile);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace

Result ParseSave(Words words) {
  if (IsEmptyList(words)) return TextValue("");
  if (words.size() % 2 != 0) return Fail("Invalid save parameters");
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::optional<int64_t> seconds = NumberIn(words[i], 1, std::numeric_limits<int64_t>::max());
    const std::optional<int64_t> changes = NumberIn(words[i + 1], 0, kMaxCount);
    if (!seconds || !changes) return Fail("Invalid save parameters");
    numbers.push_back(*seconds);
    numbers.push_back(*changes);
  }
  return TextValue(fmt::format("{}", fmt::join(numbers, " ")));
}

Result ParseBind(Words words) {
  std::vector<std::string_view> addresses;
  for (const std::string& word : words) {
    if (word.empty()) continue;
    if (!std::all_of(word.begin(), word.end(), IsAddressByte)) return Fail("Invalid character in a bind address.");
    addresses.push_back(word);
  }
  if (addresses.size() > kMaxBindAddresses) return Fail("Too many bind addresses specified.");
  return TextValue(fmt::format("{}", fmt::join(addresses, " ")));
}

Result ParseOomScoreValues(Words words) {
  if (words.size() != kOomScoreValues) return Fail("wrong number of arguments");
  std::vector<int64_t> scores;
  for (const std::string& word : words) {
    const std::optional<int64_t> score = NumberIn(word, -kMaxOomScore, kMaxOomScore);
    if (!score) return Fail("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    scores.push_back(*score);
  }
  return TextValue(fmt::format("{}", fmt::join(scores, " ")));
}

Result ParsePercentiles(Words words) {
  if (IsEmptyList(words)) return TextValue("");
  std::vector<std::string> percentiles;
  for (const std::string& word : words) {
    const std::optional<double> percentile = ParseDouble(word);
    if (!percentile) return Fail("Invalid latency-tracking-info-percentiles parameters");
    if (*percentile > 100.0 || *percentile < 0.0) {
      return Fail("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    percentiles.push_back(PrintPercentile(*percentile));
  }
  return TextValue(fmt::format("{}", fmt::join(percentiles, " ")));
}

Result ParseReplicaOf(Words words) {
  if (words.size() != 2) return Fail("wrong number of arguments");
  if (ToLower(words[0]) == "no" && ToLower(words[1]) == "one") return TextValue("");
  return Fail("replicaof is not supported by this version of Pinion");
}

Result ParseOutputBufferLimits(Words words, std::string_view current) {
  Limits limits = LimitsOf(current);
  // One empty word is what CONFIG SET makes of an empty value: nothing changes.
  if (!IsEmptyList(words)) {
    if (auto read = ReadLimits(words, &limits); !read) return tl::unexpected(std::move(read.error()));
  }
  return TextValue(PrintLimits(limits));
}

std::vector<std::string> OutputBufferLimitLines(std::string_view option, std::string_view text,
                                                std::string_view except) {
  const Limits limits = LimitsOf(text);
  const Limits excepted = LimitsOf(except);
  std::vector<std::string> lines;
  for (size_t i = 0; i < kClientClasses; ++i) {
    if (!except.empty() && limits[i] == excepted[i]) continue;
    lines.push_back(fmt::format("{} {} {} {} {}", option, kRewrittenClassNames[i], FormatMemory(limits[i].hard),
                                FormatMemory(limits[i].soft), limits[i].seconds));
  }
  return lines;
}

void PublishOutputBufferLimits(std::string_view text, Settings* settings) {
  const Limits limits = LimitsOf(text);
  for (size_t i = 0; i < kClientClasses; ++i) {
    OutputBufferLimit& field = settings->client_output_buffer_limit[i];
    field.hard_bytes.store(limits[i].hard, std::memory_order_relaxed);
    field.soft_bytes.store(limits[i].soft, std::memory_order_relaxed);
    field.soft_seconds.store(limits[i].seconds, std::memory_order_relaxed);
  }
}

std::vector<std::string> SplitAtSpaces(std::string_view text) {
  std::vector<std::string> words;
  if (text.empty()) return words;
  while (true) {
    const size_t space = text.find(' ');
    words.emplace_back(text.substr(0, space));
    if (space == std::string_view::npos) return words;
    text.remove_prefix(space + 1);
  }
}

std::vector<SavePoint> SavePointsOf(std::string_view text) {
  const std::vector<std::string> words = SplitAtSpaces(text);
  std::vector<SavePoint> points;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    points.push_back({ParseInt64(words[i]).value_or(0), ParseInt64(words[i + 1]).value_or(0)});
  }
  return points;
}

std::vector<double> PercentilesOf(std::string_view text) {
  std::vector<double> percentiles;
  for (const std::string& word : SplitAtSpaces(text)) percentiles.push_back(ParseDouble(word).value_or(0));
  return percentiles;
}

std::string FormatMemory(uint64_t bytes) {
  constexpr std::array<std::string_view, 3> kUnits = {"gb", "mb", "kb"};
  int shift = 30;
  for (const std::string_view unit : kUnits) {
    const uint64_t size = uint64_t{1} << shift;
    if (bytes != 0 && bytes % size == 0) return fmt::format("{}{}", bytes >> shift, unit);
    shift -= 10;
  }
  return std::to_string(bytes);
}

}  // namespace pinion::config
