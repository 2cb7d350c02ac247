// Ending clients: because CLIENT KILL names them, or because all of them together use too much memory.
#pragma once

#include <cstddef>

#include "command/services.h"

namespace pinion::command {

// From now on the client takes part in nothing; its connection closes on its own loop. REQUIRES: the worker is alone
// behind the gate.
void KillClient(Services& services, Worker& worker, Session& session);

// maxmemory-clients: while clients use more, ends those that use most, but for those that CLIENT NO-EVICT protects.
// `running` is the session whose requests are about to run, or null; it may be among them. REQUIRES: the worker is
// inside the gate and holds no shard's lock.
void EvictClients(Services& services, Worker& worker, Session* running);

}  // namespace pinion::command
