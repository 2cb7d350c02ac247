// Buffering, the checksum, and getting a file onto the disk.
#include "persist/saved_file.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "base/crc64.h"

namespace pinion::persist {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 18;
constexpr int64_t kSyncEveryBytes = int64_t{4} << 20;

// A file that is written from its beginning. Its first error stays, and makes the rest do nothing.
class OutFile {
 public:
  OutFile(const std::string& path, const FileOptions& options)
      : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)), checksum_(options.checksum),
        sync_as_it_grows_(options.sync_as_it_grows), error_(fd_ < 0 ? errno : 0) {
    buffer_.reserve(2 * kBufferBytes);
  }
  ~OutFile() {
    if (fd_ >= 0) close(fd_);
  }
  OutFile(const OutFile&) = delete;
  OutFile& operator=(const OutFile&) = delete;

  // What is appended here is written by the next Drain that finds enough of it, or by Finish.
  [[nodiscard]] std::string& buffer() { return buffer_; }
  [[nodiscard]] int error() const { return error_; }
  void Fail(int error) {
    if (error_ == 0) error_ = error;
  }

  void DrainIfFull() {
    if (buffer_.size() >= kBufferBytes) Drain();
  }

  void AppendChecksum() {
    Drain();
    for (int i = 0; i < 8; ++i) buffer_.push_back(static_cast<char>(checksum_ ? crc_ >> (8 * i) & 0xFF : 0));
  }

  // Has everything on the disk.
  void Finish() {
    Drain();
    if (error_ == 0 && fsync(fd_) != 0) error_ = errno;
    if (fd_ >= 0 && close(fd_) != 0 && error_ == 0) error_ = errno;
    fd_ = -1;
  }

 private:
  void Drain() {
    if (checksum_) crc_ = Crc64(crc_, buffer_);
    for (size_t at = 0; error_ == 0 && at < buffer_.size();) {
      const ssize_t n = write(fd_, buffer_.data() + at, buffer_.size() - at);
      if (n < 0 && errno != EINTR) error_ = errno;
      if (n > 0) at += static_cast<size_t>(n);
    }
    written_ += static_cast<int64_t>(buffer_.size());
    buffer_.clear();
    if (error_ != 0 || !sync_as_it_grows_ || written_ - synced_ < kSyncEveryBytes) return;
    // Only begun here: that it arrived is what fsync says.
    (void)sync_file_range(fd_, synced_, written_ - synced_, SYNC_FILE_RANGE_WRITE);
    synced_ = written_;
  }

  int fd_;
  const bool checksum_, sync_as_it_grows_;
  int error_;
  std::string buffer_;
  uint64_t crc_ = 0;
  int64_t written_ = 0, synced_ = 0;
};

// A file has its name for good only when the directory is on the disk as well.
int SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  return error;
}

// What was written takes its place.
tl::expected<void, int> PutInPlace(OutFile& file, const std::string& temporary, const std::string& path) {
  if (file.error() == 0) file.Finish();
  int error = file.error();
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return tl::unexpected(error);
  }
  error = SyncDirectoryOf(path);
  if (error != 0) return tl::unexpected(error);
  return {};
}

}  // namespace

tl::expected<void, int> WriteFile(const FileContents& contents, const FileOptions& options,
                                  const std::string& temporary, const std::string& path) {
  OutFile file(temporary, options);
  const auto step = [&] {
    file.DrainIfFull();
    if (options.key_delay_micros > 0) usleep(static_cast<useconds_t>(options.key_delay_micros));
    return file.error() == 0;
  };
  if (!contents(&file.buffer(), step)) file.Fail(ECANCELED);
  if (file.error() == 0) file.AppendChecksum();
  return PutInPlace(file, temporary, path);
}

tl::expected<void, int> ReplaceFile(std::string_view text, const std::string& temporary, const std::string& path) {
  OutFile file(temporary, {.checksum = false, .sync_as_it_grows = false});
  file.buffer().append(text);
  return PutInPlace(file, temporary, path);
}

}  // namespace pinion::persist
