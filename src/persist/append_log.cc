// Appending, writing, syncing.
#include "persist/append_log.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "command/delivery.h"

namespace pinion::persist {
namespace {

constexpr size_t kKeepBuffer = size_t{1} << 20;       // memory that is kept between writes
constexpr std::chrono::milliseconds kLook{100};       // the thread looks this often by itself
constexpr std::chrono::milliseconds kGather{1};       // and lets so much time pass between two writes
constexpr int64_t kSyncEvery = 1000, kLateSync = 2000, kRetryEvery = 1000;  // milliseconds

}  // namespace

// --- Appending --------------------------------------------------------------------------------------------

uint64_t AppendLog::Append(const command::EffectUnit& unit) {
  std::lock_guard lock(mutex_);
  const size_t before = buffer_.size();
  if (settings_.aof_timestamp_enabled.load(std::memory_order_relaxed)) AppendTimestamp();
  if (unit.transaction) buffer_.append("*1\r\n$5\r\nMULTI\r\n");
  size_t begin = 0;
  for (const command::Effect& e : unit.effects) {
    AppendSelect(e.db);
    buffer_.append(unit.text.substr(begin, e.end - begin));
    begin = e.end;
  }
  if (unit.transaction) buffer_.append("*1\r\n$4\r\nEXEC\r\n");
  appended_ += buffer_.size() - before;
  if (sleeps_ && !always()) wake_.notify_one();
  return appended_;
}

void AppendLog::AppendSelect(uint32_t db) {
  if (selected_ == static_cast<int64_t>(db)) return;
  selected_ = static_cast<int64_t>(db);
  buffer_.append("*2\r\n$6\r\nSELECT\r\n");
  command::AppendBulk(std::to_string(db), &buffer_);
}

void AppendLog::AppendTimestamp() {
  const int64_t now = clock_.WallMillis() / 1000;
  if (std::exchange(timestamp_, now) == now) return;
  buffer_.append("#TS:").append(std::to_string(now)).append("\r\n");
}

void AppendLog::SwitchFile(NextFile next) {
  std::lock_guard lock(mutex_);
  switches_.push_back({appended_, std::move(next)});
  selected_ = -1;
  timestamp_ = 0;
  if (!thread_.joinable()) {
    stopping_ = false;
    thread_ = std::thread([this] { Run(); });
  }
  wake_.notify_one();
}

uint64_t AppendLog::buffered() const {
  std::lock_guard lock(mutex_);
  return appended_ - written_.load(std::memory_order_relaxed);
}

// --- The thread -------------------------------------------------------------------------------------------

void AppendLog::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    sleeps_ = true;
    wake_.wait_for(lock, kLook, [this] {
      return stopping_ || !switches_.empty() || (!buffer_.empty() && !always());
    });
    sleeps_ = false;
    if (stopping_) break;
    lock.unlock();
    int error = 0;
    {
      std::lock_guard file_lock(file_mutex_);
      error = SyncIsDue() ? DrainAndSync() : Drain();
    }
    std::this_thread::sleep_for(error == 0 ? kGather : std::chrono::milliseconds(kRetryEvery / 10));
    lock.lock();
  }
}

bool AppendLog::SyncIsDue() const {
  switch (settings_.appendfsync.load(std::memory_order_relaxed)) {
    case config::AppendFsync::kNo:
      return false;
    case config::AppendFsync::kAlways:
      return true;
    case config::AppendFsync::kEverySecond:
      break;
  }
  return NowMillis() - synced_at_.load(std::memory_order_relaxed) >= kSyncEvery;
}

// --- Writing ----------------------------------------------------------------------------------------------

// False: there is nothing to be done.
bool AppendLog::Take() {
  if (taken_.capacity() > kKeepBuffer) taken_ = {};
  taken_.clear();
  taken_at_ = 0;
  std::lock_guard lock(mutex_);
  if (buffer_.empty() && switches_.empty()) return false;
  taken_.swap(buffer_);
  taken_switches_.insert(taken_switches_.end(), switches_.begin(), switches_.end());
  switches_.clear();
  return true;
}

int AppendLog::Drain() {
  while (taken_at_ < taken_.size() || !taken_switches_.empty() || Take()) {
    const uint64_t here = written_.load(std::memory_order_relaxed);
    if (!taken_switches_.empty() && taken_switches_.front().at == here) {
      const NextFile next = std::move(taken_switches_.front().next);
      taken_switches_.pop_front();
      GoOnIn(next);
      continue;
    }
    size_t size = taken_.size() - taken_at_;
    if (!taken_switches_.empty()) size = taken_switches_.front().at - here;
    size_t done = 0;
    const int error = Write({taken_.data() + taken_at_, size}, &done);
    taken_at_ += done;
    written_.store(here + done, std::memory_order_relaxed);
    if (error != 0) return Settle(error);
  }
  return Settle(0);
}

// What a failed write leaves behind is cut off, so that the file ends with a whole command; it is tried once more.
int AppendLog::Write(std::string_view bytes, size_t* done) {
  if (fd_ < 0) return EBADF;
  size_t at = 0;
  int error = 0;
  while (at < bytes.size() && error == 0) {
    const ssize_t n = write(fd_, bytes.data() + at, bytes.size() - at);
    if (n > 0) {
      at += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  const uint64_t before = file_bytes_.load(std::memory_order_relaxed);
  if (error != 0 && at > 0 && ftruncate(fd_, static_cast<off_t>(before)) == 0) at = 0;
  file_bytes_.store(before + at, std::memory_order_relaxed);
  *done = at;
  return error;
}

int AppendLog::DrainAndSync() {
  if (const int error = Drain(); error != 0) return error;
  if (synced() == written_.load(std::memory_order_relaxed)) return 0;
  if (hooks_.postpones_sync()) return 0;
  return Settle(Sync());
}

int AppendLog::Sync() {
  if (fd_ < 0) return 0;
  const int64_t began = NowMillis();
  syncs_.store(true, std::memory_order_relaxed);
  const int error = fdatasync(fd_) == 0 ? 0 : errno;
  syncs_.store(false, std::memory_order_relaxed);
  const int64_t now = NowMillis();
  if (now - began >= kLateSync) delayed_syncs_.fetch_add(1, std::memory_order_relaxed);
  synced_at_.store(now, std::memory_order_relaxed);
  if (error != 0) return error;
  synced_.store(written_.load(std::memory_order_relaxed), std::memory_order_release);
  hooks_.on_synced();
  return 0;
}

void AppendLog::GoOnIn(const NextFile& next) {
  if (const int error = Sync(); error != 0) {
    Log(LogLevel::kWarning, "Cannot sync the append-only file: {}", std::strerror(error));
  }
  const auto path = next(file_bytes_.load(std::memory_order_relaxed));
  if (!path) return;  // it has said why
  const int fd = open(path->c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  struct stat facts {};
  if (fd < 0 || fstat(fd, &facts) != 0) {
    Log(LogLevel::kWarning, "Cannot open {}: {}", *path, std::strerror(errno));
    if (fd >= 0) close(fd);
    return;
  }
  if (fd_ >= 0) close(fd_);
  fd_ = fd;
  file_bytes_.store(static_cast<uint64_t>(facts.st_size), std::memory_order_relaxed);
}

int AppendLog::Settle(int error) {
  if (error_.exchange(error, std::memory_order_relaxed) == error) return error;
  if (error != 0) {
    Log(LogLevel::kWarning, "Cannot write the append-only file: {}", std::strerror(error));
  } else {
    Log(LogLevel::kWarning, "The append-only file can be written again");
  }
  hooks_.on_error(error);
  return error;
}

int AppendLog::Flush(bool sync) {
  std::lock_guard lock(file_mutex_);
  if (const int error = Drain(); error != 0 || !sync) return error;
  return Settle(Sync());
}

bool AppendLog::opened() {
  std::lock_guard lock(file_mutex_);
  return fd_ >= 0;
}

bool AppendLog::Commit(uint64_t end) {
  if (!MustCommit(end)) return true;
  std::lock_guard lock(file_mutex_);
  if (synced() >= end) return true;  // somebody else had it synced with his own
  return DrainAndSync() == 0 && written_.load(std::memory_order_relaxed) >= end;
}

void AppendLog::Close() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  if (const int error = opened() ? Flush(/*sync=*/true) : 0; error != 0) {
    Log(LogLevel::kWarning, "The append-only file lacks its end: {}", std::strerror(error));
  }
  std::lock_guard lock(file_mutex_);
  if (fd_ >= 0) close(std::exchange(fd_, -1));
  error_.store(0, std::memory_order_relaxed);
  file_bytes_.store(0, std::memory_order_relaxed);
  // What could not be written is not for the next file.
  (void)Take();
  taken_.clear();
  taken_switches_.clear();
  std::lock_guard buffer_lock(mutex_);
  written_.store(appended_, std::memory_order_relaxed);
  synced_.store(appended_, std::memory_order_release);
}

}  // namespace pinion::persist
