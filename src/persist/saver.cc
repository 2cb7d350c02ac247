// The child process that saves, save points, and what is known of the last save.
#include "persist/saver.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "command/alone.h"
#include "command/script_engine.h"
#include "config/config.h"
#include "pinion/version.h"
#include "store/keyspace.h"

namespace pinion::persist {
namespace {

// After a background save has failed the save points wait that long.
constexpr int64_t kRetrySeconds = 5;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
// Exit status of a child that failed without an errno that fits.
constexpr int kUnknownFailure = 255;

// No two saves of this machine share one, also where several servers live in a process.
std::string TemporaryBeside(const std::string& path) {
  static std::atomic<uint64_t> count{0};
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  return fmt::format("{}temp-{}-{}.rdb", directory, getpid(), count.fetch_add(1, std::memory_order_relaxed));
}

rdb::AccessNote AccessNoteOf(config::MaxmemoryPolicy policy) {
  using P = config::MaxmemoryPolicy;
  using rdb::AccessNote;
  if (policy == P::kAllkeysLru || policy == P::kVolatileLru) return AccessNote::kIdleSeconds;
  if (policy == P::kAllkeysLfu || policy == P::kVolatileLfu) return AccessNote::kFrequency;
  return AccessNote::kNone;
}

// The forked child. It has one thread and a copy of everything, locks that others held included: so it takes none,
// and neither logs nor leaves through exit handlers. It lets go of the sockets, whose peers would otherwise not notice
// when the parent closes them.
[[noreturn]] void RunChild(store::Keyspace& keyspace, const WriteOptions& options, const std::string& temporary,
                           const std::string& path) {
  constexpr unsigned kFirstOwn = 3;
  (void)close_range(kFirstOwn, ~0u, 0);
  const auto written = WriteFile(keyspace, options, temporary, path);
  if (written) _exit(0);
  _exit(written.error() > 0 && written.error() < kUnknownFailure ? written.error() : kUnknownFailure);
}

std::string ExitReason(int wait_status) {
  if (WIFSIGNALED(wait_status)) return fmt::format("killed by signal {}", WTERMSIG(wait_status));
  if (WEXITSTATUS(wait_status) == kUnknownFailure) return "for an unknown reason";
  return std::strerror(WEXITSTATUS(wait_status));
}

}  // namespace

Saver::Saver(command::Services& services) : services_(services) {
  status_.last_save = services.clock.WallMillis() / 1000;
}

Saver::~Saver() { StopBackground(); }

// --- What is known ------------------------------------------------------------------------------------------

int64_t Saver::CountChanges() const {
  int64_t changes = 0;
  for (const auto& worker : services_.workers) changes += worker->accessor.stats.dirty.Get();
  return changes;
}

command::Persistence::Status Saver::status() const {
  std::lock_guard lock(mutex_);
  Status s = status_;
  s.changes = CountChanges() - changes_at_save_;
  s.in_background = child_.has_value();
  if (child_) {
    s.running_background_seconds = (services_.clock.MonotonicNanos() - child_->began_nanos) / kNanosPerSecond;
  }
  return s;
}

bool Saver::in_background() const {
  std::lock_guard lock(mutex_);
  return child_.has_value();
}

bool Saver::has_save_points() const { return !services_.config.SavePoints().empty(); }

void Saver::ApplyOptions() {
  const bool stop = services_.config.settings().stop_writes_on_bgsave_error.load(std::memory_order_relaxed);
  const bool points = has_save_points();
  std::lock_guard lock(mutex_);
  refuses_writes_.store(stop && points && !status_.last_background_ok, std::memory_order_relaxed);
}

void Saver::NoteSaved(int64_t changes) {
  {
    std::lock_guard lock(mutex_);
    changes_at_save_ = changes;
    status_.last_save = services_.clock.WallMillis() / 1000;
    status_.last_background_ok = true;
    ++status_.saves;
  }
  ApplyOptions();
}

void Saver::NoteFailed() {
  {
    std::lock_guard lock(mutex_);
    status_.last_background_ok = false;
  }
  ApplyOptions();
}

// --- Saving -------------------------------------------------------------------------------------------------

std::string Saver::FileName() const { return services_.config.Text("dbfilename"); }

WriteOptions Saver::CurrentOptions() {
  const config::Settings& s = services_.config.settings();
  WriteOptions o;
  rdb::KeyspaceOptions& k = o.keyspace;
  k.now = services_.clock.WallMillis();
  k.facts = {{"redis-ver", std::string(kRedisVersion)},
             {"redis-bits", "64"},
             {"ctime", std::to_string(k.now / 1000)},
             {"used-mem", std::to_string(services_.keyspace.UsedBytes(/*alone=*/true))},
             {"aof-base", "0"}};
  if (services_.scripts != nullptr) k.libraries = services_.scripts->LibraryCodes();
  k.access = AccessNoteOf(s.maxmemory_policy.load(std::memory_order_relaxed));
  k.lfu_decay_minutes = static_cast<int>(s.lfu_decay_time.load(std::memory_order_relaxed));
  k.compress = s.rdbcompression.load(std::memory_order_relaxed);
  o.checksum = s.rdbchecksum.load(std::memory_order_relaxed);
  o.sync_as_it_grows = s.rdb_save_incremental_fsync.load(std::memory_order_relaxed);
  o.key_delay_micros = s.rdb_key_save_delay.load(std::memory_order_relaxed);
  return o;
}

bool Saver::Save() {
  const std::string path = FileName();
  const int64_t changes = CountChanges();
  if (const auto r = WriteFile(services_.keyspace, CurrentOptions(), TemporaryBeside(path), path); !r) {
    Log(LogLevel::kWarning, "Cannot save to {}: {}", path, std::strerror(r.error()));
    return false;
  }
  Log(LogLevel::kNotice, "Saved to {}", path);
  NoteSaved(changes);
  return true;
}

bool Saver::StartChild(int64_t changes) {
  if (in_background()) {
    Log(LogLevel::kWarning, "Cannot save in the background: another save is running");
    return false;
  }
  // Its thread would otherwise be in the middle of freeing something, with locks held that the copy cannot let go of.
  services_.keyspace.reclaimer().Drain();
  const WriteOptions options = CurrentOptions();
  const std::string path = FileName();
  std::string temporary = TemporaryBeside(path);
  const int64_t began = services_.clock.MonotonicNanos();
  const pid_t pid = fork();
  if (pid == 0) RunChild(services_.keyspace, options, temporary, path);
  if (pid < 0) {
    Log(LogLevel::kWarning, "Cannot save in the background: fork: {}", std::strerror(errno));
    return false;
  }
  Log(LogLevel::kNotice, "Process {} saves to {}", pid, path);
  std::lock_guard lock(mutex_);
  child_ = Child{pid, std::move(temporary), began, changes};
  return true;
}

bool Saver::StartBackgroundSave() {
  const int64_t changes = CountChanges();
  {
    std::lock_guard lock(mutex_);
    last_try_ = services_.clock.WallMillis() / 1000;
    scheduled_ = false;
  }
  if (StartChild(changes)) return true;
  if (!in_background()) NoteFailed();
  return false;
}

void Saver::ScheduleBackgroundSave() {
  std::lock_guard lock(mutex_);
  scheduled_ = true;
}

void Saver::StopBackground() {
  std::optional<Child> child;
  {
    std::lock_guard lock(mutex_);
    child = std::exchange(child_, std::nullopt);
  }
  if (!child) return;
  kill(child->pid, SIGKILL);
  while (waitpid(child->pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  unlink(child->temporary.c_str());
  Log(LogLevel::kNotice, "Stopped process {}, which was saving", child->pid);
}

void Saver::ReapChild() {
  std::optional<Child> child;
  int wait_status = 0;
  {
    std::lock_guard lock(mutex_);
    if (!child_) return;
    const pid_t ended = waitpid(child_->pid, &wait_status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return;
    // Somebody else has reaped it, as an embedding program may: how it ended is not known.
    if (ended < 0) wait_status = W_EXITCODE(kUnknownFailure, 0);
    child = std::exchange(child_, std::nullopt);
    status_.last_background_seconds = (services_.clock.MonotonicNanos() - child->began_nanos) / kNanosPerSecond;
  }
  const bool ok = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
  if (ok) {
    Log(LogLevel::kNotice, "Process {} has saved", child->pid);
  } else {
    unlink(child->temporary.c_str());
    Log(LogLevel::kWarning, "Process {} could not save: {}", child->pid, ExitReason(wait_status));
  }
  ok ? NoteSaved(child->changes) : NoteFailed();
}

bool Saver::MustSave() const {
  const auto points = services_.config.SavePoints();
  const int64_t now = services_.clock.WallMillis() / 1000;
  std::lock_guard lock(mutex_);
  if (child_) return false;
  if (scheduled_) return true;
  const int64_t changes = CountChanges() - changes_at_save_;
  if (!status_.last_background_ok && now - last_try_ <= kRetrySeconds) return false;
  return std::any_of(points.begin(), points.end(), [&](const config::SavePoint& p) {
    return changes >= p.changes && now - status_.last_save > p.seconds;
  });
}

void Saver::OnTick(command::Worker& worker) {
  if (worker.index != 0) return;
  ReapChild();
  if (!MustSave()) return;
  command::Alone alone(services_, worker);
  // A client may have been alone before.
  if (MustSave()) (void)StartBackgroundSave();
}

}  // namespace pinion::persist
