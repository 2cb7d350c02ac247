// Reading stream IDs.
#include "types/stream_id.h"

namespace pinion::types {
namespace {

// A longer text is no ID, whatever it says.
constexpr size_t kMaxIdText = 127;

// The lenient reading that C's strtoull gives to what is not canonical: space, a sign (a negative number wraps
// around) and leading zeros.
std::optional<uint64_t> ParseLenient(std::string_view text) {
  size_t i = 0;
  while (i < text.size() && (text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r'))) ++i;
  const bool negative = i < text.size() && text[i] == '-';
  if (negative || (i < text.size() && text[i] == '+')) ++i;
  if (i == text.size()) return std::nullopt;
  uint64_t v = 0;
  for (; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, text[i] - '0', &v)) return std::nullopt;
  }
  return negative ? 0 - v : v;
}

std::optional<uint64_t> ParsePart(std::string_view text) {
  if (const auto v = ParseUint64(text)) return v;
  if (ParseInt64(text)) return std::nullopt;  // a well-formed negative number
  return ParseLenient(text);
}

}  // namespace

std::optional<StreamIdText> ParseStreamId(std::string_view text, uint64_t missing_seq, bool allow_any_seq) {
  if (text.size() > kMaxIdText) return std::nullopt;
  text = text.substr(0, text.find('\0'));
  const size_t dash = text.find('-');
  const auto ms = ParsePart(text.substr(0, dash));
  if (!ms) return std::nullopt;
  if (dash == std::string_view::npos) return StreamIdText{{*ms, missing_seq}};
  const std::string_view rest = text.substr(dash + 1);
  if (allow_any_seq && rest == "*") return StreamIdText{{*ms, 0}, true};
  const auto seq = ParsePart(rest);
  if (!seq) return std::nullopt;
  return StreamIdText{{*ms, *seq}};
}

}  // namespace pinion::types
