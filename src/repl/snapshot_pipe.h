// The bytes of a snapshot between the thread that writes them and the replicas that read them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace pinion::repl {

// One writes, any number read from the first byte on, each at its own pace. The writer waits for the slowest as soon as
// that is kWindow bytes behind, but where somebody must know the length before the first byte everything is kept.
// Thread-safe.
class SnapshotPipe {
 public:
  static constexpr size_t kWindow = size_t{16} << 20;

  explicit SnapshotPipe(bool keeps_all) : keeps_all_(keeps_all) {}

  // A reader, at the first byte. What it has read, and nobody else needs, is freed; when the last has gone, the
  // writer is told. REQUIRES, of all: used by one thread at a time; made before anything is read.
  class Reader {
   public:
    explicit Reader(std::shared_ptr<SnapshotPipe> pipe);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    struct Piece {
      std::shared_ptr<const std::string> owner;
      std::string_view bytes;  // empty: there are no more yet
    };
    // The next bytes, at most `most`, which count as read.
    [[nodiscard]] Piece Next(size_t most);
    // It has read everything there will be.
    [[nodiscard]] bool AtEnd() const;

   private:
    friend class SnapshotPipe;
    const std::shared_ptr<SnapshotPipe> pipe_;
    uint64_t at_ = 0;
  };

  enum class State : uint8_t { kGrows, kWhole, kBroken };
  [[nodiscard]] State state() const;
  [[nodiscard]] uint64_t size() const;

  // The writer's side. False: nobody reads any more.
  [[nodiscard]] bool Write(std::string bytes);
  void End(bool whole);
  // As if nobody read any more. Any thread.
  void Close();

 private:
  // With mutex_ held.
  [[nodiscard]] uint64_t SlowestAt() const;
  void DropRead();

  const bool keeps_all_;
  mutable std::mutex mutex_;           // guards what follows
  std::condition_variable progress_;
  std::deque<std::shared_ptr<const std::string>> pieces_;
  uint64_t first_ = 0, end_ = 0;       // offsets of the first byte that is kept, and behind the last
  std::set<Reader*> readers_;
  State state_ = State::kGrows;
  bool closed_ = false;
};

}  // namespace pinion::repl
