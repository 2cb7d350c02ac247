// The keyspace as an RDB file in memory.
#include "repl/snapshot.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/crc64.h"
#include "base/numbers.h"
#include "command/script_engine.h"
#include "command/services.h"
#include "pinion/version.h"
#include "rdb/format.h"
#include "rdb/value.h"
#include "rdb/writer.h"
#include "store/entry.h"
#include "store/keyspace.h"

namespace pinion::repl {
namespace {

class TextSnapshot final : public Snapshot {
 public:
  explicit TextSnapshot(std::string bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] bool Read(uint64_t at, size_t count, std::string* out) const override {
    out->append(bytes_, std::min<size_t>(at, bytes_.size()), count);
    return true;
  }

 private:
  const std::string bytes_;
};

// Redis 7.0 reads this one. Small sets of text and streams are written as it has them.
constexpr int kOldestVersion = 10;
constexpr size_t kVersionAt = 5, kVersionDigits = 4;

class Writer {
 public:
  // Compressing would keep everybody waiting for longer than sending what it saves.
  explicit Writer(std::string* out) : out_(*out), writer_(out, /*compress=*/false) {}

  void Begin() {
    writer_.Raw(fmt::format("REDIS{:04}", kOldestVersion));
    writer_.Byte(rdb::kAux);
    writer_.String("redis-ver");
    writer_.String(kRedisVersion);
  }
  void Library(std::string_view code) {
    writer_.Byte(rdb::kFunction);
    writer_.String(code);
  }
  void Database(uint32_t db, const store::Keyspace::Totals& totals) {
    writer_.Byte(rdb::kSelect);
    writer_.Length(db);
    writer_.Byte(rdb::kResize);
    writer_.Length(totals.keys);
    writer_.Length(totals.volatile_keys);
  }
  void Key(const store::Entry& e) {
    if (e.has_deadline()) {
      writer_.Byte(rdb::kDeadlineMillis);
      writer_.Low(static_cast<uint64_t>(e.deadline()), 8);
    }
    char scratch[kMaxInt64Text];
    rdb::ValueView value;
    value.type = e.type();
    if (e.is_string()) {
      value.text = e.StringView(scratch);
    } else {
      value.word = e.pointer();
    }
    const uint8_t type = rdb::TypeOf(value);
    if (type == rdb::kSetListpack) return SmallSet(e);
    if (type == rdb::kStream3) return Stream(e);
    if (type > rdb::kStream3) version_ = std::max(version_, rdb::VersionOf(value));
    writer_.Byte(type);
    writer_.String(e.key());
    rdb::WriteValue(value, writer_);
  }
  void End() {
    writer_.Byte(rdb::kEnd);
    const std::string digits = fmt::format("{:04}", version_);
    std::memcpy(out_.data() + kVersionAt, digits.data(), kVersionDigits);
    writer_.Low(Crc64(0, out_), sizeof(uint64_t));
  }

 private:
  void SmallSet(const store::Entry& e) {
    const types::Borrowed<types::Set> set(e.pointer());
    writer_.Byte(rdb::kSet);
    writer_.String(e.key());
    writer_.Length(set->size());
    set->ForEach([this](const types::ListpackItem& member) {
      char scratch[kMaxInt64Text];
      writer_.String(member.View(scratch));
    });
  }

  void Stream(const store::Entry& e) {
    writer_.Byte(rdb::kStream2);
    writer_.String(e.key());
    rdb::WriteStream(*types::Borrowed<types::Stream>(e.pointer()), writer_, rdb::kStream2);
  }

  std::string& out_;
  rdb::Writer writer_;
  int version_ = kOldestVersion;
};

}  // namespace

std::string WriteSnapshot(store::Keyspace& keyspace, const std::vector<std::string_view>& libraries) {
  std::string out;
  Writer writer(&out);
  writer.Begin();
  for (std::string_view code : libraries) writer.Library(code);
  for (uint32_t db = 0; db < keyspace.database_count(); ++db) {
    const store::Keyspace::Totals totals = keyspace.CountKeys(db, /*alone=*/true);
    if (totals.keys == 0) continue;
    writer.Database(db, totals);
    // Seen from the beginning of time no key has expired: the stream will say which have.
    constexpr UnixMillis kBeforeAll = 0;
    constexpr size_t kKeysAStep = 1024;
    uint64_t cursor = 0;
    do {
      cursor = keyspace.Scan(db, cursor, kKeysAStep, kBeforeAll, /*alone=*/true,
                             [&](const store::Entry& e) { writer.Key(e); });
    } while (cursor != 0);
  }
  writer.End();
  return out;
}

void KeyspaceSnapshots::Take(command::Worker&, std::function<void()> at_moment,
                             std::function<void(std::shared_ptr<const Snapshot>)> done) {
  at_moment();
  done(std::make_shared<TextSnapshot>(WriteSnapshot(services_.keyspace, services_.scripts->LibraryCodes())));
}

}  // namespace pinion::repl
