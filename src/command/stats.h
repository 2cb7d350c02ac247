// What commands count, one block a worker.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/counter.h"

namespace pinion::command {

// Written by one worker, read by any thread.
struct CommandStats {
  Counter calls, rejected, failed;
  Counter cycles;                        // ReadCycles units
  std::atomic<Histogram*> latency{nullptr};  // nanoseconds; made with the first call
};

struct WorkerStats {
  explicit WorkerStats(size_t commands) : by_command(commands) {}
  ~WorkerStats() {
    for (CommandStats& c : by_command) delete c.latency.load(std::memory_order_relaxed);
  }
  WorkerStats(const WorkerStats&) = delete;
  WorkerStats& operator=(const WorkerStats&) = delete;

  std::vector<CommandStats> by_command;  // by Command::id
  Counter commands;                      // all executed
  Counter errors;                        // all error replies
  std::array<Counter, 4> denials;        // by DenialReason
  Counter evicted_clients;               // for maxmemory-clients, by this worker
  Counter longest_batch;                 // ReadCycles units
  Counter most_requests;                 // in a batch
  Counter session_bytes;                 // of this worker's sessions, while maxmemory-clients is set

  // Error replies by first word. A script can make up any number of them: those of scripts are counted together when
  // there are many. Any thread.
  void CountError(std::string_view error, bool of_script = false);
  template <typename F>
  void ForEachError(F&& f) {
    std::lock_guard lock(errors_mutex_);
    for (const auto& [code, n] : errors_by_code_) f(code, n);
  }
  // Sets everything to zero. REQUIRES: the worker's thread, or the closed gate.
  void Reset();

 private:
  std::mutex errors_mutex_;
  std::unordered_map<std::string, uint64_t> errors_by_code_;
};

}  // namespace pinion::command
