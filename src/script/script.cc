// SCRIPT: the scripts that the server keeps.
#include "command/args.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "command/help.h"
#include "resp/errors.h"
#include "script/engine.h"
#include "script/families.h"
#include "script/kill.h"

namespace pinion::script {

using command::Context;
using command::EqualsNoCase;
namespace error = resp::error;

void KillBusy(Context& ctx, bool function) {
  command::Dispatcher& dispatcher = *ctx.services().dispatcher;
  dispatcher.AwaitScriptState(ctx);
  command::RunningScript* const busy = dispatcher.BusyScript();
  if (busy == nullptr || !ctx.alone()) return ctx.reply().Error(error::kNotBusy);
  if (busy->wrote) return ctx.reply().Error(error::kUnkillable);
  if (busy->is_function != function) return ctx.reply().Error(dispatcher.BusyError());
  busy->killed = true;
  // Whoever comes later finds the script gone.
  dispatcher.DismissOthers(ctx.worker());
  ctx.reply().Ok();
}

namespace {

void ScriptDebug(Context& ctx) {
  if (EqualsNoCase(ctx.arg(2), "NO")) return ctx.reply().Ok();
  if (EqualsNoCase(ctx.arg(2), "YES") || EqualsNoCase(ctx.arg(2), "SYNC")) {
    return ctx.reply().Error("ERR SCRIPT DEBUG is not supported: this server has no debugger for scripts");
  }
  ctx.reply().Error("ERR Use SCRIPT DEBUG YES/SYNC/NO");
}

void ScriptExists(Context& ctx) {
  ctx.reply().Array(ctx.argc() - 2);
  for (std::string_view sha : ctx.args().subspan(2)) ctx.reply().Integer(Engine::Of(ctx).FindSha(sha) != nullptr);
}

void ScriptFlush(Context& ctx) {
  if (ctx.argc() > 3 || (ctx.argc() == 3 && !command::IsFlushMode(ctx.arg(2)))) {
    return ctx.reply().Error("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  }
  Engine::Of(ctx).FlushScripts();
  ctx.reply().Ok();
}

void ScriptKill(Context& ctx) { KillBusy(ctx, false); }

void ScriptLoad(Context& ctx) {
  const auto script = Engine::Of(ctx).Define(ctx.arg(2), true);
  if (!script) return ctx.reply().Error(script.error());
  ctx.reply().Bulk((*script)->sha);
}

void ScriptShow(Context& ctx) {
  const Script* const script = Engine::Of(ctx).FindSha(ctx.arg(2));
  if (script == nullptr) return ctx.reply().Error(error::kNoScript);
  ctx.reply().Bulk(script->text);
}

void ScriptHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "DEBUG (YES|SYNC|NO)",
      "    Set the debug mode for subsequent scripts executed. Only NO is supported.",
      "EXISTS <sha1> [<sha1> ...]",
      "    Return information about the existence of the scripts in the script cache.",
      "FLUSH [ASYNC|SYNC]",
      "    Flush the Lua scripts cache, at once in either mode.",
      "KILL",
      "    Kill the currently executing Lua script.",
      "LOAD <script>",
      "    Load a script into the scripts cache without executing it.",
      "SHOW <sha1>",
      "    Show a script from the scripts cache.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr uint64_t kScriptUses = kNoScript | kInterpreter;
constexpr CommandRow kScriptSubcommands[] = {
    {"DEBUG", 3, kNoScript, {}, ScriptDebug, kCatScripting},
    {"EXISTS", -3, kScriptUses, {}, ScriptExists, kCatScripting},
    {"FLUSH", -2, kScriptUses, {}, ScriptFlush, kCatScripting},
    {"HELP", 2, kLoading | kStale, {}, ScriptHelp, kCatScripting},
    {"KILL", 2, kNoScript | kAllowBusy, {}, ScriptKill, kCatScripting},
    {"LOAD", 3, kScriptUses | kStale, {}, ScriptLoad, kCatScripting},
    {"SHOW", 3, kScriptUses, {}, ScriptShow, kCatScripting},
};
constexpr CommandRow kScriptRows[] = {
    {"SCRIPT", -2, 0, {}, nullptr, 0, kScriptSubcommands},
};

}  // namespace

const command::Family kScriptFamily = {"scripting", 0, kScriptRows};

}  // namespace pinion::script
