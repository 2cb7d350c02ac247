// The connection itself: greeting, password, protocol, database, good-bye.
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "command/acl_sessions.h"
#include "command/args.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "commands/families.h"
#include "pinion/version.h"
#include "store/keyspace.h"

namespace pinion::commands {
namespace {

using command::Context;
using command::Session;
namespace error = resp::error;

constexpr std::string_view kNoPasswordSet =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration "
    "is correct?";
constexpr std::string_view kHelloNoAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
    "option can be used to authenticate the client and select the RESP protocol version at the same time";
constexpr std::string_view kNotAnInt32 =
    "ERR value is out of range, value must between -2147483648 and 2147483647";

// Makes the session that user's if the password is right; else replies the error.
bool Authenticate(Context& ctx, std::string_view user, std::string_view password) {
  if (command::LogIn(ctx.services(), ctx.session(), user, password)) return true;
  const auto context =
      ctx.session().in_transaction() ? command::AclLogContext::kMulti : command::AclLogContext::kTopLevel;
  command::NoteDenial(ctx.services(), ctx.worker(), ctx.session(), command::DenialReason::kAuthentication, context,
                      ctx.arg(0), user);
  ctx.reply().Error(error::kWrongPass);
  return false;
}

void Auth(Context& ctx) {
  for (size_t i = 1; i < ctx.argc(); ++i) ctx.HideArgument(i);
  if (ctx.argc() > 3) return ctx.reply().Error(error::kSyntax);
  const command::AclUser& nameless = *ctx.services().acl.default_user();
  if (ctx.argc() == 2 && nameless.needs_no_password()) return ctx.reply().Error(kNoPasswordSet);
  if (Authenticate(ctx, ctx.argc() == 2 ? nameless.name() : ctx.arg(1), ctx.arg(ctx.argc() - 1))) ctx.reply().Ok();
}

void Echo(Context& ctx) { ctx.reply().Bulk(ctx.arg(1)); }

struct HelloOptions {
  std::optional<int64_t> protocol;
  std::optional<std::string_view> user, password, name;
};

// Replies the error and returns nothing when the arguments do not fit.
std::optional<HelloOptions> ParseHello(Context& ctx) {
  HelloOptions o;
  if (ctx.argc() == 1) return o;
  o.protocol = ParseInt64(ctx.arg(1));
  if (!o.protocol) {
    ctx.reply().Error("ERR Protocol version is not an integer or out of range");
    return {};
  }
  if (*o.protocol != 2 && *o.protocol != 3) {
    ctx.reply().Error(error::kNoProto);
    return {};
  }
  for (size_t i = 2; i < ctx.argc(); ++i) {
    const size_t behind = ctx.argc() - 1 - i;
    if (command::EqualsNoCase(ctx.arg(i), "AUTH") && behind >= 2) {
      o.user = ctx.arg(i + 1);
      o.password = ctx.arg(i + 2);
      ctx.HideArgument(i + 1);
      ctx.HideArgument(i + 2);
      i += 2;
    } else if (command::EqualsNoCase(ctx.arg(i), "SETNAME") && behind >= 1) {
      o.name = ctx.arg(++i);
      if (!command::IsClientName(*o.name)) {
        ctx.reply().Error(error::kClientName);
        return {};
      }
    } else {
      ctx.reply().Error(fmt::format("ERR Syntax error in HELLO option '{}'", error::UpToNul(ctx.arg(i))));
      return {};
    }
  }
  return o;
}

void ReplyGreeting(Context& ctx) {
  resp::ReplyWriter& reply = ctx.reply();
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(kRedisVersion);
  reply.Bulk("proto");
  reply.Integer(ctx.session().protocol);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(ctx.session().id));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.EmptyArray();
}

void Hello(Context& ctx) {
  const auto options = ParseHello(ctx);
  if (!options) return;
  Session& session = ctx.session();
  if (options->user && !Authenticate(ctx, *options->user, *options->password)) return;
  if (!session.authenticated && ctx.services().acl.requires_authentication()) {
    return ctx.reply().Error(kHelloNoAuth);
  }
  if (options->name) session.name = *options->name;
  if (options->protocol) session.protocol = static_cast<uint8_t>(*options->protocol);
  ctx.reply().set_protocol(session.protocol);
  ReplyGreeting(ctx);
}

void Ping(Context& ctx) {
  if (ctx.argc() > 2) return ctx.reply().Error(error::WrongArity("ping"));
  if (ctx.session().subscribed() && ctx.session().protocol == 2) {
    ctx.reply().Array(2);
    ctx.reply().Bulk("pong");
    return ctx.reply().Bulk(ctx.argc() == 2 ? ctx.arg(1) : std::string_view());
  }
  if (ctx.argc() == 2) return ctx.reply().Bulk(ctx.arg(1));
  ctx.reply().Simple("PONG");
}

void Quit(Context& ctx) {
  ctx.reply().Ok();
  ctx.services().dispatcher->EndSession(ctx.worker(), ctx.session());
  ctx.session().closing = true;
  ctx.session().link.CloseAfterReplies();
}

// Back to the state of a new connection; what the client said of its library stays.
void Reset(Context& ctx) {
  Session& session = ctx.session();
  ctx.services().dispatcher->ResetSession(ctx.worker(), session);
  session.link.SetOutputClass(command::ClientLink::OutputClass::kNormal);
  session.db = 0;
  session.protocol = 2;
  session.name.clear();
  // CLIENT REPLY SKIP holds for this command too.
  if (session.reply_mode != command::ReplyMode::kSkipThis) session.reply_mode = command::ReplyMode::kOn;
  session.no_evict = session.no_touch = false;
  ctx.worker().accessor.touch = true;
  command::BecomeDefaultUser(ctx.services(), session);
  ctx.reply().set_protocol(session.protocol);
  ctx.reply().Simple("RESET");
}

void Select(Context& ctx) {
  const auto index = ParseInt64(ctx.arg(1));
  if (!index) return ctx.reply().Error(error::kNotInteger);
  if (*index < std::numeric_limits<int32_t>::min() || *index > std::numeric_limits<int32_t>::max()) {
    return ctx.reply().Error(kNotAnInt32);
  }
  if (*index < 0 || *index >= ctx.services().keyspace.database_count()) {
    return ctx.reply().Error(error::kDbIndexRange);
  }
  ctx.session().db = static_cast<uint32_t>(*index);
  ctx.reply().Ok();
}

using namespace command;
constexpr uint64_t kAnyTime = kNoScript | kLoading | kStale | kFast;
constexpr CommandRow kConnectionRows[] = {
    {"AUTH", -2, kAnyTime | kNoAuth | kSentinel | kAllowBusy, {}, Auth},
    {"ECHO", 2, kLoading | kStale | kFast, {}, Echo},
    {"HELLO", -1, kAnyTime | kNoAuth | kSentinel | kAllowBusy, {}, Hello},
    {"PING", -1, kFast | kSentinel | kInSubscribed, {}, Ping},
    {"QUIT", -1, kAnyTime | kNoAuth | kAllowBusy | kNotQueued | kInSubscribed, {}, Quit},
    {"RESET", 1, kAnyTime | kNoAuth | kAllowBusy | kNotQueued | kInSubscribed, {}, Reset},
    {"SELECT", 2, kLoading | kStale | kFast, {}, Select},
};

}  // namespace

const command::Family kConnectionFamily = {"connection", kCatConnection, kConnectionRows};

}  // namespace pinion::commands
