// The tight loop over complete requests, and what remembers a request cut in the middle.
#include "resp/parser.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "base/quoted.h"

namespace pinion::resp {
namespace {

// "*3\r\n" and "$5\r\n" lines are this long at the most, the CR not counted: looking for the end of
// an incomplete one again costs no more than a microsecond.
constexpr size_t kMaxCountLine = 64 * 1024;
constexpr int64_t kMaxUnauthenticatedArgs = 10;
constexpr int64_t kMaxUnauthenticatedBulk = 16 * 1024;
// An incomplete request of fewer arguments is parsed again from its first byte: cheaper than
// remembering it, and it leaves nothing on the heap. The bytes of the arguments are not looked at
// either way.
constexpr size_t kRememberArgs = 32;
// A batch keeps room for so many arguments from one read to the next.
constexpr size_t kKeepArgs = 64 * 1024;

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool EndsWord(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Reads "<number>\r\n" at *at when it is whole, canonical and of at most nine digits, and moves *at
// behind it. False leaves *at alone: the line is incomplete, wrong or unusual, for the caller to
// find out. Takes any byte for the LF, like Redis.
[[gnu::always_inline]] inline bool ReadShortCount(const char** at, const char* end,
                                                  uint32_t* value) {
  const char* p = *at;
  // A whole line is followed by at least two bytes more, so five bytes are there for all but
  // hopeless cases.
  if (end - p < 5) [[unlikely]]
    return false;
  const uint32_t first = static_cast<unsigned char>(p[0]) - uint32_t{'0'};
  if (p[1] == '\r') {
    if (first > 9) [[unlikely]]
      return false;
    *value = first;
    *at = p + 3;
    return true;
  }
  if (first - 1 > 8) [[unlikely]]
    return false;  // a sign, or a leading zero
  const uint32_t second = static_cast<unsigned char>(p[1]) - uint32_t{'0'};
  if (second > 9) [[unlikely]]
    return false;
  uint32_t v = first * 10 + second;
  p += 2;
  const char* const limit = p + std::min<ptrdiff_t>(7, end - p);
  for (; p != limit; ++p) {
    const uint32_t digit = static_cast<unsigned char>(*p) - uint32_t{'0'};
    if (digit > 9) break;
    v = v * 10 + digit;
  }
  if (end - p < 2 || *p != '\r') [[unlikely]]
    return false;
  *value = v;
  *at = p + 2;
  return true;
}

enum class Line : uint8_t { kWhole, kMore, kTooLong };

// The line at *at up to its CR, whatever is in it; moves *at behind the LF.
Line ReadCountLine(const char** at, const char* end, std::string_view* line) {
  const char* const p = *at;
  const size_t size = static_cast<size_t>(end - p);
  const auto* cr =
      static_cast<const char*>(std::memchr(p, '\r', std::min(size, kMaxCountLine + 1)));
  if (cr == nullptr) return size > kMaxCountLine ? Line::kTooLong : Line::kMore;
  if (end - cr < 2) return Line::kMore;
  *line = std::string_view(p, static_cast<size_t>(cr - p));
  *at = cr + 2;
  return Line::kWhole;
}

}  // namespace

// What is known of an incomplete array, as offsets from its first byte.
struct Parser::Partial {
  struct Argument {
    size_t offset;
    size_t size;
  };
  uint32_t count;  // arguments announced
  size_t next;     // where the first argument not yet whole begins
  std::vector<Argument> arguments;
};

void RequestBatch::Clear() {
  requests_.clear();
  args_used_ = 0;
  if (args_.size() > kKeepArgs) [[unlikely]]
    std::vector<std::string_view>().swap(args_);
  if (!owned_.empty()) owned_.clear();
  error_ = {};
}

std::string_view* RequestBatch::GrowArgs(size_t used) {
  args_.resize(std::max<size_t>(64, args_.size() * 2));
  return args_.data() + used;
}

Parser::Parser() = default;
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

size_t Parser::Parse(std::string_view buffer, const ParserLimits& limits, size_t max_requests,
                     RequestBatch* batch) {
  batch->Clear();
  if (buffer.size() < needed_ || buffer.empty() || max_requests == 0) return 0;
  needed_ = 0;
  const char* const begin = buffer.data();
  const char* const end = begin + buffer.size();
  const char* at = begin;
  Step step = Step::kDone;
  if (partial_ != nullptr) [[unlikely]]
    step = Resume(begin, &at, end, limits, batch);
  while (step == Step::kDone && at != end && batch->requests_.size() < max_requests) {
    if (*at == '*') [[likely]] {
      step = ParseArrays(begin, &at, end, limits, max_requests, batch);
    } else {
      step = ParseInline(begin, &at, end, limits, batch);
    }
  }
  return static_cast<size_t>(at - begin);
}

Parser::Step Parser::ParseArrays(const char* begin, const char** at, const char* end,
                                 const ParserLimits& limits, size_t max_requests,
                                 RequestBatch* batch) {
  const char* p = *at;
  std::string_view* out = batch->args_.data() + batch->args_used_;
  const std::string_view* room = batch->args_.data() + batch->args_.size();
  const uint64_t max_bulk = static_cast<uint64_t>(
      limits.authenticated ? limits.max_bulk_length
                           : std::min(limits.max_bulk_length, kMaxUnauthenticatedBulk));
  size_t requests_left = max_requests - batch->requests_.size();
  Step step = Step::kDone;
  while (requests_left != 0 && p != end && *p == '*') {
    const char* q = p + 1;
    uint32_t count;
    if (!ReadShortCount(&q, end, &count)) [[unlikely]] {
      q = p;
      step = ParseCount(&q, end, &count, batch);
      if (step != Step::kDone) break;
    }
    if (count == 0) [[unlikely]] {
      p = q;
      continue;
    }
    if (count > kMaxUnauthenticatedArgs && !limits.authenticated) [[unlikely]] {
      step = Fail("Protocol error: unauthenticated multibulk length", batch);
      break;
    }
    const size_t first = static_cast<size_t>(out - batch->args_.data());
    uint32_t done = 0;
    for (; done != count; ++done) {
      if (out == room) [[unlikely]] {
        out = batch->GrowArgs(first + done);
        room = batch->args_.data() + batch->args_.size();
      }
      uint32_t size;
      const char* bytes = q + 1;
      if (q != end && *q == '$' && ReadShortCount(&bytes, end, &size) && size <= max_bulk &&
          static_cast<size_t>(end - bytes) >= size_t{size} + 2) [[likely]] {
        *out++ = std::string_view(bytes, size);
        q = bytes + size + 2;
        continue;
      }
      step = ParseBulk(&q, end, limits, out, batch);
      if (step != Step::kDone) break;
      ++out;
    }
    if (step != Step::kDone) [[unlikely]] {
      out -= done;
      if (step == Step::kMore) Remember(p, q, count, {out, done});
      break;
    }
    batch->requests_.push_back(
        {static_cast<uint32_t>(first), count, static_cast<size_t>(q - begin)});
    --requests_left;
    p = q;
  }
  batch->args_used_ = static_cast<size_t>(out - batch->args_.data());
  *at = p;
  return step;
}

// The number of arguments at *at ("*3\r\n"), however it is written; 0 for an empty or null array.
Parser::Step Parser::ParseCount(const char** at, const char* end, uint32_t* count,
                                RequestBatch* batch) {
  std::string_view line;
  switch (ReadCountLine(at, end, &line)) {
    case Line::kMore:
      return Step::kMore;
    case Line::kTooLong:
      return Fail("Protocol error: too big mbulk count string", batch);
    case Line::kWhole:
      break;
  }
  const std::optional<int64_t> n = ParseInt64(line.substr(1));
  if (!n || *n > std::numeric_limits<int32_t>::max()) {
    return Fail("Protocol error: invalid multibulk length", batch);
  }
  *count = static_cast<uint32_t>(std::max<int64_t>(*n, 0));
  return Step::kDone;
}

// One argument at *at ("$3\r\nfoo\r\n"), however it is written. Unless it is whole *at stays, and
// needed_ is set to what it takes from there, if its length is known.
Parser::Step Parser::ParseBulk(const char** at, const char* end, const ParserLimits& limits,
                               std::string_view* argument, RequestBatch* batch) {
  const char* bytes = *at + 1;
  uint32_t short_size;
  int64_t size;
  if (*at != end && **at == '$' && ReadShortCount(&bytes, end, &short_size)) [[likely]] {
    size = short_size;
  } else {
    bytes = *at;
    std::string_view line;
    switch (ReadCountLine(&bytes, end, &line)) {
      case Line::kMore:
        return Step::kMore;
      case Line::kTooLong:
        return Fail("Protocol error: too big bulk count string", batch);
      case Line::kWhole:
        break;
    }
    if (**at != '$') {
      batch->error_text_ = std::string("Protocol error: expected '$', got '") + **at + "'";
      return Fail(batch->error_text_, batch);
    }
    const std::optional<int64_t> n = ParseInt64(line.substr(1));
    size = n.value_or(-1);
  }
  if (size < 0 || size > limits.max_bulk_length)
    return Fail("Protocol error: invalid bulk length", batch);
  if (size > kMaxUnauthenticatedBulk && !limits.authenticated) {
    return Fail("Protocol error: unauthenticated bulk length", batch);
  }
  const size_t whole = static_cast<size_t>(size) + 2;
  if (static_cast<size_t>(end - bytes) < whole) {
    needed_ = static_cast<size_t>(bytes - *at) + whole;
    return Step::kMore;
  }
  *argument = std::string_view(bytes, static_cast<size_t>(size));
  *at = bytes + whole;
  return Step::kDone;
}

// Keeps what is known of the array that begins at `start` and whose argument at `next` is
// incomplete.
void Parser::Remember(const char* start, const char* next, uint32_t count,
                      std::span<const std::string_view> arguments) {
  const size_t offset = static_cast<size_t>(next - start);
  if (needed_ != 0) needed_ += offset;
  if (arguments.size() < kRememberArgs) return;
  partial_ = std::make_unique<Partial>(Partial{count, offset, {}});
  partial_->arguments.reserve(2 * arguments.size());
  for (const std::string_view a : arguments) {
    partial_->arguments.push_back({static_cast<size_t>(a.data() - start), a.size()});
  }
}

// Goes on with the remembered array, which begins at *at.
Parser::Step Parser::Resume(const char* begin, const char** at, const char* end,
                            const ParserLimits& limits, RequestBatch* batch) {
  const char* const start = *at;
  const char* next = start + partial_->next;
  std::vector<Partial::Argument>& known = partial_->arguments;
  while (known.size() < partial_->count) {
    std::string_view argument;
    const Step step = ParseBulk(&next, end, limits, &argument, batch);
    if (step != Step::kDone) {
      partial_->next = static_cast<size_t>(next - start);
      if (needed_ != 0) needed_ += partial_->next;
      return step;
    }
    known.push_back({static_cast<size_t>(argument.data() - start), argument.size()});
  }
  if (batch->args_.size() < known.size()) batch->args_.resize(known.size());
  std::transform(
      known.begin(), known.end(), batch->args_.begin(),
      [start](const Partial::Argument& a) { return std::string_view(start + a.offset, a.size); });
  batch->args_used_ = known.size();
  batch->requests_.push_back({0, partial_->count, static_cast<size_t>(next - begin)});
  partial_.reset();
  *at = next;
  return Step::kDone;
}

Parser::Step Parser::ParseInline(const char* begin, const char** at, const char* end,
                                 const ParserLimits& limits, RequestBatch* batch) {
  const char* const p = *at;
  const size_t size = static_cast<size_t>(end - p);
  const auto* lf =
      static_cast<const char*>(std::memchr(p, '\n', std::min(size, limits.max_inline_length + 1)));
  if (lf == nullptr) {
    if (size > limits.max_inline_length)
      return Fail("Protocol error: too big inline request", batch);
    return Step::kMore;
  }
  std::string_view line(p, static_cast<size_t>(lf - p));
  if (line.ends_with('\r')) line.remove_suffix(1);
  line = line.substr(0, line.find('\0'));  // as SplitQuoted does
  const size_t first = batch->args_used_;
  auto add = [batch](std::string_view word) {
    if (batch->args_used_ == batch->args_.size()) batch->GrowArgs(batch->args_used_);
    batch->args_[batch->args_used_++] = word;
  };
  if (std::none_of(line.begin(), line.end(), [](char c) { return c == '"' || c == '\''; })) {
    for (const char *w = line.data(), *const line_end = w + line.size();;) {
      w = std::find_if_not(w, line_end, IsSpace);
      if (w == line_end) break;
      const char* const word_end = std::find_if(w, line_end, EndsWord);
      add(std::string_view(w, static_cast<size_t>(word_end - w)));
      w = word_end;
    }
  } else {
    std::vector<std::string> words;
    if (!SplitQuoted(line, &words))
      return Fail("Protocol error: unbalanced quotes in request", batch);
    for (std::string& word : words) {
      batch->owned_.push_back(std::make_unique<std::string>(std::move(word)));
      add(*batch->owned_.back());
    }
  }
  *at = lf + 1;
  const size_t count = batch->args_used_ - first;
  if (count != 0) {
    batch->requests_.push_back({static_cast<uint32_t>(first), static_cast<uint32_t>(count),
                                static_cast<size_t>(*at - begin)});
  }
  return Step::kDone;
}

Parser::Step Parser::Fail(std::string_view text, RequestBatch* batch) {
  batch->error_ = text;
  return Step::kError;
}

void Parser::Rewind() {
  partial_.reset();
  needed_ = 0;
}

size_t Parser::allocated() const {
  return partial_ == nullptr
             ? 0
             : sizeof(Partial) + partial_->arguments.capacity() * sizeof(Partial::Argument);
}

}  // namespace pinion::resp
