// Values of the common kinds (flags, numbers, words, strings), and the choice of the right function for a kind.
#include "config/option_values.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/numbers.h"
#include "base/quoted.h"
#include "config/list_values.h"
#include "config/notify_flags.h"

namespace pinion::config {
namespace {

constexpr std::string_view kUnsupportedText = "{} {} is not supported by this version of Pinion";

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) { return ToLower(text) == lower; }

ParseResult ParseBool(std::string_view text) {
  if (EqualsIgnoringCase(text, "yes")) return Value{"yes", 1};
  if (EqualsIgnoringCase(text, "no")) return Value{"no", 0};
  return Fail("argument must be 'yes' or 'no'");
}

ParseResult InRange(const Option& option, Value value) {
  if (value.number >= option.min && value.number <= option.max) return value;
  return Fail(fmt::format("argument must be between {} and {} inclusive", option.min, option.max));
}

ParseResult ParseInteger(const Option& option, std::string_view text) {
  const std::optional<int64_t> number = ParseInt64(text);
  if (!number) return Fail("argument couldn't be parsed into an integer");
  return InRange(option, {std::to_string(*number), *number});
}

ParseResult MemoryInRange(const Option& option, uint64_t bytes) {
  constexpr uint64_t kMaxSigned = std::numeric_limits<int64_t>::max();
  if (bytes > kMaxSigned && !option.Has(kUnsigned64)) {
    return Fail(fmt::format("argument must be between {} and {} inclusive", option.min, option.max));
  }
  return InRange(option, {std::to_string(bytes), static_cast<int64_t>(std::min(bytes, kMaxSigned))});
}

ParseResult ParseMemory(const Option& option, std::string_view text) {
  const std::optional<uint64_t> bytes = ParseMemorySize(text);
  if (!bytes) return Fail("argument must be a memory value");
  return MemoryInRange(option, *bytes);
}

ParseResult ParseMemoryOrPercent(const Option& option, std::string_view text) {
  if (const std::optional<uint64_t> bytes = ParseMemorySize(text)) return MemoryInRange(option, *bytes);
  std::optional<int64_t> percent;
  if (text.ends_with('%')) percent = ParseInt64(text.substr(0, text.size() - 1));
  if (!percent || *percent < 0) return Fail("argument must be a memory or percent value");
  if (*percent > -option.min) {
    return Fail(fmt::format("percentage argument must be less or equal to {}", -option.min));
  }
  // 0% and 0 are the same limit: none.
  if (*percent == 0) return Value{"0", 0};
  return Value{fmt::format("{}%", *percent), -*percent};
}

std::optional<int64_t> OctalNumber(std::string_view text) {
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '7' || number > std::numeric_limits<int32_t>::max()) return std::nullopt;
    number = number * 8 + (c - '0');
  }
  if (text.empty()) return std::nullopt;
  return number;
}

ParseResult ParseOctal(const Option& option, std::string_view text) {
  const std::optional<int64_t> number = OctalNumber(text);
  if (!number) return Fail("argument couldn't be parsed as an octal number");
  if (*number < option.min || *number > option.max) {
    return Fail(fmt::format("argument must be between {:o} and {:o} inclusive", option.min, option.max));
  }
  return Value{fmt::format("{:o}", *number), *number};
}

const EnumWord* FindWord(const Option& option, std::string_view text) {
  const std::string lower = ToLower(text);
  const auto at = std::find_if(option.words.begin(), option.words.end(),
                               [&](const EnumWord& entry) { return entry.word == lower; });
  return at != option.words.end() ? &*at : nullptr;
}

tl::unexpected<std::string> NotOneOf(const Option& option) {
  std::string reason = "argument(s) must be one of the following: ";
  for (const EnumWord& entry : option.words) {
    if (&entry != option.words.data()) reason += ", ";
    reason += entry.word;
  }
  return tl::unexpected(std::move(reason));
}

// Synonyms print as the first word of their value.
std::string_view WordOf(const Option& option, int64_t number) {
  return std::find_if(option.words.begin(), option.words.end(),
                      [&](const EnumWord& entry) { return entry.value == number; })->word;
}

ParseResult ParseEnum(const Option& option, std::string_view text) {
  const EnumWord* word = FindWord(option, text);
  if (word == nullptr) return NotOneOf(option);
  return Value{std::string(WordOf(option, word->value)), word->value};
}

std::string JoinEnumSet(const Option& option, int64_t number) {
  if (number == 0) return std::string(WordOf(option, 0));
  std::string text;
  for (const EnumWord& entry : option.words) {
    if ((entry.value & number) == 0) continue;
    if (!text.empty()) text += ' ';
    text += entry.word;
  }
  return text;
}

ParseResult ParseEnumSet(const Option& option, std::span<const std::string> words) {
  if (words.empty()) return NotOneOf(option);
  int64_t number = 0;
  for (const std::string& text : words) {
    const EnumWord* word = FindWord(option, text);
    if (word == nullptr) return NotOneOf(option);
    number |= word->value;
  }
  return Value{JoinEnumSet(option, number), number};
}

ParseResult ParseFlags(std::string_view text) {
  const std::optional<uint32_t> flags = ParseNotifyFlags(text);
  if (!flags) return Fail("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
  return Value{FormatNotifyFlags(*flags), *flags};
}

ParseResult ParseByKind(const Option& option, std::span<const std::string> words, std::string_view current) {
  if (!option.Has(kMultiWord) && words.size() != 1) return Fail("wrong number of arguments");
  switch (option.kind) {
    case Kind::kBool: return ParseBool(words[0]);
    case Kind::kInteger: return ParseInteger(option, words[0]);
    case Kind::kMemory: return ParseMemory(option, words[0]);
    case Kind::kMemoryOrPercent: return ParseMemoryOrPercent(option, words[0]);
    case Kind::kOctal: return ParseOctal(option, words[0]);
    case Kind::kEnum: return ParseEnum(option, words[0]);
    case Kind::kEnumSet: return ParseEnumSet(option, words);
    case Kind::kNotifyFlags: return ParseFlags(words[0]);
    case Kind::kSave: return ParseSave(words);
    case Kind::kBind: return ParseBind(words);
    case Kind::kOutputBufferLimits: return ParseOutputBufferLimits(words, current);
    case Kind::kOomScoreValues: return ParseOomScoreValues(words);
    case Kind::kPercentiles: return ParsePercentiles(words);
    case Kind::kReplicaOf: return ParseReplicaOf(words);
    case Kind::kString:
    case Kind::kDirectory: break;
  }
  return Value{words[0], 0};
}

// "512mb" when the bytes are whole megabytes: easier on the eye than digits.
std::string MemoryText(std::string_view digits) {
  const std::optional<uint64_t> bytes = ParseUint64(digits);
  return bytes ? FormatMemory(*bytes) : std::string(digits);
}

}  // namespace

ParseResult ParseValue(const Option& option, std::span<const std::string> words, std::string_view current) {
  ParseResult value = ParseByKind(option, words, current);
  if (!value) return value;
  if (option.check != nullptr) {
    const std::string_view reason = option.check(*value);
    if (!reason.empty()) return Fail(reason);
  }
  if (option.Has(kUnsupported) && value->text != option.default_text) {
    return Fail(fmt::format(kUnsupportedText, option.name, value->text));
  }
  return value;
}

std::vector<std::string> RewriteLines(const Option& option, const Value& value, RewriteStyle style) {
  const auto line = [&](std::string_view text) { return fmt::format("{} {}", option.name, text); };
  const bool override = style == RewriteStyle::kOverride;
  if (option.Has(kEmptyIsUnset) && value.text.empty() && !override) return {};
  switch (option.kind) {
    case Kind::kMemory:
    case Kind::kMemoryOrPercent: return {line(MemoryText(value.text))};
    case Kind::kString:
    case Kind::kNotifyFlags:
    case Kind::kDirectory: return {line(Quote(value.text))};
    case Kind::kOutputBufferLimits:
      return OutputBufferLimitLines(option.name, value.text, override ? "" : option.default_text);
    case Kind::kReplicaOf: return {line("no one")};
    case Kind::kSave:
      // "save" lines add up; an empty one starts over.
      if (override && !value.text.empty()) return {line("\"\""), line(value.text)};
      break;
    case Kind::kBind:
      // "* -::*" means the addresses there are; Redis never writes it out.
      if (value.text == option.default_text && !override) return {};
      break;
    default: break;
  }
  return {line(value.text.empty() ? "\"\"" : value.text)};
}

void Publish(const Option& option, const Value& value, Settings* settings) {
  if (option.store != nullptr) option.store(*settings, value.number);
  if (option.kind == Kind::kOutputBufferLimits) PublishOutputBufferLimits(value.text, settings);
}

}  // namespace pinion::config
