// How much memory the server uses, by purpose.
#pragma once

#include <cstdint>

#include "command/context.h"

namespace pinion::admin {

// Bytes. What is counted is what the allocator gave out, so that the parts add up to the total.
struct MemoryUse {
  int64_t keyspace = 0;  // entries, values, tables, wheels
  int64_t tables = 0;    // tables and wheels alone
  int64_t clients = 0;   // connections and sessions
  int64_t startup = 0;   // what a server without keys and clients uses
  int64_t scripts = 0;   // interpreters, scripts and functions
  int64_t snapshot = 0;  // copies that wait to be written
  [[nodiscard]] int64_t total() const { return keyspace + clients + startup + scripts + snapshot; }
  [[nodiscard]] int64_t overhead() const { return tables + clients + startup + scripts + snapshot; }
};

// What sessions are doing, counted in one look at all of them.
struct ClientUse {
  int64_t sessions = 0, blocked = 0, subscribers = 0, watching = 0, watched_keys = 0;
  int64_t waiting_with_deadline = 0, awaited_keys = 0, awaited_keys_even_gone = 0;
  int64_t max_input = 0, max_output = 0;  // greatest buffers, bytes
  int64_t allocated = 0;                  // bytes
};

// Looks at every session, behind the gate for the moments that takes. REQUIRES: no shard is locked,
// as in commands flagged kLocksItself.
[[nodiscard]] ClientUse CountClients(command::Context& ctx);
// The same requirement.
[[nodiscard]] MemoryUse CountMemory(command::Context& ctx, const ClientUse& clients);
// What a server without keys and clients uses: the workers' counters, scratch and inboxes; the registry. Any thread.
[[nodiscard]] int64_t StartupBytes(const command::Services& services);
// Bytes of the process in physical memory; 0 when the system does not say.
[[nodiscard]] int64_t ResidentBytes();

}  // namespace pinion::admin
