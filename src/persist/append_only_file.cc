// Turning it on and off, loading it, and looking on.
#include "persist/append_only_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "command/context.h"
#include "command/journaling.h"
#include "command/script_engine.h"
#include "command/tracking.h"
#include "config/config.h"
#include "persist/aof_loader.h"
#include "persist/saver.h"
#include "store/keyspace.h"

namespace pinion::persist {
namespace {

using Error = tl::unexpected<std::string>;
using command::Listener;

std::string Absolute(const std::string& path) {
  std::error_code unknown;
  const std::filesystem::path absolute = std::filesystem::absolute(path, unknown);
  return unknown ? path : absolute.string();
}

}  // namespace

AppendOnlyFile::AppendOnlyFile(command::Services& services)
    : services_(services),
      log_(services.clock, services.config.settings(),
           {[this] { return PostponesSync(); }, [this] { AnswerSynced(); },
            [&services](int error) { Saver::Of(services).NoteAppendError(error); }}) {
  services.append_only = this;
}

// --- Start and stop -----------------------------------------------------------------------------------------

tl::expected<void, std::string> AppendOnlyFile::OpenDirectory() {
  auto directory = std::make_unique<AofDirectory>(Absolute(services_.config.Text("appenddirname")),
                                                  services_.config.Text("appendfilename"));
  if (auto r = directory->Open(); !r) return r;
  directory_ = std::move(directory);
  return {};
}

tl::expected<void, std::string> AppendOnlyFile::LoadFiles(command::Worker& worker) {
  if (auto r = LoadAof(services_, worker, *directory_); !r) return r;
  base_bytes_ = directory_->TotalBytes();
  return {};
}

tl::expected<void, std::string> AppendOnlyFile::Start() {
  if (!services_.config.settings().appendonly.load()) return {};
  if (auto r = OpenDirectory(); !r) return r;
  if (directory_->manifest().empty()) {
    if (auto r = directory_->TakeIn(Absolute(services_.config.Text("appendfilename"))); !r) return Error(r.error());
  }
  if (auto r = LoadFiles(*services_.workers[0]); !r) return r;
  if (directory_->manifest().empty()) {
    if (auto r = WriteFirstBase(); !r) return r;
  }
  const auto increment = directory_->LastIncrement();
  if (!increment) return Error(fmt::format("cannot write in {}: {}", directory_->path(),
                                           std::strerror(increment.error())));
  log_.SwitchFile([path = directory_->PathOf(increment->name)](uint64_t) { return path; });
  if (log_.Flush(/*sync=*/false) != 0 || !log_.opened()) return Error("cannot open the append-only file");
  state_ = State::kOn;
  NoteSizes();
  base_bytes_ = directory_->TotalBytes();
  command::Listen(services_, Listener::kFile, &log_);
  return {};
}

// Of what is there, which is nothing unless somebody else has loaded something.
tl::expected<void, std::string> AppendOnlyFile::WriteFirstBase() {
  const AofManifest::File base = directory_->NextBase();
  const std::string path = directory_->PathOf(base.name);
  const rdb::KeyspaceOptions options = Saver::Of(services_).ContentOptions(/*is_base=*/true);
  const auto contents = [&](std::string* out, const std::function<bool()>& step) {
    rdb::WriteKeyspace(services_.keyspace, options, out, step);
    return true;
  };
  auto r = directory_->Create();
  if (r) r = WriteFile(contents, BaseFileOptions(), path + ".temp", path);
  if (r) r = directory_->Adopt(base, std::numeric_limits<int64_t>::max(), /*adds_temporary=*/false);
  if (!r) return Error(fmt::format("cannot write {}: {}", path, std::strerror(r.error())));
  return {};
}

FileOptions AppendOnlyFile::BaseFileOptions() const {
  FileOptions o = Saver::Of(services_).CurrentFileOptions();
  o.sync_as_it_grows = services_.config.settings().aof_rewrite_incremental_fsync.load(std::memory_order_relaxed);
  return o;
}

tl::expected<void, std::string> AppendOnlyFile::ApplyOption() {
  const bool wanted = services_.config.settings().appendonly.load();
  if (wanted == enabled()) return {};
  if (!wanted) {
    TurnOff();
    return {};
  }
  directory_.reset();
  state_ = State::kWaits;
  if (!MayRewrite()) {
    Log(LogLevel::kNotice, "The append-only file is turned on: its first base is written when the save has ended");
    ScheduleRewrite();
    return {};
  }
  if (StartRewrite()) return {};
  TurnOff();
  return Error("Unable to turn on AOF. Check server logs.");
}

void AppendOnlyFile::TurnOff() {
  StopRewrite();
  command::Listen(services_, Listener::kFile, nullptr);
  log_.Close();
  state_ = State::kOff;
  Saver::Of(services_).NoteAppendError(0);
  older_bytes_ = base_bytes_ = 0;
  std::lock_guard lock(mutex_);
  scheduled_ = false;
}

void AppendOnlyFile::Stop() {
  {
    std::lock_guard lock(waiting_mutex_);
    waiting_.clear();
  }
  if (enabled() || rewrites()) TurnOff();
}

void AppendOnlyFile::LoadAgain(command::Context& ctx) {
  command::Worker& worker = ctx.worker();
  tl::expected<void, std::string> r;
  if (directory_ == nullptr || state() == State::kOff) r = OpenDirectory();
  (void)log_.Flush(/*sync=*/false);
  const bool journaled = std::exchange(worker.accessor.journaled, false);
  for (uint32_t db = 0; r && db < services_.keyspace.database_count(); ++db) {
    services_.keyspace.Flush(db, worker.accessor);
  }
  services_.tracking.InvalidateAll(worker);
  if (r && services_.scripts != nullptr) r = services_.scripts->AddLibraries({}, command::ScriptEngine::Present::kGo);
  if (r) r = LoadFiles(worker);
  worker.accessor.journaled = journaled;
  if (r) return ctx.reply().Ok();
  Log(LogLevel::kWarning, "DEBUG LOADAOF: {}", r.error());
  ctx.reply().Error("ERR Error trying to load the AOF files, check server logs.");
}

// --- Waiting for the disk -----------------------------------------------------------------------------------

bool AppendOnlyFile::PostponesSync() const {
  return services_.config.settings().no_appendfsync_on_rewrite.load(std::memory_order_relaxed) &&
         (rewriting_.load(std::memory_order_relaxed) || services_.keyspace.snapshot().running());
}

void AppendOnlyFile::AnswerWhenSynced(command::Context& ctx, uint64_t end) {
  {
    std::lock_guard lock(waiting_mutex_);
    std::erase_if(waiting_, [](const Waiting& w) {
      const std::shared_ptr<command::BlockedRequest> earlier = w.request.lock();
      return earlier == nullptr || earlier->over();
    });
    waiting_.push_back({ctx.session().waiting, end, ctx.worker().index});
  }
  if (IsSynced(end)) AnswerSynced();  // since it was asked
}

// Each on its own loop.
void AppendOnlyFile::AnswerSynced() {
  std::lock_guard lock(waiting_mutex_);
  std::erase_if(waiting_, [this](const Waiting& w) {
    if (!IsSynced(w.end)) return false;
    if (auto request = w.request.lock()) {
      command::Worker& worker = *services_.workers[w.worker];
      services_.loops.Post(w.worker, [this, &worker, request = std::move(request)] {
        services_.blocked->Answer(worker, request, "*2\r\n:1\r\n:0\r\n");
      });
    }
    return true;
  });
}

// --- Looking on ---------------------------------------------------------------------------------------------

void AppendOnlyFile::NoteSizes() {
  const uint64_t all = directory_->TotalBytes();
  older_bytes_ = all - std::min(all, log_.file_bytes());
}

command::AppendOnly::Status AppendOnlyFile::status() const {
  std::lock_guard lock(mutex_);
  Status s = status_;
  s.enabled = enabled();
  s.rewrites = rewrite_.save != nullptr;
  s.scheduled = scheduled_;
  if (s.rewrites) {
    s.current_rewrite_seconds = (services_.clock.MonotonicNanos() - rewrite_.began_nanos) / kNanosPerSecond;
  }
  s.last_write_ok = log_.error() == 0;
  s.current_bytes = static_cast<int64_t>(older_bytes_.load() + log_.file_bytes());
  s.base_bytes = static_cast<int64_t>(base_bytes_.load());
  s.buffered_bytes = static_cast<int64_t>(log_.buffered());
  s.syncs = log_.syncs();
  s.delayed_syncs = log_.delayed_syncs();
  return s;
}

}  // namespace pinion::persist
