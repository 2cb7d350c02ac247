// How the journal is told of what consumers were given: as ownership of each entry, and the group's place.
#pragma once

#include <string_view>

#include "command/context.h"
#include "types/stream.h"

namespace pinion::commands {

// A group as a command names it.
struct NamedGroup {
  std::string_view key, name;
  const types::StreamGroup& group;
};

// XCLAIM with everything that a pending entry holds; an entry that the stream no longer has ceases to be pending.
void NameClaim(command::Context& ctx, const NamedGroup& group, const types::PendingEntry& entry);
// XGROUP SETID with the group's last delivered ID and number of entries read.
void NameGroupPlace(command::Context& ctx, const NamedGroup& group);

}  // namespace pinion::commands
