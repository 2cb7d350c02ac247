// Loading at the start, and DEBUG RELOAD.
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "command/context.h"
#include "command/script_engine.h"
#include "command/tracking.h"
#include "config/config.h"
#include "persist/saver.h"
#include "persist/value_limits.h"
#include "rdb/keyspace_loader.h"
#include "store/keyspace.h"

namespace pinion::persist {
namespace {

// A file's bytes, read through the page cache. Whoever shortens the file meanwhile has the process ended by SIGBUS;
// files of saves are replaced as a whole.
class MappedFile {
 public:
  // The error is an errno.
  static tl::expected<MappedFile, int> Open(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return tl::unexpected(errno);
    struct stat facts {};
    MappedFile file;
    int error = fstat(fd, &facts) == 0 ? 0 : errno;
    if (error == 0 && facts.st_size > 0) {
      file.size_ = static_cast<size_t>(facts.st_size);
      file.at_ = mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd, 0);
      if (file.at_ == MAP_FAILED) error = errno;
    }
    close(fd);
    if (error != 0) return tl::unexpected(error);
    if (file.at_ != MAP_FAILED) (void)madvise(file.at_, file.size_, MADV_SEQUENTIAL);
    return file;
  }
  ~MappedFile() {
    if (at_ != MAP_FAILED) munmap(at_, size_);
  }
  MappedFile(MappedFile&& o) noexcept : at_(std::exchange(o.at_, MAP_FAILED)), size_(o.size_) {}
  MappedFile& operator=(MappedFile&&) = delete;

  [[nodiscard]] std::string_view bytes() const {
    return at_ == MAP_FAILED ? std::string_view() : std::string_view(static_cast<const char*>(at_), size_);
  }

 private:
  MappedFile() = default;
  void* at_ = MAP_FAILED;
  size_t size_ = 0;
};

}  // namespace

tl::expected<void, std::string> Saver::Load(const std::string& path, bool flush, bool merge,
                                            command::Worker& worker) {
  using Present = command::ScriptEngine::Present;
  const auto file = MappedFile::Open(path);
  if (!file) return tl::unexpected(fmt::format("cannot read {}: {}", path, std::strerror(file.error())));
  if (flush) {
    for (uint32_t db = 0; db < services_.keyspace.database_count(); ++db) {
      services_.keyspace.Flush(db, worker.accessor);
    }
    services_.tracking.InvalidateAll(worker);
  }
  rdb::LoadOptions options;
  options.now = services_.clock.WallMillis();
  options.limits = LimitsOf(services_);
  options.replace = merge;
  options.lfu = services_.keyspace.settings().lfu.load(std::memory_order_relaxed);
  auto loaded = rdb::LoadKeyspace(file->bytes(), options, services_.keyspace, worker.accessor);
  if (!loaded) return tl::unexpected(fmt::format("cannot load {}: {}", path, loaded.error()));
  if (services_.scripts != nullptr && (flush || !loaded->libraries.empty())) {
    const Present present = flush ? Present::kGo : merge ? Present::kAreReplaced : Present::kStay;
    if (const auto added = services_.scripts->AddLibraries(loaded->libraries, present); !added) {
      return tl::unexpected(fmt::format("cannot load the functions of {}: {}", path, added.error()));
    }
  }
  Log(LogLevel::kNotice, "Loaded {}: {} keys, and {} that have expired", path, loaded->keys, loaded->expired);
  std::lock_guard lock(mutex_);
  status_.loaded_keys = loaded->keys;
  status_.loaded_expired_keys = loaded->expired;
  changes_at_save_ = CountChanges();
  return {};
}

tl::expected<void, std::string> Saver::LoadAtStart() {
  const std::string path = FileName();
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  return Load(path, /*flush=*/false, /*merge=*/false, *services_.workers[0]);
}

void Saver::Reload(command::Context& ctx, const ReloadOptions& options) {
  if (options.save && !Save()) return ctx.reply().Error("ERR");
  if (const auto r = Load(FileName(), options.flush, options.merge, ctx.worker()); !r) {
    Log(LogLevel::kWarning, "DEBUG RELOAD: {}", r.error());
    return ctx.reply().Error("ERR Error trying to load the RDB dump, check server logs.");
  }
  ctx.reply().Ok();
}

}  // namespace pinion::persist
