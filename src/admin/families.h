// The families of this room, for the one list in server/.
#pragma once

#include "command/row.h"

namespace pinion::admin {

extern const command::Family kConfigFamily;

}  // namespace pinion::admin
