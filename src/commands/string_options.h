// The words behind SET and its kin: when the key shall expire, and on which condition it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "command/args.h"
#include "command/context.h"
#include "store/entry.h"

namespace pinion::commands {

// EX, PX, EXAT, PXAT, KEEPTTL and PERSIST: at most one of those a command knows.
class ExpireOption {
 public:
  enum Word : uint8_t {
    kNone = 0,
    kEx = 1 << 0,
    kPx = 1 << 1,
    kExAt = 1 << 2,
    kPxAt = 1 << 3,
    kKeepTtl = 1 << 4,
    kPersist = 1 << 5,
  };
  static constexpr uint8_t kTimes = kEx | kPx | kExAt | kPxAt;

  // `known` are the words the command takes. With `repeatable` a word may come again, and its last argument counts.
  explicit ExpireOption(uint8_t known, bool repeatable = true) : known_(known), repeatable_(repeatable) {}

  // Consumes a known word and its argument if they are next. Words that exclude each other are a syntax error.
  bool Accept(command::ArgReader& args);

  [[nodiscard]] Word word() const { return word_; }
  // A deadline was given.
  [[nodiscard]] bool has_time() const { return (word_ & kTimes) != 0; }
  // A deadline was given as a point in time, which may have passed.
  [[nodiscard]] bool absolute() const { return (word_ & (kExAt | kPxAt)) != 0; }
  // The deadline in Unix milliseconds; nullopt when it is no time and the error was replied. REQUIRES: has_time().
  [[nodiscard]] std::optional<UnixMillis> Resolve(command::Context& ctx) const {
    return Resolve(ctx, word_, time_);
  }
  // The same for a time that stands alone (SETEX, PSETEX).
  [[nodiscard]] static std::optional<UnixMillis> Resolve(command::Context& ctx, Word word, std::string_view time);

 private:
  const uint8_t known_;
  const bool repeatable_;
  Word word_ = kNone;
  std::string_view time_;
};

// NX, XX, IFEQ, IFNE, IFDEQ and IFDNE: at most one.
class Condition {
 public:
  enum class Word : uint8_t { kNone, kNx, kXx, kIfEq, kIfNe, kIfDigestEq, kIfDigestNe };  // those from kIfEq compare

  // Consumes one of the words, with the argument of those that compare, if it is next. A second condition is a
  // syntax error.
  bool Accept(command::ArgReader& args);
  // The condition looks at the old value or its digest.
  [[nodiscard]] bool compares() const { return word_ >= Word::kIfEq; }

  // Whether the condition holds for the key's entry (null: absent). nullopt when that cannot be said and the error
  // was replied: a comparison with what is not a string, or with a digest of the wrong length.
  [[nodiscard]] std::optional<bool> Holds(command::Context& ctx, const store::Entry* e) const;

 private:
  Word word_ = Word::kNone;
  std::string_view operand_;
};

// Hexadecimal digits of a digest's text.
inline constexpr size_t kDigestText = 16;

// Writes the digest of a string as lower-case hexadecimal at `out` (room for kDigestText bytes).
void FormatDigest(std::string_view bytes, char* out);

}  // namespace pinion::commands
