// What the commands that run scripts and functions share: `EVAL script numkeys [key ...] [arg ...]`.
#pragma once

#include <optional>

#include "base/numbers.h"
#include "command/context.h"
#include "command/row.h"

namespace pinion::script {

inline constexpr uint64_t kScriptCall = command::kNoScript | command::kSkipMonitor | command::kNoMandatoryKeys |
                                        command::kStale | command::kInterpreter;
inline constexpr command::KeySpec kCallKeys[] = {
    command::KeyNum(2, 0, 1, 1, command::kKeyRW | command::kKeyAccess | command::kKeyUpdate)};
inline constexpr command::KeySpec kCallKeysRo[] = {
    command::KeyNum(2, 0, 1, 1, command::kKeyRO | command::kKeyAccess)};

// The number of keys, or nothing when the error was replied.
[[nodiscard]] inline std::optional<size_t> ReadKeyCount(command::Context& ctx, std::string_view not_a_number) {
  const auto n = ParseInt64(ctx.arg(2));
  if (!n) {
    ctx.reply().Error(not_a_number);
  } else if (*n > static_cast<int64_t>(ctx.argc()) - 3) {
    ctx.reply().Error("ERR Number of keys can't be greater than number of args");
  } else if (*n < 0) {
    ctx.reply().Error("ERR Number of keys can't be negative");
  } else {
    return static_cast<size_t>(*n);
  }
  return std::nullopt;
}

}  // namespace pinion::script
