// Rewrites: when they begin, what they do, how they end; BGREWRITEAOF.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include <unistd.h>

#include "base/log.h"
#include "command/alone.h"
#include "command/context.h"
#include "command/journaling.h"
#include "command/snapshot.h"
#include "config/config.h"
#include "persist/append_only_file.h"
#include "persist/families.h"
#include "persist/saver.h"
#include "store/keyspace.h"

namespace pinion::persist {
namespace {

using command::Context;

// After failures in a row the server waits before it tries again by itself: shortly, later up to an hour.
constexpr int64_t kShortWait = 5, kLongWait = 60, kLongestWait = 3600;  // seconds
constexpr int64_t kShortWaits = 3;

int64_t WaitAfter(int64_t failures) {
  if (failures <= kShortWaits) return kShortWait;
  return std::min(kLongWait << std::min<int64_t>(failures - kShortWaits - 1, 6), kLongestWait);
}

}  // namespace

// --- Beginning ----------------------------------------------------------------------------------------------

bool AppendOnlyFile::rewrites() const {
  std::lock_guard lock(mutex_);
  return rewrite_.save != nullptr;
}

bool AppendOnlyFile::MayRewrite() const { return !rewrites() && !Saver::Of(services_).in_background(); }

void AppendOnlyFile::ScheduleRewrite() {
  std::lock_guard lock(mutex_);
  scheduled_ = true;
}

// What is appended from now on goes to a file of its own. It is made by whoever writes, so that nobody waits here.
std::shared_ptr<AppendOnlyFile::Increment> AppendOnlyFile::BeginIncrement() {
  auto increment = std::make_shared<Increment>();
  if (state() == State::kOn) {
    log_.SwitchFile([this, increment](uint64_t ended_bytes) -> tl::expected<std::string, int> {
      const auto file = directory_->AddIncrement();
      if (!file) {
        Log(LogLevel::kWarning, "Cannot make a new append-only file: {}", std::strerror(file.error()));
        return tl::unexpected(file.error());
      }
      older_bytes_ += ended_bytes;
      increment->sequence = file->sequence;
      increment->begun = true;
      return directory_->PathOf(file->name);
    });
  } else if (state() == State::kWaits) {
    log_.SwitchFile([this, increment](uint64_t) -> tl::expected<std::string, int> {
      const std::string path = directory_->TemporaryIncrement();
      unlink(path.c_str());
      increment->begun = true;
      return path;
    });
    command::Listen(services_, command::Listener::kFile, &log_);
  }
  return increment;
}

bool AppendOnlyFile::StartRewrite() {
  tl::expected<void, std::string> opened;
  // While nothing is written it may have become another directory.
  if (directory_ == nullptr || state() == State::kOff) opened = OpenDirectory();
  if (opened) {
    if (const auto r = directory_->Create(); !r) opened = tl::unexpected(std::string(std::strerror(r.error())));
  }
  if (!opened) {
    Log(LogLevel::kWarning, "Cannot rewrite the append-only file: {}", opened.error());
    NoteFailed();
    return false;
  }
  Saver& saver = Saver::Of(services_);
  const AofManifest::File base = directory_->NextBase();
  rdb::KeyspaceOptions options = saver.ContentOptions(/*is_base=*/true);
  std::string preface = rdb::SnapshotPreface(services_.keyspace, options);
  options.libraries.clear();  // they are in the preface, and stay nobody's for longer than this moment
  const std::shared_ptr<Increment> increment = BeginIncrement();
  const std::string path = directory_->PathOf(base.name);
  BackgroundSave::Target target{path + ".temp", path, BaseFileOptions(),
                                [this, base, increment, began_in = state()] {
                                  return AdoptBase(base, began_in, *increment);
                                }};
  command::BeginSnapshot(services_, rdb::KeyEncoder(options));
  rewriting_ = true;
  Log(LogLevel::kNotice, "Rewriting the append-only file: {}", path);
  std::lock_guard lock(mutex_);
  scheduled_ = false;
  rewrite_ = {std::make_unique<BackgroundSave>(services_.keyspace.snapshot(), std::move(preface), std::move(options),
                                               std::move(target)),
              services_.clock.MonotonicNanos()};
  return true;
}

// --- Ending -------------------------------------------------------------------------------------------------

int AppendOnlyFile::AdoptBase(const AofManifest::File& base, State began_in, const Increment& increment) {
  int error = 0;
  if (began_in != State::kOff) {
    error = log_.Flush(/*sync=*/true);
    if (error == 0 && (!increment.begun || !log_.opened())) error = EIO;
  }
  if (error == 0) {
    const int64_t sequence =
        began_in == State::kOn ? increment.sequence : std::numeric_limits<int64_t>::max();
    const auto r = directory_->Adopt(base, sequence, began_in == State::kWaits);
    if (!r) error = r.error();
  }
  if (error != 0) {
    unlink(directory_->PathOf(base.name).c_str());
    return error;
  }
  NoteSizes();
  base_bytes_ = directory_->TotalBytes();
  if (began_in == State::kWaits) {
    state_ = State::kOn;
    AnswerSynced();
  }
  return 0;
}

void AppendOnlyFile::NoteFailed() {
  std::lock_guard lock(mutex_);
  status_.last_rewrite_ok = false;
  ++status_.failures_in_a_row;
  retry_at_ = services_.clock.MonotonicNanos() + WaitAfter(status_.failures_in_a_row) * kNanosPerSecond;
  scheduled_ = state() == State::kWaits;
}

void AppendOnlyFile::EndFinished() {
  Rewrite ended;
  {
    std::lock_guard lock(mutex_);
    if (rewrite_.save == nullptr || !rewrite_.save->finished()) return;
    ended = std::exchange(rewrite_, Rewrite());
    status_.last_rewrite_seconds = (services_.clock.MonotonicNanos() - ended.began_nanos) / kNanosPerSecond;
    status_.last_rewrite_bytes = static_cast<int64_t>(services_.keyspace.snapshot().progress().most_held);
  }
  rewriting_ = false;
  if (const int error = ended.save->error(); error != 0) {
    Log(LogLevel::kWarning, "Cannot rewrite the append-only file: {}", std::strerror(error));
    return NoteFailed();
  }
  Log(LogLevel::kNotice, "Rewrote the append-only file");
  std::lock_guard lock(mutex_);
  status_.last_rewrite_ok = true;
  status_.failures_in_a_row = 0;
  ++status_.rewrites_done;
}

void AppendOnlyFile::StopRewrite() {
  Rewrite running;
  {
    std::lock_guard lock(mutex_);
    running = std::exchange(rewrite_, Rewrite());
  }
  if (running.save == nullptr) return;
  if (!running.save->finished()) services_.keyspace.snapshot().Abandon();
  running.save.reset();
  rewriting_ = false;
  Log(LogLevel::kNotice, "Stopped rewriting the append-only file");
}

// --- As time goes by ----------------------------------------------------------------------------------------

bool AppendOnlyFile::HasGrown() const {
  const config::Settings& s = services_.config.settings();
  const auto percentage = static_cast<double>(s.auto_aof_rewrite_percentage.load(std::memory_order_relaxed));
  if (percentage == 0 || state() != State::kOn) return false;
  const auto now = static_cast<double>(older_bytes_.load() + log_.file_bytes());
  if (now <= static_cast<double>(s.auto_aof_rewrite_min_size.load(std::memory_order_relaxed))) return false;
  const double base = std::max(static_cast<double>(base_bytes_.load()), 1.0);
  return now * 100 / base - 100 >= percentage;
}

bool AppendOnlyFile::MustRewrite() const {
  {
    std::lock_guard lock(mutex_);
    if (rewrite_.save != nullptr) return false;
    const bool soon = services_.clock.MonotonicNanos() < retry_at_;
    if (soon && status_.failures_in_a_row > 0) return false;
    if (!scheduled_ && !HasGrown()) return false;
  }
  return MayRewrite();
}

void AppendOnlyFile::OnTick(command::Worker& worker) {
  if (worker.index != 0) return;
  EndFinished();
  if (!MustRewrite()) return;
  const command::Alone alone(services_, worker);
  if (MustRewrite()) (void)StartRewrite();
}

// --- BGREWRITEAOF -------------------------------------------------------------------------------------------

namespace {

void BgRewriteAof(Context& ctx) {
  AppendOnlyFile& file = AppendOnlyFile::Of(ctx.services());
  if (file.rewrites()) {
    return ctx.reply().Error("ERR Background append only file rewriting already in progress");
  }
  if (!file.MayRewrite() || ctx.in_exec()) {
    file.ScheduleRewrite();
    return ctx.reply().Simple("Background append only file rewriting scheduled");
  }
  if (!file.StartRewrite()) {
    return ctx.reply().Error(
        "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.");
  }
  ctx.reply().Simple("Background append only file rewriting started");
}

using namespace command;
constexpr CommandRow kRewriteRows[] = {
    {"BGREWRITEAOF", 1, kAdmin | kNoScript | kNoAsyncLoading | kAlone, {}, BgRewriteAof},
};

}  // namespace

const command::Family kRewriteFamily = {"server", 0, kRewriteRows};

}  // namespace pinion::persist
