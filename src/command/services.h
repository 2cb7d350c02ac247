// The parts of the server that handlers may use, by reference; made once by the composition root.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "command/client_link.h"
#include "command/worker.h"

namespace pinion::config {
class Config;
}
namespace pinion::store {
class Evictor;
class Gate;
class Keyspace;
}

namespace pinion::command {

class Acl;
class AppendOnly;
class BlockedClients;
class Dispatcher;
class LatencyMonitor;
class Observations;
class Persistence;
class PubSub;
class Registry;
class Replication;
class ScriptEngine;
class SlowLog;
class Tracking;

// CLIENT PAUSE. Changes behind the closed gate; any thread reads.
struct PauseState {
  std::atomic<UnixMillis> until{0};       // 0: not paused
  std::atomic<bool> writes_only{false};
  [[nodiscard]] bool Active(UnixMillis now) const {
    const UnixMillis end = until.load(std::memory_order_relaxed);
    return end != 0 && now < end;
  }
};

// The process around the command layer. Any thread.
class Host {
 public:
  virtual ~Host() = default;
  // Begins an orderly stop; returns at once.
  virtual void RequestShutdown() = 0;
  struct NetTotals {
    int64_t accepted = 0, rejected = 0, connections = 0, bytes_in = 0, bytes_out = 0, reads = 0, writes = 0;
    int64_t input_limit_closed = 0, output_limit_closed = 0;
    int64_t turns = 0, tick_nanos = 0, busy_micros = 0;  // events served; spent in ticks; of processor time
    int64_t connection_bytes = 0;  // of those that are open, as of their last events
  };
  [[nodiscard]] virtual NetTotals net_totals() const = 0;
  virtual void ResetNetTotals() = 0;
  [[nodiscard]] virtual int port() const = 0;
  [[nodiscard]] virtual const std::string& run_id() const = 0;         // 40 hexadecimal digits
  [[nodiscard]] virtual int64_t started_micros() const = 0;            // wall clock
};

struct Services {
  const Clock& clock;
  config::Config& config;
  store::Keyspace& keyspace;
  store::Evictor& evictor;
  store::Gate& gate;
  Registry& registry;
  PubSub& pubsub;
  Tracking& tracking;
  SlowLog& slowlog;
  LatencyMonitor& latency;
  Observations& observations;
  Acl& acl;
  PauseState& pause;
  LoopPort& loops;
  Host& host;
  std::span<const std::unique_ptr<Worker>> workers;
  Dispatcher* dispatcher = nullptr;   // set by the dispatcher itself
  BlockedClients* blocked = nullptr;  // likewise
  Replication* replication = nullptr; // set by the composition root; null in tests of lower rooms
  ScriptEngine* scripts = nullptr;    // set by the composition root; null in tests of lower rooms
  Persistence* persistence = nullptr; // likewise
  AppendOnly* append_only = nullptr;  // likewise
};

}  // namespace pinion::command
