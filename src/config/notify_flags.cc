// The letters of notify-keyspace-events, in the order Redis prints them.
#include "config/notify_flags.h"

namespace pinion::config {
namespace {

struct Letter {
  char letter;
  uint32_t bit;
};

constexpr Letter kLetters[] = {
    {'g', kNotifyGeneric}, {'$', kNotifyString},  {'l', kNotifyList},    {'s', kNotifySet},      {'h', kNotifyHash},
    {'z', kNotifyZset},    {'x', kNotifyExpired}, {'e', kNotifyEvicted}, {'t', kNotifyStream},
    {'d', kNotifyModule},  {'n', kNotifyNew},     {'K', kNotifyKeyspace}, {'E', kNotifyKeyevent},
    {'m', kNotifyKeyMiss},
};

uint32_t BitOf(char letter) {
  if (letter == 'A') return kNotifyAll;
  for (const Letter& row : kLetters) {
    if (row.letter == letter) return row.bit;
  }
  return 0;
}

}  // namespace

std::optional<uint32_t> ParseNotifyFlags(std::string_view letters) {
  uint32_t flags = 0;
  for (const char letter : letters) {
    const uint32_t bit = BitOf(letter);
    if (bit == 0) return std::nullopt;
    flags |= bit;
  }
  return flags;
}

std::string FormatNotifyFlags(uint32_t flags) {
  std::string letters;
  if ((flags & kNotifyAll) == kNotifyAll) {
    letters += 'A';
    flags &= ~uint32_t{kNotifyAll};
  }
  for (const Letter& row : kLetters) {
    if (flags & row.bit) letters += row.letter;
  }
  return letters;
}

}  // namespace pinion::config
