// All users of the server, and what makes, changes and keeps them.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "command/acl_log.h"
#include "command/acl_user.h"

namespace pinion::config {
struct Settings;
}

namespace pinion::command {

// One for the server. Users are read inside the gate and changed behind the closed gate, or before threads start; after
// a change sessions are told by RefreshSessions (command/acl_sessions.h). There always is a user "default".
class Acl {
 public:
  using User = std::shared_ptr<const AclUser>;
  using Users = std::map<std::string, User, std::less<>>;
  using Result = tl::expected<void, std::string>;

  Acl(const Registry& registry, const config::Settings& settings);

  [[nodiscard]] const Users& users() const { return users_; }
  [[nodiscard]] User Find(std::string_view name) const;  // null: there is none
  [[nodiscard]] const User& default_user() const { return default_user_; }
  // Whether a client that has not authenticated may do nothing.
  [[nodiscard]] bool requires_authentication() const {
    return !default_user_->needs_no_password() || !default_user_->enabled();
  }

  // Changes a user, or makes one, by all the rules or none. The error is ACL SETUSER's, without a code.
  [[nodiscard]] Result SetUser(std::string_view name, std::span<const std::string_view> rules);
  // False when there is no such user. REQUIRES: it is not the default one.
  bool Remove(std::string_view name);
  // requirepass: the default user's only password; empty: it needs none.
  void SetDefaultPassword(std::string_view password);

  // A `user` line of redis.conf, without its first word. The error is the reason alone.
  [[nodiscard]] Result Declare(std::span<const std::string> words);
  // Puts the users of an ACL file in the place of all. The error tells all that is wrong with it, in one line; then
  // nothing has changed.
  [[nodiscard]] Result Load(std::string_view file_name, std::string_view text);
  // A line "user alice on ..." for each, in the order of names.
  [[nodiscard]] std::vector<std::string> Lines() const;

  AclLog& log() { return log_; }

 private:
  [[nodiscard]] RuleContext Rules() const;
  void Put(AclUser user);

  const Registry& registry_;
  const config::Settings& settings_;
  Users users_;
  User default_user_;              // the one in users_
  bool default_declared_ = false;  // by a `user` line
  AclLog log_;
};

}  // namespace pinion::command
