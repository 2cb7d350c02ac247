// Reading and writing what the stream commands share.
#include "commands/stream_args.h"

#include <fmt/format.h>

#include "config/config.h"
#include "resp/errors.h"

namespace pinion::commands {

using command::ArgReader;
using command::Context;
using resp::error::UpToNul;
using types::References;
using types::StreamId;

std::optional<StreamId> ParseEntryId(std::string_view text) {
  const auto parsed = types::ParseStreamId(text, 0, false);
  if (!parsed) return std::nullopt;
  return parsed->id;
}

StreamId ReadEntryId(ArgReader& args) {
  const auto id = ParseEntryId(args.Next());
  if (!id) args.Fail(kInvalidStreamId);
  return id.value_or(StreamId{});
}

std::optional<std::vector<StreamId>> ReadEntryIds(Context& ctx, size_t first) {
  std::vector<StreamId> ids;
  ids.reserve(ctx.argc() - first);
  for (size_t i = first; i < ctx.argc(); ++i) {
    const auto id = ParseEntryId(ctx.arg(i));
    if (!id) {
      ctx.reply().Error(kInvalidStreamId);
      return std::nullopt;
    }
    ids.push_back(*id);
  }
  return ids;
}

namespace {

struct Bound {
  StreamId id;
  bool exclusive;
};

Bound ReadBound(ArgReader& args, uint64_t missing_seq) {
  std::string_view text = args.Next();
  const bool exclusive = text.size() > 1 && text[0] == '(';
  if (exclusive) {
    text.remove_prefix(1);
  } else if (UpToNul(text) == "-") {
    return {types::kMinStreamId, false};
  } else if (UpToNul(text) == "+") {
    return {types::kMaxStreamId, false};
  }
  const auto parsed = types::ParseStreamId(text, missing_seq, false);
  if (!parsed) args.Fail(kInvalidStreamId);
  return {parsed ? parsed->id : StreamId{}, exclusive};
}

}  // namespace

StreamId ReadIntervalStart(ArgReader& args) {
  const Bound bound = ReadBound(args, 0);
  if (!bound.exclusive) return bound.id;
  const auto next = bound.id.Next();
  if (!next) args.Fail("ERR invalid start ID for the interval");
  return next.value_or(bound.id);
}

StreamId ReadIntervalEnd(ArgReader& args) {
  const Bound bound = ReadBound(args, types::kMaxStreamId.seq);
  if (!bound.exclusive) return bound.id;
  const auto previous = bound.id.Previous();
  if (!previous) args.Fail("ERR invalid end ID for the interval");
  return previous.value_or(bound.id);
}

bool AcceptReferences(ArgReader& args, std::optional<References>* already) {
  if (already->has_value()) return false;
  if (args.Accept("KEEPREF")) {
    *already = References::kKeep;
  } else if (args.Accept("DELREF")) {
    *already = References::kDrop;
  } else if (args.Accept("ACKED")) {
    *already = References::kMustBeSettled;
  }
  return already->has_value();
}

IdsBlock ReadIdsBlock(ArgReader& args) {
  IdsBlock block;
  std::optional<References> references;
  bool given = false;
  while (args.more()) {
    if (AcceptReferences(args, &references)) continue;
    if (!args.AcceptWithValue("IDS")) {
      args.Fail(resp::error::kSyntax);
      break;
    }
    const int64_t n = args.NextInt("ERR Number of IDs must be a positive integer", 1);
    if (!args.failed() && static_cast<uint64_t>(n) > args.left()) {
      args.Fail("ERR The `numids` parameter must match the number of arguments");
    }
    if (args.failed()) break;
    given = true;
    block.ids.clear();
    block.ids.reserve(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i) block.ids.push_back(ReadEntryId(args));
  }
  if (!given) args.Fail("ERR IDS option is required");
  block.references = references.value_or(References::kKeep);
  return block;
}

types::StreamNodeLimits NodeLimits(Context& ctx) {
  const config::Settings& s = ctx.services().config.settings();
  return {static_cast<size_t>(s.stream_node_max_bytes.load(std::memory_order_relaxed)),
          s.stream_node_max_entries.load(std::memory_order_relaxed)};
}

void ReplyEntryId(resp::ReplyWriter& reply, StreamId id) {
  char text[types::kMaxStreamIdText];
  reply.Bulk({text, types::FormatStreamId(id, text)});
}

void ReplyFields(resp::ReplyWriter& reply, types::StreamNodeCursor& entry) {
  reply.Array(2 * entry.field_count());
  const auto item = [&reply](const types::ListpackItem& i) {
    if (i.is_integer) {
      reply.BulkInteger(i.integer);
    } else {
      reply.Bulk(i.text);
    }
  };
  entry.ForEachField([&](const types::ListpackItem& field, const types::ListpackItem& value) {
    item(field);
    item(value);
  });
}

void ReplyEntry(resp::ReplyWriter& reply, types::StreamNodeCursor& entry) {
  reply.Array(2);
  ReplyEntryId(reply, entry.id());
  ReplyFields(reply, entry);
}

size_t ReplyEntries(resp::ReplyWriter& reply, types::StreamReader& reader, uint64_t count) {
  const auto mark = reply.Begin();
  size_t n = 0;
  while ((count == 0 || n < count) && reader.Next()) {
    ReplyEntry(reply, reader.entry());
    ++n;
  }
  reply.EndArray(mark, n);
  return n;
}

void ReplyNoGroup(Context& ctx, std::string_view key, std::string_view group) {
  ctx.reply().Error(
      fmt::format("NOGROUP No such consumer group '{}' for key name '{}'", UpToNul(group), UpToNul(key)));
}

void ReplyNoKeyOrGroup(Context& ctx, std::string_view key, std::string_view group, std::string_view tail) {
  ctx.reply().Error(
      fmt::format("NOGROUP No such key '{}' or consumer group '{}'{}", UpToNul(key), UpToNul(group), tail));
}

}  // namespace pinion::commands
