// Whose turn it is to use the interpreter: one request at a time, and what is known of the script that runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>

namespace pinion::store {
class Gate;
}

namespace pinion::command {

struct Session;

// A lock that is only ever waited for outside the gate and without any shard: the script that has it may need all
// others to get out of the way. Thread-safe.
class ScriptTurn {
 public:
  explicit ScriptTurn(const store::Gate& gate) : gate_(gate) {}

  [[nodiscard]] bool TryTake();
  // REQUIRES: outside the gate. False when the script that has the turn is busy.
  [[nodiscard]] bool Take();
  void Give();
  // Waits until nobody has the turn, or the one who has it is busy. REQUIRES as Take.
  void AwaitFreeOrBusy();
  // The gate has become busy.
  void NoteBusy();

 private:
  const store::Gate& gate_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool taken_ = false;
  uint32_t waiting_ = 0;
};

// The script that runs. Written by the thread whose turn it is. Others read and kill only while the script is busy,
// when it stands still for them; but abort may be set at any time.
struct RunningScript {
  std::string_view name;                     // SHA1 of a script, name of a function; empty: none runs
  bool is_function = false;
  std::span<const std::string_view> args;    // of EVAL or FCALL
  Session* caller = nullptr;                 // whose request it is
  uint64_t began_cycles = 0;                 // ReadCycles
  bool wrote = false;
  bool killed = false;
  std::atomic<bool> abort{false};            // the server stops: no script may go on
};

}  // namespace pinion::command
