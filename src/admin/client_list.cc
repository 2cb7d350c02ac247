// The fields of CLIENT LIST, as clients and monitoring tools read them.
#include "admin/client_list.h"

#include <algorithm>

#include "command/client_line.h"
#include "command/registry.h"

namespace pinion::admin {

using command::Context;
using command::Session;

std::optional<ClientKind> ParseClientKind(std::string_view name) {
  struct Name { std::string_view text; ClientKind kind; };
  static constexpr Name kNames[] = {
      {"normal", ClientKind::kNormal}, {"slave", ClientKind::kReplica},  {"replica", ClientKind::kReplica},
      {"pubsub", ClientKind::kPubSub}, {"master", ClientKind::kMaster}, {"primary", ClientKind::kMaster},
  };
  for (const Name& n : kNames) {
    if (command::EqualsNoCase(name, n.text)) return n.kind;
  }
  return {};
}

ClientKind KindOf(const Session& session) {
  if (session.follows()) return ClientKind::kReplica;
  return session.subscribed() ? ClientKind::kPubSub : ClientKind::kNormal;
}

std::vector<Session*> AllSessions(Context& ctx) {
  std::vector<Session*> all;
  for (const auto& worker : ctx.services().workers) {
    for (const auto& [id, session] : worker->sessions) {
      if (!session->killed.load(std::memory_order_relaxed)) all.push_back(session);
    }
  }
  std::sort(all.begin(), all.end(), [](const Session* a, const Session* b) { return a->id < b->id; });
  return all;
}

Session* FindSession(Context& ctx, uint64_t id) {
  for (const auto& worker : ctx.services().workers) {
    const auto it = worker->sessions.find(id);
    if (it != worker->sessions.end() && !it->second->killed.load(std::memory_order_relaxed)) return it->second;
  }
  return nullptr;
}

void AppendClientLine(Context& ctx, const Session& s, std::string* out) {
  size_t argument_bytes = 0;
  if (&s == &ctx.session()) {
    for (std::string_view a : ctx.args()) argument_bytes += a.size();
  }
  command::AppendClientLine(ctx.services(), s, ctx.worker().now_micros, argument_bytes, out);
}

}  // namespace pinion::admin
