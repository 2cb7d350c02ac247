// Which arguments of a request are keys, by the key specifications of its row.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "command/registry.h"

namespace pinion::command {

// Appends the positions of all keys of the request. False when a specification does not fit the arguments (then
// some may have been appended). Keys marked kKeyNotKey (channels) are left out unless asked for.
bool FindKeys(const Command& command, std::span<const std::string_view> args, std::vector<KeyPosition>* out,
              bool with_not_keys = false);

}  // namespace pinion::command
