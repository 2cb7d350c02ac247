// The machine's files: plain POSIX calls.
#include "config/files.h"

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>

namespace pinion::config {
namespace {

constexpr size_t kMaxFileSize = 16 * 1024 * 1024;
constexpr mode_t kNewFileMode = 0644;

std::error_code LastError() { return {errno, std::generic_category()}; }

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

tl::expected<std::string, std::error_code> ReadAll(int fd) {
  std::string content;
  char chunk[16 * 1024];
  while (true) {
    const ssize_t n = read(fd, chunk, sizeof(chunk));
    if (n == 0) return content;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(LastError());
    content.append(chunk, static_cast<size_t>(n));
    if (content.size() > kMaxFileSize) return tl::unexpected(std::make_error_code(std::errc::file_too_large));
  }
}

std::error_code WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return LastError();
    content.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

mode_t ModeOf(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : kNewFileMode;
}

// Content and mode reach the disk before the name does.
std::error_code WriteDurably(int fd, std::string_view content, mode_t mode) {
  if (const std::error_code error = WriteAll(fd, content)) return error;
  if (fchmod(fd, mode) != 0 || fsync(fd) != 0) return LastError();
  return {};
}

std::error_code SyncDirectoryOf(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const FileDescriptor fd(open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return LastError();
  return {};
}

class SystemFilesImpl final : public Files {
 public:
  tl::expected<std::string, std::error_code> Read(const std::string& path) override {
    const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) return tl::unexpected(LastError());
    return ReadAll(fd.get());
  }

  tl::expected<std::string, std::error_code> ReadStandardInput() override { return ReadAll(STDIN_FILENO); }

  std::vector<std::string> Match(const std::string& pattern) override {
    glob_t found = {};
    std::vector<std::string> paths;
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
      paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    globfree(&found);
    return paths;
  }

  std::error_code Replace(const std::string& path, const std::string& content) override {
    std::string temporary = path + ".XXXXXX";
    const FileDescriptor fd(mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd.valid()) return LastError();
    std::error_code error = WriteDurably(fd.get(), content, ModeOf(path));
    if (!error && rename(temporary.c_str(), path.c_str()) != 0) error = LastError();
    if (error) {
      unlink(temporary.c_str());
      return error;
    }
    return SyncDirectoryOf(path);
  }

  std::error_code EnterDirectory(const std::string& path) override {
    return chdir(path.c_str()) == 0 ? std::error_code() : LastError();
  }

  std::string CurrentDirectory() override {
    std::error_code error;
    return std::filesystem::current_path(error).string();
  }
};

}  // namespace

Files& SystemFiles() {
  static SystemFilesImpl files;
  return files;
}

}  // namespace pinion::config
