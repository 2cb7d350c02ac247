// How commands about fields with deadlines name fields and times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "command/args.h"
#include "command/context.h"

namespace pinion::commands {

inline constexpr std::string_view kFieldCountNotPositive = "ERR Number of fields must be a positive integer";

// How an argument gives a time: in so many milliseconds, from now or from 1970 on.
struct TimeForm {
  int64_t unit;
  bool absolute;
};
inline constexpr TimeForm kInSeconds{1000, false}, kInMillis{1, false}, kAtSeconds{1000, true}, kAtMillis{1, true};

// Reads what such a command gives behind its key, in the order of the calls. An error fails the ArgReader, and
// lives as long as this.
class FieldArgs {
 public:
  FieldArgs(command::Context& ctx, command::ArgReader& args) : ctx_(ctx), args_(args) {}

  // The next argument as a deadline in Unix milliseconds, which may have come already.
  UnixMillis ReadDeadline(TimeForm form);
  // FIELDS, the number of fields, and as many fields, with which the command ends.
  std::span<const std::string_view> ReadFields(std::string_view count_error = kFieldCountNotPositive);

 private:
  command::Context& ctx_;
  command::ArgReader& args_;
  std::string error_;
};

// Tells the journal of a command about fields with deadlines: these fields removed, their deadlines removed, or all set
// to one.
void NameFieldsRemoved(command::Context& ctx, std::span<const std::string_view> fields);
void NameFieldsPersisted(command::Context& ctx, std::span<const std::string_view> fields);
void NameFieldDeadline(command::Context& ctx, UnixMillis deadline, std::span<const std::string_view> fields);

// What HGETEX and HSETEX do about deadlines: EX, PX, EXAT, PXAT, PERSIST and KEEPTTL.
class FieldDeadlineOption {
 public:
  enum class Kind : uint8_t { kNone, kDeadline, kPersist, kKeep };

  // Consumes one of the times, or `word` for `kind`, if it is next.
  bool Accept(command::ArgReader& args, FieldArgs& fields, std::string_view word, Kind kind);

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] UnixMillis deadline() const { return deadline_; }  // REQUIRES: kind() is kDeadline
  // A deadline was given and has come.
  [[nodiscard]] bool HasCome(const command::Context& ctx) const {
    return kind_ == Kind::kDeadline && ctx.HasCome(deadline_);
  }

 private:
  Kind kind_ = Kind::kNone;
  UnixMillis deadline_ = 0;
};

}  // namespace pinion::commands
