// Adding up memory.
#include "admin/memory_use.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include <unistd.h>

#include "command/alone.h"
#include "command/blocked_clients.h"
#include "command/script_engine.h"
#include "store/keyspace.h"

namespace pinion::admin {
namespace {

using command::Context;

void CountSession(const command::Session& s, ClientUse* use) {
  const command::ClientLink::Usage usage = s.link.usage();
  if (s.killed.load(std::memory_order_relaxed)) return;
  ++use->sessions;
  use->blocked += s.paused || s.blocked();
  use->waiting_with_deadline += s.blocked() && s.waiting->deadline != INT64_MAX;
  use->subscribers += s.subscribed();
  if (s.transaction && !s.transaction->watched.empty()) {
    ++use->watching;
    use->watched_keys += static_cast<int64_t>(s.transaction->watched.size());
  }
  use->max_input = std::max(use->max_input, static_cast<int64_t>(usage.input_capacity));
  use->max_output = std::max(use->max_output, static_cast<int64_t>(usage.output_capacity));
  use->allocated += static_cast<int64_t>(usage.allocated + s.allocated());
}

}  // namespace

int64_t StartupBytes(const command::Services& services) {
  int64_t bytes = sizeof(command::Registry);
  bytes += static_cast<int64_t>(services.registry.id_count() * sizeof(command::Command));
  for (const auto& w : services.workers) {
    bytes += static_cast<int64_t>(sizeof(command::Worker) +
                                  w->stats.by_command.size() * sizeof(command::CommandStats));
  }
  return bytes;
}

ClientUse CountClients(Context& ctx) {
  ClientUse use;
  std::optional<command::Alone> alone;
  if (!ctx.alone()) alone.emplace(ctx.services(), ctx.worker());
  for (const auto& w : ctx.services().workers) {
    for (const auto& [id, session] : w->sessions) CountSession(*session, &use);
  }
  const auto awaited = ctx.services().keyspace.CountWaitedKeys();
  use.awaited_keys = awaited.keys;
  use.awaited_keys_even_gone = awaited.when_gone;
  return use;
}

MemoryUse CountMemory(Context& ctx, const ClientUse& clients) {
  store::Keyspace& keyspace = ctx.services().keyspace;
  MemoryUse use;
  use.keyspace = keyspace.UsedBytes(ctx.alone());
  use.tables = keyspace.TableBytes(ctx.alone());
  use.clients = clients.allocated;
  use.startup = StartupBytes(ctx.services());
  use.scripts = ctx.services().scripts->usage().total();
  use.snapshot = static_cast<int64_t>(keyspace.snapshot().progress().held);
  return use;
}

int64_t ResidentBytes() {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                   &std::fclose);
  long long size = 0, resident = 0;
  if (!file || std::fscanf(file.get(), "%lld %lld", &size, &resident) != 2) return 0;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace pinion::admin
