// Walks an RDB file from opcode to opcode.
#include "rdb/keyspace_loader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/crc64.h"
#include "base/numbers.h"
#include "rdb/format.h"
#include "rdb/reader.h"
#include "rdb/restored_value.h"
#include "store/database.h"

namespace pinion::rdb {
namespace {

using Error = tl::unexpected<std::string>;

constexpr std::string_view kMagic = "REDIS";
constexpr size_t kHeaderBytes = 9, kFileChecksumBytes = 8;
constexpr int kFirstVersionWithChecksum = 5;

class Loader {
 public:
  Loader(std::string_view body, const LoadOptions& options, store::Keyspace& keyspace, store::Accessor& accessor)
      : in_(body), options_(options), keyspace_(keyspace), accessor_(accessor) {}

  // From behind the header to the opcode of the end.
  tl::expected<Loaded, std::string> Load() {
    for (;;) {
      const uint8_t opcode = in_.Byte();
      if (!in_.ok()) return Error(Broken());
      if (opcode == kEnd) break;
      if (auto r = ReadPart(opcode); !r) return Error(std::move(r.error()));
    }
    if (in_.remaining() != 0) return Error(fmt::format("{} bytes behind the end", in_.remaining()));
    return std::move(loaded_);
  }

 private:
  using Result = tl::expected<void, std::string>;

  [[nodiscard]] std::string Broken() const {
    return fmt::format("broken at byte {}", kHeaderBytes + in_.position());
  }

  Result ReadPart(uint8_t opcode) {
    switch (opcode) {
      case kAux:
        (void)in_.String(&name_);
        (void)in_.String(&text_);
        break;
      case kResize:
        (void)in_.Length();
        (void)in_.Length();
        break;
      case kSlotInfo:
        for (int i = 0; i < 3; ++i) (void)in_.Length();
        break;
      case kSelect: {
        const uint64_t db = in_.Length();
        if (in_.ok() && db >= keyspace_.database_count()) {
          return Error(fmt::format("it has a database {}, and there are {} here", db, keyspace_.database_count()));
        }
        db_ = static_cast<uint32_t>(db);
        break;
      }
      case kFunction:
        loaded_.libraries.emplace_back(in_.String(&text_));
        break;
      case kFunctionPreRelease:
        return Error("it has functions in a format from before their release");
      case kModuleAux:
      case kModulePreRelease:
      case kModule:
        return Error("it has data of a module, and there are no modules here");
      case kDeadlineMillis:
        deadline_ = static_cast<UnixMillis>(in_.Low(8));
        break;
      case kDeadlineSeconds:
        deadline_ = static_cast<int64_t>(static_cast<int32_t>(in_.Low(4))) * 1000;
        break;
      case kIdle:
        use_.idle_seconds = static_cast<int64_t>(std::min<uint64_t>(in_.Length(), kLongestIdle));
        break;
      case kFrequency:
        use_.frequency = in_.Byte();
        break;
      default:
        return ReadKey(opcode);
    }
    if (!in_.ok()) return Error(Broken());
    return {};
  }

  Result ReadKey(uint8_t type) {
    const std::string_view name = in_.String(&name_);
    if (!in_.ok()) return Error(Broken());
    auto value = ReadValue(type, in_, options_.limits);
    if (!value || !in_.ok()) {
      return Error(fmt::format("the value of key \"{}\", of type {}, is {}", name, type, Broken()));
    }
    const UnixMillis deadline = std::exchange(deadline_, store::kNoDeadline);
    const Use use = std::exchange(use_, Use());
    // Older versions could write objects without elements.
    if (value->empty()) return {};
    if (deadline != store::kNoDeadline && deadline <= options_.now && !options_.keeps_expired) {
      ++loaded_.expired;
      return {};
    }
    store::Database db(keyspace_, db_, options_.now, accessor_);
    const store::Key key = keyspace_.MakeKey(name);
    auto w = db.Write(key);
    if (w.exists() && !options_.replace) return Error(fmt::format("key \"{}\" is there already", name));
    PutRestored(w, std::move(*value), deadline, use, options_.now, options_.lfu);
    w.LeaveUncounted();
    ++loaded_.keys;
    return {};
  }

  Reader in_;
  const LoadOptions& options_;
  store::Keyspace& keyspace_;
  store::Accessor& accessor_;
  Loaded loaded_;
  uint32_t db_ = 0;
  UnixMillis deadline_ = store::kNoDeadline;  // this and the next are of the next key
  Use use_;
  std::string name_, text_;  // scratch
};

}  // namespace

tl::expected<Loaded, std::string> LoadKeyspace(std::string_view file, const LoadOptions& options,
                                               store::Keyspace& keyspace, store::Accessor& accessor) {
  if (file.size() < kHeaderBytes || file.substr(0, kMagic.size()) != kMagic) return Error("it is not an RDB file");
  const std::string_view digits = file.substr(kMagic.size(), kHeaderBytes - kMagic.size());
  int version = 0;
  for (char c : digits) version = c >= '0' && c <= '9' && version >= 0 ? version * 10 + (c - '0') : -1;
  if (version < 1 || version > kLatestVersion) return Error(fmt::format("its version is {}", digits));
  std::string_view body = file.substr(kHeaderBytes);
  if (version >= kFirstVersionWithChecksum) {
    if (body.size() < kFileChecksumBytes) return Error("it is cut off");
    const uint64_t written = Reader(body.substr(body.size() - kFileChecksumBytes)).Low(kFileChecksumBytes);
    body.remove_suffix(kFileChecksumBytes);
    // Zero: it was written without one.
    if (written != 0 && written != Crc64(0, file.substr(0, file.size() - kFileChecksumBytes))) {
      return Error("its checksum is wrong");
    }
  }
  return Loader(body, options, keyspace, accessor).Load();
}

}  // namespace pinion::rdb
