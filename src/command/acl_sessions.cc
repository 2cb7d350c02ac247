// Keeping sessions in step with users.
#include "command/acl_sessions.h"

#include <algorithm>
#include <vector>

#include "command/client_line.h"
#include "command/clients.h"
#include "config/config.h"

namespace pinion::command {
namespace {

void Settle(const Acl& acl, Session& s) {
  s.unrestricted = (s.authenticated || !acl.requires_authentication()) && s.user->unrestricted();
}

// Whether the session listens to something that its user was allowed and no longer is.
bool LosesChannel(const Session& s, const AclUser& before, const AclUser& after) {
  const auto lost = [&](const auto& names, bool are_patterns) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return before.MayListen(name, are_patterns) && !after.MayListen(name, are_patterns);
    });
  };
  if (!s.subscriptions) return false;
  return lost(s.subscriptions->channels, false) || lost(s.subscriptions->shard_channels, false) ||
         lost(s.subscriptions->patterns, true);
}

bool IsDisowned(const Acl& acl, const Session& s) {
  const Acl::User now = acl.Find(s.user->name());
  return now == nullptr || (now != s.user && LosesChannel(s, *s.user, *now));
}

}  // namespace

void BecomeDefaultUser(const Services& services, Session& session) {
  session.user = services.acl.default_user();
  session.authenticated = !services.acl.requires_authentication();
  Settle(services.acl, session);
  session.link.SetAuthenticated(session.authenticated);
}

bool LogIn(const Services& services, Session& session, std::string_view name, std::string_view password) {
  Acl::User user = services.acl.Find(name);
  if (user == nullptr || !user->Admits(password)) return false;
  session.user = std::move(user);
  session.authenticated = true;
  Settle(services.acl, session);
  session.link.SetAuthenticated(true);
  return true;
}

void EndDisowned(Services& services, Worker& worker, Session& running) {
  std::vector<Session*> disowned;
  for (const auto& w : services.workers) {
    for (const auto& [id, s] : w->sessions) {
      if (!s->killed.load(std::memory_order_relaxed) && IsDisowned(services.acl, *s)) disowned.push_back(s);
    }
  }
  for (Session* const s : disowned) {
    if (s != &running) {
      KillClient(services, worker, *s);
    } else {
      s->closing = true;
      s->link.CloseAfterReplies();
    }
  }
}

void RefreshSessions(const Services& services) {
  for (const auto& w : services.workers) {
    for (const auto& [id, s] : w->sessions) {
      Acl::User now = services.acl.Find(s->user->name());
      if (now == nullptr) {  // it is about to be closed
        now = services.acl.default_user();
        s->authenticated = false;
      }
      s->user = std::move(now);
      Settle(services.acl, *s);
    }
  }
}

void NoteDenial(const Services& services, Worker& worker, const Session& client, DenialReason reason,
                AclLogContext context, std::string_view object, std::string_view username) {
  worker.stats.denials[static_cast<size_t>(reason)].Add(1);
  AclLogEntry entry{reason, context, std::string(object), std::string(username)};
  entry.updated = worker.now();
  const auto most = static_cast<size_t>(services.config.settings().acllog_max_len.load(std::memory_order_relaxed));
  if (most != 0) AppendClientLine(services, client, worker.now_micros, 0, &entry.client);
  if (entry.client.ends_with('\n')) entry.client.pop_back();
  services.acl.log().Add(std::move(entry), most);
}

std::string_view DeniedObject(const Command& command, std::span<const std::string_view> args, const Denial& denial) {
  return denial.reason == DenialReason::kCommand ? std::string_view(command.full_name) : args[denial.argument];
}

}  // namespace pinion::command
