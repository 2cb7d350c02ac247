// What stands behind a payload that is not a file: the version in two bytes and the CRC-64 of all before it in eight.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pinion::rdb {

void AppendFooter(int version, std::string* payload);

// The part before the footer, if that is right and its version is at most `latest`.
[[nodiscard]] std::optional<std::string_view> CheckFooter(std::string_view payload, int latest);

inline constexpr std::string_view kBadFooter = "ERR DUMP payload version or checksum are wrong";

}  // namespace pinion::rdb
