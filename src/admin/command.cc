// COMMAND: the server's commands described to clients.
#include <optional>

#include "admin/command_describe.h"
#include "admin/command_docs.h"
#include "admin/families.h"
#include "base/glob.h"
#include "command/args.h"
#include "command/categories.h"
#include "command/context.h"
#include "command/help.h"
#include "command/keys.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::Command;
using command::Context;

void WriteAllInfos(Context& ctx) {
  const auto& commands = ctx.services().registry.commands();
  ctx.reply().Array(commands.size());
  for (const auto& c : commands) WriteCommandInfo(*c, ctx.reply());
}

void CommandAll(Context& ctx) {
  WriteAllInfos(ctx);
}

void CommandCount(Context& ctx) {
  ctx.reply().Integer(static_cast<int64_t>(ctx.services().registry.commands().size()));
}

// The command of a full name ("config|get"), or null; "get|x" and "config|get|x" name nothing.
const Command* FindNamed(Context& ctx, std::string_view name) {
  return ctx.services().registry.FindFull(name);
}

void CommandInfo(Context& ctx) {
  if (ctx.argc() == 2) return WriteAllInfos(ctx);
  ctx.reply().Array(ctx.argc() - 2);
  for (std::string_view name : ctx.args().subspan(2)) {
    if (const Command* c = FindNamed(ctx, name)) {
      WriteCommandInfo(*c, ctx.reply());
    } else {
      ctx.reply().Null();
    }
  }
}

void CommandDocs(Context& ctx) {
  std::vector<const Command*> found;
  if (ctx.argc() == 2) {
    for (const auto& c : ctx.services().registry.commands()) found.push_back(c.get());
  }
  for (std::string_view name : ctx.args().subspan(2)) {
    if (const Command* c = FindNamed(ctx, name)) found.push_back(c);
  }
  ctx.reply().Map(found.size());
  for (const Command* c : found) {
    ctx.reply().Bulk(c->full_name);
    WriteCommandDoc(*c, ctx.reply());
  }
}

// The command that `call` names, when it has keys and the arguments fit its arity; else null, with
// the error replied.
const Command* CalledCommand(Context& ctx, std::span<const std::string_view> call) {
  const Command* c = ctx.services().registry.Find(call[0]);
  if (c != nullptr && !c->subcommands.empty() && call.size() > 1) {
    c = c->FindSubcommand(call[1]);
  }
  const auto has_keys = [](const Command& command) {
    for (const command::KeySpec& s : command.row->keys) {
      if (!(s.flags & command::kKeyNotKey)) return true;
    }
    return false;
  };
  std::string_view error;
  if (c == nullptr) {
    error = "ERR Invalid command specified";
  } else if (!has_keys(*c)) {
    error = "ERR The command has no key arguments";
  } else if (!c->FitsArity(call.size())) {
    error = "ERR Invalid number of arguments specified for command";
  }
  if (error.empty()) return c;
  ctx.reply().Error(error);
  return nullptr;
}

// The keys of the call in arguments from 2 on; nullopt when an error was replied.
std::optional<std::vector<command::KeyPosition>> KeysOfCall(Context& ctx) {
  const auto call = ctx.args().subspan(2);
  const Command* c = CalledCommand(ctx, call);
  if (c == nullptr) return std::nullopt;
  std::vector<command::KeyPosition> keys;
  const bool fits = command::FindKeys(*c, call, &keys);
  if (!c->Has(command::kNoMandatoryKeys) && (!fits || keys.empty())) {
    ctx.reply().Error("ERR Invalid arguments specified for command");
    return std::nullopt;
  }
  if (!fits) keys.clear();
  return keys;
}

void CommandGetKeys(Context& ctx) {
  const auto keys = KeysOfCall(ctx);
  if (!keys) return;
  ctx.reply().Array(keys->size());
  for (const command::KeyPosition& k : *keys) ctx.reply().Bulk(ctx.arg(2 + k.argument));
}

void CommandGetKeysAndFlags(Context& ctx) {
  const auto keys = KeysOfCall(ctx);
  if (!keys) return;
  ctx.reply().Array(keys->size());
  for (const command::KeyPosition& k : *keys) {
    ctx.reply().Array(2);
    ctx.reply().Bulk(ctx.arg(2 + k.argument));
    WriteKeyFlags(k.flags, ctx.reply());
  }
}

enum class ListFilter { kNone, kModule, kCategory, kPattern };

void CommandList(Context& ctx) {
  command::ArgReader args(ctx, 2);
  ListFilter filter = ListFilter::kNone;
  std::string_view value;
  if (args.Accept("FILTERBY")) {
    if (args.Accept("MODULE")) {
      filter = ListFilter::kModule;
    } else if (args.Accept("ACLCAT")) {
      filter = ListFilter::kCategory;
    } else if (args.Accept("PATTERN")) {
      filter = ListFilter::kPattern;
    } else {
      args.Fail(resp::error::kSyntax);
    }
    value = args.Next();
  }
  if (!args.Finish()) return;
  const uint32_t category = filter == ListFilter::kCategory ? command::CategoryOf(value) : 0;
  const auto wanted = [&](const Command& c) {
    switch (filter) {
      case ListFilter::kNone:
        return true;
      case ListFilter::kModule:
        return false;  // there are no modules
      case ListFilter::kCategory:
        return (c.categories & category) != 0;
      case ListFilter::kPattern:
        return GlobMatch(value, c.full_name, true);
    }
    return false;
  };
  const auto mark = ctx.reply().Begin();
  size_t n = 0;
  ctx.services().registry.ForEach([&](const Command& c) {
    if (!wanted(c)) return;
    ctx.reply().Bulk(c.full_name);
    ++n;
  });
  ctx.reply().EndArray(mark, n);
}

void CommandHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "(no subcommand)",
      "    Return details about all Redis commands.",
      "COUNT",
      "    Return the total number of commands in this Redis server.",
      "LIST",
      "    Return a list of all commands in this Redis server.",
      "INFO [<command-name> ...]",
      "    Return details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "DOCS [<command-name> ...]",
      "    Return documentation details about multiple Redis commands.",
      "    If no command names are given, documentation details for all",
      "    commands are returned.",
      "GETKEYS <full-command>",
      "    Return the keys from a full Redis command.",
      "GETKEYSANDFLAGS <full-command>",
      "    Return the keys and the access flags from a full Redis command.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr uint64_t kCommandFlags = kLoading | kStale | kSentinel;
constexpr CommandRow kCommandSubcommands[] = {
    {"COUNT", 2, kCommandFlags, {}, CommandCount, kCatConnection},
    {"DOCS", -2, kCommandFlags, {}, CommandDocs, kCatConnection},
    {"GETKEYS", -3, kCommandFlags, {}, CommandGetKeys, kCatConnection},
    {"GETKEYSANDFLAGS", -3, kCommandFlags, {}, CommandGetKeysAndFlags, kCatConnection},
    {"HELP", 2, kCommandFlags, {}, CommandHelp, kCatConnection},
    {"INFO", -2, kCommandFlags, {}, CommandInfo, kCatConnection},
    {"LIST", -2, kCommandFlags, {}, CommandList, kCatConnection},
};
constexpr CommandRow kCommandRows[] = {
    {"COMMAND", -1, kCommandFlags, {}, CommandAll, kCatConnection, kCommandSubcommands},
};

}  // namespace

const command::Family kCommandFamily = {"server", 0, kCommandRows};

}  // namespace pinion::admin
