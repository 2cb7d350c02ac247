// The fields of CLIENT LIST, as clients and monitoring tools read them.
#include "command/client_line.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "command/acl_user.h"
#include "command/blocked_clients.h"
#include "command/tracking.h"

namespace pinion::command {
namespace {

std::string Flags(const Services& services, const Session& s) {
  std::string flags;
  const auto add = [&](bool is, char letter) {
    if (is) flags += letter;
  };
  add(s.follows(), 'S');
  add(s.monitor, 'O');
  add(s.subscribed(), 'P');
  add(s.in_transaction(), 'x');
  add(s.paused || s.blocked(), 'b');
  add(s.tracking != nullptr, 't');
  add(s.tracking != nullptr && services.tracking.IsBroken(s), 'R');
  add(s.tracking != nullptr && s.tracking->broadcast, 'B');
  add(s.watch_failed(), 'd');
  add(s.closing, 'c');
  add(s.link.is_unix(), 'U');
  add(s.no_evict, 'e');
  add(s.no_touch, 'T');
  return flags.empty() ? "N" : flags;
}

// Of the command that runs or waits.
size_t ArgumentBytes(const Session& s, size_t running) {
  if (!s.blocked()) return running;
  size_t n = 0;
  for (const std::string& text : s.waiting->texts) n += text.size();
  return n;
}

}  // namespace

void AppendClientLine(const Services& services, const Session& s, int64_t now_micros, size_t argument_bytes,
                      std::string* out) {
  const ClientLink::Usage usage = s.link.usage();
  const SubscriptionState* subscriptions = s.subscriptions.get();
  const TransactionState* transaction = s.transaction.get();
  *out += fmt::format("id={} addr={} laddr={} fd={} name={} age={} idle={} flags={} db={}", s.id, s.link.peer(),
                      s.link.local(), s.link.fd(), s.name, (now_micros - s.created_micros) / 1'000'000,
                      std::max<int64_t>(now_micros - s.active_micros, 0) / 1'000'000, Flags(services, s), s.db);
  *out += fmt::format(" sub={} psub={} ssub={}", subscriptions ? subscriptions->channels.size() : 0,
                      subscriptions ? subscriptions->patterns.size() : 0,
                      subscriptions ? subscriptions->shard_channels.size() : 0);
  *out += fmt::format(" multi={} watch={}",
                      s.in_transaction() ? static_cast<int64_t>(transaction->queue.size()) : int64_t{-1},
                      transaction ? transaction->watched.size() : 0);
  *out += fmt::format(" qbuf={} qbuf-free={} argv-mem={} multi-mem={}", usage.input_size,
                      usage.input_capacity - std::min(usage.input_capacity, usage.input_size),
                      ArgumentBytes(s, argument_bytes),
                      transaction ? transaction->queued_bytes : 0);
  // A reply goes from the loop's buffer to the socket; what a client holds itself is a list of at most one buffer.
  *out += fmt::format(" rbs={} rbp={} obl=0 oll={} omem={} tot-mem={} events={}", usage.output_capacity,
                      usage.output_capacity, usage.output_size != 0 ? 1 : 0, usage.output_size,
                      usage.allocated + s.allocated(), usage.output_size != 0 ? "rw" : "r");
  *out += fmt::format(" cmd={} user={} redir={} resp={} lib-name={} lib-ver={}",
                      s.last_command ? s.last_command->full_name : "NULL", s.user ? s.user->name() : "(superuser)",
                      s.tracking ? static_cast<int64_t>(s.tracking->redirect) : int64_t{-1}, s.protocol,
                      s.library_name, s.library_version);
  *out += fmt::format(" tot-net-in={} tot-net-out={} tot-cmds={}\n", usage.bytes_in, usage.bytes_out, s.commands);
}

}  // namespace pinion::command
