// Entries and the whole keyspace in the RDB format.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "rdb/format.h"
#include "rdb/value.h"
#include "store/keyspace.h"

namespace pinion::rdb {

// The entry's value; an integer's text is put at `scratch` (room for kMaxInt64Text).
[[nodiscard]] ValueView ViewOf(const store::Entry& e, char* scratch);

// What of a key's access clock is written.
enum class AccessNote : uint8_t { kNone, kIdleSeconds, kFrequency };

struct KeyspaceOptions {
  int version = kVersion;                   // the oldest reader: kVersion or kOldestVersion
  std::vector<std::pair<std::string, std::string>> facts;  // about the writer
  std::vector<std::string_view> libraries;  // codes of function libraries; they stay their owner's
  AccessNote access = AccessNote::kNone;
  UnixMillis now = 0;                       // for that
  int lfu_decay_minutes = 1;
  bool compress = true;
};

// Appends header, facts, libraries and all keys of all databases, up to the mark of the end; the checksum is the
// caller's. After each library and key `step` is called, which may take away what is there, and says whether to go on.
// A reader must know kVersionWithFieldDeadlines where there are such deadlines. Takes no locks and does not log.
// REQUIRES: nobody changes the keyspace meanwhile.
void WriteKeyspace(store::Keyspace& keyspace, const KeyspaceOptions& options, std::string* out,
                   const std::function<bool()>& step);

// The same of a snapshot, in two parts. What stands before the keys, as of now: header, facts, libraries, and how many
// keys the databases have. REQUIRES: nobody changes the keyspace meanwhile.
[[nodiscard]] std::string SnapshotPreface(store::Keyspace& keyspace, const KeyspaceOptions& options);
// What the snapshot begins with (store::Snapshot::Begin): writes a key as WriteSnapshot does, uncompressed, since
// somebody waits for it.
[[nodiscard]] store::Snapshot::Encoder KeyEncoder(const KeyspaceOptions& options);
// Appends the preface, all keys of the snapshot, naming the database whenever it is another, and the mark of the end.
// As their consumer it returns when there are no more; false: they are not all. When `step` has said not to go on, the
// rest is discarded.
[[nodiscard]] bool WriteSnapshot(store::Snapshot& snapshot, std::string_view preface, const KeyspaceOptions& options,
                                 std::string* out, const std::function<bool()>& step);

}  // namespace pinion::rdb
