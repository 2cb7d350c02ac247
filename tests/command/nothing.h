// A handler for rows that are looked at and never executed.
#pragma once

#include "command/row.h"

namespace pinion::command {

inline void Nothing(Context&) {}

}  // namespace pinion::command
