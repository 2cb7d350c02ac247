// Reads an append-only file into the keyspace.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "command/services.h"
#include "persist/aof_directory.h"

namespace pinion::persist {

// All files of the manifest, in order. Where the last one is cut off within a command or a transaction, that goes if
// aof-load-truncated says so: from the file as well. No deadline passes meanwhile. The error is a sentence. REQUIRES:
// nobody else is inside the gate, and nobody follows what the worker does.
[[nodiscard]] tl::expected<void, std::string> LoadAof(command::Services& services, command::Worker& worker,
                                                      const AofDirectory& directory);

}  // namespace pinion::persist
