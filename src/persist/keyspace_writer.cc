// The frame around the values of an RDB file: header, functions, databases, keys, end.
#include "persist/keyspace_writer.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/crc64.h"
#include "pinion/version.h"
#include "rdb/format.h"
#include "rdb/value.h"
#include "rdb/writer.h"
#include "store/database.h"

namespace pinion::persist {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 18;
constexpr int64_t kSyncEvery = int64_t{4} << 20;

// A file that is written from its beginning. Its first error stays, and makes the rest do nothing.
class OutFile {
 public:
  OutFile(const std::string& path, const WriteOptions& options)
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

  void DrainIfFull() {
    if (buffer_.size() >= kBufferBytes) Drain();
  }

  // Writes the checksum and has everything on the disk.
  void Finish() {
    Drain();
    for (int i = 0; i < 8; ++i) buffer_.push_back(static_cast<char>(checksum_ ? crc_ >> (8 * i) & 0xFF : 0));
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
    if (error_ != 0 || !sync_as_it_grows_ || written_ - synced_ < kSyncEvery) return;
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

bool HasFieldDeadlines(store::Keyspace& keyspace) {
  for (uint32_t s = 0; s < keyspace.shard_count(); ++s) {
    for (uint32_t db = 0; db < keyspace.database_count(); ++db) {
      const auto& wheel = keyspace.shard(s).db(db).field_wheel;
      if (wheel && wheel->size() > 0) return true;
    }
  }
  return false;
}

class KeyspaceWriter {
 public:
  KeyspaceWriter(store::Keyspace& keyspace, const WriteOptions& options, OutFile& file)
      : keyspace_(keyspace), options_(options), file_(file), out_(&file.buffer(), options.compress) {}

  void Write() {
    WriteHeader();
    for (std::string_view code : options_.libraries) {
      out_.Byte(rdb::kFunction);
      out_.String(code);
      file_.DrainIfFull();
    }
    for (uint32_t db = 0; db < keyspace_.database_count() && file_.error() == 0; ++db) WriteDatabase(db);
    out_.Byte(rdb::kEnd);
    file_.Finish();
  }

 private:
  void WriteFact(std::string_view name, std::string_view value) {
    out_.Byte(rdb::kAux);
    out_.String(name);
    out_.String(value);
  }

  void WriteHeader() {
    const int version = HasFieldDeadlines(keyspace_) ? rdb::kVersionWithFieldDeadlines : rdb::kVersion;
    out_.Raw(fmt::format("REDIS{:04}", version));
    WriteFact("redis-ver", kRedisVersion);
    WriteFact("redis-bits", "64");
    WriteFact("ctime", std::to_string(options_.now / 1000));
    WriteFact("used-mem", std::to_string(options_.used_memory));
    WriteFact("aof-base", "0");
  }

  void WriteDatabase(uint32_t db) {
    const store::Keyspace::Totals totals = keyspace_.CountKeys(db, /*alone=*/true);
    if (totals.keys == 0) return;
    out_.Byte(rdb::kSelect);
    out_.Length(db);
    out_.Byte(rdb::kResize);
    out_.Length(totals.keys);
    out_.Length(totals.volatile_keys);
    // Seen from the beginning of time no key has expired: those that have are written too, and whoever loads the file
    // decides.
    constexpr UnixMillis kBeforeAll = 0;
    constexpr size_t kKeysAStep = 1024;
    uint64_t cursor = 0;
    do {
      cursor = keyspace_.Scan(db, cursor, kKeysAStep, kBeforeAll, /*alone=*/true, [this](const store::Entry& e) {
        if (file_.error() == 0) WriteEntry(e);
      });
    } while (cursor != 0 && file_.error() == 0);
  }

  void WriteEntry(const store::Entry& e) {
    if (e.has_deadline()) {
      out_.Byte(rdb::kDeadlineMillis);
      out_.Low(static_cast<uint64_t>(e.deadline()), 8);
    }
    if (options_.access == AccessNote::kIdleSeconds) {
      out_.Byte(rdb::kIdle);
      out_.Length(static_cast<uint64_t>(store::IdleSeconds(e.access_clock(), options_.now)));
    } else if (options_.access == AccessNote::kFrequency) {
      out_.Byte(rdb::kFrequency);
      out_.Byte(static_cast<uint8_t>(store::LfuDecayed(e.access_clock(), options_.now, options_.lfu_decay_minutes)));
    }
    char scratch[24];
    rdb::ValueView value;
    value.type = e.type();
    if (e.is_string()) {
      value.text = e.StringView(scratch);
    } else {
      value.word = e.pointer();
    }
    out_.Byte(rdb::TypeOf(value));
    out_.String(e.key());
    rdb::WriteValue(value, out_);
    file_.DrainIfFull();
    if (options_.key_delay_micros > 0) usleep(static_cast<useconds_t>(options_.key_delay_micros));
  }

  store::Keyspace& keyspace_;
  const WriteOptions& options_;
  OutFile& file_;
  rdb::Writer out_;
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

}  // namespace

tl::expected<void, int> WriteKeyspace(store::Keyspace& keyspace, const WriteOptions& options,
                                      const std::string& temporary, const std::string& path) {
  OutFile file(temporary, options);
  if (file.error() == 0) KeyspaceWriter(keyspace, options, file).Write();
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

}  // namespace pinion::persist
