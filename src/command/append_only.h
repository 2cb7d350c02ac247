// What handlers of other rooms know of the append-only file.
#pragma once

#include <cstdint>

namespace pinion::command {

class Context;
struct Worker;

// Implemented by the room persist/.
class AppendOnly {
 public:
  virtual ~AppendOnly() = default;

  // Durations are seconds; -1: there was none.
  struct Status {
    bool enabled = false;              // also while the first base is being written
    bool rewrites = false;             // a rewrite is on its way
    bool scheduled = false;            // and one is to begin
    int64_t last_rewrite_seconds = -1, current_rewrite_seconds = -1;
    bool last_rewrite_ok = true, last_write_ok = true;
    int64_t rewrites_done = 0, failures_in_a_row = 0;
    int64_t last_rewrite_bytes = 0;    // of copies that waited to be written, at most
    int64_t current_bytes = 0;         // of all files
    int64_t base_bytes = 0;            // the same when they were rewritten or loaded last
    int64_t buffered_bytes = 0;        // that are yet to be written
    bool syncs = false;                // a sync to the disk is on its way
    int64_t delayed_syncs = 0;         // that have taken more than two seconds
  };
  // Any thread.
  [[nodiscard]] virtual Status status() const = 0;
  [[nodiscard]] virtual bool enabled() const = 0;
  [[nodiscard]] virtual bool rewrites() const = 0;

  // With appendfsync always: whether the file is not yet on the disk up to `end`. Any thread.
  [[nodiscard]] virtual bool MustCommit(uint64_t end) const = 0;
  // With appendfsync always: has the file on the disk up to `end`, an end that the journal has told. False when that
  // fails: then nobody may be told that it was done. Otherwise does nothing. Any thread that holds no shard.
  [[nodiscard]] virtual bool Commit(uint64_t end) = 0;
  // Whether what a restart finds has everything up to `end`, so far as the disk keeps what it was given. Any thread.
  [[nodiscard]] virtual bool IsSynced(uint64_t end) const = 0;
  // The context's request, which waits, is answered as soon as that is so: as WAITAOF with one file. On any loop.
  virtual void AnswerWhenSynced(Context& ctx, uint64_t end) = 0;

  // DEBUG LOADAOF, with its reply. REQUIRES: ctx.alone().
  virtual void LoadAgain(Context& ctx) = 0;
  // Whether the server may stop now: not while the first base is being written. Any thread.
  [[nodiscard]] virtual bool may_stop() const = 0;
  // Looks after rewrites. Every worker calls it, inside the gate and without a shard. May throw store::ScriptBusy.
  virtual void OnTick(Worker& worker) = 0;
};

}  // namespace pinion::command
