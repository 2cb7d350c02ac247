// The common form of every HELP subcommand.
#pragma once

#include <span>
#include <string_view>

#include "command/context.h"

namespace pinion::command {

// "<COMMAND> <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", the lines, and HELP itself, as simple strings.
void ReplyHelp(Context& ctx, std::span<const std::string_view> lines);

// The error for a subcommand that is known but was given arguments that no form of it takes.
void ReplyUnknownForm(Context& ctx);

}  // namespace pinion::command
