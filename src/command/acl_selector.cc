// Reading, applying and describing the rules of a selector.
#include "command/acl_selector.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/glob.h"
#include "base/log.h"
#include "command/categories.h"
#include "resp/errors.h"

namespace pinion::command {
namespace {

// A rule about commands without its sign concerns `name`: it is the same, or about a part of it ("config|get").
bool Concerns(std::string_view rule, std::string_view name) {
  return rule.starts_with(name) && (rule.size() == name.size() || rule[name.size()] == '|');
}

}  // namespace

std::string_view DescribeRuleError(RuleError error) {
  switch (error) {
    case RuleError::kUnknownCommand:
      return "Unknown command or category name in ACL";
    case RuleError::kKeysAfterAll:
      return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. "
             "Try 'resetkeys' to start with an empty list of patterns";
    case RuleError::kChannelsAfterAll:
      return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any "
             "effect. Try 'resetchannels' to start with an empty list of channels";
    case RuleError::kNoSuchPassword:
      return "The password you are trying to remove from the user does not exist";
    case RuleError::kBadHash:
      return "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";
    case RuleError::kFirstArgOfSubcommand:
      return "Allowing first-arg of a subcommand is not supported";
    case RuleError::kNone:
    case RuleError::kSyntax:
      break;
  }
  return "Syntax error";
}

bool HasSpaces(std::string_view text) { return text.find_first_of(std::string_view(" \t\n\v\f\r\0", 7)) != text.npos; }

bool ChannelMatches(std::span<const std::string> patterns, std::string_view channel, bool is_pattern) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return is_pattern ? pattern == channel : GlobMatch(pattern, channel);
  });
}

std::span<const KeyPosition> CheckedCall::keys() {
  // What was found before a specification did not fit is checked too; the handler refuses the rest.
  if (!std::exchange(looked_, true)) (void)FindKeys(command, args, &keys_);
  return keys_;
}

// --- Rules -----------------------------------------------------------------------------------

RuleError AclSelector::Apply(std::string_view rule, const RuleContext& context) {
  const auto is = [rule](std::string_view a, std::string_view b) {
    return EqualsNoCase(rule, a) || EqualsNoCase(rule, b);
  };
  if (is("allkeys", "~*") || is("resetkeys", "resetkeys")) {
    all_keys_ = !EqualsNoCase(rule, "resetkeys");
    keys_.clear();
    return RuleError::kNone;
  }
  if (is("allchannels", "&*") || is("resetchannels", "resetchannels")) {
    all_channels_ = !EqualsNoCase(rule, "resetchannels");
    channels_.clear();
    return RuleError::kNone;
  }
  if (is("allcommands", "+@all") || is("nocommands", "-@all")) {
    SetAllCommands(is("allcommands", "+@all"));
    return RuleError::kNone;
  }
  if (rule.empty()) return RuleError::kSyntax;
  const std::string_view rest = rule.substr(1);
  switch (rule[0]) {
    case '~':
    case '%':
      return AddKeyPattern(rule);
    case '&':
      return AddChannelPattern(rest);
    case '+':
    case '-':
      break;
    default:
      return RuleError::kSyntax;
  }
  const bool allow = rule[0] == '+';
  if (rest.starts_with('@')) return SetCategory(rest.substr(1), allow, context.registry);
  if (!allow) return DenyCommand(rest, context.registry);
  return rest.find('|') == rest.npos ? AllowCommand(rest, context.registry)
                                     : AllowFirstArgument(rest, context.registry);
}

RuleError AclSelector::AddKeyPattern(std::string_view rule) {
  if (all_keys_) return RuleError::kKeysAfterAll;
  uint8_t access = kAllAccess;
  if (rule[0] == '%') {
    access = 0;
    size_t i = 1;
    for (; i < rule.size() && rule[i] != '~'; ++i) {
      const char letter = LowerAscii(rule[i]);
      const int one = letter == 'r' ? int{kReadAccess} : letter == 'w' ? int{kWriteAccess} : 0;
      if (one == 0 || (access & one) != 0) return RuleError::kSyntax;
      access = static_cast<uint8_t>(access | one);
    }
    if (access == 0) return RuleError::kSyntax;
    if (i == rule.size()) --i;  // "%R" is taken for "%R~", which is for the empty key
    rule.remove_prefix(i);
  }
  const std::string_view pattern = rule.substr(1);
  if (HasSpaces(pattern)) return RuleError::kSyntax;
  const auto known =
      std::find_if(keys_.begin(), keys_.end(), [&](const KeyPattern& k) { return k.pattern == pattern; });
  if (known != keys_.end()) {
    known->access |= access;
  } else {
    keys_.push_back({std::string(pattern), access});
  }
  return RuleError::kNone;
}

RuleError AclSelector::AddChannelPattern(std::string_view pattern) {
  if (all_channels_) return RuleError::kChannelsAfterAll;
  if (HasSpaces(pattern)) return RuleError::kSyntax;
  if (std::find(channels_.begin(), channels_.end(), pattern) == channels_.end()) channels_.emplace_back(pattern);
  return RuleError::kNone;
}

RuleError AclSelector::AllowCommand(std::string_view name, const Registry& registry) {
  const Command* const c = registry.FindOriginal(name);
  if (c == nullptr) return RuleError::kUnknownCommand;
  SetCommand(*c, true);
  NoteRule(c->full_name, true);
  return RuleError::kNone;
}

// "config|get" is a subcommand; "select|0" a first argument of a command that is off otherwise.
RuleError AclSelector::AllowFirstArgument(std::string_view name, const Registry& registry) {
  const size_t bar = name.rfind('|');
  const Command* const c = registry.FindOriginal(name.substr(0, bar));
  if (c == nullptr) return RuleError::kUnknownCommand;
  if (c->parent != nullptr) return RuleError::kFirstArgOfSubcommand;
  const std::string argument = ToLower(name.substr(bar + 1));
  if (argument.empty() || HasSpaces(argument)) return RuleError::kSyntax;
  if (!c->subcommands.empty()) {
    const Command* const sub = c->FindSubcommand(argument);
    if (sub == nullptr) return RuleError::kUnknownCommand;
    SetCommand(*sub, true);
  } else {
    Log(LogLevel::kWarning,
        "Allowing a first argument of a command that is blocked otherwise is deprecated and may go away (+{})", name);
    std::vector<std::string>& allowed = first_arguments_[c->id];
    if (std::find(allowed.begin(), allowed.end(), argument) == allowed.end()) allowed.push_back(argument);
  }
  NoteRule(ToLower(name), true);
  return RuleError::kNone;
}

RuleError AclSelector::DenyCommand(std::string_view name, const Registry& registry) {
  const Command* const c = registry.FindOriginal(name);
  if (c == nullptr) return RuleError::kUnknownCommand;
  SetCommand(*c, false);
  NoteRule(c->full_name, false);
  return RuleError::kNone;
}

RuleError AclSelector::SetCategory(std::string_view name, bool allow, const Registry& registry) {
  const uint32_t category = CategoryOf(name);
  if (category == 0) return RuleError::kUnknownCommand;
  NoteRule('@' + ToLower(name), allow);
  registry.ForEach([&](const Command& c) {
    if (c.categories & category) SetCommand(c, allow);
  });
  return RuleError::kNone;
}

void AclSelector::SetAllCommands(bool allow) {
  all_commands_ = future_commands_ = allow;
  std::fill(commands_.begin(), commands_.end(), allow);
  first_arguments_.clear();
  rules_.clear();
}

void AclSelector::SetCommand(const Command& c, bool allow) {
  SetBit(c, allow);
  first_arguments_.erase(c.id);
  for (const auto& sub : c.subcommands) SetBit(*sub, allow);
}

void AclSelector::SetBit(const Command& c, bool allow) {
  commands_[c.id] = allow;
  if (!allow) all_commands_ = false;
}

// A later rule takes the place of earlier ones about the same, so that the list does not grow without end.
void AclSelector::NoteRule(std::string_view rule, bool allow) {
  std::erase_if(rules_, [rule](const std::string& r) { return Concerns(std::string_view(r).substr(1), rule); });
  rules_.push_back((allow ? '+' : '-') + std::string(rule));
}

// --- Checks ----------------------------------------------------------------------------------

std::optional<Denial> AclSelector::Check(CheckedCall& call) const {
  if (!MayRun(call)) return Denial{DenialReason::kCommand};
  if (!all_keys_) {
    for (const KeyPosition& k : call.keys()) {
      if (!MayTouch(call.args[k.argument], k.flags)) return Denial{DenialReason::kKey, k.argument};
    }
  }
  return all_channels_ ? std::nullopt : CheckChannels(call);
}

bool AclSelector::MayRun(const CheckedCall& call) const {
  const Command& c = call.command;
  if (all_commands_ || commands_[c.id] || c.Has(kNoAuth)) return true;
  const auto allowed = first_arguments_.find(c.id);
  if (allowed == first_arguments_.end() || call.args.size() < 2) return false;
  return std::any_of(allowed->second.begin(), allowed->second.end(),
                     [&](const std::string& argument) { return EqualsNoCase(call.args[1], argument); });
}

bool AclSelector::MayTouch(std::string_view key, uint32_t key_flags) const {
  uint8_t needed = 0;
  if (key_flags & kKeyAccess) needed |= kReadAccess;
  if (key_flags & (kKeyInsert | kKeyDelete | kKeyUpdate)) needed |= kWriteAccess;
  return std::any_of(keys_.begin(), keys_.end(), [&](const KeyPattern& k) {
    return (k.access & needed) == needed && GlobMatch(k.pattern, key);
  });
}

bool AclSelector::MayReadAllKeys() const {
  return all_keys_ || std::any_of(keys_.begin(), keys_.end(), [](const KeyPattern& k) {
           return (k.access & kReadAccess) != 0 && k.pattern == "*";
         });
}

std::optional<Denial> AclSelector::CheckChannels(const CheckedCall& call) const {
  const ChannelArguments& where = call.command.row->channels;
  if (where.first == 0) return {};
  const size_t end = where.all ? call.args.size() : std::min(call.args.size(), size_t{where.first} + 1);
  for (size_t i = where.first; i < end; ++i) {
    if (!ChannelMatches(channels_, call.args[i], where.kind == ChannelArguments::Kind::kPattern)) {
      return Denial{DenialReason::kChannel, i};
    }
  }
  return {};
}

// --- Descriptions ----------------------------------------------------------------------------

std::string AclSelector::DescribeCommands() const {
  std::string text(future_commands_ ? "+@all" : "-@all");
  for (const std::string& rule : rules_) text.append(" ").append(rule);
  return text;
}

std::string AclSelector::DescribeKeys() const {
  if (all_keys_) return "~*";
  std::string text;
  for (const KeyPattern& k : keys_) {
    if (!text.empty()) text += ' ';
    text += k.access == kAllAccess ? "~" : k.access == kReadAccess ? "%R~" : "%W~";
    text += k.pattern;
  }
  return text;
}

std::string AclSelector::DescribeChannels() const {
  if (all_channels_) return "&*";
  std::string text;
  for (const std::string& pattern : channels_) {
    if (!text.empty()) text += ' ';
    text.append("&").append(pattern);
  }
  return text;
}

std::string AclSelector::Describe() const {
  std::string text = DescribeKeys();
  if (!text.empty()) text += ' ';
  if (!all_channels_) text += "resetchannels ";
  const std::string channels = DescribeChannels();
  if (!channels.empty()) text.append(channels).append(" ");
  return text + DescribeCommands();
}

}  // namespace pinion::command
