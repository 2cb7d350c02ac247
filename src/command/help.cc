// Writing HELP.
#include "command/help.h"

#include <fmt/format.h>

#include "command/registry.h"
#include "resp/errors.h"

namespace pinion::command {
namespace {

std::string ContainerName(const Command& c) { return ToUpper(c.parent ? c.parent->name : c.name); }

}  // namespace

void ReplyHelp(Context& ctx, std::span<const std::string_view> lines) {
  ctx.reply().Array(lines.size() + 3);
  ctx.reply().Simple(ContainerName(ctx.command()) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (std::string_view line : lines) ctx.reply().Simple(line);
  ctx.reply().Simple("HELP");
  ctx.reply().Simple("    Prints this help.");
}

void ReplyUnknownForm(Context& ctx) {
  ctx.reply().Error(fmt::format("ERR unknown subcommand or wrong number of arguments for '{}'. Try {} HELP.",
                                resp::error::UpToNul(ctx.arg(1)), ContainerName(ctx.command())));
}

}  // namespace pinion::command
