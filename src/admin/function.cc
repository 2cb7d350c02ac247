// FUNCTION, as far as a server without scripts can answer truthfully: there are no functions.
#include "admin/families.h"
#include "command/args.h"
#include "command/context.h"
#include "command/help.h"

namespace pinion::admin {
namespace {

using command::Context;

// Removes every function: of which there are none.
void FunctionFlush(Context& ctx) {
  if (ctx.argc() > 3 || (ctx.argc() == 3 && !command::EqualsNoCase(ctx.arg(2), "SYNC") &&
                         !command::EqualsNoCase(ctx.arg(2), "ASYNC"))) {
    return ctx.reply().Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  }
  ctx.reply().Ok();
}

void FunctionList(Context& ctx) {
  command::ArgReader args(ctx, 2);
  while (args.more()) {
    if (args.Accept("WITHCODE")) continue;
    if (args.Accept("LIBRARYNAME")) {
      args.Next();
      continue;
    }
    return ctx.reply().Error("ERR Unknown argument " + std::string(args.Next()));
  }
  if (!args.Finish()) return;
  ctx.reply().EmptyArray();
}

void FunctionHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "FLUSH [ASYNC|SYNC]",
      "    Delete all libraries. There are none: scripts are not supported by this version.",
      "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
      "    Return the libraries: none.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr CommandRow kSubcommands[] = {
    {"FLUSH", -2, kNoScript | kWrite, {}, FunctionFlush, kCatScripting},
    {"HELP", 2, kLoading | kStale, {}, FunctionHelp, kCatScripting},
    {"LIST", -2, kNoScript, {}, FunctionList, kCatScripting},
};
constexpr CommandRow kRows[] = {
    {"FUNCTION", -2, 0, {}, nullptr, 0, kSubcommands},
};

}  // namespace

const command::Family kFunctionFamily = {"scripting", 0, kRows};

}  // namespace pinion::admin
