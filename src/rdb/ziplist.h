// The compact lists of older versions: ziplists and zipmaps.
#pragma once

#include <functional>
#include <string_view>

#include "types/listpack.h"

namespace pinion::rdb {

// Calls f(item) for each element in order, until it returns false. False when the bytes are not in the format or f
// returned false; elements may have been seen before that shows.
[[nodiscard]] bool ForEachInZiplist(std::string_view bytes, const std::function<bool(const types::ListpackItem&)>& f);

// The same for a zipmap's fields and values in turn.
[[nodiscard]] bool ForEachInZipmap(std::string_view bytes, const std::function<bool(const types::ListpackItem&)>& f);

}  // namespace pinion::rdb
