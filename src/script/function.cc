// FUNCTION: the libraries that the server keeps.
#include "base/glob.h"
#include "command/args.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "command/help.h"
#include "script/engine.h"
#include "script/families.h"
#include "script/function_dump.h"
#include "script/kill.h"
#include "script/shebang.h"

namespace pinion::script {
namespace {

using command::Context;
using command::EqualsNoCase;

// Every change counts as one to the data.
void Changed(Context& ctx) {
  Engine::Of(ctx).LibrariesChanged();
  ctx.worker().accessor.stats.dirty.Add(1);
}

void FunctionDelete(Context& ctx) {
  if (!Engine::Of(ctx).functions().Delete(ctx.arg(2))) return ctx.reply().Error("ERR Library not found");
  Changed(ctx);
  ctx.reply().Ok();
}

void FunctionDump(Context& ctx) {
  std::vector<std::string_view> codes;
  for (const auto& [name, library] : Engine::Of(ctx).functions().libraries().libraries()) {
    codes.push_back(library->code);
  }
  ctx.reply().Bulk(DumpLibraries(codes));
}

void FunctionFlush(Context& ctx) {
  if (ctx.argc() > 3) return command::ReplyUnknownForm(ctx);
  if (ctx.argc() == 3 && !command::IsFlushMode(ctx.arg(2))) {
    return ctx.reply().Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  }
  Engine::Of(ctx).functions().Flush();
  Changed(ctx);
  ctx.reply().Ok();
}

void FunctionKill(Context& ctx) { KillBusy(ctx, true); }

void ReplyFunction(Context& ctx, const Function& f) {
  resp::ReplyWriter& reply = ctx.reply();
  reply.Map(3);
  reply.Bulk("name");
  reply.Bulk(f.name);
  reply.Bulk("description");
  f.description ? reply.Bulk(*f.description) : reply.Null();
  reply.Bulk("flags");
  size_t n = 0;
  for (const FlagName& flag : kFlagNames) n += (f.flags & flag.flag) != 0;
  reply.Set(n);
  for (const FlagName& flag : kFlagNames) {
    if (f.flags & flag.flag) reply.Simple(flag.name);
  }
}

void ReplyLibrary(Context& ctx, const Library& library, bool with_code) {
  resp::ReplyWriter& reply = ctx.reply();
  reply.Map(with_code ? 4 : 3);
  reply.Bulk("library_name");
  reply.Bulk(library.name);
  reply.Bulk("engine");
  reply.Bulk("LUA");
  reply.Bulk("functions");
  reply.Array(library.functions.size());
  for (const auto& f : library.functions) ReplyFunction(ctx, *f);
  if (!with_code) return;
  reply.Bulk("library_code");
  reply.Bulk(library.code);
}

void FunctionList(Context& ctx) {
  bool with_code = false;
  std::optional<std::string_view> pattern;
  for (size_t i = 2; i < ctx.argc(); ++i) {
    if (!with_code && EqualsNoCase(ctx.arg(i), "WITHCODE")) {
      with_code = true;
    } else if (!pattern && EqualsNoCase(ctx.arg(i), "LIBRARYNAME")) {
      if (i + 1 == ctx.argc()) return ctx.reply().Error("ERR library name argument was not given");
      pattern = ctx.arg(++i);
    } else {
      return ctx.reply().Error("ERR Unknown argument " + std::string(resp::error::UpToNul(ctx.arg(i))));
    }
  }
  std::vector<const Library*> shown;
  for (const auto& [name, library] : Engine::Of(ctx).functions().libraries().libraries()) {
    if (!pattern || GlobMatch(*pattern, name, true)) shown.push_back(library.get());
  }
  ctx.reply().Array(shown.size());
  for (const Library* library : shown) ReplyLibrary(ctx, *library, with_code);
}

void FunctionLoad(Context& ctx) {
  bool replace = false;
  for (size_t i = 2; i + 1 < ctx.argc(); ++i) {
    if (!EqualsNoCase(ctx.arg(i), "REPLACE")) {
      return ctx.reply().Error("ERR Unknown option given: " + std::string(resp::error::UpToNul(ctx.arg(i))));
    }
    replace = true;
  }
  const auto name = Engine::Of(ctx).functions().Load(ctx.arg(ctx.argc() - 1), replace);
  if (!name) return ctx.reply().Error(name.error());
  Changed(ctx);
  ctx.reply().Bulk(*name);
}

void FunctionRestore(Context& ctx) {
  using Policy = Functions::Restore;
  if (ctx.argc() > 4) return command::ReplyUnknownForm(ctx);
  Policy policy = Policy::kAppend;
  if (ctx.argc() == 4) {
    if (EqualsNoCase(ctx.arg(3), "REPLACE")) {
      policy = Policy::kReplace;
    } else if (EqualsNoCase(ctx.arg(3), "FLUSH")) {
      policy = Policy::kFlush;
    } else if (!EqualsNoCase(ctx.arg(3), "APPEND")) {
      return ctx.reply().Error("ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
    }
  }
  const auto codes = ParseLibraries(ctx.arg(2));
  if (!codes) return ctx.reply().Error(codes.error());
  const auto restored = Engine::Of(ctx).functions().RestoreAll(*codes, policy);
  if (!restored) return ctx.reply().Error(restored.error());
  Changed(ctx);
  ctx.reply().Ok();
}

void ReplyRunning(Context& ctx, const command::RunningScript& running) {
  resp::ReplyWriter& reply = ctx.reply();
  reply.Map(3);
  reply.Bulk("name");
  reply.Bulk(running.name);
  reply.Bulk("command");
  reply.Array(running.args.size());
  for (std::string_view arg : running.args) reply.Bulk(arg);
  reply.Bulk("duration_ms");
  reply.Integer(ctx.services().dispatcher->ScriptMillis());
}

void FunctionStats(Context& ctx) {
  command::Dispatcher& dispatcher = *ctx.services().dispatcher;
  dispatcher.AwaitScriptState(ctx);
  const command::RunningScript* const busy = ctx.alone() ? dispatcher.BusyScript() : nullptr;
  if (busy != nullptr && !busy->is_function) return ctx.reply().Error(dispatcher.BusyError());
  const command::ScriptEngine::Usage usage = ctx.services().scripts->usage();
  resp::ReplyWriter& reply = ctx.reply();
  reply.Map(2);
  reply.Bulk("running_script");
  busy != nullptr ? ReplyRunning(ctx, *busy) : reply.Null();
  reply.Bulk("engines");
  reply.Map(1);
  reply.Bulk("LUA");
  reply.Map(2);
  reply.Bulk("libraries_count");
  reply.Integer(usage.libraries);
  reply.Bulk("functions_count");
  reply.Integer(usage.function_count);
}

void FunctionHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "LOAD [REPLACE] <FUNCTION CODE>",
      "    Create a new library with the given library name and code.",
      "DELETE <LIBRARY NAME>",
      "    Delete the given library.",
      "LIST [LIBRARYNAME PATTERN] [WITHCODE]",
      "    Return general information on all the libraries, or on those whose name matches: name, engine,",
      "    functions and, with WITHCODE, code.",
      "STATS",
      "    Return the function that is running, if one is, and the number of libraries and functions.",
      "KILL",
      "    Kill the current running function.",
      "FLUSH [ASYNC|SYNC]",
      "    Delete all the libraries, at once in either mode.",
      "DUMP",
      "    Return a payload of all libraries, for FUNCTION RESTORE.",
      "RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]",
      "    Restore the libraries of a payload. FLUSH deletes all others first; APPEND, the default, fails when a",
      "    library exists; REPLACE replaces it. None restores a function that another library has.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr uint64_t kUses = kNoScript | kInterpreter;
constexpr CommandRow kFunctionSubcommands[] = {
    {"DELETE", 3, kUses | kWrite, {}, FunctionDelete, kCatScripting},
    {"DUMP", 2, kUses, {}, FunctionDump, kCatScripting},
    {"FLUSH", -2, kUses | kWrite, {}, FunctionFlush, kCatScripting},
    {"HELP", 2, kLoading | kStale, {}, FunctionHelp, kCatScripting},
    {"KILL", 2, kNoScript | kAllowBusy, {}, FunctionKill, kCatScripting},
    {"LIST", -2, kUses, {}, FunctionList, kCatScripting},
    {"LOAD", -3, kUses | kWrite | kDenyOom, {}, FunctionLoad, kCatScripting},
    {"RESTORE", -3, kUses | kWrite | kDenyOom, {}, FunctionRestore, kCatScripting},
    {"STATS", 2, kNoScript | kAllowBusy, {}, FunctionStats, kCatScripting},
};
constexpr CommandRow kFunctionRows[] = {
    {"FUNCTION", -2, 0, {}, nullptr, 0, kFunctionSubcommands},
};

}  // namespace

const command::Family kFunctionFamily = {"scripting", 0, kFunctionRows};

}  // namespace pinion::script
