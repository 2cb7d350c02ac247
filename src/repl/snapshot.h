// The snapshot with which a replica begins.
#pragma once

#include <string>

namespace pinion::command {
struct Services;
}

namespace pinion::repl {

// The function libraries and all keys of all databases as an RDB file in memory, of the oldest version that can hold
// them: a replica may be older than this server. Everybody waits meanwhile, some seconds for each gigabyte.
// REQUIRES: the gate is held exclusively.
[[nodiscard]] std::string WriteSnapshot(command::Services& services);

}  // namespace pinion::repl
