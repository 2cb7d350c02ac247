// Loads any bytes as an RDB file; what could be loaded is written, and that loads as the same number of keys.
#include <cstdint>
#include <string>

#include "rdb/keyspace.h"
#include "rdb/keyspace_loader.h"

namespace {

using namespace pinion;

constexpr UnixMillis kNow = 1'800'000'000'000;
constexpr std::string_view kNoChecksum("\0\0\0\0\0\0\0\0", 8);

class SilentListener final : public store::KeyspaceListener {
 public:
  void OnKeyEvent(store::EventClass, std::string_view, std::string_view, uint32_t) override {}
  void OnEarlierDue(uint32_t, UnixMillis) override {}
};

class Loaded {
 public:
  explicit Loaded(std::string_view file) : result_(rdb::LoadKeyspace(file, {.now = kNow}, keyspace_, accessor_)) {}

  [[nodiscard]] bool whole() const { return result_.has_value(); }
  [[nodiscard]] int64_t keys() const { return result_->keys; }
  [[nodiscard]] std::string Written() {
    std::string bytes;
    rdb::KeyspaceOptions options;
    options.version = rdb::kVersionWithFieldDeadlines;
    for (const std::string& code : result_->libraries) options.libraries.push_back(code);
    rdb::WriteKeyspace(keyspace_, options, &bytes, [] { return true; });
    return bytes.append(kNoChecksum);
  }

 private:
  ManualClock clock_{kNow * 1000};
  store::Keyspace keyspace_{{.shards = 4, .databases = 4}, clock_};
  SilentListener listener_;
  store::Accessor accessor_{1, &listener_};
  tl::expected<rdb::Loaded, std::string> result_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Nearly every input would have a wrong checksum; a file may also be written without one.
  const std::string file =
      std::string("REDIS0011").append(reinterpret_cast<const char*>(data), size).append(kNoChecksum);
  Loaded first(file);
  if (!first.whole()) return 0;
  const Loaded second(first.Written());
  if (!second.whole() || second.keys() != first.keys()) __builtin_trap();
  return 0;
}
