// Reading and writing the ACL file.
#include "admin/acl_file.h"

#include <fmt/format.h>

namespace pinion::admin {

tl::expected<void, std::string> LoadAclFile(command::Acl& acl, config::Config& config) {
  const std::string path = config.Text("aclfile");
  const auto text = config.ReadFile(path);
  if (!text) {
    return tl::unexpected(
        fmt::format("Error loading ACLs, opening file '{}': {}", path, text.error().message()));
  }
  return acl.Load(path, *text);
}

tl::expected<void, std::string> SaveAclFile(const command::Acl& acl, config::Config& config) {
  std::string text;
  for (const std::string& line : acl.Lines()) text.append(line).append("\n");
  if (const std::error_code error = config.ReplaceFile(config.Text("aclfile"), text)) {
    return tl::unexpected(error.message());
  }
  return {};
}

}  // namespace pinion::admin
