// Redis's glob patterns, matched with one point to go back to: the last star.
#include "base/glob.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/ascii.h"

namespace pinion {
namespace {

// Stars with something behind them that a pattern may have; one with more matches nothing, as in Redis.
constexpr size_t kMaxStars = 1000;

bool Same(char a, char b, bool fold_case) { return a == b || (fold_case && LowerAscii(a) == LowerAscii(b)); }

signed char AsSigned(char c) { return static_cast<signed char>(c); }

bool InRange(char low, char c, char high) {
  return AsSigned(low) <= AsSigned(c) && AsSigned(c) <= AsSigned(high);
}

// Matches c against the class whose '[' is at *at, and moves *at behind it. As in Redis: an
// unclosed class ends with the pattern; the bounds of a range may come in either order, are
// compared as signed bytes and may be ']'; an escaped byte is never folded.
bool MatchClass(std::string_view pattern, size_t* at, char c, bool fold_case) {
  size_t i = *at + 1;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool found = false;
  for (; i < pattern.size() && pattern[i] != ']'; ++i) {
    const size_t left = pattern.size() - i;
    if (pattern[i] == '\\' && left >= 2) {
      ++i;
      found |= pattern[i] == c;
    } else if (left >= 3 && pattern[i + 1] == '-') {
      char low = pattern[i];
      char high = pattern[i + 2];
      if (AsSigned(low) > AsSigned(high)) std::swap(low, high);
      found |= fold_case ? InRange(LowerAscii(low), LowerAscii(c), LowerAscii(high)) : InRange(low, c, high);
      i += 2;
    } else {
      found |= Same(pattern[i], c, fold_case);
    }
  }
  *at = std::min(i + 1, pattern.size());
  return found != negated;
}

// Matches c against the single-byte element at *at (anything but a star) and moves *at behind it.
bool MatchOne(std::string_view pattern, size_t* at, char c, bool fold_case) {
  switch (pattern[*at]) {
    case '?':
      ++*at;
      return true;
    case '[':
      return MatchClass(pattern, at, c, fold_case);
    case '\\':
      if (*at + 1 < pattern.size()) ++*at;
      [[fallthrough]];
    default:
      return Same(pattern[(*at)++], c, fold_case);
  }
}

}  // namespace

bool GlobMatch(std::string_view pattern, std::string_view text, bool fold_case) {
  if (text.empty()) return pattern.empty();  // as in Redis, where not even a star matches the empty string
  constexpr size_t kNone = std::string_view::npos;
  size_t p = 0;
  size_t t = 0;
  size_t after_star = kNone;  // in the pattern
  size_t star_end = 0;        // in the text: where what the last star stands for ends
  size_t stars = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      p = std::min(pattern.find_first_not_of('*', p), pattern.size());
      if (p == pattern.size()) return true;
      if (++stars > kMaxStars) return false;
      after_star = p;
      star_end = t;
    } else if (p < pattern.size() && MatchOne(pattern, &p, text[t], fold_case)) {
      ++t;
    } else if (after_star != kNone) {
      // The earliest match of what stands before the last star is as good as any, so only that star
      // can give way.
      p = after_star;
      t = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == kNone;
}

}  // namespace pinion
