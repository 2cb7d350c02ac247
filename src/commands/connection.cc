// The connection itself: greeting, password, protocol, database, good-bye.
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "command/args.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "commands/families.h"
#include "config/config.h"
#include "pinion/version.h"
#include "store/keyspace.h"

namespace pinion::commands {
namespace {

using command::Context;
using command::Session;
namespace error = resp::error;

constexpr std::string_view kOnlyUser = "default";
constexpr std::string_view kNoPasswordSet =
    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration "
    "is correct?";
constexpr std::string_view kHelloNoAuth =
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> "
    "option can be used to authenticate the client and select the RESP protocol version at the same time";
constexpr std::string_view kNotAnInt32 =
    "ERR value is out of range, value must between -2147483648 and 2147483647";

// Takes as long wherever the first difference is, so that the time tells nothing of the password.
bool SecretEquals(std::string_view given, std::string_view secret) {
  size_t difference = given.size() ^ secret.size();
  for (size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<uint8_t>(given[i] ^ (secret.empty() ? 0 : secret[i % secret.size()]));
  }
  return difference == 0;
}

// Makes the session an authenticated one if user and password are right; else replies the error.
bool Authenticate(Context& ctx, std::string_view user, std::string_view password) {
  const std::string secret = ctx.services().config.Requirepass();
  if (user != kOnlyUser || (!secret.empty() && !SecretEquals(password, secret))) {
    ctx.reply().Error(error::kWrongPass);
    return false;
  }
  ctx.session().authenticated = true;
  ctx.session().link.SetAuthenticated(true);
  return true;
}

void Auth(Context& ctx) {
  for (size_t i = 1; i < ctx.argc(); ++i) ctx.HideArgument(i);
  if (ctx.argc() > 3) return ctx.reply().Error(error::kSyntax);
  if (ctx.argc() == 2 && ctx.services().config.Requirepass().empty()) return ctx.reply().Error(kNoPasswordSet);
  if (Authenticate(ctx, ctx.argc() == 2 ? kOnlyUser : ctx.arg(1), ctx.arg(ctx.argc() - 1))) ctx.reply().Ok();
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
  if (!session.authenticated && !ctx.services().config.Requirepass().empty()) {
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
  session.reply_mode = command::ReplyMode::kOn;
  session.no_evict = session.no_touch = false;
  ctx.worker().accessor.touch = true;
  session.authenticated = ctx.services().config.Requirepass().empty();
  session.link.SetAuthenticated(session.authenticated);
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
constexpr CommandRow kRows[] = {
    {"AUTH", -2, kAnyTime | kNoAuth | kSentinel | kAllowBusy, {}, Auth},
    {"ECHO", 2, kLoading | kStale | kFast, {}, Echo},
    {"HELLO", -1, kAnyTime | kNoAuth | kSentinel | kAllowBusy, {}, Hello},
    {"PING", -1, kFast | kSentinel | kInSubscribed, {}, Ping},
    {"QUIT", -1, kAnyTime | kNoAuth | kAllowBusy | kNotQueued | kInSubscribed, {}, Quit},
    {"RESET", 1, kAnyTime | kNoAuth | kAllowBusy | kNotQueued | kInSubscribed, {}, Reset},
    {"SELECT", 2, kLoading | kStale | kFast, {}, Select},
};

}  // namespace

const command::Family kConnectionFamily = {"connection", kCatConnection, kRows};

}  // namespace pinion::commands
