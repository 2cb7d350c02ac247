// Words with quotes, as redis.conf lines and inline commands write them, and the quoting that reads back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pinion {

// Splits `line` into words at blanks. A word may hold "double quoted" parts (escapes \xHH \n \r \t \b \a, and
// a backslash before any other byte gives that byte) and 'single quoted' parts (only \' is an escape). A
// closing quote must be followed by a blank or the end. The line ends at its first NUL, as in Redis. `words`
// is cleared first. False when quotes are unbalanced; then `words` is empty.
[[nodiscard]] bool SplitQuoted(std::string_view line, std::vector<std::string>* words);

// `text` in double quotes with every byte that is not printable ASCII escaped: SplitQuoted gives `text` back.
[[nodiscard]] std::string Quote(std::string_view text);

// Without the blanks around it; line ends are among them.
[[nodiscard]] std::string_view Trim(std::string_view line, std::string_view blanks = " \t\r\n");

}  // namespace pinion
