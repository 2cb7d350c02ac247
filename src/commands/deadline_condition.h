// NX, XX, GT and LT: when EXPIRE, HEXPIRE and their kin set a deadline at all.
#pragma once

#include "base/clock.h"
#include "command/args.h"
#include "store/entry.h"

namespace pinion::commands {

struct DeadlineCondition {
  bool if_none = false, if_some = false, if_later = false, if_earlier = false;

  // Consumes one of the words if it is next.
  bool Accept(command::ArgReader& args) {
    if (args.Accept("NX")) return if_none = true;
    if (args.Accept("XX")) return if_some = true;
    if (args.Accept("GT")) return if_later = true;
    if (args.Accept("LT")) return if_earlier = true;
    return false;
  }

  // What has no deadline (kNoDeadline) counts as ending after all else.
  [[nodiscard]] bool Allows(UnixMillis current, UnixMillis wanted) const {
    const bool none = current == store::kNoDeadline;
    if (if_none && !none) return false;
    if (if_some && none) return false;
    if (if_later && (none || wanted <= current)) return false;
    return !if_earlier || none || wanted < current;
  }
};

}  // namespace pinion::commands
