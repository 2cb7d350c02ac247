// The frame around the values of an RDB file: header, functions, databases, keys, end.
#include "rdb/keyspace.h"

#include <fmt/format.h>

#include "rdb/writer.h"
#include "store/database.h"

namespace pinion::rdb {
namespace {

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
  KeyspaceWriter(store::Keyspace& keyspace, const KeyspaceOptions& options, std::string* out,
                 const std::function<bool()>& step)
      : keyspace_(keyspace), options_(options), out_(out, options.compress), step_(step) {}

  void Write() {
    const int version = HasFieldDeadlines(keyspace_) ? kVersionWithFieldDeadlines : options_.version;
    out_.Raw(fmt::format("REDIS{:04}", version));
    for (const auto& [name, value] : options_.facts) {
      out_.Byte(kAux);
      out_.String(name);
      out_.String(value);
    }
    for (std::string_view code : options_.libraries) {
      out_.Byte(kFunction);
      out_.String(code);
      going_on_ = going_on_ && step_();
    }
    for (uint32_t db = 0; db < keyspace_.database_count() && going_on_; ++db) WriteDatabase(db);
    out_.Byte(kEnd);
  }

 private:
  void WriteDatabase(uint32_t db) {
    const store::Keyspace::Totals totals = keyspace_.CountKeys(db, /*alone=*/true);
    if (totals.keys == 0) return;
    out_.Byte(kSelect);
    out_.Length(db);
    out_.Byte(kResize);
    out_.Length(totals.keys);
    out_.Length(totals.volatile_keys);
    // Seen from the beginning of time no key has expired: those that have are written too, and whoever reads them
    // decides.
    constexpr UnixMillis kBeforeAll = 0;
    constexpr size_t kKeysAStep = 1024;
    uint64_t cursor = 0;
    do {
      cursor = keyspace_.Scan(db, cursor, kKeysAStep, kBeforeAll, /*alone=*/true, [this](const store::Entry& e) {
        if (!going_on_) return;
        WriteEntry(e);
        going_on_ = step_();
      });
    } while (cursor != 0 && going_on_);
  }

  void WriteEntry(const store::Entry& e) {
    if (e.has_deadline()) {
      out_.Byte(kDeadlineMillis);
      out_.Low(static_cast<uint64_t>(e.deadline()), 8);
    }
    if (options_.access == AccessNote::kIdleSeconds) {
      out_.Byte(kIdle);
      out_.Length(static_cast<uint64_t>(store::IdleSeconds(e.access_clock(), options_.now)));
    } else if (options_.access == AccessNote::kFrequency) {
      out_.Byte(kFrequency);
      out_.Byte(static_cast<uint8_t>(store::LfuDecayed(e.access_clock(), options_.now, options_.lfu_decay_minutes)));
    }
    char scratch[kMaxInt64Text];
    const ValueView value = ViewOf(e, scratch);
    const uint8_t type = TypeOf(value, options_.version);
    out_.Byte(type);
    out_.String(e.key());
    WriteValue(value, type, out_);
  }

  store::Keyspace& keyspace_;
  const KeyspaceOptions& options_;
  Writer out_;
  const std::function<bool()>& step_;
  bool going_on_ = true;
};

}  // namespace

ValueView ViewOf(const store::Entry& e, char* scratch) {
  if (e.is_string()) return {e.type(), e.StringView(scratch), nullptr};
  return {e.type(), {}, e.pointer()};
}

void WriteKeyspace(store::Keyspace& keyspace, const KeyspaceOptions& options, std::string* out,
                   const std::function<bool()>& step) {
  KeyspaceWriter(keyspace, options, out, step).Write();
}

}  // namespace pinion::rdb
