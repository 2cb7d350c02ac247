// Conditions on single options beyond their kind and range; see Option::Check.
#pragma once

#include <string_view>

#include "config/option.h"

namespace pinion::config {

std::string_view CheckDbFilename(Value& value);
std::string_view CheckAppendFilename(Value& value);
std::string_view CheckAppendDirname(Value& value);
std::string_view CheckClusterConfigFile(Value& value);
std::string_view CheckHostname(Value& value);
std::string_view CheckProcTitleTemplate(Value& value);
std::string_view CheckShutdownFlags(Value& value);
std::string_view CheckPowerOfTwo(Value& value);
// Never fails: brings the frequency into 1..500, as Redis does.
std::string_view ClampHz(Value& value);
// Likewise: a backlog has 16 KB at least.
std::string_view ClampBacklogSize(Value& value);

}  // namespace pinion::config
