// One loop's share of the command layer: its sessions, counters, scratch memory and inbox of messages.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/blob.h"
#include "command/delivery.h"
#include "command/effects.h"
#include "command/session.h"
#include "command/stats.h"
#include "store/database.h"

namespace pinion::command {

// Messages on their way to one worker's sessions, in the order they were sent. Any thread adds; the worker's loop
// takes.
class Inbox {
 public:
  // True when the worker must be woken (nobody did since it last took).
  [[nodiscard]] bool Add(Delivery d) {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(d));
    return !scheduled_.exchange(true, std::memory_order_relaxed);
  }
  void TakeAll(std::vector<Delivery>* out) {
    std::lock_guard lock(mutex_);
    out->swap(queue_);
    scheduled_.store(false, std::memory_order_relaxed);
  }
  // Whether there may be something to take.
  [[nodiscard]] bool waiting() const { return scheduled_.load(std::memory_order_relaxed); }
  // Drops what is on its way to a session that no longer wants any of it.
  void Forget(uint64_t session) {
    std::lock_guard lock(mutex_);
    std::erase_if(queue_, [session](const Delivery& d) { return d.session == session; });
  }

 private:
  std::mutex mutex_;
  std::vector<Delivery> queue_;
  std::atomic<bool> scheduled_{false};
};

// Changes of keys that clients may have cached, noted by a worker and not yet sent.
struct Invalidations {
  struct Direct {
    uint64_t client;
    Blob keys;  // an array of them; none: all keys
    bool own;   // the client itself changed the key
  };
  std::vector<Direct> direct;
  // Of all keys, for those who want to hear of prefixes: the client that made the last change, 0 when it was none.
  std::map<std::string, uint64_t, std::less<>> broadcast;
};

// A reply that ends the wait of another worker's session.
struct Handover {
  size_t worker;
  Delivery reply;
};

// What the dispatcher found out about a request before executing it.
struct Plan {
  const Command* command = nullptr;
  store::Key key;            // of commands with a first_key
  bool repeats = false;      // the plan before has the same key
};

class ScriptScope;

struct alignas(64) Worker {
  Worker(size_t worker_index, size_t command_ids, uint64_t seed, store::KeyspaceListener* listener)
      : index(worker_index), accessor(seed, listener), stats(command_ids) {}

  const size_t index;
  store::Accessor accessor;
  WorkerStats stats;
  Inbox inbox;

  // Loop thread only, or behind the closed gate.
  std::unordered_map<uint64_t, Session*> sessions;
  std::vector<uint64_t> paused;            // sessions stalled by CLIENT PAUSE
  std::set<std::pair<UnixMillis, uint64_t>> wait_deadlines;  // of blocked sessions
  int64_t now_micros = 0;                  // wall clock at the start of the running batch
  uint64_t cycles = 0;                     // ReadCycles when the last command ended
  bool alone = false;                      // holds the gate exclusively, or is a busy script's guest
  bool nested = false;                     // serves others from within a busy script: the gate is held already
  bool out_of_memory = false;              // the running command began past maxmemory
  ScriptScope* script = nullptr;           // while the running request has the interpreter
  bool has_script_turn = false;            // also between two scripts in a row of one batch
  uint64_t script_turn_since = 0;          // ReadCycles then
  uint64_t client = 0;                     // the session whose requests run, 0: none
  bool inbox_touched = false;              // there are messages for this worker, or from it, since the running command
  std::vector<Handover> handovers;         // to be sent once the running command has let go of its locks
  Invalidations invalidations;
  Effects effects;                         // on their way to the journal
  uint32_t errors_seen = 0;                // error replies of the running batch that are accounted for
  std::vector<size_t> hidden_args;         // arguments of the running command that no log may show
  std::vector<Plan> plans;                 // scratch of the dispatcher
  std::vector<store::Key> keys;
  std::vector<uint32_t> shards;
  std::vector<uint32_t> script_shards;     // those that the running script has locked
  std::vector<Delivery> deliveries;

  [[nodiscard]] UnixMillis now() const { return now_micros / 1000; }
  // CONFIG RESETSTAT's part in this worker. REQUIRES: its loop's thread, or the closed gate.
  void ResetStats() {
    accessor.stats.Reset();
    stats.Reset();
  }
};

}  // namespace pinion::command
