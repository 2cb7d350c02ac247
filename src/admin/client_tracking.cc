// Client-side caching as clients ask for it.
#include "admin/client_tracking.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "admin/client_list.h"
#include "command/args.h"
#include "command/tracking.h"

namespace pinion::admin {
namespace {

using command::ArgReader;
using command::Context;
using command::EqualsNoCase;
using command::TrackingState;
using Options = command::Tracking::Options;
namespace error = resp::error;

constexpr std::string_view kNotTracking =
    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled";
constexpr std::string_view kYesNeedsOptIn =
    "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.";
constexpr std::string_view kNoNeedsOptOut =
    "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.";
constexpr std::string_view kOneRedirection = "ERR A client can only redirect to a single other client";
constexpr std::string_view kNoSuchTarget = "ERR The client ID you want redirect to does not exist";
constexpr std::string_view kPrefixNeedsBroadcast = "ERR PREFIX option requires BCAST mode to be enabled";
constexpr std::string_view kBroadcastSwitch =
    "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a "
    "different mode.";
constexpr std::string_view kOptWithBroadcast = "ERR OPTIN and OPTOUT are not compatible with BCAST";
constexpr std::string_view kOptInAndOut = "ERR You can't specify both OPTIN mode and OPTOUT mode";
constexpr std::string_view kOptSwitch =
    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a "
    "different mode.";

Options ReadOptions(Context& ctx, ArgReader& args) {
  Options o;
  while (args.more()) {
    if (args.AcceptWithValue("REDIRECT")) {
      if (o.redirect != nullptr) args.Fail(kOneRedirection);
      const int64_t id = args.NextInt();
      if (args.failed()) break;
      o.redirect = id > 0 ? FindSession(ctx, static_cast<uint64_t>(id)) : nullptr;
      if (o.redirect == nullptr) args.Fail(kNoSuchTarget);
    } else if (args.AcceptWithValue("PREFIX")) {
      o.prefixes.emplace_back(args.Next());
    } else if (args.Accept("BCAST")) {
      o.broadcast = true;
    } else if (args.Accept("OPTIN")) {
      o.opt_in = true;
    } else if (args.Accept("OPTOUT")) {
      o.opt_out = true;
    } else if (args.Accept("NOLOOP")) {
      o.no_loop = true;
    } else {
      args.Fail(error::kSyntax);
    }
  }
  return o;
}

// Why the options do not fit each other or what the client does now; empty when they do.
std::string_view Conflict(const Options& o, const TrackingState* now) {
  if (!o.broadcast && !o.prefixes.empty()) return kPrefixNeedsBroadcast;
  if (now != nullptr && now->broadcast != o.broadcast) return kBroadcastSwitch;
  if (o.broadcast && (o.opt_in || o.opt_out)) return kOptWithBroadcast;
  if (o.opt_in && o.opt_out) return kOptInAndOut;
  if (now != nullptr && ((o.opt_in && now->opt_out) || (o.opt_out && now->opt_in))) return kOptSwitch;
  return {};
}

// Two prefixes overlap when a key could have both.
bool Overlap(std::string_view a, std::string_view b) { return a.starts_with(b) || b.starts_with(a); }

// The error for the first of the asked prefixes that overlaps one of the client's or a later one; empty if none does.
std::string Collision(const std::vector<std::string>& asked, const TrackingState* now) {
  const auto message = [](std::string_view prefix, std::string_view which, std::string_view other) {
    return fmt::format("ERR Prefix '{}' overlaps with {} prefix '{}'. Prefixes for a single client must not overlap.",
                       error::UpToNul(prefix), which, error::UpToNul(other));
  };
  for (size_t i = 0; i < asked.size(); ++i) {
    if (now != nullptr) {
      for (const std::string& mine : now->prefixes) {
        if (Overlap(mine, asked[i])) return message(asked[i], "an existing", mine);
      }
    }
    for (size_t j = i + 1; j < asked.size(); ++j) {
      if (Overlap(asked[i], asked[j])) return message(asked[i], "another provided", asked[j]);
    }
  }
  return {};
}

}  // namespace

bool TrackingLooksAtOthers(std::span<const std::string_view> args) {
  return std::any_of(args.begin(), args.end(), [](std::string_view a) { return EqualsNoCase(a, "REDIRECT"); });
}

void ClientTracking(Context& ctx) {
  ArgReader args(ctx, 3);
  Options options = ReadOptions(ctx, args);
  command::Tracking& tracking = ctx.services().tracking;
  const TrackingState* now = ctx.session().tracking.get();
  std::string collision;
  if (EqualsNoCase(ctx.arg(2), "ON")) {
    if (const std::string_view conflict = Conflict(options, now); !conflict.empty()) args.Fail(conflict);
    collision = Collision(options.prefixes, now);
    if (!collision.empty()) args.Fail(collision);
    if (!args.Finish()) return;
    tracking.Enable(ctx.session(), std::move(options));
  } else {
    if (!EqualsNoCase(ctx.arg(2), "OFF")) args.Fail(error::kSyntax);
    if (!args.Finish()) return;
    tracking.Disable(ctx.session());
  }
  ctx.reply().Ok();
}

void ClientCaching(Context& ctx) {
  TrackingState* t = ctx.session().tracking.get();
  if (t == nullptr) return ctx.reply().Error(kNotTracking);
  if (EqualsNoCase(ctx.arg(2), "YES")) {
    if (!t->opt_in) return ctx.reply().Error(kYesNeedsOptIn);
  } else if (EqualsNoCase(ctx.arg(2), "NO")) {
    if (!t->opt_out) return ctx.reply().Error(kNoNeedsOptOut);
  } else {
    return ctx.reply().Error(error::kSyntax);
  }
  t->caching = true;
  ctx.reply().Ok();
}

void ClientGetRedir(Context& ctx) {
  const TrackingState* t = ctx.session().tracking.get();
  ctx.reply().Integer(t != nullptr ? static_cast<int64_t>(t->redirect) : -1);
}

void ClientTrackingInfo(Context& ctx) {
  const TrackingState* t = ctx.session().tracking.get();
  resp::ReplyWriter& reply = ctx.reply();
  reply.Map(3);
  reply.Bulk("flags");
  const auto start = reply.Begin();
  size_t flags = 0;
  const auto flag = [&](bool is, std::string_view name) {
    if (is) reply.Bulk(name), ++flags;
  };
  flag(true, t != nullptr ? "on" : "off");
  if (t != nullptr) {
    flag(t->broadcast, "bcast");
    flag(t->opt_in, "optin");
    flag(t->opt_in && t->caching, "caching-yes");
    flag(t->opt_out, "optout");
    flag(t->opt_out && t->caching, "caching-no");
    flag(t->no_loop, "noloop");
    flag(ctx.services().tracking.IsBroken(ctx.session()), "broken_redirect");
  }
  reply.EndSet(start, flags);
  reply.Bulk("redirect");
  reply.Integer(t != nullptr ? static_cast<int64_t>(t->redirect) : -1);
  reply.Bulk("prefixes");
  reply.Array(t != nullptr ? t->prefixes.size() : 0);
  if (t == nullptr) return;
  for (const std::string& prefix : t->prefixes) reply.Bulk(prefix);
}

}  // namespace pinion::admin
