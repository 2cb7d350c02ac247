// What handlers of other rooms know of saving the keyspace.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace pinion::command {

class Context;
struct Worker;

// Implemented by the room persist/.
class Persistence {
 public:
  virtual ~Persistence() = default;

  // Times are wall-clock seconds, durations seconds; -1: there was none.
  struct Status {
    int64_t changes = 0;                  // since the last save
    int64_t last_save = 0;
    bool in_background = false;           // a snapshot is on its way
    bool last_background_ok = true;
    int64_t last_background_seconds = -1;
    int64_t last_background_bytes = 0;    // of copies that waited to be written, at most
    int64_t running_background_seconds = -1;
    int64_t running_keys = 0, running_keys_done = 0;
    int64_t running_bytes = 0, running_most_bytes = 0;  // of copies that wait to be written, now and at most
    int64_t saves = 0;
    int64_t loaded_keys = 0, loaded_expired_keys = 0;  // of the file that was loaded last
  };
  // Any thread.
  [[nodiscard]] virtual Status status() const = 0;
  // Writes are refused, since saving has failed and stop-writes-on-bgsave-error says so, or since the append-only file
  // cannot be written. Any thread.
  [[nodiscard]] bool refuses_writes() const { return refuses_writes_.load(std::memory_order_relaxed); }
  // Why; whole. Stays until the thread asks again.
  [[nodiscard]] virtual std::string_view WhyNoWrites() const = 0;

  // Saves to the file that the options name. False, with the reason in the log, when that fails; the file is then what
  // it was. REQUIRES: the caller is alone behind the gate.
  [[nodiscard]] virtual bool Save() = 0;
  // Whether there are save points, so that a stop that says nothing else saves first. Any thread.
  [[nodiscard]] virtual bool has_save_points() const = 0;
  // Ends a save in the background without a result. REQUIRES: the caller is alone, or the loops have stopped.
  virtual void StopBackground() = 0;

  struct ReloadOptions {
    bool merge = false;  // keys of the file replace keys that are there
    bool flush = true;
    bool save = true;
  };
  // DEBUG RELOAD, with its reply. REQUIRES: ctx.alone().
  virtual void Reload(Context& ctx, const ReloadOptions& options) = 0;

  // Looks after the save in the background and the save points. Every worker calls it, inside the gate and without a
  // shard. May throw store::ScriptBusy.
  virtual void OnTick(Worker& worker) = 0;

 protected:
  std::atomic<bool> refuses_writes_{false};
};

}  // namespace pinion::command
