// What users mean for sessions: becoming one, being refused, and what happens when a user changes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "command/acl.h"
#include "command/services.h"
#include "command/session.h"

namespace pinion::command {

// For a new client, and one that starts over. REQUIRES: the session's loop, inside the gate.
void BecomeDefaultUser(const Services& services, Session& session);
// AUTH. False when name and password do not fit; then nothing has changed. The same requirement.
[[nodiscard]] bool LogIn(const Services& services, Session& session, std::string_view name, std::string_view password);

// Ends the clients whose user is gone, or may no longer listen to what they listen to; `running` when it has its reply.
// Comes between a change of users and RefreshSessions. REQUIRES: the worker is alone behind the gate.
void EndDisowned(Services& services, Worker& worker, Session& running);
// Gives all sessions their users as they are now. REQUIRES: behind the closed gate.
void RefreshSessions(const Services& services);

// Counts a refusal, and puts it into the log. `client` is whose line the log shows.
void NoteDenial(const Services& services, Worker& worker, const Session& client, DenialReason reason,
                AclLogContext context, std::string_view object, std::string_view username);
// What the log calls the thing that was refused.
[[nodiscard]] std::string_view DeniedObject(const Command& command, std::span<const std::string_view> args,
                                            const Denial& denial);

}  // namespace pinion::command
