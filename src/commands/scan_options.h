// What SCAN and its kin for one key (HSCAN, SSCAN, ZSCAN) share: cursor, options and the shape of the reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/glob.h"
#include "command/args.h"
#include "resp/reply_writer.h"

namespace pinion::commands {

// What is looked through, which decides the options beyond MATCH and COUNT: TYPE for keys, NOVALUES for a hash,
// NOSCORES for a sorted set.
enum class Scanned { kKeys, kHash, kSet, kSortedSet };

struct ScanOptions {
  static constexpr size_t kDefaultCount = 10;

  size_t count = kDefaultCount;
  std::optional<std::string_view> pattern;  // none: everything matches
  std::optional<std::string_view> type;     // TYPE
  bool names_only = false;                  // NOVALUES, NOSCORES

  [[nodiscard]] bool Matches(std::string_view name) const { return !pattern || GlobMatch(*pattern, name); }
};

// A cursor as C's strtoul reads it, which is what clients may send: a sign is allowed, and nothing at all is zero.
// Fails with "invalid cursor".
uint64_t ReadCursor(command::ArgReader* args);

// All that stands behind the cursor.
ScanOptions ReadScanOptions(command::ArgReader* args, Scanned what);

// The reply: the next cursor and the elements met. The cursor goes ahead of them but is known only behind them. For a
// key that does not exist, and then whatever the options are: ScanReply(reply).End(0).
class ScanReply {
 public:
  explicit ScanReply(resp::ReplyWriter& reply) : reply_(reply), start_(reply.Begin()) {}

  void Add(std::string_view element) {
    reply_.Bulk(element);
    ++elements_;
  }
  void End(uint64_t next_cursor);

 private:
  resp::ReplyWriter& reply_;
  const resp::OutputBuffer::Mark start_;
  size_t elements_ = 0;
};

}  // namespace pinion::commands
