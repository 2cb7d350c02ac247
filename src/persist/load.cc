// Loading at the start, and DEBUG RELOAD.
#include <cerrno>
#include <cstring>

#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "command/context.h"
#include "command/script_engine.h"
#include "command/tracking.h"
#include "config/config.h"
#include "persist/mapped_file.h"
#include "persist/saver.h"
#include "persist/value_limits.h"
#include "rdb/keyspace_loader.h"
#include "store/keyspace.h"

namespace pinion::persist {
tl::expected<void, std::string> Saver::Load(const std::string& path, LoadMode mode, command::Worker& worker) {
  using Present = command::ScriptEngine::Present;
  const auto file = MappedFile::Open(path);
  if (!file) return tl::unexpected(fmt::format("cannot read {}: {}", path, std::strerror(file.error())));
  if (mode.flush) {
    for (uint32_t db = 0; db < services_.keyspace.database_count(); ++db) {
      services_.keyspace.Flush(db, worker.accessor);
    }
    services_.tracking.InvalidateAll(worker);
  }
  rdb::LoadOptions options;
  options.now = services_.clock.WallMillis();
  options.limits = LimitsOf(services_);
  options.replace = mode.merge;
  options.keeps_expired = mode.keeps_expired;
  options.lfu = services_.keyspace.settings().lfu.load(std::memory_order_relaxed);
  auto loaded = rdb::LoadKeyspace(file->bytes(), options, services_.keyspace, worker.accessor);
  if (!loaded) return tl::unexpected(fmt::format("cannot load {}: {}", path, loaded.error()));
  if (services_.scripts != nullptr && (mode.flush || !loaded->libraries.empty())) {
    const Present present = mode.flush ? Present::kGo : mode.merge ? Present::kAreReplaced : Present::kStay;
    if (const auto added = services_.scripts->AddLibraries(loaded->libraries, present); !added) {
      return tl::unexpected(fmt::format("cannot load the functions of {}: {}", path, added.error()));
    }
  }
  Log(LogLevel::kNotice, "Loaded {}: {} keys, and {} that have expired", path, loaded->keys, loaded->expired);
  {
    std::lock_guard lock(mutex_);
    status_.loaded_keys = loaded->keys;
    status_.loaded_expired_keys = loaded->expired;
  }
  NoteNothingToSave();
  return {};
}

void Saver::NoteNothingToSave() {
  std::lock_guard lock(mutex_);
  changes_at_save_ = CountChanges();
}

tl::expected<void, std::string> Saver::LoadAtStart() {
  const std::string path = FileName();
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  return Load(path, {}, *services_.workers[0]);
}

void Saver::Reload(command::Context& ctx, const ReloadOptions& options) {
  if (options.save && !Save()) return ctx.reply().Error("ERR");
  if (const auto r = Load(FileName(), {.flush = options.flush, .merge = options.merge}, ctx.worker()); !r) {
    Log(LogLevel::kWarning, "DEBUG RELOAD: {}", r.error());
    return ctx.reply().Error("ERR Error trying to load the RDB dump, check server logs.");
  }
  ctx.reply().Ok();
}

}  // namespace pinion::persist
