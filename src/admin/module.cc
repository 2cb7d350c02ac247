// MODULE and ROLE: what clients ask to learn what kind of server this is.
#include "admin/families.h"
#include "command/context.h"
#include "command/help.h"

namespace pinion::admin {
namespace {

using command::Context;

void ModuleList(Context& ctx) { ctx.reply().EmptyArray(); }

// Modules are written against another program's insides: none can be loaded here, whatever the
// configuration says.
void ModuleRefuse(Context& ctx) {
  ctx.reply().Error(
      "ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", "
      "you can run it from a local "
      "connection, otherwise you need to set this option in the configuration file, and then "
      "restart the server.");
}

void ModuleHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "LIST",
      "    Return a list of loaded modules.",
      "LOAD <path> [<arg> ...]",
      "    Load a module library from <path>, passing to it any optional arguments.",
      "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
      "    Load a module library from <path>, while passing it module configurations and optional "
      "arguments.",
      "UNLOAD <name>",
      "    Unload a module.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr uint64_t kLoadFlags = kNoAsyncLoading | kAdmin | kNoScript;
constexpr CommandRow kModuleSubcommands[] = {
    {"HELP", 2, kLoading | kStale, {}, ModuleHelp}, {"LIST", 2, kAdmin | kNoScript, {}, ModuleList},
    {"LOAD", -3, kLoadFlags, {}, ModuleRefuse},     {"LOADEX", -3, kLoadFlags, {}, ModuleRefuse},
    {"UNLOAD", 3, kLoadFlags, {}, ModuleRefuse},
};
constexpr CommandRow kModuleRows[] = {
    {"MODULE", -2, 0, {}, nullptr, 0, kModuleSubcommands},
};

}  // namespace

const command::Family kModuleFamily = {"server", 0, kModuleRows};

}  // namespace pinion::admin
