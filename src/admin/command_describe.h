// What COMMAND tells about one command.
#pragma once

#include "command/registry.h"
#include "resp/reply_writer.h"

namespace pinion::admin {

// The element of COMMAND INFO's array.
void WriteCommandInfo(const command::Command& c, resp::ReplyWriter& reply);
// The names of a key specification's flags, as a set.
void WriteKeyFlags(uint32_t flags, resp::ReplyWriter& reply);

}  // namespace pinion::admin
