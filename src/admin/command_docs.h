// Documentation of commands: what COMMAND DOCS replies and redis-cli shows as hints.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "command/registry.h"
#include "resp/reply_writer.h"

namespace pinion::admin {

// One command's documentation. `syntax` lists the arguments behind the name (and subcommand), in
// the notation of command_syntax.h.
struct CommandDoc {
  std::string_view name;   // full, lower case: "config|get"
  std::string_view since;  // the version of Redis or Valkey that first had it
  std::string_view summary;
  std::string_view complexity;
  std::string_view syntax = {};
  std::string_view tips = {};         // for proxies and cluster clients, separated by spaces
  std::string_view replaced_by = {};  // deprecated, and by what to replace it
  std::string_view deprecated_since = {};
};

// One table a family.
extern const std::span<const CommandDoc> kStringDocs;
extern const std::span<const CommandDoc> kGenericDocs;
extern const std::span<const CommandDoc> kConnectionDocs;
extern const std::span<const CommandDoc> kPubSubDocs;
extern const std::span<const CommandDoc> kTransactionDocs;
extern const std::span<const CommandDoc> kServerDocs;
extern const std::span<const CommandDoc> kHashDocs;
extern const std::span<const CommandDoc> kListDocs;
extern const std::span<const CommandDoc> kBitmapDocs;
extern const std::span<const CommandDoc> kHyperLogLogDocs;
extern const std::span<const CommandDoc> kSetDocs;
extern const std::span<const CommandDoc> kSortedSetDocs;
extern const std::span<const CommandDoc> kStreamDocs;
extern const std::span<const CommandDoc> kGeoDocs;
extern const std::span<const CommandDoc> kClusterDocs;
extern const std::span<const CommandDoc> kScriptingDocs;
[[nodiscard]] std::span<const std::span<const CommandDoc>> AllDocs();

// Null for a command without documentation.
[[nodiscard]] const CommandDoc* FindDoc(std::string_view full_name);
[[nodiscard]] std::vector<std::string_view> SplitTips(std::string_view tips);

// The value of COMMAND DOCS's map for a command, with its subcommands.
void WriteCommandDoc(const command::Command& c, resp::ReplyWriter& reply);

}  // namespace pinion::admin
