// Saving now and in the background, save points, and what is known of the last save.
#include "persist/saver.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "command/alone.h"
#include "command/append_only.h"
#include "command/script_engine.h"
#include "command/snapshot.h"
#include "config/config.h"
#include "pinion/version.h"
#include "resp/errors.h"
#include "store/keyspace.h"

namespace pinion::persist {
namespace {

// After a background save has failed the save points wait that long.
constexpr int64_t kRetrySeconds = 5;

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
  const store::Snapshot& snapshot = services_.keyspace.snapshot();
  const bool rewrites = services_.append_only != nullptr && services_.append_only->rewrites();
  s.in_background = running_.save != nullptr || (snapshot.running() && !rewrites);
  if (running_.save != nullptr) {
    s.running_background_seconds = (services_.clock.MonotonicNanos() - running_.began_nanos) / kNanosPerSecond;
  }
  if (!s.in_background && !rewrites) return s;
  const store::Snapshot::Progress progress = snapshot.progress();
  s.running_keys = static_cast<int64_t>(progress.keys);
  s.running_keys_done = static_cast<int64_t>(progress.keys_done);
  s.running_bytes = static_cast<int64_t>(progress.held);
  s.running_most_bytes = static_cast<int64_t>(progress.most_held);
  return s;
}

bool Saver::in_background() const {
  std::lock_guard lock(mutex_);
  return SnapshotRuns();
}

bool Saver::SnapshotRuns() const { return running_.save != nullptr || services_.keyspace.snapshot().running(); }

bool Saver::has_save_points() const { return !services_.config.SavePoints().empty(); }

void Saver::ApplyOptions() {
  const bool stop = services_.config.settings().stop_writes_on_bgsave_error.load(std::memory_order_relaxed);
  const bool points = has_save_points();
  std::lock_guard lock(mutex_);
  refuses_writes_.store((stop && points && !status_.last_background_ok) || append_error_.load() != 0,
                        std::memory_order_relaxed);
}

std::string_view Saver::WhyNoWrites() const {
  const int error = append_error_.load(std::memory_order_relaxed);
  if (error == 0) return resp::error::kCannotSave;
  static thread_local std::string text;
  return text = resp::error::CannotAppend(std::strerror(error));
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

rdb::KeyspaceOptions Saver::ContentOptions(bool is_base) {
  const config::Settings& s = services_.config.settings();
  rdb::KeyspaceOptions k;
  if (is_base) k.version = rdb::kOldestVersion;  // an append-only file is to be read by Redis 7.0 as well
  k.now = services_.clock.WallMillis();
  k.facts = {{"redis-ver", std::string(kRedisVersion)},
             {"redis-bits", "64"},
             {"ctime", std::to_string(k.now / 1000)},
             {"used-mem", std::to_string(services_.keyspace.UsedBytes(/*alone=*/true))},
             {"aof-base", is_base ? "1" : "0"}};
  if (services_.scripts != nullptr) k.libraries = services_.scripts->LibraryCodes();
  k.access = AccessNoteOf(s.maxmemory_policy.load(std::memory_order_relaxed));
  k.lfu_decay_minutes = static_cast<int>(s.lfu_decay_time.load(std::memory_order_relaxed));
  k.compress = s.rdbcompression.load(std::memory_order_relaxed);
  return k;
}

FileOptions Saver::CurrentFileOptions() const {
  const config::Settings& s = services_.config.settings();
  FileOptions o;
  o.checksum = s.rdbchecksum.load(std::memory_order_relaxed);
  o.sync_as_it_grows = s.rdb_save_incremental_fsync.load(std::memory_order_relaxed);
  o.key_delay_micros = s.rdb_key_save_delay.load(std::memory_order_relaxed);
  return o;
}

bool Saver::Save() {
  const std::string path = FileName();
  const int64_t changes = CountChanges();
  const rdb::KeyspaceOptions options = ContentOptions(/*is_base=*/false);
  const auto contents = [&](std::string* out, const std::function<bool()>& step) {
    rdb::WriteKeyspace(services_.keyspace, options, out, step);
    return true;
  };
  if (const auto r = WriteFile(contents, CurrentFileOptions(), TemporaryBeside(path), path); !r) {
    Log(LogLevel::kWarning, "Cannot save to {}: {}", path, std::strerror(r.error()));
    return false;
  }
  Log(LogLevel::kNotice, "Saved to {}", path);
  NoteSaved(changes);
  return true;
}

void Saver::StartBackgroundSave() {
  const int64_t changes = CountChanges();
  rdb::KeyspaceOptions options = ContentOptions(/*is_base=*/false);
  // CONFIG SET dir must not change where it goes.
  std::error_code unknown;
  std::string path = std::filesystem::absolute(FileName(), unknown);
  if (unknown) path = FileName();
  std::string preface = rdb::SnapshotPreface(services_.keyspace, options);
  options.libraries.clear();  // they are in the preface, and stay nobody's for longer than this moment
  command::BeginSnapshot(services_, rdb::KeyEncoder(options));
  auto save = std::make_unique<BackgroundSave>(
      services_.keyspace.snapshot(), std::move(preface), std::move(options),
      BackgroundSave::Target{TemporaryBeside(path), path, CurrentFileOptions()});
  Log(LogLevel::kNotice, "Saving to {} in the background", path);
  std::lock_guard lock(mutex_);
  last_try_ = services_.clock.WallMillis() / 1000;
  scheduled_ = false;
  running_ = {std::move(save), services_.clock.MonotonicNanos(), changes};
}

void Saver::ScheduleBackgroundSave() {
  std::lock_guard lock(mutex_);
  scheduled_ = true;
}

void Saver::StopBackground() {
  Running running;
  {
    std::lock_guard lock(mutex_);
    running = std::exchange(running_, Running());
  }
  if (running.save == nullptr) return;
  if (!running.save->finished()) services_.keyspace.snapshot().Abandon();
  running.save.reset();
  Log(LogLevel::kNotice, "Stopped saving in the background");
}

void Saver::EndFinished() {
  Running ended;
  {
    std::lock_guard lock(mutex_);
    if (running_.save == nullptr || !running_.save->finished()) return;
    ended = std::exchange(running_, Running());
    status_.last_background_seconds = (services_.clock.MonotonicNanos() - ended.began_nanos) / kNanosPerSecond;
    status_.last_background_bytes = static_cast<int64_t>(services_.keyspace.snapshot().progress().most_held);
  }
  const int error = ended.save->error();
  if (error == 0) {
    Log(LogLevel::kNotice, "Saved in the background");
    NoteSaved(ended.changes);
  } else {
    Log(LogLevel::kWarning, "Cannot save in the background: {}", std::strerror(error));
    NoteFailed();
  }
}

bool Saver::MustSave() const {
  const auto points = services_.config.SavePoints();
  const int64_t now = services_.clock.WallMillis() / 1000;
  std::lock_guard lock(mutex_);
  if (SnapshotRuns()) return false;
  if (scheduled_) return true;
  const int64_t changes = CountChanges() - changes_at_save_;
  if (!status_.last_background_ok && now - last_try_ <= kRetrySeconds) return false;
  return std::any_of(points.begin(), points.end(), [&](const config::SavePoint& p) {
    return changes >= p.changes && now - status_.last_save > p.seconds;
  });
}

void Saver::OnTick(command::Worker& worker) {
  if (worker.index != 0) return;
  EndFinished();
  if (!MustSave()) return;
  command::Alone alone(services_, worker);
  // A client may have been alone before.
  if (MustSave()) StartBackgroundSave();
}

}  // namespace pinion::persist
