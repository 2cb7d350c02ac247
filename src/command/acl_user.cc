// Reading, applying and describing the rules of a user.
#include "command/acl_user.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/quoted.h"
#include "base/sha256.h"

namespace pinion::command {
namespace {

constexpr size_t kHashLength = 64;

bool IsHash(std::string_view text) {
  return text.size() == kHashLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// REQUIRES: equal lengths.
bool EqualsInConstantTime(std::string_view a, std::string_view b) {
  uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= static_cast<uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

template <typename F>
bool AclUser::AnySelector(F&& f) const {
  return f(root_) || std::any_of(selectors_.begin(), selectors_.end(), f);
}

AclUser AclUser::Default(const RuleContext& context) {
  AclUser user("default", context);
  for (const std::string_view rule : {"on", "nopass", "+@all", "~*", "&*"}) (void)user.Apply(rule, context);
  return user;
}

// --- Rules -----------------------------------------------------------------------------------

RuleError AclUser::Apply(std::string_view rule, const RuleContext& context) {
  if (rule.empty()) return RuleError::kNone;
  if (EqualsNoCase(rule, "on") || EqualsNoCase(rule, "off")) {
    enabled_ = EqualsNoCase(rule, "on");
  } else if (EqualsNoCase(rule, "sanitize-payload") || EqualsNoCase(rule, "skip-sanitize-payload")) {
    sanitize_payload_ = EqualsNoCase(rule, "sanitize-payload");
  } else if (EqualsNoCase(rule, "nopass") || EqualsNoCase(rule, "resetpass")) {
    no_password_ = EqualsNoCase(rule, "nopass");
    passwords_.clear();
  } else if (EqualsNoCase(rule, "clearselectors")) {
    selectors_.clear();
  } else if (EqualsNoCase(rule, "reset")) {
    Reset(context);
  } else if (std::string_view("><#!").find(rule[0]) != std::string_view::npos) {
    return ApplyPassword(rule);
  } else if (rule.size() > 1 && rule.front() == '(' && rule.back() == ')') {
    return AddSelector(rule.substr(1, rule.size() - 2), context);
  } else {
    return root_.Apply(rule, context);
  }
  return RuleError::kNone;
}

RuleError AclUser::ApplyPassword(std::string_view rule) {
  const bool adds = rule[0] == '>' || rule[0] == '#';
  const std::string_view text = rule.substr(1);
  const bool is_hash = rule[0] == '#' || rule[0] == '!';
  if (is_hash && !IsHash(text)) return RuleError::kBadHash;
  std::string hash = is_hash ? std::string(text) : ToHex(Sha256(text));
  const auto known = std::find(passwords_.begin(), passwords_.end(), hash);
  if (!adds) {
    if (known == passwords_.end()) return RuleError::kNoSuchPassword;
    passwords_.erase(known);
    return RuleError::kNone;
  }
  if (known == passwords_.end()) passwords_.push_back(std::move(hash));
  no_password_ = false;
  return RuleError::kNone;
}

RuleError AclUser::AddSelector(std::string_view rules, const RuleContext& context) {
  std::vector<std::string> words;
  if (!SplitQuoted(rules, &words)) return RuleError::kSyntax;
  AclSelector selector(context);
  for (const std::string& word : words) {
    if (const RuleError error = selector.Apply(word, context); error != RuleError::kNone) return error;
  }
  selectors_.push_back(std::move(selector));
  return RuleError::kNone;
}

void AclUser::Reset(const RuleContext& context) { *this = AclUser(std::move(name_), context); }

tl::expected<std::vector<std::string>, std::string> MergeSelectors(std::span<const std::string_view> words) {
  std::vector<std::string> merged;
  std::string_view opened;  // the word that opened the selector being read
  for (const std::string_view word : words) {
    if (!opened.empty()) {
      merged.back().append(" ").append(word);
      if (word.ends_with(')')) opened = {};
      continue;
    }
    merged.emplace_back(word);
    if (word.starts_with('(') && !word.ends_with(')')) opened = word;
  }
  if (!opened.empty()) return tl::unexpected(std::string(opened));
  return merged;
}

// --- Checks ----------------------------------------------------------------------------------

bool AclUser::Admits(std::string_view password) const {
  if (!enabled_) return false;
  if (no_password_) return true;
  const std::string hash = ToHex(Sha256(password));
  bool found = false;
  for (const std::string& known : passwords_) found |= EqualsInConstantTime(hash, known);
  return found;
}

std::optional<Denial> AclUser::Check(const Command& command, std::span<const std::string_view> args) const {
  CheckedCall call(command, args);
  Denial denial{DenialReason::kCommand};
  const bool allowed = AnySelector([&](const AclSelector& s) {
    const auto here = s.Check(call);
    if (!here) return true;
    if (here->reason > denial.reason || (here->reason == denial.reason && here->argument > denial.argument)) {
      denial = *here;
    }
    return false;
  });
  return allowed ? std::nullopt : std::optional(denial);
}

bool AclUser::MayReadAllKeysIn(const Command& command, std::span<const std::string_view> args) const {
  CheckedCall call(command, args);
  return AnySelector([&](const AclSelector& s) { return !s.Check(call) && s.MayReadAllKeys(); });
}

bool AclUser::MayListen(std::string_view channel, bool is_pattern) const {
  return AnySelector([&](const AclSelector& s) {
    return s.all_channels() || ChannelMatches(s.channels(), channel, is_pattern);
  });
}

// --- Descriptions ----------------------------------------------------------------------------

std::vector<std::string_view> AclUser::flags() const {
  std::vector<std::string_view> flags = {enabled_ ? "on" : "off"};
  if (no_password_) flags.emplace_back("nopass");
  flags.emplace_back(sanitize_payload_ ? "sanitize-payload" : "skip-sanitize-payload");
  return flags;
}

std::string AclUser::Describe() const {
  std::string text = fmt::format("{} ", fmt::join(flags(), " "));
  for (const std::string& hash : passwords_) text.append("#").append(hash).append(" ");
  text += root_.Describe();
  for (const AclSelector& s : selectors_) text.append(" (").append(s.Describe()).append(")");
  return text;
}

std::string DescribeDenial(const AclUser& user, const Command& command, std::span<const std::string_view> args,
                           const Denial& denial, bool verbose) {
  if (denial.reason == DenialReason::kCommand) {
    return fmt::format("User {} has no permissions to run the '{}' command", user.name(), command.full_name);
  }
  const std::string_view what = denial.reason == DenialReason::kKey ? "key" : "channel";
  if (!verbose) return fmt::format("No permissions to access a {}", what);
  return fmt::format("User {} has no permissions to access the '{}' {}", user.name(), args[denial.argument], what);
}

}  // namespace pinion::command
