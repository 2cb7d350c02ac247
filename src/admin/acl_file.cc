// Reading and writing the ACL file.
#include "admin/acl_file.h"

#include <mutex>

#include <fmt/format.h>

namespace pinion::admin {
namespace {

// Config::Files wants one caller at a time, and so does a file that two clients save.
std::mutex& FileMutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

tl::expected<void, std::string> LoadAclFile(command::Acl& acl, const config::Config& config) {
  const std::string path = config.Text("aclfile");
  const std::lock_guard lock(FileMutex());
  const auto text = config.files().Read(path);
  if (!text) {
    return tl::unexpected(
        fmt::format("Error loading ACLs, opening file '{}': {}", path, text.error().message()));
  }
  return acl.Load(path, *text);
}

tl::expected<void, std::string> SaveAclFile(const command::Acl& acl, const config::Config& config) {
  std::string text;
  for (const std::string& line : acl.Lines()) text.append(line).append("\n");
  const std::lock_guard lock(FileMutex());
  if (const std::error_code error = config.files().Replace(config.Text("aclfile"), text)) {
    return tl::unexpected(error.message());
  }
  return {};
}

}  // namespace pinion::admin
