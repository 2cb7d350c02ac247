// The families of this room, for the one list in server/.
#pragma once

#include "command/row.h"

namespace pinion::commands {

extern const command::Family kStringFamily;
extern const command::Family kConnectionFamily;
extern const command::Family kKeyFamily;
extern const command::Family kExpireFamily;
extern const command::Family kScanFamily;

}  // namespace pinion::commands
