// Writes the whole keyspace as an RDB file.
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "rdb/keyspace.h"
#include "store/keyspace.h"

namespace pinion::persist {

struct WriteOptions {
  rdb::KeyspaceOptions keyspace;
  bool checksum = true;                     // else the file ends with zeros
  bool sync_as_it_grows = true;             // so that the sync at the end finds little to do
  int64_t key_delay_micros = 0;             // after each key: for tests that want a save to take long
};

// Writes to `path`: first beside it into `temporary`, which is synced and takes its place. The error is an errno;
// `temporary` is gone then, and `path` is what it was, or whole but perhaps not on the disk for good. Takes no locks
// and does not log, so that it may run in a forked child. REQUIRES: nobody changes the keyspace meanwhile.
[[nodiscard]] tl::expected<void, int> WriteFile(store::Keyspace& keyspace, const WriteOptions& options,
                                                const std::string& temporary, const std::string& path);

}  // namespace pinion::persist
