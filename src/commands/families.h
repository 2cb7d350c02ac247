// The families of this room, for the one list in server/.
#pragma once

#include "command/row.h"

namespace pinion::commands {

extern const command::Family kStringFamily;
extern const command::Family kConnectionFamily;

}  // namespace pinion::commands
