// ACL: users and what they may do.
#include "command/acl.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "admin/acl_file.h"
#include "admin/families.h"
#include "base/log.h"
#include "base/random.h"
#include "command/acl_sessions.h"
#include "command/args.h"
#include "command/categories.h"
#include "command/context.h"
#include "command/help.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::Context;
namespace error = resp::error;

constexpr std::string_view kNoFile =
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER "
    "command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store "
    "users in the Redis configuration.";
constexpr std::string_view kSaveFailed =
    "ERR There was an error trying to save the ACLs. Please check the server logs for more information";
constexpr std::string_view kBadBits =
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096";

// Users have changed.
void Enforce(Context& ctx) {
  command::EndDisowned(ctx.services(), ctx.worker(), ctx.session());
  command::RefreshSessions(ctx.services());
}

void HideArgumentsFrom(Context& ctx, size_t first) {
  for (size_t i = first; i < ctx.argc(); ++i) ctx.HideArgument(i);
}

// --- Users -----------------------------------------------------------------------------------

void SetUser(Context& ctx) {
  HideArgumentsFrom(ctx, 2);
  if (command::HasSpaces(ctx.arg(2))) {
    return ctx.reply().Error("ERR Usernames can't contain spaces or null characters");
  }
  const auto set = ctx.services().acl.SetUser(ctx.arg(2), ctx.args().subspan(3));
  if (!set) return ctx.reply().Error("ERR " + set.error());
  Enforce(ctx);
  ctx.reply().Ok();
}

void DelUser(Context& ctx) {
  HideArgumentsFrom(ctx, 2);
  const auto names = ctx.args().subspan(2);
  command::Acl& acl = ctx.services().acl;
  if (std::find(names.begin(), names.end(), acl.default_user()->name()) != names.end()) {
    return ctx.reply().Error("ERR The 'default' user cannot be removed");
  }
  int64_t removed = 0;
  for (const std::string_view name : names) removed += acl.Remove(name);
  Enforce(ctx);
  ctx.reply().Integer(removed);
}

void WriteSelector(const command::AclSelector& s, resp::ReplyWriter& reply) {
  reply.Bulk("commands");
  reply.Bulk(s.DescribeCommands());
  reply.Bulk("keys");
  reply.Bulk(s.DescribeKeys());
  reply.Bulk("channels");
  reply.Bulk(s.DescribeChannels());
}

void GetUser(Context& ctx) {
  ctx.HideArgument(2);
  resp::ReplyWriter& reply = ctx.reply();
  const command::Acl::User user = ctx.services().acl.Find(ctx.arg(2));
  if (user == nullptr) return reply.Null();
  reply.Map(6);
  reply.Bulk("flags");
  const auto flags = user->flags();
  reply.Set(flags.size());
  for (const std::string_view flag : flags) reply.Bulk(flag);
  reply.Bulk("passwords");
  reply.Array(user->passwords().size());
  for (const std::string& hash : user->passwords()) reply.Bulk(hash);
  WriteSelector(user->root(), reply);
  reply.Bulk("selectors");
  reply.Array(user->selectors().size());
  for (const command::AclSelector& s : user->selectors()) {
    reply.Map(3);
    WriteSelector(s, reply);
  }
}

void ListUsers(Context& ctx) {
  const auto lines = ctx.services().acl.Lines();
  ctx.reply().Array(lines.size());
  for (const std::string& line : lines) ctx.reply().Bulk(line);
}

void Users(Context& ctx) {
  const auto& users = ctx.services().acl.users();
  ctx.reply().Array(users.size());
  for (const auto& [name, user] : users) ctx.reply().Bulk(name);
}

void WhoAmI(Context& ctx) { ctx.reply().Bulk(ctx.session().user->name()); }

void Load(Context& ctx) {
  if (ctx.services().config.Text("aclfile").empty()) return ctx.reply().Error(kNoFile);
  const auto loaded = LoadAclFile(ctx.services().acl, ctx.services().config);
  if (!loaded) return ctx.reply().Error("ERR " + loaded.error());
  Enforce(ctx);
  ctx.reply().Ok();
}

void Save(Context& ctx) {
  if (ctx.services().config.Text("aclfile").empty()) return ctx.reply().Error(kNoFile);
  const auto saved = SaveAclFile(ctx.services().acl, ctx.services().config);
  if (!saved) {
    Log(LogLevel::kWarning, "Saving the ACL file: {}", saved.error());
    return ctx.reply().Error(kSaveFailed);
  }
  ctx.reply().Ok();
}

// --- Looking around --------------------------------------------------------------------------

void Cat(Context& ctx) {
  if (ctx.argc() > 3) return command::ReplyUnknownForm(ctx);
  resp::ReplyWriter& reply = ctx.reply();
  if (ctx.argc() == 2) {
    reply.Array(command::Categories().size());
    for (const command::CategoryName& c : command::Categories()) reply.Bulk(c.name);
    return;
  }
  constexpr size_t kMostQuoted = 128;
  const uint32_t category = command::CategoryOf(ctx.arg(2));
  if (category == 0) {
    return reply.Error(fmt::format("ERR Unknown category '{}'", error::UpToNul(ctx.arg(2).substr(0, kMostQuoted))));
  }
  std::vector<std::string_view> names;
  ctx.services().registry.ForEach([&](const command::Command& c) {
    if (c.categories & category) names.push_back(c.full_name);
  });
  reply.Array(names.size());
  for (const std::string_view name : names) reply.Bulk(name);
}

void DryRun(Context& ctx) {
  const command::Acl::User user = ctx.services().acl.Find(ctx.arg(2));
  if (user == nullptr) {
    return ctx.reply().Error(fmt::format("ERR User '{}' not found", error::UpToNul(ctx.arg(2))));
  }
  const auto call = ctx.args().subspan(3);
  const command::Command* const c = ctx.services().registry.FindCall(call);
  if (c == nullptr) return ctx.reply().Error(fmt::format("ERR Command '{}' not found", error::UpToNul(call[0])));
  if (!c->FitsArity(call.size())) return ctx.reply().Error(error::WrongArity(c->full_name));
  const auto denial = user->Check(*c, call);
  if (!denial) return ctx.reply().Ok();
  ctx.reply().Bulk(command::DescribeDenial(*user, *c, call, *denial, true));
}

void GenPass(Context& ctx) {
  if (ctx.argc() > 3) return command::ReplyUnknownForm(ctx);
  constexpr int64_t kMostBits = 4096;
  constexpr size_t kDigitsAWord = 16;
  int64_t bits = 256;
  if (ctx.argc() == 3) {
    command::ArgReader args(ctx, 2);
    bits = args.NextInt();
    if (!args.Finish()) return;
  }
  if (bits <= 0 || bits > kMostBits) return ctx.reply().Error(kBadBits);
  const auto digits = static_cast<size_t>(bits + 3) / 4;
  std::string password;
  for (size_t i = 0; i < digits; i += kDigitsAWord) password += fmt::format("{:016x}", SecureRandom64());
  password.resize(digits);
  ctx.reply().Bulk(password);
}

// --- The log ---------------------------------------------------------------------------------

std::string_view NameOf(command::DenialReason reason) {
  switch (reason) {
    case command::DenialReason::kCommand:
      return "command";
    case command::DenialReason::kKey:
      return "key";
    case command::DenialReason::kChannel:
      return "channel";
    case command::DenialReason::kAuthentication:
      break;
  }
  return "auth";
}

std::string_view NameOf(command::AclLogContext context) {
  switch (context) {
    case command::AclLogContext::kMulti:
      return "multi";
    case command::AclLogContext::kLua:
      return "lua";
    case command::AclLogContext::kTopLevel:
      break;
  }
  return "toplevel";
}

void WriteEntry(const command::AclLogEntry& e, UnixMillis now, resp::ReplyWriter& reply) {
  reply.Map(10);
  reply.Bulk("count");
  reply.Integer(e.count);
  reply.Bulk("reason");
  reply.Bulk(NameOf(e.reason));
  reply.Bulk("context");
  reply.Bulk(NameOf(e.context));
  reply.Bulk("object");
  reply.Bulk(e.object);
  reply.Bulk("username");
  reply.Bulk(e.username);
  reply.Bulk("age-seconds");
  reply.Double(static_cast<double>(now - e.updated) / 1000);
  reply.Bulk("client-info");
  reply.Bulk(e.client);
  reply.Bulk("entry-id");
  reply.Integer(e.id);
  reply.Bulk("timestamp-created");
  reply.Integer(e.created);
  reply.Bulk("timestamp-last-updated");
  reply.Integer(e.updated);
}

void ShowLog(Context& ctx) {
  if (ctx.argc() > 3) return command::ReplyUnknownForm(ctx);
  command::AclLog& log = ctx.services().acl.log();
  int64_t count = 10;
  if (ctx.argc() == 3) {
    command::ArgReader args(ctx, 2);
    if (args.Accept("RESET")) {
      log.Reset();
      return ctx.reply().Ok();
    }
    count = args.NextInt();
    if (!args.Finish()) return;
  }
  const auto entries = log.Newest(static_cast<size_t>(std::max<int64_t>(count, 0)));
  ctx.reply().Array(entries.size());
  for (const command::AclLogEntry& e : entries) WriteEntry(e, ctx.now(), ctx.reply());
}

void AclHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "CAT [<category>]",
      "    List all commands that belong to <category>, or all command categories",
      "    when no category is specified.",
      "DELUSER <username> [<username> ...]",
      "    Delete a list of users.",
      "DRYRUN <username> <command> [<arg> ...]",
      "    Returns whether the user can execute the given command without executing the command.",
      "GETUSER <username>",
      "    Get the user's details.",
      "GENPASS [<bits>]",
      "    Generate a secure 256-bit user password. The optional `bits` argument can",
      "    be used to specify a different size.",
      "LIST",
      "    Show users details in config file format.",
      "LOAD",
      "    Reload users from the ACL file.",
      "LOG [<count> | RESET]",
      "    Show the ACL log entries.",
      "SAVE",
      "    Save the current config to the ACL file.",
      "SETUSER <username> <attribute> [<attribute> ...]",
      "    Create or modify a user with the specified attributes.",
      "USERS",
      "    List all the registered usernames.",
      "WHOAMI",
      "    Return the current connection username.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr uint64_t kAnyone = kNoScript | kLoading | kStale | kSentinel;
constexpr uint64_t kLook = kAdmin | kAnyone;
constexpr uint64_t kChangeUsers = kLook | kAlone;

constexpr CommandRow kAclSubcommands[] = {
    {"CAT", -2, kAnyone, {}, Cat},
    {"DELUSER", -3, kChangeUsers, {}, DelUser},
    {"DRYRUN", -4, kLook, {}, DryRun},
    {"GENPASS", -2, kAnyone, {}, GenPass},
    {"GETUSER", 3, kLook, {}, GetUser},
    {"HELP", 2, kLoading | kStale | kSentinel, {}, AclHelp},
    {"LIST", 2, kLook, {}, ListUsers},
    {"LOAD", 2, kChangeUsers, {}, Load},
    {"LOG", -2, kLook, {}, ShowLog},
    {"SAVE", 2, kLook, {}, Save},
    {"SETUSER", -3, kChangeUsers, {}, SetUser},
    {"USERS", 2, kLook, {}, Users},
    {"WHOAMI", 2, kAnyone, {}, WhoAmI},
};
constexpr CommandRow kAclRows[] = {
    {"ACL", -2, kSentinel, {}, nullptr, 0, kAclSubcommands},
};

}  // namespace

const command::Family kAclFamily = {"server", 0, kAclRows};

}  // namespace pinion::admin
