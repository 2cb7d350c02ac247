// Reading a command's arguments: parse all, then one check.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "base/numbers.h"
#include "command/context.h"
#include "resp/errors.h"

namespace pinion::command {

// Walks arguments from the left. The first error is kept and later ones are ignored; reading past the end is a
// syntax error and yields empty values. A handler reads everything, then begins with `if (!args.Finish()) return;`.
class ArgReader {
 public:
  explicit ArgReader(Context& ctx, size_t first = 1) : ctx_(ctx), at_(first) {}

  [[nodiscard]] bool more() const { return at_ < ctx_.argc() && error_.empty(); }
  [[nodiscard]] size_t left() const { return ctx_.argc() - at_; }
  [[nodiscard]] size_t position() const { return at_; }
  [[nodiscard]] std::string_view Peek() const { return at_ < ctx_.argc() ? ctx_.arg(at_) : std::string_view(); }
  std::string_view Next() {
    if (at_ >= ctx_.argc()) {
      Fail(resp::error::kSyntax);
      return {};
    }
    return ctx_.arg(at_++);
  }
  void Skip(size_t n) { at_ += n; }

  // Consumes the next argument if it is this word in any case.
  bool Accept(std::string_view word) {
    if (at_ >= ctx_.argc() || !EqualsNoCase(ctx_.arg(at_), word)) return false;
    ++at_;
    return true;
  }

  // The same for a word that wants a value: only if there is something behind it.
  bool AcceptWithValue(std::string_view word) { return left() >= 2 && Accept(word); }

  int64_t NextInt(std::string_view error = resp::error::kNotInteger,
                  int64_t least = std::numeric_limits<int64_t>::min(),
                  int64_t most = std::numeric_limits<int64_t>::max()) {
    const std::string_view text = Next();
    const auto v = ParseInt64(text);
    if (!v || *v < least || *v > most) {
      Fail(error);
      return 0;
    }
    return *v;
  }
  // An integer whose amount is one as well: any but the least.
  int64_t NextSignedCount() {
    const int64_t v = NextInt();
    if (v == std::numeric_limits<int64_t>::min()) Fail(resp::error::kNotSignedCount);
    return v;
  }
  double NextDouble(std::string_view error = resp::error::kNotFloat) {
    const auto v = ParseDouble(Next());
    if (!v) Fail(error);
    return v.value_or(0);
  }

  // Keeps the first error. The text must outlive the reader.
  void Fail(std::string_view error) {
    if (error_.empty()) error_ = error;
  }
  [[nodiscard]] bool failed() const { return !error_.empty(); }

  // True when all went well and nothing is left over; else the error was replied.
  [[nodiscard]] bool Finish() {
    if (error_.empty() && at_ < ctx_.argc()) error_ = resp::error::kSyntax;
    if (error_.empty()) return true;
    ctx_.reply().Error(error_);
    return false;
  }

 private:
  Context& ctx_;
  size_t at_;
  std::string_view error_;
};

// Whether a word says how something is to be flushed.
[[nodiscard]] inline bool IsFlushMode(std::string_view word) {
  return EqualsNoCase(word, "SYNC") || EqualsNoCase(word, "ASYNC");
}

}  // namespace pinion::command
