// Users by name, and the files they come from.
#include "command/acl.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/quoted.h"
#include "config/settings.h"
#include "resp/errors.h"

namespace pinion::command {
namespace {

constexpr std::string_view kDefault = "default";

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Reads an ACL file line by line and collects everything that is wrong with it.
class FileReader {
 public:
  FileReader(std::string_view file_name, const RuleContext& context) : file_name_(file_name), context_(context) {}

  void ReadLine(size_t number, std::string_view line) {
    line = Trim(line);
    if (line.empty()) return;
    const auto words = Split(line, ' ');
    if (words[0] != "user" || words.size() < 2) {
      Complain("{}:{} should start with user keyword followed by the username. ", file_name_, number);
    } else if (HasSpaces(words[1])) {
      Complain("'{}:{}: username '{}' contains invalid characters. ", file_name_, number, words[1]);
    } else if (users_.contains(words[1])) {
      Complain("WARNING: Duplicate user '{}' found on line {}. ", words[1], number);
    } else {
      ReadUser(number, words[1], std::span(words).subspan(2));
    }
  }

  Acl::Users& users() { return users_; }
  [[nodiscard]] const std::string& errors() const { return errors_; }

 private:
  template <typename... T>
  void Complain(fmt::format_string<T...> format, T&&... values) {
    errors_ += fmt::format(format, std::forward<T>(values)...);
  }

  void ReadUser(size_t number, std::string_view name, std::span<const std::string_view> words) {
    const auto rules = MergeSelectors(words);
    if (!rules) return Complain("{}:{}: Unmatched parenthesis in selector definition.", file_name_, number);
    AclUser user(std::string(name), context_);
    bool complained = false;  // of what is not an unknown name, only the first tells something
    for (const std::string& rule : *rules) {
      const std::string_view text = Trim(rule, "\t\r\n");
      const RuleError error = user.Apply(text, context_);
      if (error == RuleError::kUnknownCommand) {
        Complain("{}:{}: Error in applying operation '{}': {}. ", file_name_, number, text, DescribeRuleError(error));
      } else if (error != RuleError::kNone && !std::exchange(complained, true)) {
        Complain("{}:{}: {}. ", file_name_, number, DescribeRuleError(error));
      }
    }
    users_.emplace(name, std::make_shared<const AclUser>(std::move(user)));
  }

  const std::string_view file_name_;
  const RuleContext& context_;
  Acl::Users users_;
  std::string errors_;
};

}  // namespace

Acl::Acl(const Registry& registry, const config::Settings& settings) : registry_(registry), settings_(settings) {
  Put(AclUser::Default(Rules()));
}

RuleContext Acl::Rules() const {
  const auto channels = settings_.acl_pubsub_default.load(std::memory_order_relaxed);
  return {registry_, channels == config::PubsubDefault::kAllChannels};
}

Acl::User Acl::Find(std::string_view name) const {
  const auto at = users_.find(name);
  return at == users_.end() ? nullptr : at->second;
}

void Acl::Put(AclUser user) {
  const auto shared = std::make_shared<const AclUser>(std::move(user));
  if (shared->name() == kDefault) default_user_ = shared;
  users_[shared->name()] = shared;
}

Acl::Result Acl::SetUser(std::string_view name, std::span<const std::string_view> words) {
  const auto rules = MergeSelectors(words);
  if (!rules) {
    return tl::unexpected(
        fmt::format("Unmatched parenthesis in acl selector starting at '{}'.", resp::error::UpToNul(rules.error())));
  }
  const RuleContext context = Rules();
  const User known = Find(name);
  AclUser user = known ? *known : AclUser(std::string(name), context);
  for (const std::string& rule : *rules) {
    if (const RuleError error = user.Apply(rule, context); error != RuleError::kNone) {
      return tl::unexpected(fmt::format("Error in ACL SETUSER modifier '{}': {}", resp::error::UpToNul(rule),
                                        DescribeRuleError(error)));
    }
  }
  Put(std::move(user));
  return {};
}

bool Acl::Remove(std::string_view name) {
  const auto at = users_.find(name);
  if (at == users_.end()) return false;
  users_.erase(at);
  return true;
}

void Acl::SetDefaultPassword(std::string_view password) {
  const RuleContext context = Rules();
  AclUser user = *default_user_;
  (void)user.Apply("resetpass", context);
  (void)user.Apply(password.empty() ? "nopass" : '>' + std::string(password), context);
  Put(std::move(user));
}

Acl::Result Acl::Declare(std::span<const std::string> words) {
  const std::string& name = words[0];
  if (HasSpaces(name)) return tl::unexpected(std::string("Spaces not allowed in ACL usernames"));
  if (name == kDefault ? std::exchange(default_declared_, true) : users_.contains(name)) {
    return tl::unexpected(fmt::format(
        "Error in user declaration '{}': Duplicate user found. A user can only be defined once in config files", name));
  }
  const std::vector<std::string_view> views(words.begin() + 1, words.end());
  const auto rules = MergeSelectors(views);
  if (!rules) {
    return tl::unexpected(fmt::format("Unmatched parenthesis in acl selector starting at '{}'.", rules.error()));
  }
  const RuleContext context = Rules();
  AclUser user(name, context);
  for (const std::string& rule : *rules) {
    if (const RuleError error = user.Apply(rule, context); error != RuleError::kNone) {
      return tl::unexpected(fmt::format("Error in user declaration '{}': {}", rule, DescribeRuleError(error)));
    }
  }
  if (!user.enabled()) {
    Log(LogLevel::kNotice,
        "The user '{}' is disabled: its description has no 'on'. Make sure that this is meant to be so.", name);
  }
  Put(std::move(user));
  return {};
}

Acl::Result Acl::Load(std::string_view file_name, std::string_view text) {
  const RuleContext context = Rules();
  FileReader reader(file_name, context);
  size_t number = 0;
  for (const std::string_view line : Split(text, '\n')) reader.ReadLine(++number, line);
  if (!reader.errors().empty()) {
    return tl::unexpected(reader.errors() +
                          "WARNING: ACL errors detected, no change to the previously active ACL rules was performed");
  }
  users_ = std::move(reader.users());
  if (const User found = Find(kDefault)) {
    default_user_ = found;
  } else {
    Put(AclUser::Default(context));
  }
  return {};
}

std::vector<std::string> Acl::Lines() const {
  std::vector<std::string> lines;
  for (const auto& [name, user] : users_) lines.push_back(fmt::format("user {} {}", name, user->Describe()));
  return lines;
}

}  // namespace pinion::command
