// Writes a file that is whole when it has its name, or is not there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace pinion::persist {

struct FileOptions {
  bool checksum = true;                     // else the file ends with zeros
  bool sync_as_it_grows = true;             // so that the sync at the end finds little to do
  int64_t key_delay_micros = 0;             // after each step: for tests that want a save to take long
};

// Appends a file's contents to `out`, but for the checksum. After each piece it calls `step`, which takes away what is
// there, and goes on if that says so. False: it could not give all.
using FileContents = std::function<bool(std::string* out, const std::function<bool()>& step)>;

// Writes to `path`: first beside it into `temporary`, which is synced and takes its place. The error is an errno,
// ECANCELED if it were the contents that failed; `temporary` is gone then, and `path` is what it was, or whole but
// perhaps not on the disk for good.
[[nodiscard]] tl::expected<void, int> WriteFile(const FileContents& contents, const FileOptions& options,
                                                const std::string& temporary, const std::string& path);

// The same of a small text, without a checksum.
[[nodiscard]] tl::expected<void, int> ReplaceFile(std::string_view text, const std::string& temporary,
                                                  const std::string& path);

}  // namespace pinion::persist
