// Beginning a snapshot of the keyspace, which the loops then walk.
#pragma once

#include <utility>

#include "command/services.h"
#include "store/keyspace.h"

namespace pinion::command {

// Makes now the snapshot's instant, and has the loops walk. REQUIRES: the gate is held exclusively, and no snapshot
// runs.
inline void BeginSnapshot(Services& services, store::Snapshot::Encoder encode) {
  services.keyspace.snapshot().Begin(std::move(encode));
  const UnixMillis now = services.clock.WallMillis();
  for (const auto& worker : services.workers) services.loops.WakeAt(worker->index, now);
}

}  // namespace pinion::command
