// What the rooms below and beside replication know of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "command/effects.h"

namespace pinion::command {

struct Session;
struct Worker;

// Implemented by the room repl/, whose handlers know the rest of it. Thread-safe unless said otherwise.
class Replication : public Journal {
 public:
  // Fewer than min-replicas-to-write replicas have been heard of lately: then false.
  [[nodiscard]] virtual bool HasEnoughReplicas() const = 0;
  // The session of a replica, or of who said REPLCONF, ends. On its loop, or behind the closed gate.
  virtual void Forget(Session& session) = 0;
  // Ten times a second on each loop, inside the gate and not alone: pings, timeouts, snapshots on their way.
  virtual void OnTick(Worker& worker) = 0;

  // For INFO.
  struct ReplicaStatus {
    std::string address, state;
    int port = 0;
    uint64_t offset = 0;        // acknowledged
    int64_t lag_seconds = 0;    // since it was last heard of
  };
  struct Status {
    std::string id;
    uint64_t offset = 0;
    std::vector<ReplicaStatus> replicas;
    size_t good_replicas = 0;
    bool has_backlog = false;
    uint64_t backlog_first = 0, backlog_bytes = 0;
    int64_t full_syncs = 0, resumed_syncs = 0, refused_resumptions = 0;
  };
  [[nodiscard]] virtual Status status() const = 0;
  virtual void ResetStats() = 0;
};

}  // namespace pinion::command
