// Looking over the clients of all loops: which there are, what CLIENT LIST says of one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command/context.h"

namespace pinion::admin {

// Kinds of clients that filters know. Nobody is a master.
enum class ClientKind { kNormal, kReplica, kPubSub, kMaster };
[[nodiscard]] std::optional<ClientKind> ParseClientKind(std::string_view name);
[[nodiscard]] ClientKind KindOf(const command::Session& session);

// All clients that were not killed, the oldest first. REQUIRES: ctx.alone().
[[nodiscard]] std::vector<command::Session*> AllSessions(command::Context& ctx);
// The one of this id, or null. REQUIRES: ctx.alone().
[[nodiscard]] command::Session* FindSession(command::Context& ctx, uint64_t id);

// Appends "id=7 addr=127.0.0.1:50112 ..." and a line feed. REQUIRES: ctx.alone(), or the session is the running one.
void AppendClientLine(command::Context& ctx, const command::Session& session, std::string* out);

}  // namespace pinion::admin
