// Choosing the largest clients.
#include "command/clients.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "command/alone.h"
#include "command/dispatcher.h"
#include "config/config.h"

namespace pinion::command {
namespace {

// In bytes; 0: none.
int64_t MemoryLimit(const config::Settings& settings) {
  const int64_t asked = settings.maxmemory_clients.load(std::memory_order_relaxed);
  if (asked >= 0) return asked;
  return static_cast<int64_t>(static_cast<double>(settings.maxmemory.load(std::memory_order_relaxed)) *
                              static_cast<double>(-asked) / 100);
}

int64_t BytesOf(const Session& s) { return static_cast<int64_t>(s.link.usage().allocated + s.allocated()); }

// What all clients use, near enough to know whether to look closer: sessions are counted when they are served.
int64_t RoughTotal(const Services& services) {
  int64_t bytes = services.host.net_totals().connection_bytes;
  for (const auto& w : services.workers) bytes += w->stats.session_bytes.Get();
  return bytes;
}

void CountSession(Worker& worker, Session& s) {
  const auto bytes = static_cast<int64_t>(s.allocated());
  worker.stats.session_bytes.Add(bytes - std::exchange(s.counted_bytes, bytes));
}

// REQUIRES: alone.
void EvictLargest(Services& services, Worker& worker, int64_t limit) {
  std::vector<std::pair<int64_t, Session*>> clients;
  int64_t total = 0;
  for (const auto& w : services.workers) {
    for (const auto& [id, session] : w->sessions) {
      if (session->killed.load(std::memory_order_relaxed)) continue;
      const int64_t bytes = BytesOf(*session);
      total += bytes;
      if (!session->no_evict && !session->follows()) clients.emplace_back(bytes, session);
    }
  }
  std::sort(clients.begin(), clients.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second->id < b.second->id;
  });
  for (const auto& [bytes, session] : clients) {
    if (total < limit) return;
    total -= bytes;
    worker.stats.evicted_clients.Add(1);
    KillClient(services, worker, *session);
  }
}

}  // namespace

void KillClient(Services& services, Worker& worker, Session& session) {
  session.killed.store(true, std::memory_order_relaxed);
  services.dispatcher->EndSession(worker, session);
  Worker& owner = session.worker;
  if (&owner == &worker) return session.link.Kill();
  services.loops.Post(owner.index, [&owner, id = session.id] {
    const auto it = owner.sessions.find(id);
    if (it != owner.sessions.end()) it->second->link.Kill();
  });
}

void EvictClients(Services& services, Worker& worker, Session* running) {
  const int64_t limit = MemoryLimit(services.config.settings());
  if (limit <= 0) return;
  if (running != nullptr) CountSession(worker, *running);
  if (RoughTotal(services) < limit) return;
  const Alone alone(services, worker);
  EvictLargest(services, worker, limit);
}

}  // namespace pinion::command
