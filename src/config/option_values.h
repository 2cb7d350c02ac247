// From words to an option's value and back to a line of redis.conf, for every kind of option.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/option.h"

namespace pinion::config {

using ParseResult = tl::expected<Value, std::string>;

// Reads an option's value from its words. `current` is the option's present text, which
// client-output-buffer-limit keeps for the classes it is not given. The error is the reason alone, in Redis's
// words. Pure, except that kDirectory is not handled here: entering a directory changes the process, so
// Config does it.
[[nodiscard]] ParseResult ParseValue(const Option& option, std::span<const std::string> words,
                                     std::string_view current);

// kOnTopOfDefaults: lines for a reader that starts from the defaults, so what is unset needs none.
// kOverride: lines that say everything, for a reader that may have been told something else before.
enum class RewriteStyle { kOnTopOfDefaults, kOverride };

// Lines of redis.conf that give `option` this value; none if it takes none.
[[nodiscard]] std::vector<std::string> RewriteLines(const Option& option, const Value& value, RewriteStyle style);

// Copies a parsed value to the fields of `settings` that hold it, if any.
void Publish(const Option& option, const Value& value, Settings* settings);

}  // namespace pinion::config
