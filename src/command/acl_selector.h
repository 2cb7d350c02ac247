// Permissions: which commands, keys and channels one set of ACL rules lets a user reach.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "command/keys.h"
#include "command/registry.h"

namespace pinion::command {

// Why a rule was not taken.
enum class RuleError : uint8_t {
  kNone, kSyntax, kUnknownCommand, kKeysAfterAll, kChannelsAfterAll, kNoSuchPassword, kBadHash, kFirstArgOfSubcommand
};
// In Redis's words.
[[nodiscard]] std::string_view DescribeRuleError(RuleError error);

// What rules are read against.
struct RuleContext {
  const Registry& registry;
  bool all_channels = false;  // a new user, or a new selector, may use every channel (acl-pubsub-default)
};

// What is refused, from the least to the most telling: of several reasons the last is told.
enum class DenialReason : uint8_t { kCommand, kKey, kAuthentication, kChannel };

struct Denial {
  DenialReason reason;
  size_t argument = 0;  // the key or channel
};

// A request under test. Finds its keys when first asked, once for all selectors.
class CheckedCall {
 public:
  CheckedCall(const Command& called, std::span<const std::string_view> arguments)
      : command(called), args(arguments) {}
  [[nodiscard]] std::span<const KeyPosition> keys();

  const Command& command;
  const std::span<const std::string_view> args;

 private:
  bool looked_ = false;
  std::vector<KeyPosition> keys_;
};

// A value: copied to be changed, shared to be read.
class AclSelector {
 public:
  explicit AclSelector(const RuleContext& context)
      : all_channels_(context.all_channels), commands_(context.registry.id_count()) {}

  // Changes the permissions by one rule ("+get", "%R~cache:*"). An error leaves them as they were.
  [[nodiscard]] RuleError Apply(std::string_view rule, const RuleContext& context);

  [[nodiscard]] bool unrestricted() const { return all_commands_ && all_keys_ && all_channels_; }
  [[nodiscard]] std::optional<Denial> Check(CheckedCall& call) const;
  // Whether every key there might be may be read.
  [[nodiscard]] bool MayReadAllKeys() const;
  [[nodiscard]] bool all_channels() const { return all_channels_; }
  [[nodiscard]] const std::vector<std::string>& channels() const { return channels_; }

  // "-@all +get": rules that give the same commands.
  [[nodiscard]] std::string DescribeCommands() const;
  // "~* %R~cache:*"
  [[nodiscard]] std::string DescribeKeys() const;
  // "&news.*"
  [[nodiscard]] std::string DescribeChannels() const;
  // All three in one line.
  [[nodiscard]] std::string Describe() const;

 private:
  enum Access : uint8_t { kReadAccess = 1, kWriteAccess = 2, kAllAccess = 3 };
  struct KeyPattern {
    std::string pattern;
    uint8_t access;
  };

  RuleError AddKeyPattern(std::string_view rule);
  RuleError AddChannelPattern(std::string_view pattern);
  RuleError AllowCommand(std::string_view name, const Registry& registry);
  RuleError AllowFirstArgument(std::string_view name, const Registry& registry);
  RuleError DenyCommand(std::string_view name, const Registry& registry);
  RuleError SetCategory(std::string_view name, bool allow, const Registry& registry);
  void SetAllCommands(bool allow);
  void SetCommand(const Command& c, bool allow);
  void SetBit(const Command& c, bool allow);
  void NoteRule(std::string_view rule, bool allow);

  [[nodiscard]] bool MayRun(const CheckedCall& call) const;
  [[nodiscard]] bool MayTouch(std::string_view key, uint32_t key_flags) const;
  [[nodiscard]] std::optional<Denial> CheckChannels(const CheckedCall& call) const;

  bool all_keys_ = false;
  bool all_channels_;
  bool all_commands_ = false;     // every one; any denial ends it
  bool future_commands_ = false;  // began with +@all, so that commands nobody knows yet are in
  std::vector<bool> commands_;    // by Command::id
  std::unordered_map<uint32_t, std::vector<std::string>> first_arguments_;  // of commands that are off otherwise
  std::vector<KeyPattern> keys_;
  std::vector<std::string> channels_;
  std::vector<std::string> rules_;  // "+get", "-@admin": what was said of commands since all or none, in order
};

// Whether the patterns let a channel be used. A pattern to subscribe to must be among them as it is.
[[nodiscard]] bool ChannelMatches(std::span<const std::string> patterns, std::string_view channel, bool is_pattern);
// Spaces and zero bytes would not survive in files of rules.
[[nodiscard]] bool HasSpaces(std::string_view text);

}  // namespace pinion::command
