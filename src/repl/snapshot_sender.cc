// From the keyspace to the pipe.
#include "repl/snapshot_sender.h"

#include <utility>

#include <unistd.h>

#include "base/background_thread.h"
#include "base/crc64.h"
#include "command/script_engine.h"
#include "command/services.h"
#include "command/snapshot.h"
#include "config/config.h"
#include "pinion/version.h"
#include "rdb/keyspace.h"
#include "rdb/writer.h"

namespace pinion::repl {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 18;

rdb::KeyspaceOptions ContentOptions(bool compress) {
  rdb::KeyspaceOptions options;
  options.version = rdb::kOldestVersion;
  options.compress = compress;
  return options;
}

// Cuts what is appended to buffer() into pieces.
class PipeWriter {
 public:
  PipeWriter(SnapshotPipe& pipe, const std::function<void()>& tell) : pipe_(pipe), tell_(tell) {}

  [[nodiscard]] std::string& buffer() { return buffer_; }

  // False: nobody wants more.
  bool PassOnIfFull() { return buffer_.size() < kPieceBytes || PassOn(); }
  bool Finish() {
    crc_ = Crc64(crc_, buffer_);
    rdb::Writer(&buffer_, /*compress=*/false).Low(crc_, sizeof crc_);
    return pipe_.Write(std::exchange(buffer_, {}));
  }

 private:
  bool PassOn() {
    crc_ = Crc64(crc_, buffer_);
    const bool taken = pipe_.Write(std::exchange(buffer_, {}));
    if (taken) tell_();
    return taken;
  }

  SnapshotPipe& pipe_;
  const std::function<void()>& tell_;
  std::string buffer_;
  uint64_t crc_ = 0;
};

}  // namespace

SnapshotSender::SnapshotSender(command::Services& services, std::shared_ptr<SnapshotPipe> pipe,
                               std::function<void()> tell)
    : services_(services), pipe_(std::move(pipe)), tell_(std::move(tell)) {
  const config::Settings& settings = services.config.settings();
  const bool compress = settings.rdbcompression.load(std::memory_order_relaxed);
  const int64_t delay = settings.rdb_key_save_delay.load(std::memory_order_relaxed);
  rdb::KeyspaceOptions options = ContentOptions(compress);
  options.facts = {{"redis-ver", std::string(kRedisVersion)}};
  options.libraries = services.scripts->LibraryCodes();
  std::string preface = rdb::SnapshotPreface(services.keyspace, options);
  command::BeginSnapshot(services, rdb::KeyEncoder(options));
  thread_ = std::thread([this, preface = std::move(preface), compress, delay] { Run(preface, compress, delay); });
}

void SnapshotSender::Run(const std::string& preface, bool compress, int64_t key_delay_micros) {
  BackgroundThread thread;
  PipeWriter writer(*pipe_, tell_);
  const auto step = [&] {
    thread.Pause();
    if (key_delay_micros > 0) usleep(static_cast<useconds_t>(key_delay_micros));
    return writer.PassOnIfFull();
  };
  const bool whole = rdb::WriteSnapshot(services_.keyspace.snapshot(), preface, ContentOptions(compress),
                                        &writer.buffer(), step);
  pipe_->End(whole && writer.Finish());
  tell_();
  finished_.store(true, std::memory_order_release);
}

void SnapshotSender::Stop() {
  pipe_->Close();
  if (!finished()) services_.keyspace.snapshot().Abandon();
}

}  // namespace pinion::repl
