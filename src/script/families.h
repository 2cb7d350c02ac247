// The families of this room, for the one list in server/.
#pragma once

#include "command/row.h"

namespace pinion::script {

extern const command::Family kEvalFamily;
extern const command::Family kFCallFamily;
extern const command::Family kFunctionFamily;
extern const command::Family kScriptFamily;

}  // namespace pinion::script
