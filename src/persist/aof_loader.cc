// From file to file and from command to command.
#include "persist/aof_loader.h"

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/log.h"
#include "command/dispatcher.h"
#include "command/no_peer.h"
#include "config/config.h"
#include "persist/command_reader.h"
#include "persist/mapped_file.h"
#include "persist/saver.h"
#include "resp/output_buffer.h"

namespace pinion::persist {
namespace {

using Error = tl::unexpected<std::string>;
using Arguments = std::vector<std::string_view>;

constexpr uint64_t kCommandsAClock = 1024;

// The worker does again what was done: alone, and with the interpreter, since nobody else runs.
class Replaying {
 public:
  explicit Replaying(command::Worker& worker)
      : worker_(worker), alone_(std::exchange(worker.alone, true)),
        turn_(std::exchange(worker.has_script_turn, true)), client_(std::exchange(worker.client, UINT64_MAX)) {
    worker.accessor.replays = true;
  }
  ~Replaying() {
    worker_.accessor.replays = false;
    worker_.alone = alone_;
    worker_.has_script_turn = turn_;
    worker_.client = client_;
  }
  Replaying(const Replaying&) = delete;
  Replaying& operator=(const Replaying&) = delete;

 private:
  command::Worker& worker_;
  const bool alone_, turn_;
  const uint64_t client_;
};

class Loader {
 public:
  Loader(command::Services& services, command::Worker& worker) : services_(services), worker_(worker) {
    session_.authenticated = session_.unrestricted = true;
  }

  // `is_last`: its end may be missing.
  tl::expected<void, std::string> Load(const std::string& path, bool is_last) {
    auto file = MappedFile::Open(path);
    if (!file) return Error(fmt::format("cannot read {}: {}", path, std::strerror(file.error())));
    if (file->bytes().starts_with("REDIS")) {
      return Saver::Of(services_).Load(path, {.keeps_expired = true}, worker_);
    }
    session_.db = 0;
    size_t whole = 0;  // so much is commands and transactions that have an end
    const size_t size = file->bytes().size();
    const CommandReader::Got end = Run(file->bytes(), &whole);
    if (!unknown_.empty()) return Error(fmt::format("{}: unknown command '{}' at byte {}", path, unknown_, whole));
    if (end == CommandReader::Got::kCorrupt) {
      return Error(fmt::format("{}: bad file format at byte {}: make a backup, then use redis-check-aof --fix",
                               path, whole));
    }
    if (end == CommandReader::Got::kEnd) return {};
    if (!is_last) return Error(fmt::format("{} is cut off at byte {}, and it is not the last file", path, whole));
    if (!services_.config.settings().aof_load_truncated.load(std::memory_order_relaxed)) {
      return Error(fmt::format("{} is cut off at byte {} of {}: set aof-load-truncated yes, or use redis-check-aof "
                               "--fix", path, whole, size));
    }
    file = tl::unexpected(0);  // no mapping may look behind the end
    if (truncate(path.c_str(), static_cast<off_t>(whole)) != 0) {
      return Error(fmt::format("cannot cut {}: {}", path, std::strerror(errno)));
    }
    Log(LogLevel::kWarning, "{} was cut off within a command: its last {} bytes are dropped", path, size - whole);
    return {};
  }

  [[nodiscard]] uint64_t commands() const { return commands_; }
  [[nodiscard]] uint64_t errors() const { return errors_; }

 private:
  using Got = CommandReader::Got;

  Got Run(std::string_view bytes, size_t* whole) {
    CommandReader reader(bytes);
    Arguments args;
    for (;;) {
      const size_t begin = reader.position();
      const Got got = reader.Next(&args);
      if (got == Got::kEnd && transaction_) return std::exchange(transaction_, {}), Got::kTruncated;
      if (got != Got::kCommand) {
        if (!transaction_) *whole = reader.position();
        transaction_.reset();
        return got;
      }
      if (!Take(args)) return *whole = begin, Got::kCorrupt;
      if (!transaction_) *whole = reader.position();
    }
  }

  // A transaction is done when its end is there.
  bool Take(const Arguments& args) {
    if (command::EqualsNoCase(args[0], "MULTI")) {
      transaction_.emplace();
      return true;
    }
    if (!transaction_) return Do(args);
    if (!command::EqualsNoCase(args[0], "EXEC")) {
      transaction_->push_back(args);
      return true;
    }
    const std::vector<Arguments> queue = *std::exchange(transaction_, {});
    for (const Arguments& queued : queue) {
      if (!Do(queued)) return false;
    }
    return true;
  }

  bool Do(const Arguments& args) {
    if (commands_++ % kCommandsAClock == 0) worker_.now_micros = services_.clock.WallMicros();
    output_.Clear();
    resp::ReplyWriter reply(&output_, session_.protocol);
    if (!services_.dispatcher->Replay(worker_, session_, args, reply)) {
      unknown_ = std::string(args[0]);
      return false;
    }
    errors_ += reply.error_count();
    return true;
  }

  command::Services& services_;
  command::Worker& worker_;
  command::NoPeer peer_;
  command::Session session_{0, worker_, peer_};
  resp::OutputBuffer output_;
  std::optional<std::vector<Arguments>> transaction_;
  std::string unknown_;
  uint64_t commands_ = 0, errors_ = 0;
};

}  // namespace

tl::expected<void, std::string> LoadAof(command::Services& services, command::Worker& worker,
                                        const AofDirectory& directory) {
  const AofManifest manifest = directory.manifest();
  const Replaying replaying(worker);
  Loader loader(services, worker);
  if (manifest.base) {
    const bool is_last = manifest.increments.empty();
    if (auto r = loader.Load(directory.PathOf(manifest.base->name), is_last); !r) return r;
  }
  for (const AofManifest::File& f : manifest.increments) {
    if (auto r = loader.Load(directory.PathOf(f.name), f == manifest.increments.back()); !r) return r;
  }
  Log(LogLevel::kNotice, "Loaded the append-only file in {}: {} commands behind the base", directory.path(),
      loader.commands());
  if (loader.errors() != 0) {
    Log(LogLevel::kWarning, "{} commands of the append-only file could not be done", loader.errors());
  }
  Saver::Of(services).NoteNothingToSave();
  return {};
}

}  // namespace pinion::persist
