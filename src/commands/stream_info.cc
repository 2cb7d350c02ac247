// What a stream, its groups and their consumers look like inside: XINFO.
#include <algorithm>
#include <optional>

#include "command/args.h"
#include "command/context.h"
#include "command/help.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/stream_args.h"
#include "resp/errors.h"
#include "types/stream.h"

namespace pinion::commands {
namespace {

using command::Context;
namespace error = resp::error;
using resp::ReplyWriter;
using types::Stream;
using types::StreamConsumer;
using types::StreamGroup;
using types::StreamId;
using types::StreamReader;

void ReplyField(ReplyWriter& reply, std::string_view name, std::string_view value) {
  reply.Bulk(name);
  reply.Bulk(value);
}

void ReplyField(ReplyWriter& reply, std::string_view name, size_t value) {
  reply.Bulk(name);
  reply.Integer(static_cast<int64_t>(value));
}

void ReplyField(ReplyWriter& reply, std::string_view name, int64_t value) {
  reply.Bulk(name);
  reply.Integer(value);
}

void ReplyField(ReplyWriter& reply, std::string_view name, StreamId value) {
  reply.Bulk(name);
  ReplyEntryId(reply, value);
}

void ReplyField(ReplyWriter& reply, std::string_view name, std::optional<int64_t> value) {
  if (value) return ReplyField(reply, name, *value);
  reply.Bulk(name);
  reply.Null();
}

std::optional<int64_t> EntriesRead(const StreamGroup& group) {
  if (group.entries_read == StreamGroup::kUnknownEntriesRead) return std::nullopt;
  return group.entries_read;
}

// --- XINFO STREAM -------------------------------------------------------------------------------------------

// The seven fields that both forms begin with.
void ReplyStreamFields(ReplyWriter& reply, const Stream& stream) {
  ReplyField(reply, "length", stream.size());
  // Redis's index is a radix tree, whose nodes are at least as many as its keys and a root.
  ReplyField(reply, "radix-tree-keys", stream.node_count());
  ReplyField(reply, "radix-tree-nodes", stream.node_count() + 1);
  ReplyField(reply, "last-generated-id", stream.last_id());
  ReplyField(reply, "max-deleted-entry-id", stream.max_deleted_id());
  ReplyField(reply, "entries-added", static_cast<size_t>(stream.entries_added()));
  ReplyField(reply, "recorded-first-entry-id", stream.first_id());
}

void ReplyStream(ReplyWriter& reply, const Stream& stream) {
  reply.Map(10);
  ReplyStreamFields(reply, stream);
  ReplyField(reply, "groups", stream.groups().size());
  for (const auto order : {StreamReader::Order::kForward, StreamReader::Order::kReverse}) {
    reply.Bulk(order == StreamReader::Order::kForward ? "first-entry" : "last-entry");
    StreamReader reader(stream, types::kMinStreamId, types::kMaxStreamId, order);
    if (reader.Next()) {
      ReplyEntry(reply, reader.entry());
    } else {
      reply.Null();
    }
  }
}

// Lengths of the lists are bounded by `count`; 0: not.
size_t AtMost(size_t size, uint64_t count) { return count == 0 ? size : std::min<size_t>(size, count); }

void ReplyConsumerInFull(ReplyWriter& reply, const StreamGroup& group, const StreamConsumer& consumer,
                         uint64_t count) {
  reply.Map(5);
  ReplyField(reply, "name", consumer.name);
  ReplyField(reply, "seen-time", consumer.seen_at);
  ReplyField(reply, "active-time", consumer.active_at);
  ReplyField(reply, "pel-count", consumer.pending.size());
  reply.Bulk("pending");
  size_t left = AtMost(consumer.pending.size(), count);
  reply.Array(left);
  for (auto p = consumer.pending.First(); left > 0; p.Next(), --left) {
    const types::PendingEntry& entry = *group.FindPending(p->id);
    reply.Array(3);
    ReplyEntryId(reply, entry.id);
    reply.Integer(entry.delivered_at);
    reply.Integer(entry.deliveries);
  }
}

void ReplyGroupInFull(ReplyWriter& reply, const Stream& stream, std::string_view name, const StreamGroup& group,
                      uint64_t count) {
  reply.Map(7);
  ReplyField(reply, "name", name);
  ReplyField(reply, "last-delivered-id", group.last_delivered);
  ReplyField(reply, "entries-read", EntriesRead(group));
  ReplyField(reply, "lag", stream.Lag(group));
  ReplyField(reply, "pel-count", group.pending().size());
  reply.Bulk("pending");
  size_t left = AtMost(group.pending().size(), count);
  reply.Array(left);
  for (auto p = group.pending().First(); left > 0; p.Next(), --left) {
    reply.Array(4);
    ReplyEntryId(reply, p->id);
    reply.Bulk(p->consumer->name);
    reply.Integer(p->delivered_at);
    reply.Integer(p->deliveries);
  }
  reply.Bulk("consumers");
  reply.Array(group.consumers().size());
  for (const auto& c : group.consumers()) ReplyConsumerInFull(reply, group, c.second, count);
}

void ReplyStreamInFull(ReplyWriter& reply, const Stream& stream, uint64_t count) {
  reply.Map(9);
  ReplyStreamFields(reply, stream);
  reply.Bulk("entries");
  StreamReader reader(stream, types::kMinStreamId, types::kMaxStreamId);
  ReplyEntries(reply, reader, count);
  reply.Bulk("groups");
  reply.Array(stream.groups().size());
  for (const auto& [name, group] : stream.groups()) ReplyGroupInFull(reply, stream, name, group, count);
}

void InfoStream(Context& ctx) {
  const Reading<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  if (!stream.exists()) return ctx.reply().Error(error::kNoSuchKey);
  if (ctx.argc() == 3) return ReplyStream(ctx.reply(), *stream);

  constexpr int64_t kDefaultCount = 10;
  int64_t count = kDefaultCount;
  if ((ctx.argc() != 4 && ctx.argc() != 6) || !command::EqualsNoCase(ctx.arg(3), "FULL")) {
    return command::ReplyUnknownForm(ctx);
  }
  if (ctx.argc() == 6) {
    if (!command::EqualsNoCase(ctx.arg(4), "COUNT")) return command::ReplyUnknownForm(ctx);
    const auto n = ParseInt64(ctx.arg(5));
    if (!n) return ctx.reply().Error(error::kNotInteger);
    if (*n >= 0) count = *n;
  }
  ReplyStreamInFull(ctx.reply(), *stream, static_cast<uint64_t>(count));
}

// --- XINFO GROUPS and CONSUMERS -----------------------------------------------------------------------------

void InfoGroups(Context& ctx) {
  const Reading<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  if (!stream.exists()) return ctx.reply().Error(error::kNoSuchKey);
  ReplyWriter& reply = ctx.reply();
  reply.Array(stream->groups().size());
  for (const auto& [name, group] : stream->groups()) {
    reply.Map(6);
    ReplyField(reply, "name", std::string_view(name));
    ReplyField(reply, "consumers", group.consumers().size());
    ReplyField(reply, "pending", group.pending().size());
    ReplyField(reply, "last-delivered-id", group.last_delivered);
    ReplyField(reply, "entries-read", EntriesRead(group));
    ReplyField(reply, "lag", stream->Lag(group));
  }
}

void InfoConsumers(Context& ctx) {
  const Reading<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  if (!stream.exists()) return ctx.reply().Error(error::kNoSuchKey);
  const StreamGroup* const group = stream->FindGroup(ctx.arg(3));
  if (group == nullptr) return ReplyNoGroup(ctx, ctx.key().text, ctx.arg(3));
  ReplyWriter& reply = ctx.reply();
  reply.Array(group->consumers().size());
  for (const auto& [name, consumer] : group->consumers()) {
    reply.Map(4);
    ReplyField(reply, "name", consumer.name);
    ReplyField(reply, "pending", consumer.pending.size());
    ReplyField(reply, "idle", std::max<int64_t>(ctx.now() - consumer.seen_at, 0));
    ReplyField(reply, "inactive", consumer.active_at == -1 ? int64_t{-1} : ctx.now() - consumer.active_at);
  }
}

void InfoHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "CONSUMERS <key> <groupname>",
      "    Show consumers of <groupname>.",
      "GROUPS <key>",
      "    Show the stream consumer groups.",
      "STREAM <key> [FULL [COUNT <count>]",
      "    Show information about the stream.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr KeySpec kInfoKey[] = {Range(2, 0, 1, kKeyRO | kKeyAccess)};
constexpr CommandRow kStreamInfoSubcommands[] = {
    {"CONSUMERS", 4, kRead, kInfoKey, InfoConsumers},
    {"GROUPS", 3, kRead, kInfoKey, InfoGroups},
    {"HELP", 2, kLoading | kStale, {}, InfoHelp},
    {"STREAM", -3, kRead, kInfoKey, InfoStream},
};
constexpr CommandRow kStreamInfoRows[] = {
    {"XINFO", -2, 0, {}, nullptr, 0, kStreamInfoSubcommands},
};

}  // namespace

const command::Family kStreamInfoFamily = {"stream", kCatStream, kStreamInfoRows};

}  // namespace pinion::commands
