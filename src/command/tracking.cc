// Remembering readers, and turning changes into messages.
#include "command/tracking.h"

#include <fmt/format.h>

#include "command/context.h"

namespace pinion::command {
namespace {

using Form = Delivery::Form;

// Keys forgotten at once when there are too many.
constexpr size_t kForgetAtOnce = 200;

Blob EncodeKey(std::string_view key) {
  std::string out;
  AppendHeader('*', 1, &out);
  AppendBulk(key, &out);
  return Blob::CopyOf(out);
}

}  // namespace

void Tracking::Enable(Session& session, Options options) {
  SendBroadcasts(session.worker);  // what has changed before is no news for this client
  if (!session.tracking) session.tracking = std::make_unique<TrackingState>();
  TrackingState& t = *session.tracking;
  t.broadcast = options.broadcast;
  t.opt_in = options.opt_in;
  t.opt_out = options.opt_out;
  t.no_loop = options.no_loop;
  t.redirect = options.redirect ? options.redirect->id : 0;
  if (t.broadcast && options.prefixes.empty()) options.prefixes.emplace_back();

  std::unique_lock lock(mutex_);
  Client& client = clients_[session.id];
  client.worker = session.worker.index;
  client.broadcast = t.broadcast;
  client.no_loop = t.no_loop;
  client.redirect = t.redirect;
  client.broken = false;
  if (options.redirect) {
    targets_[t.redirect] = options.redirect->worker.index;
    options.redirect->redirection_target = true;
  }
  for (std::string& prefix : options.prefixes) {
    prefixes_[prefix].insert(session.id);
    t.prefixes.insert(std::move(prefix));
  }
  keyspace_.settings().tell_all_changes = !prefixes_.empty();
}

void Tracking::RemovePrefixes(const Session& session) {
  for (const std::string& prefix : session.tracking->prefixes) {
    const auto it = prefixes_.find(prefix);
    if (it == prefixes_.end()) continue;
    it->second.erase(session.id);
    if (it->second.empty()) prefixes_.erase(it);
  }
  keyspace_.settings().tell_all_changes = !prefixes_.empty();
}

// The keys that the client has read stay in their shards until they change: finding them would take long.
void Tracking::Disable(Session& session) {
  if (!session.tracking) return;
  std::unique_lock lock(mutex_);
  RemovePrefixes(session);
  clients_.erase(session.id);
  session.tracking.reset();
}

void Tracking::Forget(Session& session) {
  Disable(session);
  if (!session.redirection_target) return;
  std::unique_lock lock(mutex_);
  targets_.erase(session.id);
  session.redirection_target = false;
}

void Tracking::Remember(Context& ctx, const Session& client) {
  const TrackingState& t = *client.tracking;
  const Command& c = ctx.command();
  // What a script reads, its own commands remember.
  if (t.broadcast || !c.Has(kRead) || (c.categories & kCatScripting) != 0) return;
  if ((t.opt_in && !t.caching) || (t.opt_out && t.caching)) return;
  for (const store::Key& key : ctx.keys()) keyspace_.Track(key, client.id);
}

void Tracking::OnChange(Worker& worker, std::string_view key, std::span<const store::ClientId> clients,
                        store::Change change) {
  Invalidations& noted = worker.invalidations;
  if (change != store::Change::kForgotten && keyspace_.settings().tell_all_changes.load(std::memory_order_relaxed)) {
    noted.broadcast.insert_or_assign(std::string(key), change == store::Change::kCommand ? worker.client : 0);
  }
  if (clients.empty()) return;
  const Blob keys = EncodeKey(key);
  for (const store::ClientId id : clients) {
    noted.direct.push_back({id, keys, change != store::Change::kForgotten && id == worker.client});
  }
  worker.inbox_touched = true;
}

void Tracking::InvalidateAll(Worker& worker) {
  keyspace_.ForgetAllTracked();
  std::shared_lock lock(mutex_);
  for (const auto& [id, client] : clients_) worker.invalidations.direct.push_back({id, Blob(), false});
  worker.inbox_touched |= !clients_.empty();
}

void Tracking::SendTo(uint64_t id, Client& client, const Blob& keys, Worker& from) {
  if (client.redirect == 0) return pubsub_.Send(client.worker, id, keys, &from, Form::kInvalidation);
  if (const auto target = targets_.find(client.redirect); target != targets_.end()) {
    return pubsub_.Send(target->second, client.redirect, keys, &from, Form::kRedirected);
  }
  client.broken.store(true, std::memory_order_relaxed);
  const auto broken = fmt::format(">2\r\n$21\r\ntracking-redir-broken\r\n:{}\r\n", client.redirect);
  pubsub_.Send(client.worker, id, Blob::CopyOf(broken), &from, Form::kPush3);
}

void Tracking::Send(Worker& worker) {
  std::vector<Invalidations::Direct>& direct = worker.invalidations.direct;
  if (direct.empty()) return;
  std::shared_lock lock(mutex_);
  for (const Invalidations::Direct& d : direct) {
    const auto it = clients_.find(d.client);
    if (it == clients_.end() || (it->second.no_loop && d.own)) continue;
    // Keys that it read before it began to broadcast are none of its business now.
    if (it->second.broadcast && d.keys) continue;
    SendTo(d.client, it->second, d.keys, worker);
  }
  direct.clear();
}

void Tracking::SendBroadcast(const std::set<uint64_t>& receivers, Keys keys, Worker& from) {
  const auto encode = [keys](uint64_t without) {
    std::string bulks;
    size_t n = 0;
    for (const auto& [key, origin] : keys) {
      if (without != 0 && origin == without) continue;
      AppendBulk(*key, &bulks);
      ++n;
    }
    if (n == 0) return Blob();
    std::string array;
    AppendHeader('*', n, &array);
    return Blob::CopyOf(array.append(bulks));
  };
  const Blob all = encode(0);
  for (const uint64_t id : receivers) {
    Client& client = clients_.find(id)->second;
    const Blob wanted = client.no_loop ? encode(id) : all;
    if (wanted) SendTo(id, client, wanted, from);
  }
}

void Tracking::SendBroadcasts(Worker& worker) {
  auto& changed = worker.invalidations.broadcast;
  if (changed.empty()) return;
  std::shared_lock lock(mutex_);
  for (const auto& [prefix, receivers] : prefixes_) {
    std::vector<std::pair<const std::string*, uint64_t>> keys;
    for (auto it = changed.lower_bound(prefix); it != changed.end() && it->first.starts_with(prefix); ++it) {
      keys.emplace_back(&it->first, it->second);
    }
    if (!keys.empty()) SendBroadcast(receivers, keys, worker);
  }
  changed.clear();
}

void Tracking::Limit(Worker& worker, size_t limit) {
  if (limit == 0 || keyspace_.tracked_keys() <= limit) [[likely]] return;
  keyspace_.ForgetTracked(limit, kForgetAtOnce, worker.alone, worker.accessor);
}

size_t Tracking::ClientCount() {
  std::shared_lock lock(mutex_);
  return clients_.size();
}

size_t Tracking::PrefixCount() {
  std::shared_lock lock(mutex_);
  return prefixes_.size();
}

bool Tracking::IsBroken(const Session& session) {
  std::shared_lock lock(mutex_);
  const auto it = clients_.find(session.id);
  return it != clients_.end() && it->second.broken.load(std::memory_order_relaxed);
}

}  // namespace pinion::command
