// Writing HELP.
#include "admin/help.h"

#include "command/registry.h"

namespace pinion::admin {

void ReplyHelp(command::Context& ctx, std::span<const std::string_view> lines) {
  const command::Command& c = ctx.command();
  ctx.reply().Array(lines.size() + 3);
  ctx.reply().Simple(command::ToUpper(c.parent ? c.parent->name : c.name) +
                     " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (std::string_view line : lines) ctx.reply().Simple(line);
  ctx.reply().Simple("HELP");
  ctx.reply().Simple("    Prints this help.");
}

}  // namespace pinion::admin
