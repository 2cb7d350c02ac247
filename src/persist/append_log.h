// The journal that is written to a file: a buffer that workers fill, and a thread that empties it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <tl/expected.hpp>

#include "base/clock.h"
#include "command/effects.h"
#include "config/settings.h"

namespace pinion::persist {

// One for the server. The text is the units' commands, with SELECT where the database changes and MULTI and EXEC around
// units of several; positions in it are counted from 1 on over the server's life, whatever files it goes to.
//
// Workers append under one mutex, a leaf, while they hold the shards: so the order is that of the locks. They never
// write. A thread does, a millisecond after there is something, and with appendfsync everysec it syncs once a second,
// so no loop waits for the disk. Only with appendfsync always do loops write and sync themselves, once for all that has
// come meanwhile, before the replies to it go out (Commit).
class AppendLog final : public command::Journal {
 public:
  struct Hooks {
    std::function<bool()> postpones_sync;      // no-appendfsync-on-rewrite, and something is being written
    std::function<void()> on_synced;           // more is on the disk
    std::function<void(int error)> on_error;   // writing fails with this errno, or has gone well again (0)
  };
  AppendLog(const Clock& clock, const config::Settings& settings, Hooks hooks)
      : clock_(clock), settings_(settings), hooks_(std::move(hooks)) {}
  ~AppendLog() { Close(); }
  AppendLog(const AppendLog&) = delete;
  AppendLog& operator=(const AppendLog&) = delete;

  // command::Journal
  uint64_t Append(const command::EffectUnit& unit) override;

  // What is appended from now on goes to another file, which begins with a SELECT. `next` finds it, called by whoever
  // writes, when everything before is written and on the disk; it is told how long the file is that ends, and returns a
  // path or an errno: then the file goes on. Starts the thread if there is none. Never waits for the disk.
  using NextFile = std::function<tl::expected<std::string, int>(uint64_t ended_bytes)>;
  void SwitchFile(NextFile next);
  // Has everything appended written, and synced if `sync`. Returns an errno, or 0.
  [[nodiscard]] int Flush(bool sync);
  // As command::AppendOnly.
  [[nodiscard]] bool MustCommit(uint64_t end) const { return always() && synced() < end; }
  [[nodiscard]] bool Commit(uint64_t end);
  // There is a file that is written to.
  [[nodiscard]] bool opened();
  // Writes, syncs and lets go of the file. REQUIRES: nobody appends meanwhile.
  void Close();

  // Any thread.
  [[nodiscard]] uint64_t synced() const { return synced_.load(std::memory_order_acquire); }
  [[nodiscard]] uint64_t file_bytes() const { return file_bytes_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t buffered() const;
  [[nodiscard]] bool syncs() const { return syncs_.load(std::memory_order_relaxed); }
  [[nodiscard]] int64_t delayed_syncs() const { return delayed_syncs_.load(std::memory_order_relaxed); }
  [[nodiscard]] int error() const { return error_.load(std::memory_order_relaxed); }

 private:
  struct Switch {
    uint64_t at;
    NextFile next;
  };

  [[nodiscard]] bool always() const {
    return settings_.appendfsync.load(std::memory_order_relaxed) == config::AppendFsync::kAlways;
  }
  [[nodiscard]] int64_t NowMillis() const { return clock_.MonotonicNanos() / 1'000'000; }
  void Run();
  [[nodiscard]] bool SyncIsDue() const;

  // With mutex_ held.
  void AppendSelect(uint32_t db);
  void AppendTimestamp();

  // With file_mutex_ held.
  [[nodiscard]] int Drain();
  [[nodiscard]] int DrainAndSync();
  [[nodiscard]] bool Take();
  [[nodiscard]] int Write(std::string_view bytes, size_t* done);
  [[nodiscard]] int Sync();
  void GoOnIn(const NextFile& next);
  int Settle(int error);

  const Clock& clock_;
  const config::Settings& settings_;
  const Hooks hooks_;

  mutable std::mutex mutex_;         // guards what follows; a leaf
  std::condition_variable wake_;
  std::string buffer_;
  uint64_t appended_ = 0;
  int64_t selected_ = -1;            // the database that the text is in; -1: it must say so
  int64_t timestamp_ = 0;
  std::deque<Switch> switches_;
  bool sleeps_ = false;              // the thread waits to be told of something
  bool stopping_ = false;

  std::mutex file_mutex_;            // guards what follows; before mutex_
  int fd_ = -1;
  std::string taken_;                // out of the buffer; the part from taken_at_ on is still to be written
  size_t taken_at_ = 0;
  std::deque<Switch> taken_switches_;

  std::atomic<uint64_t> written_{0}, synced_{0};  // written with file_mutex_ held
  std::atomic<uint64_t> file_bytes_{0};
  std::atomic<int64_t> synced_at_{0};             // monotonic milliseconds
  std::atomic<bool> syncs_{false};
  std::atomic<int64_t> delayed_syncs_{0};
  std::atomic<int> error_{0};
  std::thread thread_;
};

}  // namespace pinion::persist
