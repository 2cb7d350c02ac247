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

// Writes the parts of a file in order.
class KeyspaceWriter {
 public:
  KeyspaceWriter(const KeyspaceOptions& options, std::string* out) : options_(options), out_(out, options.compress) {}

  // Calls step() after each library.
  template <typename F>
  void Head(store::Keyspace& keyspace, F&& step) {
    const int version = HasFieldDeadlines(keyspace) ? kVersionWithFieldDeadlines : options_.version;
    out_.Raw(fmt::format("REDIS{:04}", version));
    for (const auto& [name, value] : options_.facts) {
      out_.Byte(kAux);
      out_.String(name);
      out_.String(value);
    }
    for (std::string_view code : options_.libraries) {
      out_.Byte(kFunction);
      out_.String(code);
      step();
    }
  }

  void Select(uint32_t db) {
    out_.Byte(kSelect);
    out_.Length(db);
  }

  // How many keys the database has; false, and nothing, when there are none.
  bool Counts(store::Keyspace& keyspace, uint32_t db) {
    const store::Keyspace::Totals totals = keyspace.CountKeys(db, /*alone=*/true);
    if (totals.keys == 0) return false;
    Select(db);
    out_.Byte(kResize);
    out_.Length(totals.keys);
    out_.Length(totals.volatile_keys);
    return true;
  }

  void Key(const store::Entry& e) {
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

  // One that KeyEncoder has encoded.
  void Key(std::string_view encoded) { out_.Raw(encoded); }

  void End() { out_.Byte(kEnd); }

 private:
  const KeyspaceOptions& options_;
  Writer out_;
};

// False when `step` said not to go on.
bool WriteDatabase(store::Keyspace& keyspace, uint32_t db, const std::function<bool()>& step, KeyspaceWriter* writer) {
  if (!writer->Counts(keyspace, db)) return true;
  // Seen from the beginning of time no key has expired: those that have are written too, and whoever reads them
  // decides.
  constexpr UnixMillis kBeforeAll = 0;
  constexpr size_t kKeysAStep = 1024;
  uint64_t cursor = 0;
  bool going_on = true;
  do {
    cursor = keyspace.Scan(db, cursor, kKeysAStep, kBeforeAll, /*alone=*/true, [&](const store::Entry& e) {
      if (!going_on) return;
      writer->Key(e);
      going_on = step();
    });
  } while (cursor != 0 && going_on);
  return going_on;
}

}  // namespace

ValueView ViewOf(const store::Entry& e, char* scratch) {
  if (e.is_string()) return {e.type(), e.StringView(scratch), nullptr};
  return {e.type(), {}, e.pointer()};
}

void WriteKeyspace(store::Keyspace& keyspace, const KeyspaceOptions& options, std::string* out,
                   const std::function<bool()>& step) {
  KeyspaceWriter writer(options, out);
  bool going_on = true;
  writer.Head(keyspace, [&] { going_on = going_on && step(); });
  for (uint32_t db = 0; db < keyspace.database_count() && going_on; ++db) {
    going_on = WriteDatabase(keyspace, db, step, &writer);
  }
  writer.End();
}

std::string SnapshotPreface(store::Keyspace& keyspace, const KeyspaceOptions& options) {
  std::string preface;
  KeyspaceWriter writer(options, &preface);
  writer.Head(keyspace, [] {});
  for (uint32_t db = 0; db < keyspace.database_count(); ++db) (void)writer.Counts(keyspace, db);
  return preface;
}

store::Snapshot::Encoder KeyEncoder(const KeyspaceOptions& options) {
  KeyspaceOptions of_keys = options;
  of_keys.facts.clear();
  of_keys.libraries.clear();
  of_keys.compress = false;
  return [options = std::move(of_keys)](const store::Entry& e, std::string* out) {
    KeyspaceWriter(options, out).Key(e);
  };
}

bool WriteSnapshot(store::Snapshot& snapshot, std::string_view preface, const KeyspaceOptions& options,
                   std::string* out, const std::function<bool()>& step) {
  KeyspaceWriter writer(options, out);
  out->append(preface);
  int64_t selected = -1;
  const auto write = [&](uint32_t db, const auto& key) {
    if (selected != db) writer.Select(db);
    selected = db;
    writer.Key(key);
  };
  const auto pause = [&] {
    if (!step()) snapshot.Discard();
  };
  store::Snapshot::Delivery delivery{};
  while (delivery == store::Snapshot::Delivery::kGoesOn) delivery = snapshot.Deliver(write, pause);
  writer.End();
  return delivery == store::Snapshot::Delivery::kComplete;
}

}  // namespace pinion::rdb
