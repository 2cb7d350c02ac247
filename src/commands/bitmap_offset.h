// Offsets of bits, as SETBIT, GETBIT and BITFIELD take them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "commands/string_value.h"

namespace pinion::commands {

inline constexpr std::string_view kBadBitOffset = "ERR bit offset is not an integer or out of range";

// The next argument as the position of a bit in the longest string a client may make. "#n" is n times `unit`, where
// a unit is given (not 0). Below 2^62.
inline uint64_t NextBitOffset(command::Context& ctx, command::ArgReader& args, int unit = 0) {
  std::string_view text = args.Next();
  const bool in_units = unit != 0 && text.starts_with('#');
  if (in_units) text.remove_prefix(1);
  const auto n = ParseInt64(text);
  int64_t offset = 0;
  if (!n || *n < 0 || __builtin_mul_overflow(*n, in_units ? unit : 1, &offset) ||
      static_cast<uint64_t>(offset) / 8 >= MaxStringLength(ctx)) {
    args.Fail(kBadBitOffset);
    return 0;
  }
  return static_cast<uint64_t>(offset);
}

}  // namespace pinion::commands
