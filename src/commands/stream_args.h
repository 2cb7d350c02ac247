// What the stream commands share: reading IDs and trimming options, and writing entries.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "resp/reply_writer.h"
#include "types/stream.h"

namespace pinion::commands {

inline constexpr std::string_view kInvalidStreamId = "ERR Invalid stream ID specified as stream command argument";

// An ID; without a sequence number that is 0.
[[nodiscard]] std::optional<types::StreamId> ParseEntryId(std::string_view text);
// The same from a reader, failing with kInvalidStreamId.
types::StreamId ReadEntryId(command::ArgReader& args);
// All of a request's arguments from `first` on as IDs; nullopt when one is none, which was replied then.
[[nodiscard]] std::optional<std::vector<types::StreamId>> ReadEntryIds(command::Context& ctx, size_t first);

// The bounds of an interval: also "-" and "+" for the ends of the range, and "(" before an ID to exclude it.
// Without a sequence number a start means the first, an end the last of its millisecond.
types::StreamId ReadIntervalStart(command::ArgReader& args);
types::StreamId ReadIntervalEnd(command::ArgReader& args);

// KEEPREF, DELREF or ACKED, if that comes next and `already` is not set.
bool AcceptReferences(command::ArgReader& args, std::optional<types::References>* already);

// [KEEPREF | DELREF | ACKED] IDS numids id ..., in any order.
struct IdsBlock {
  types::References references = types::References::kKeep;
  std::vector<types::StreamId> ids;
};
IdsBlock ReadIdsBlock(command::ArgReader& args);

// When nodes are full, as configured.
[[nodiscard]] types::StreamNodeLimits NodeLimits(command::Context& ctx);

void ReplyEntryId(resp::ReplyWriter& reply, types::StreamId id);
// An array of fields and values, alternating.
void ReplyFields(resp::ReplyWriter& reply, types::StreamNodeCursor& entry);
// [id, fields]
void ReplyEntry(resp::ReplyWriter& reply, types::StreamNodeCursor& entry);
// An array of up to `count` entries (0: all) of a range. Returns how many.
size_t ReplyEntries(resp::ReplyWriter& reply, types::StreamReader& reader, uint64_t count);

// "NOGROUP No such consumer group 'g' for key name 'k'"
void ReplyNoGroup(command::Context& ctx, std::string_view key, std::string_view group);
// "NOGROUP No such key 'k' or consumer group 'g'", and what may follow it.
void ReplyNoKeyOrGroup(command::Context& ctx, std::string_view key, std::string_view group,
                       std::string_view tail = {});

}  // namespace pinion::commands
