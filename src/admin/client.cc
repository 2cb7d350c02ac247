// CLIENT: what a client may say of itself, ask about others and do to them.
#include <limits>
#include <string>

#include <fmt/format.h>

#include "admin/client_kill.h"
#include "admin/client_list.h"
#include "admin/client_tracking.h"
#include "admin/families.h"
#include "command/args.h"
#include "command/blocked_clients.h"
#include "command/context.h"
#include "command/help.h"
#include "store/keyspace.h"

namespace pinion::admin {
namespace {

using command::ArgReader;
using command::Context;
using command::EqualsNoCase;
using command::ReplyMode;
using command::Session;
namespace error = resp::error;

// --- Identity -----------------------------------------------------------------------------------------------

void ClientId(Context& ctx) { ctx.reply().Integer(static_cast<int64_t>(ctx.session().id)); }

void ClientGetName(Context& ctx) {
  if (ctx.session().name.empty()) return ctx.reply().Null();
  ctx.reply().Bulk(ctx.session().name);
}

void ClientSetName(Context& ctx) {
  if (!command::IsClientName(ctx.arg(2))) return ctx.reply().Error(error::kClientName);
  ctx.session().name = ctx.arg(2);
  ctx.reply().Ok();
}

void ClientSetInfo(Context& ctx) {
  const std::string_view attribute = ctx.arg(2);
  std::string* const target = EqualsNoCase(attribute, "LIB-NAME")  ? &ctx.session().library_name
                              : EqualsNoCase(attribute, "LIB-VER") ? &ctx.session().library_version
                                                                   : nullptr;
  if (target == nullptr)
    return ctx.reply().Error(fmt::format("ERR Unrecognized option '{}'", error::UpToNul(attribute)));
  if (!command::IsClientName(ctx.arg(3))) {
    return ctx.reply().Error(
        fmt::format("ERR {} cannot contain spaces, newlines or special characters.", attribute));
  }
  *target = ctx.arg(3);
  ctx.reply().Ok();
}

// Capabilities concern redirections, which this server does not send; unknown ones are no error by definition.
void ClientCapa(Context& ctx) { ctx.reply().Ok(); }

// --- Behaviour ----------------------------------------------------------------------------------------------

void SetSwitch(Context& ctx, bool* which) {
  ArgReader args(ctx, 2);
  const bool on = args.Accept("ON");
  if (!on && !args.Accept("OFF")) args.Fail(error::kSyntax);
  if (!args.Finish()) return;
  *which = on;
  ctx.reply().Ok();
}

void ClientNoEvict(Context& ctx) { SetSwitch(ctx, &ctx.session().no_evict); }

void ClientNoTouch(Context& ctx) {
  SetSwitch(ctx, &ctx.session().no_touch);
  ctx.worker().accessor.touch = !ctx.session().no_touch;
}

// Only ON has a reply that is sent; the dispatcher takes back what OFF and SKIP must not say.
void ClientReply(Context& ctx) {
  ReplyMode& mode = ctx.session().reply_mode;
  if (EqualsNoCase(ctx.arg(2), "ON")) {
    mode = ReplyMode::kOn;
    ctx.reply().Ok();
  } else if (EqualsNoCase(ctx.arg(2), "OFF")) {
    mode = ReplyMode::kOff;
  } else if (EqualsNoCase(ctx.arg(2), "SKIP")) {
    if (mode != ReplyMode::kOff) mode = ReplyMode::kSkipNext;
  } else {
    ctx.reply().Error(error::kSyntax);
  }
}

// --- Looking at clients -------------------------------------------------------------------------------------

void ClientInfo(Context& ctx) {
  std::string line;
  AppendClientLine(ctx, ctx.session(), &line);
  ctx.reply().Verbatim("txt", line);
}

// The clients of these ids, in this order. Replies the error and returns false when one is no number.
bool ListById(Context& ctx, std::string* out) {
  for (std::string_view text : ctx.args().subspan(3)) {
    const auto id = ParseInt64(text);
    if (!id) {
      ctx.reply().Error("ERR Invalid client ID");
      return false;
    }
    const Session* s = *id > 0 ? FindSession(ctx, static_cast<uint64_t>(*id)) : nullptr;
    if (s != nullptr) AppendClientLine(ctx, *s, out);
  }
  return true;
}

bool ListByKind(Context& ctx, std::string* out) {
  const auto kind = ParseClientKind(ctx.arg(3));
  if (!kind) {
    ctx.reply().Error(fmt::format("ERR Unknown client type '{}'", error::UpToNul(ctx.arg(3))));
    return false;
  }
  for (const Session* s : AllSessions(ctx)) {
    if (KindOf(*s) == *kind) AppendClientLine(ctx, *s, out);
  }
  return true;
}

void ClientList(Context& ctx) {
  std::string list;
  if (ctx.argc() == 2) {
    for (const Session* s : AllSessions(ctx)) AppendClientLine(ctx, *s, &list);
  } else if (ctx.argc() == 4 && EqualsNoCase(ctx.arg(2), "TYPE")) {
    if (!ListByKind(ctx, &list)) return;
  } else if (ctx.argc() > 3 && EqualsNoCase(ctx.arg(2), "ID")) {
    if (!ListById(ctx, &list)) return;
  } else {
    return ctx.reply().Error(error::kSyntax);
  }
  ctx.reply().Verbatim("txt", list);
}

// --- Acting on clients --------------------------------------------------------------------------------------

void WakeAllAt(Context& ctx, UnixMillis at) {
  for (const auto& worker : ctx.services().workers) ctx.services().loops.WakeAt(worker->index, at);
}

// A pause that holds already is only ever made longer and stricter.
void ClientPause(Context& ctx) {
  if (ctx.argc() > 4) return command::ReplyUnknownForm(ctx);
  ArgReader args(ctx, 3);
  const bool writes_only = args.Accept("WRITE");
  if (!writes_only && args.more() && !args.Accept("ALL")) args.Fail("ERR CLIENT PAUSE mode must be WRITE or ALL");
  if (!args.Finish()) return;
  const auto millis = ParseInt64(ctx.arg(2));
  if (!millis) return ctx.reply().Error("ERR timeout is not an integer or out of range");
  if (*millis < 0) return ctx.reply().Error("ERR timeout is negative");
  if (*millis > std::numeric_limits<int64_t>::max() - ctx.now())
    return ctx.reply().Error("ERR timeout is out of range");

  command::PauseState& pause = ctx.services().pause;
  const bool holds = pause.Active(ctx.now());
  const UnixMillis until = std::max(ctx.now() + *millis, holds ? pause.until.load() : 0);
  pause.writes_only = writes_only && !(holds && !pause.writes_only);
  pause.until = until;
  ctx.services().keyspace.settings().expiry_paused_until = until;
  WakeAllAt(ctx, until);
  ctx.reply().Ok();
}

void ClientUnpause(Context& ctx) {
  ctx.services().pause.until = 0;
  ctx.services().keyspace.settings().expiry_paused_until = 0;
  WakeAllAt(ctx, ctx.now());
  ctx.reply().Ok();
}

// Clients that CLIENT PAUSE holds up do not count as blocked here.
void ClientUnblock(Context& ctx) {
  if (ctx.argc() > 4) return command::ReplyUnknownForm(ctx);
  const bool with_error = ctx.argc() == 4 && EqualsNoCase(ctx.arg(3), "ERROR");
  if (ctx.argc() == 4 && !with_error && !EqualsNoCase(ctx.arg(3), "TIMEOUT")) {
    return ctx.reply().Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  const auto id = ParseInt64(ctx.arg(2));
  if (!id) return ctx.reply().Error(error::kNotInteger);
  Session* const session = *id > 0 ? FindSession(ctx, static_cast<uint64_t>(*id)) : nullptr;
  const bool unblocked = session != nullptr && ctx.services().blocked->Unblock(ctx.worker(), *session, with_error);
  ctx.reply().Integer(unblocked ? 1 : 0);
}

void ClientHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "CACHING (YES|NO)",
      "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
      "CAPA <option> [<option> ...]",
      "    State what the client is able to do.",
      "GETREDIR",
      "    Return the client ID we are redirecting to when tracking is enabled.",
      "GETNAME",
      "    Return the name of the current connection.",
      "ID",
      "    Return the ID of the current connection.",
      "INFO",
      "    Return information about the current client connection.",
      "KILL <ip:port>",
      "    Kill connection made from <ip:port>.",
      "KILL <option> <value> [<option> <value> [...]]",
      "    Kill connections. Options are:",
      "    * ADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made from the specified address",
      "    * LADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made to specified local address",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Kill connections by type.",
      "    * USER <username>",
      "      Kill connections authenticated by <username>.",
      "    * SKIPME (YES|NO)",
      "      Skip killing current connection (default: yes).",
      "    * ID <client-id>",
      "      Kill connections by client id.",
      "    * MAXAGE <seconds>",
      "      Kill connections that are at least this old.",
      "LIST [options ...]",
      "    Return information about client connections. Options:",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Return clients of specified type.",
      "    * ID <client-id> [<client-id> ...]",
      "      Return the clients of these ids.",
      "UNPAUSE",
      "    Stop the current client pause, resuming traffic.",
      "PAUSE <timeout> [WRITE|ALL]",
      "    Suspend all, or just write, clients for <timeout> milliseconds.",
      "REPLY (ON|OFF|SKIP)",
      "    Control the replies sent to the current connection.",
      "SETNAME <name>",
      "    Assign the name <name> to the current connection.",
      "SETINFO <option> <value>",
      "    Say which library the client is. Options are:",
      "    * LIB-NAME: its name.",
      "    * LIB-VER: its version.",
      "UNBLOCK <clientid> [TIMEOUT|ERROR]",
      "    Unblock the specified blocked client.",
      "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
      "         [OPTIN] [OPTOUT] [NOLOOP]",
      "    Control server assisted client side caching.",
      "TRACKINGINFO",
      "    Report tracking status for the current connection.",
      "NO-EVICT (ON|OFF)",
      "    Protect current client connection from eviction.",
      "NO-TOUCH (ON|OFF)",
      "    Leave access times alone while this mode is on.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr uint64_t kSelf = kNoScript | kLoading | kStale | kSentinel;
constexpr uint64_t kOthers = kAdmin | kSelf | kAlone;

constexpr CommandRow kClientSubcommands[] = {
    {"CACHING", 3, kSelf, {}, ClientCaching},
    {"CAPA", -3, kNoScript | kLoading | kStale, {}, ClientCapa},
    {"GETNAME", 2, kSelf, {}, ClientGetName},
    {"GETREDIR", 2, kSelf, {}, ClientGetRedir},
    {"HELP", 2, kLoading | kStale | kSentinel, {}, ClientHelp},
    {"ID", 2, kSelf, {}, ClientId},
    {"INFO", 2, kSelf, {}, ClientInfo},
    {"KILL", -3, kOthers, {}, ClientKill},
    {"LIST", -2, kOthers, {}, ClientList},
    {"NO-EVICT", 3, kAdmin | kSelf, {}, ClientNoEvict},
    {"NO-TOUCH", 3, kNoScript | kLoading | kStale, {}, ClientNoTouch},
    {"PAUSE", -3, kOthers, {}, ClientPause},
    {"REPLY", 3, kSelf, {}, ClientReply},
    {"SETINFO", 4, kSelf, {}, ClientSetInfo},
    {"SETNAME", 3, kSelf, {}, ClientSetName},
    {"TRACKING", -3, kSelf, {}, ClientTracking, 0, {}, TrackingLooksAtOthers},
    {"TRACKINGINFO", 2, kSelf, {}, ClientTrackingInfo},
    {"UNBLOCK", -3, kOthers, {}, ClientUnblock},
    {"UNPAUSE", 2, kOthers, {}, ClientUnpause},
};
constexpr CommandRow kClientRows[] = {
    {"CLIENT", -2, kSentinel | kKeepsCaching, {}, nullptr, 0, kClientSubcommands},
};

}  // namespace

const command::Family kClientFamily = {"connection", kCatConnection, kClientRows};

}  // namespace pinion::admin
