// The common form of every HELP subcommand.
#pragma once

#include <span>
#include <string_view>

#include "command/context.h"

namespace pinion::admin {

// "<COMMAND> <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", the lines, and HELP itself, as simple strings.
void ReplyHelp(command::Context& ctx, std::span<const std::string_view> lines);

}  // namespace pinion::admin
