// The files the configuration lives in, behind an interface so that tests need no disk.
#pragma once

#include <string>
#include <system_error>
#include <vector>

#include <tl/expected.hpp>

namespace pinion::config {

// Called by one thread at a time.
class Files {
 public:
  virtual ~Files() = default;

  // The whole content; file_too_large beyond 16 MB.
  [[nodiscard]] virtual tl::expected<std::string, std::error_code> Read(const std::string& path) = 0;
  [[nodiscard]] virtual tl::expected<std::string, std::error_code> ReadStandardInput() = 0;
  // Existing files that match a shell pattern, in order; none is no error.
  [[nodiscard]] virtual std::vector<std::string> Match(const std::string& pattern) = 0;
  // Replaces the file's content as a whole: a reader, or a machine that crashes, sees the old content or the new.
  // Keeps the mode of a file that exists.
  [[nodiscard]] virtual std::error_code Replace(const std::string& path, const std::string& content) = 0;
  // The process's working directory.
  [[nodiscard]] virtual std::error_code EnterDirectory(const std::string& path) = 0;
  [[nodiscard]] virtual std::string CurrentDirectory() = 0;
};

// The machine's files.
[[nodiscard]] Files& SystemFiles();

}  // namespace pinion::config
