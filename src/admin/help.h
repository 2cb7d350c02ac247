// The HELP reply under this room's name.
#pragma once

#include "command/help.h"

namespace pinion::admin {

using command::ReplyHelp;

}  // namespace pinion::admin
