// Every change is made to a copy of the manifest, which then takes the place of the file.
#include "persist/aof_directory.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "persist/mapped_file.h"
#include "persist/saved_file.h"

namespace pinion::persist {
namespace {

using Failure = tl::unexpected<int>;

uint64_t BytesOf(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 ? static_cast<uint64_t>(facts.st_size) : 0;
}

}  // namespace

tl::expected<void, std::string> AofDirectory::Open() {
  const auto file = MappedFile::Open(ManifestPath());
  if (!file) {
    if (file.error() == ENOENT) return {};
    return tl::unexpected(fmt::format("cannot read {}: {}", ManifestPath(), std::strerror(file.error())));
  }
  auto manifest = AofManifest::Parse(file->bytes());
  if (!manifest) return tl::unexpected(fmt::format("{}: {}", ManifestPath(), manifest.error()));
  std::lock_guard lock(mutex_);
  manifest_ = *std::move(manifest);
  DeleteHistory();
  return {};
}

// At every moment either the old name or the manifest leads to the file.
tl::expected<bool, std::string> AofDirectory::TakeIn(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return false;
  const auto fail = [&](int error) {
    return tl::unexpected(fmt::format("cannot move {} to {}: {}", path, directory_, std::strerror(error)));
  };
  if (auto r = Create(); !r) return fail(r.error());
  const std::string moved = PathOf(file_name_);
  unlink(moved.c_str());
  if (link(path.c_str(), moved.c_str()) != 0) return fail(errno);
  std::lock_guard lock(mutex_);
  AofManifest manifest;
  manifest.base = AofManifest::File{file_name_, 1};
  if (auto r = Put(std::move(manifest)); !r) return fail(r.error());
  unlink(path.c_str());
  Log(LogLevel::kNotice, "{} is the base of the append-only file in {} from now on", path, directory_);
  return true;
}

AofManifest AofDirectory::manifest() const {
  std::lock_guard lock(mutex_);
  return manifest_;
}

tl::expected<void, int> AofDirectory::Create() {
  if (mkdir(directory_.c_str(), 0755) == 0 || errno == EEXIST) return {};
  return Failure(errno);
}

tl::expected<AofManifest::File, int> AofDirectory::LastIncrement() {
  std::lock_guard lock(mutex_);
  if (!manifest_.increments.empty()) return manifest_.increments.back();
  return AddIncrementLocked();
}

tl::expected<AofManifest::File, int> AofDirectory::AddIncrement() {
  std::lock_guard lock(mutex_);
  return AddIncrementLocked();
}

tl::expected<AofManifest::File, int> AofDirectory::AddIncrementLocked() {
  AofManifest::File file = manifest_.NextIncrement(file_name_);
  const int fd = open(PathOf(file.name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return Failure(errno);
  close(fd);
  AofManifest manifest = manifest_;
  manifest.increments.push_back(file);
  if (auto r = Put(std::move(manifest)); !r) {
    unlink(PathOf(file.name).c_str());
    return Failure(r.error());
  }
  return file;
}

AofManifest::File AofDirectory::NextBase() const {
  std::lock_guard lock(mutex_);
  return manifest_.NextBase(file_name_);
}

tl::expected<void, int> AofDirectory::Adopt(const AofManifest::File& base, int64_t sequence, bool adds_temporary) {
  std::lock_guard lock(mutex_);
  AofManifest manifest = manifest_;
  const AofManifest::File next = manifest.NextIncrement(file_name_);
  const std::string renamed = PathOf(next.name);
  manifest.Replace(base, sequence);
  if (adds_temporary) {
    if (std::rename(TemporaryIncrement().c_str(), renamed.c_str()) != 0) return Failure(errno);
    manifest.increments.push_back(next);
  }
  if (auto r = Put(std::move(manifest)); !r) {
    if (adds_temporary) (void)std::rename(renamed.c_str(), TemporaryIncrement().c_str());
    return r;
  }
  DeleteHistory();
  return {};
}

// What cannot be deleted now stays in the manifest until the next time.
void AofDirectory::DeleteHistory() {
  if (manifest_.history.empty() || manifest_.empty()) return;
  AofManifest manifest = manifest_;
  std::erase_if(manifest.history, [this](const AofManifest::File& f) {
    return unlink(PathOf(f.name).c_str()) == 0 || errno == ENOENT;
  });
  if (auto r = Put(std::move(manifest)); !r) {
    Log(LogLevel::kWarning, "Cannot write {}: {}", ManifestPath(), std::strerror(r.error()));
  }
}

uint64_t AofDirectory::TotalBytes() const {
  const AofManifest m = manifest();
  uint64_t bytes = m.base ? BytesOf(PathOf(m.base->name)) : 0;
  for (const AofManifest::File& f : m.increments) bytes += BytesOf(PathOf(f.name));
  return bytes;
}

tl::expected<void, int> AofDirectory::Put(AofManifest manifest) {
  const auto r = ReplaceFile(manifest.Format(), PathOf("temp-" + file_name_ + ".manifest"), ManifestPath());
  if (!r) return r;
  manifest_ = std::move(manifest);
  return {};
}

}  // namespace pinion::persist
