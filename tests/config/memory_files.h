// Files that exist only in a test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/glob.h"
#include "config/files.h"

namespace pinion::config {

// Files and directories by absolute path; relative paths are taken from `directory`.
class MemoryFiles final : public Files {
 public:
  std::map<std::string, std::string> files;
  std::vector<std::string> directories = {"/work", "/data"};
  std::string directory = "/work";
  std::string standard_input;
  std::error_code replace_error;

  tl::expected<std::string, std::error_code> Read(const std::string& path) override {
    const auto found = files.find(Absolute(path));
    if (found == files.end()) return tl::unexpected(std::make_error_code(std::errc::no_such_file_or_directory));
    return found->second;
  }

  tl::expected<std::string, std::error_code> ReadStandardInput() override { return standard_input; }

  std::vector<std::string> Match(const std::string& pattern) override {
    std::vector<std::string> paths;
    for (const auto& [path, content] : files) {
      if (GlobMatch(Absolute(pattern), path)) paths.push_back(path);
    }
    return paths;
  }

  std::error_code Replace(const std::string& path, const std::string& content) override {
    if (!replace_error) files[Absolute(path)] = content;
    return replace_error;
  }

  std::error_code EnterDirectory(const std::string& path) override {
    for (const std::string& known : directories) {
      if (known == path) {
        directory = path;
        return {};
      }
    }
    return std::make_error_code(std::errc::no_such_file_or_directory);
  }

  std::string CurrentDirectory() override { return directory; }

 private:
  std::string Absolute(const std::string& path) const {
    return path.starts_with('/') ? path : directory + '/' + path;
  }
};

}  // namespace pinion::config
