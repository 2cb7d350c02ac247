// The one list of command families.
#pragma once

#include <span>

#include "command/row.h"

namespace pinion::server {

[[nodiscard]] std::span<const command::Family> AllFamilies();

}  // namespace pinion::server
