// The ACL file (option aclfile): users, one a line.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "command/acl.h"
#include "config/config.h"

namespace pinion::admin {

// Puts the users of the file in the place of all. The error is in one line; then nothing has changed. REQUIRES: behind
// the closed gate, or before threads start.
[[nodiscard]] tl::expected<void, std::string> LoadAclFile(command::Acl& acl, config::Config& config);
// Replaces the file as a whole. An error is what the operating system says. REQUIRES: inside the gate.
[[nodiscard]] tl::expected<void, std::string> SaveAclFile(const command::Acl& acl, config::Config& config);

}  // namespace pinion::admin
