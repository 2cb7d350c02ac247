// Redis's glob patterns: * ? [abc] [^abc] [a-z] and backslash escapes, over bytes.
#pragma once

#include <string_view>

namespace pinion {

// True when the whole of `text` matches `pattern`. As in Redis, nothing but the empty pattern matches
// the empty text, and a pattern of more than a thousand stars matches nothing. Time is bounded for
// hostile patterns: at most O(pattern * text). `fold_case` compares ASCII letters without case.
// Thread-safe.
[[nodiscard]] bool GlobMatch(std::string_view pattern, std::string_view text,
                             bool fold_case = false);

}  // namespace pinion
