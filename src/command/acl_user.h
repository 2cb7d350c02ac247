// A user: name, passwords, and the selectors that let it do things.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "command/acl_selector.h"

namespace pinion::command {

// A value: copied to be changed; what sessions hold is shared and never changes.
class AclUser {
 public:
  // Off, without password, allowed nothing but what acl-pubsub-default grants.
  AclUser(std::string name, const RuleContext& context) : name_(std::move(name)), root_(context) {}
  // The user of clients that name none: on, without password, allowed everything.
  [[nodiscard]] static AclUser Default(const RuleContext& context);

  // Changes the user by one rule of ACL SETUSER. After an error the user is to be thrown away.
  [[nodiscard]] RuleError Apply(std::string_view rule, const RuleContext& context);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool enabled() const { return enabled_; }
  [[nodiscard]] bool needs_no_password() const { return no_password_; }
  [[nodiscard]] const std::vector<std::string>& passwords() const { return passwords_; }  // SHA-256 in hexadecimal
  [[nodiscard]] const AclSelector& root() const { return root_; }
  // Those beside the root, in parentheses in rules.
  [[nodiscard]] const std::vector<AclSelector>& selectors() const { return selectors_; }
  [[nodiscard]] std::vector<std::string_view> flags() const;

  // Whether a client may become this user so. Its time tells nothing of the passwords.
  [[nodiscard]] bool Admits(std::string_view password) const;

  // Nothing needs to be checked.
  [[nodiscard]] bool unrestricted() const { return root_.unrestricted(); }
  // Why the call is refused, when no selector allows it.
  [[nodiscard]] std::optional<Denial> Check(const Command& command, std::span<const std::string_view> args) const;
  // Whether one selector allows the call and lets every key be read.
  [[nodiscard]] bool MayReadAllKeysIn(const Command& command, std::span<const std::string_view> args) const;
  // Whether it may listen to the channel, or to all that match the pattern.
  [[nodiscard]] bool MayListen(std::string_view channel, bool is_pattern) const;

  // The rules that make this user of a new one, as ACL LIST shows them and files keep them.
  [[nodiscard]] std::string Describe() const;

 private:
  RuleError ApplyPassword(std::string_view rule);
  RuleError AddSelector(std::string_view rules, const RuleContext& context);
  void Reset(const RuleContext& context);
  template <typename F>
  bool AnySelector(F&& f) const;

  std::string name_;
  bool enabled_ = false;
  bool no_password_ = false;
  bool sanitize_payload_ = true;
  std::vector<std::string> passwords_;
  AclSelector root_;
  std::vector<AclSelector> selectors_;
};

// "User alice has no permissions to run the 'get' command"; `verbose` names keys and channels too.
[[nodiscard]] std::string DescribeDenial(const AclUser& user, const Command& command,
                                         std::span<const std::string_view> args, const Denial& denial, bool verbose);

// Joins selectors that are spread over several words: "(~a", "+get)". The error is the word that opens one without end.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> MergeSelectors(
    std::span<const std::string_view> words);

}  // namespace pinion::command
