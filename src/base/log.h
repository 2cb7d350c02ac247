// The server's log: spdlog behind Redis's levels (debug, verbose, notice, warning, nothing).
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace pinion {

enum class LogLevel { kDebug, kVerbose, kNotice, kWarning, kNothing };

// Sends the log to `file` (empty: standard output) at `level`. Thread-safe; may be called again.
// False, with errno set, when the file cannot be opened.
bool ConfigureLog(LogLevel level, const std::string& file);
[[nodiscard]] bool LogEnabled(LogLevel level);
void LogLine(LogLevel level, std::string_view line);

template <typename... A>
void Log(LogLevel level, fmt::format_string<A...> format, A&&... args) {
  if (LogEnabled(level)) LogLine(level, fmt::format(format, std::forward<A>(args)...));
}

}  // namespace pinion
