// The first line of a script or library: `#!lua name=... flags=...`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace pinion::script {

enum ScriptFlag : uint32_t {
  kNoWrites = 1 << 0,
  kAllowOom = 1 << 1,
  kAllowStale = 1 << 2,
  kNoCluster = 1 << 3,
  kAllowCrossSlotKeys = 1 << 4,
  kNoShebang = 1 << 5,   // a script that declares nothing and may do all that EVAL ever could
};

struct FlagName {
  std::string_view name;
  uint32_t flag;
};
inline constexpr std::array kFlagNames = {
    FlagName{"no-writes", kNoWrites},     FlagName{"allow-oom", kAllowOom},
    FlagName{"allow-stale", kAllowStale}, FlagName{"no-cluster", kNoCluster},
    FlagName{"allow-cross-slot-keys", kAllowCrossSlotKeys},
};

struct ScriptHead {
  uint32_t flags = kNoShebang;
  size_t length = 0;    // of the first line without its end; the code goes on there, so that line numbers are right
};
// Of a script for EVAL. Errors are whole: "ERR ...".
[[nodiscard]] tl::expected<ScriptHead, std::string> ReadScriptHead(std::string_view text);

struct LibraryHead {
  std::string engine, name;
  size_t length = 0;
};
// Of a library for FUNCTION LOAD; errors without a code.
[[nodiscard]] tl::expected<LibraryHead, std::string> ReadLibraryHead(std::string_view text);

// Letters, digits and underscores, at least one.
[[nodiscard]] bool IsLibraryName(std::string_view name);
inline constexpr std::string_view kBadLibraryName =
    "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";

}  // namespace pinion::script
