// The families of this room, for the one list in server/.
#pragma once

#include "command/row.h"

namespace pinion::persist {

extern const command::Family kDumpFamily;
extern const command::Family kMigrateFamily;
extern const command::Family kRestoreAskingFamily;
extern const command::Family kRewriteFamily;
extern const command::Family kSaveFamily;

}  // namespace pinion::persist
