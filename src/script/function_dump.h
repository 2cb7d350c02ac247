// FUNCTION DUMP's payload: libraries as an RDB file holds them, the version of the format, a checksum.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace pinion::script {

[[nodiscard]] std::string DumpLibraries(const std::vector<std::string_view>& codes);
// The codes of the libraries in any payload of ours, or of Redis from 7.0 to 7.2; or the error of FUNCTION RESTORE.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> ParseLibraries(std::string_view payload);

}  // namespace pinion::script
