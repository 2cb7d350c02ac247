// Loads an RDB file into the keyspace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.h"
#include "rdb/value.h"
#include "store/events.h"
#include "store/keyspace.h"

namespace pinion::rdb {

struct LoadOptions {
  UnixMillis now = 0;
  ValueLimits limits;
  bool keeps_expired = false;  // keys whose deadlines have passed; else they are left out
  bool replace = false;   // keys that are there already; else they are an error
  bool lfu = false;       // access clocks hold frequencies
};

struct Loaded {
  int64_t keys = 0;
  int64_t expired = 0;                 // keys that were left out, their deadlines having passed
  std::vector<std::string> libraries;  // codes of function libraries, for the interpreter
};

// The error is a sentence for the log. A file whose header or checksum is wrong changes nothing; one that turns out to
// be wrong inside leaves the keys before that place. REQUIRES: the gate is held exclusively.
[[nodiscard]] tl::expected<Loaded, std::string> LoadKeyspace(std::string_view file, const LoadOptions& options,
                                                             store::Keyspace& keyspace, store::Accessor& accessor);

}  // namespace pinion::rdb
