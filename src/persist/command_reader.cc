// The format is what clients send: a line "*COUNT", then for each argument a line "$LENGTH", its bytes and an end of
// line.
#include "persist/command_reader.h"

#include <algorithm>

#include "base/numbers.h"

namespace pinion::persist {
namespace {

constexpr int64_t kMostArguments = 1 << 30;
constexpr size_t kLongestNumber = 32;  // with its type and the line's end
constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

CommandReader::Got CommandReader::ReadNumber(char type, size_t* at, int64_t* number) const {
  const std::string_view rest = bytes_.substr(*at, kLongestNumber);
  if (rest.empty()) return Got::kTruncated;
  if (rest[0] != type) return Got::kCorrupt;
  const size_t end = rest.find(kLineEnd);
  if (end == std::string_view::npos) return rest.size() < kLongestNumber ? Got::kTruncated : Got::kCorrupt;
  const auto n = ParseInt64(rest.substr(1, end - 1));
  if (!n) return Got::kCorrupt;
  *number = *n;
  *at += end + kLineEnd.size();
  return Got::kCommand;
}

CommandReader::Got CommandReader::ReadArgument(size_t* at, std::string_view* argument) const {
  int64_t length = 0;
  if (const Got got = ReadNumber('$', at, &length); got != Got::kCommand) return got;
  if (length < 0) return Got::kCorrupt;
  const std::string_view rest = bytes_.substr(*at);
  if (rest.size() < kLineEnd.size() || rest.size() - kLineEnd.size() < static_cast<uint64_t>(length)) {
    return Got::kTruncated;
  }
  const auto n = static_cast<size_t>(length);
  if (rest.substr(n, kLineEnd.size()) != kLineEnd) return Got::kCorrupt;
  *argument = rest.substr(0, n);
  *at += n + kLineEnd.size();
  return Got::kCommand;
}

CommandReader::Got CommandReader::Next(std::vector<std::string_view>* args) {
  args->clear();
  while (position_ < bytes_.size() && bytes_[position_] == '#') {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) return Got::kTruncated;
    position_ = end + 1;
  }
  if (position_ == bytes_.size()) return Got::kEnd;
  size_t at = position_;
  int64_t count = 0;
  if (const Got got = ReadNumber('*', &at, &count); got != Got::kCommand) return got;
  if (count < 1 || count > kMostArguments) return Got::kCorrupt;
  for (int64_t i = 0; i < count; ++i) {
    std::string_view argument;
    if (const Got got = ReadArgument(&at, &argument); got != Got::kCommand) return got;
    args->push_back(argument);
  }
  position_ = at;
  return Got::kCommand;
}

}  // namespace pinion::persist
