// The fields of CLIENT LIST, as clients and monitoring tools read them.
#include "admin/client_list.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "command/registry.h"
#include "command/tracking.h"

namespace pinion::admin {

using command::Context;
using command::Session;

namespace {

std::string Flags(Context& ctx, const Session& s) {
  std::string flags;
  const auto add = [&](bool is, char letter) {
    if (is) flags += letter;
  };
  add(s.monitor, 'O');
  add(s.subscribed(), 'P');
  add(s.in_transaction(), 'x');
  add(s.paused || s.blocked(), 'b');
  add(s.tracking != nullptr, 't');
  add(s.tracking != nullptr && ctx.services().tracking.IsBroken(s), 'R');
  add(s.tracking != nullptr && s.tracking->broadcast, 'B');
  add(s.watch_failed(), 'd');
  add(s.closing, 'c');
  add(s.link.is_unix(), 'U');
  add(s.no_evict, 'e');
  add(s.no_touch, 'T');
  return flags.empty() ? "N" : flags;
}

size_t ArgumentBytes(Context& ctx) {
  size_t n = 0;
  for (std::string_view a : ctx.args()) n += a.size();
  return n;
}

}  // namespace

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
  const command::ClientLink::Usage usage = s.link.usage();
  const command::SubscriptionState* subscriptions = s.subscriptions.get();
  const command::TransactionState* transaction = s.transaction.get();
  const int64_t now = ctx.worker().now_micros;
  const auto to = std::back_inserter(*out);
  fmt::format_to(to, "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={}", s.id, s.link.peer(),
                 s.link.local(), s.link.fd(), s.name, (now - s.created_micros) / 1'000'000,
                 std::max<int64_t>(now - s.active_micros, 0) / 1'000'000, Flags(ctx, s), s.db);
  fmt::format_to(to, " sub={} psub={} ssub={}", subscriptions ? subscriptions->channels.size() : 0,
                 subscriptions ? subscriptions->patterns.size() : 0,
                 subscriptions ? subscriptions->shard_channels.size() : 0);
  fmt::format_to(to, " multi={} watch={}",
                 s.in_transaction() ? static_cast<int64_t>(transaction->queue.size()) : int64_t{-1},
                 transaction ? transaction->watched.size() : 0);
  fmt::format_to(to, " qbuf={} qbuf-free={} argv-mem={} multi-mem={}", usage.input_size,
                 usage.input_capacity - std::min(usage.input_capacity, usage.input_size),
                 &s == &ctx.session() ? ArgumentBytes(ctx) : 0, transaction ? transaction->queued_bytes : 0);
  // A reply goes from the loop's buffer to the socket; what a client holds itself is a list of at most one buffer.
  fmt::format_to(to, " rbs={} rbp={} obl=0 oll={} omem={} tot-mem={} events={}", usage.output_capacity,
                 usage.output_capacity, usage.output_size != 0 ? 1 : 0, usage.output_size,
                 usage.allocated + s.allocated(), usage.output_size != 0 ? "rw" : "r");
  fmt::format_to(to, " cmd={} user=default redir={} resp={} lib-name={} lib-ver={}",
                 s.last_command ? s.last_command->full_name : "NULL",
                 s.tracking ? static_cast<int64_t>(s.tracking->redirect) : int64_t{-1}, s.protocol, s.library_name,
                 s.library_version);
  fmt::format_to(to, " tot-net-in={} tot-net-out={} tot-cmds={}\n", usage.bytes_in, usage.bytes_out, s.commands);
}

}  // namespace pinion::admin
