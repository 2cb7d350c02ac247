// One client in one line, as CLIENT LIST, CLIENT INFO and ACL LOG show it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "command/services.h"
#include "command/session.h"

namespace pinion::command {

// Appends the line, with a newline. `argument_bytes` are those of the command it runs. REQUIRES: the session's loop, or
// the closed gate.
void AppendClientLine(const Services& services, const Session& s, int64_t now_micros, size_t argument_bytes,
                      std::string* out);

}  // namespace pinion::command
