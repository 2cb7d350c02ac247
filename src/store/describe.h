// Types and encodings by the names that TYPE and OBJECT ENCODING give them.
#pragma once

#include <string_view>

#include "store/entry.h"

namespace pinion::store {

// "string", "list", "set", "zset", "hash" or "stream".
[[nodiscard]] std::string_view TypeName(ValueType type);

// A string's encoding is "int", "embstr" (short and never edited in place) or "raw"; other types name their own.
[[nodiscard]] std::string_view EncodingName(const Entry& e);

}  // namespace pinion::store
