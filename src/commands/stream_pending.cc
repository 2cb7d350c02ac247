// Entries that were given to consumers and not yet acknowledged: XACK, XACKDEL, XPENDING, XCLAIM, XAUTOCLAIM.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/stream_args.h"
#include "commands/stream_effects.h"
#include "resp/errors.h"
#include "types/stream.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventStream;
using types::PendingEntry;
using types::Stream;
using types::StreamConsumer;
using types::StreamGroup;
using types::StreamId;

// --- acknowledging ------------------------------------------------------------------------------------------

void XAck(Context& ctx) {
  Editing<Stream> stream(ctx, ctx.key());
  stream.CountLook();
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  StreamGroup* const group = stream->FindGroup(ctx.arg(2));
  if (group == nullptr) return ctx.reply().Integer(0);
  const auto ids = ReadEntryIds(ctx, 3);
  if (!ids) return;
  int64_t acknowledged = 0;
  for (StreamId id : *ids) acknowledged += group->RemovePending(id);
  if (acknowledged > 0) stream.MarkChanged();
  ctx.reply().Integer(acknowledged);
}

void XAckDel(Context& ctx) {
  const std::string_view group_name = ctx.arg(2);
  ArgReader args(ctx, 3);
  const IdsBlock ids = ReadIdsBlock(args);
  if (!args.Finish()) return;

  Editing<Stream> stream(ctx, ctx.key());
  stream.CountLook();
  if (stream.wrong_type()) return;
  StreamGroup* const group = stream->FindGroup(group_name);
  bool deleted = false;
  ctx.reply().Array(ids.ids.size());
  for (StreamId id : ids.ids) {
    if (group == nullptr || !group->RemovePending(id)) {
      ctx.reply().Integer(static_cast<int64_t>(Stream::Erased::kAbsent));
      continue;
    }
    stream.MarkChanged();
    ctx.Effect("XACK", ctx.key().text, group_name, types::StreamIdString(id));
    Stream::Erased result = stream->Erase(id, ids.references);
    if (result == Stream::Erased::kErased) ctx.Effect("XDEL", ctx.key().text, types::StreamIdString(id));
    deleted |= result == Stream::Erased::kErased;
    // It was acknowledged, and that it was deleted before changes nothing.
    if (result == Stream::Erased::kAbsent) result = Stream::Erased::kErased;
    ctx.reply().Integer(static_cast<int64_t>(result));
  }
  if (deleted) stream.Notify(kEventStream, "xdel");
}

// --- XPENDING -----------------------------------------------------------------------------------------------

void ReplyPendingSummary(Context& ctx, const StreamGroup& group) {
  resp::ReplyWriter& reply = ctx.reply();
  reply.Array(4);
  reply.Integer(static_cast<int64_t>(group.pending().size()));
  if (group.pending().empty()) {
    reply.Null();
    reply.Null();
    return reply.NullArray();
  }
  ReplyEntryId(reply, group.pending().First()->id);
  ReplyEntryId(reply, group.pending().Last()->id);
  const auto mark = reply.Begin();
  size_t n = 0;
  for (const auto& [name, consumer] : group.consumers()) {
    if (consumer.pending.empty()) continue;
    reply.Array(2);
    reply.Bulk(name);
    reply.BulkInteger(static_cast<int64_t>(consumer.pending.size()));
    ++n;
  }
  reply.EndArray(mark, n);
}

// What the longer form of XPENDING asks for.
struct PendingRange {
  int64_t min_idle_ms = 0;
  StreamId first, last;
  int64_t count = 0;
  std::optional<std::string_view> consumer;
};

// An array of the pending entries that `pending`, a cursor, goes over, as far as they match.
template <typename Cursor>
void ReplyPendingRange(Context& ctx, const StreamGroup& group, const PendingRange& range, Cursor pending) {
  resp::ReplyWriter& reply = ctx.reply();
  const auto mark = reply.Begin();
  int64_t n = 0;
  for (; pending && n < range.count && pending->id <= range.last; pending.Next()) {
    const PendingEntry& entry = *group.FindPending(pending->id);
    const int64_t idle_ms = ctx.now() - entry.delivered_at;
    if (range.min_idle_ms != 0 && idle_ms < range.min_idle_ms) continue;
    reply.Array(4);
    ReplyEntryId(reply, entry.id);
    reply.Bulk(entry.consumer->name);
    reply.Integer(std::max<int64_t>(idle_ms, 0));
    reply.Integer(entry.deliveries);
    ++n;
  }
  reply.EndArray(mark, static_cast<size_t>(n));
}

// Reads [IDLE ms] first last count [consumer].
PendingRange ReadPendingRange(Context& ctx, ArgReader& args) {
  PendingRange range;
  if (args.Accept("IDLE")) {
    range.min_idle_ms = args.NextInt();
    if (args.left() < 3) args.Fail(error::kSyntax);
  }
  // The count is judged before the bounds, which stand first.
  if (args.left() >= 3) {
    const auto count = ParseInt64(ctx.arg(args.position() + 2));
    if (!count) args.Fail(error::kNotInteger);
    range.count = count.value_or(0);
  }
  range.first = ReadIntervalStart(args);
  range.last = ReadIntervalEnd(args);
  args.Skip(std::min<size_t>(args.left(), 1));
  if (args.more()) range.consumer = args.Next();
  return range;
}

void XPending(Context& ctx) {
  const std::string_view group_name = ctx.arg(2);
  const bool summary = ctx.argc() == 3;
  ArgReader args(ctx, 3);
  PendingRange range;
  if (!summary) {
    if (ctx.argc() < 6 || ctx.argc() > 9) args.Fail(error::kSyntax);
    if (!args.failed()) range = ReadPendingRange(ctx, args);
    // Without IDLE one argument more is allowed, and ignored.
    args.Skip(args.left());
  }
  if (!args.Finish()) return;

  const Reading<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  const StreamGroup* const group = stream->FindGroup(group_name);
  if (group == nullptr) return ReplyNoKeyOrGroup(ctx, ctx.key().text, group_name);
  if (summary) return ReplyPendingSummary(ctx, *group);
  if (!range.consumer) return ReplyPendingRange(ctx, *group, range, group->pending().AtOrAfter(range.first));
  const StreamConsumer* const consumer = group->FindConsumer(*range.consumer);
  if (consumer == nullptr) return ctx.reply().EmptyArray();
  ReplyPendingRange(ctx, *group, range, consumer->pending.AtOrAfter(range.first));
}

// --- claiming -----------------------------------------------------------------------------------------------

// The consumer of this name, made if it is not there, as one that a client has just named.
StreamConsumer& SeeConsumer(Context& ctx, Editing<Stream>& stream, StreamGroup& group, std::string_view name) {
  StreamConsumer* consumer = group.FindConsumer(name);
  if (consumer == nullptr) {
    consumer = &group.CreateConsumer(name, ctx.now());
    stream.Notify(kEventStream, "xgroup-createconsumer");
  }
  consumer->seen_at = ctx.now();
  return *consumer;
}

// The claimed entry, or only its ID. REQUIRES: the stream has it.
void ReplyClaimed(Context& ctx, const Stream& stream, StreamId id, bool just_id) {
  if (just_id) return ReplyEntryId(ctx.reply(), id);
  types::StreamReader reader(stream, id, id);
  if (reader.Next()) ReplyEntry(ctx.reply(), reader.entry());
}

struct ClaimOptions {
  UnixMillis delivered_at;
  std::optional<int64_t> deliveries;
  bool force = false;
  bool just_id = false;
  StreamId last_delivered;
};

ClaimOptions ReadClaimOptions(Context& ctx, ArgReader& args) {
  ClaimOptions o{.delivered_at = ctx.now(), .deliveries = {}, .last_delivered = {}};
  while (args.more()) {
    if (args.Accept("FORCE")) {
      o.force = true;
    } else if (args.Accept("JUSTID")) {
      o.just_id = true;
    } else if (args.AcceptWithValue("IDLE")) {
      const int64_t idle_ms = args.NextInt("ERR Invalid IDLE option argument for XCLAIM");
      if (__builtin_sub_overflow(ctx.now(), idle_ms, &o.delivered_at)) o.delivered_at = ctx.now();
    } else if (args.AcceptWithValue("TIME")) {
      o.delivered_at = args.NextInt("ERR Invalid TIME option argument for XCLAIM");
    } else if (args.AcceptWithValue("RETRYCOUNT")) {
      const int64_t n = args.NextInt("ERR Invalid RETRYCOUNT option argument for XCLAIM");
      o.deliveries = n >= 0 ? std::optional(n) : std::nullopt;
    } else if (args.AcceptWithValue("LASTID")) {
      o.last_delivered = ReadEntryId(args);
    } else {
      break;
    }
  }
  // Clients work with clocks of their own: a time that cannot be is no error.
  if (o.delivered_at < 0 || o.delivered_at > ctx.now()) o.delivered_at = ctx.now();
  return o;
}

// Claims one entry. False when it is not to be claimed; one that the stream no longer has ceases to be pending.
bool Claim(Context& ctx, Editing<Stream>& stream, StreamGroup& group, StreamConsumer& consumer, StreamId id,
           int64_t min_idle_ms, const ClaimOptions& o) {
  const PendingEntry* const pending = group.FindPending(id);
  const NamedGroup named{ctx.key().text, ctx.arg(2), group};
  if (!stream->Contains(id)) {
    if (pending != nullptr) {
      NameClaim(ctx, named, *pending);
      group.RemovePending(id);
      stream.MarkChanged();
    }
    return false;
  }
  if (pending == nullptr && !o.force) return false;
  if (pending != nullptr && min_idle_ms != 0 && ctx.now() - pending->delivered_at < min_idle_ms) return false;
  // What is forced counts as delivered once before.
  int64_t deliveries = pending != nullptr ? pending->deliveries : 1;
  if (o.deliveries) {
    deliveries = *o.deliveries;
  } else if (!o.just_id) {
    ++deliveries;
  }
  group.SetPending(id, consumer, o.delivered_at, deliveries);
  consumer.active_at = ctx.now();
  stream.MarkChanged();
  if (ctx.journaled()) NameClaim(ctx, named, *group.FindPending(id));
  return true;
}

void XClaim(Context& ctx) {
  const std::string_view group_name = ctx.arg(2);
  Editing<Stream> stream(ctx, ctx.key());
  stream.CountLook();
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  StreamGroup* const group = stream->FindGroup(group_name);
  if (group == nullptr) return ReplyNoKeyOrGroup(ctx, ctx.key().text, group_name);

  ArgReader args(ctx, 4);
  const int64_t min_idle_ms = std::max<int64_t>(args.NextInt("ERR Invalid min-idle-time argument for XCLAIM"), 0);
  std::vector<StreamId> ids;
  while (args.more()) {
    const auto id = ParseEntryId(args.Peek());
    if (!id) break;
    ids.push_back(*id);
    args.Skip(1);
  }
  const ClaimOptions o = ReadClaimOptions(ctx, args);
  if (args.more()) {
    const std::string_view option = error::UpToNul(args.Peek());
    return ctx.reply().Error(fmt::format("ERR Unrecognized XCLAIM option '{}'", option));
  }
  args.Skip(args.left());
  if (!args.Finish()) return;

  const bool moves = o.last_delivered > group->last_delivered;
  if (moves) {
    group->last_delivered = o.last_delivered;
    stream.MarkChanged();
  }
  StreamConsumer& consumer = SeeConsumer(ctx, stream, *group, ctx.arg(3));
  const auto mark = ctx.reply().Begin();
  size_t n = 0;
  for (StreamId id : ids) {
    if (!Claim(ctx, stream, *group, consumer, id, min_idle_ms, o)) continue;
    ReplyClaimed(ctx, *stream, id, o.just_id);
    ++n;
  }
  if (moves && !ctx.effects_named()) NameGroupPlace(ctx, {ctx.key().text, group_name, *group});
  ctx.NoEffect();  // but those that were named
  ctx.reply().EndArray(mark, n);
}

// For each entry that may be claimed, so many are looked at.
constexpr int64_t kAutoClaimAttempts = 10;

void XAutoClaim(Context& ctx) {
  const std::string_view group_name = ctx.arg(2);
  ArgReader args(ctx, 4);
  const int64_t min_idle_ms =
      std::max<int64_t>(args.NextInt("ERR Invalid min-idle-time argument for XAUTOCLAIM"), 0);
  std::optional<StreamId> at = ReadIntervalStart(args);
  int64_t count = 100;
  ClaimOptions o{.delivered_at = ctx.now(), .deliveries = {}, .last_delivered = {}};
  while (args.more()) {
    if (args.AcceptWithValue("COUNT")) {
      constexpr int64_t kMostEntries = std::numeric_limits<int64_t>::max() / static_cast<int64_t>(sizeof(StreamId));
      count = args.NextInt("ERR COUNT must be > 0", 1, kMostEntries);
    } else if (args.Accept("JUSTID")) {
      o.just_id = true;
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (!args.Finish()) return;

  Editing<Stream> stream(ctx, ctx.key());
  stream.CountLook();
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  StreamGroup* const group = stream->FindGroup(group_name);
  if (group == nullptr) return ReplyNoKeyOrGroup(ctx, ctx.key().text, group_name);
  StreamConsumer& consumer = SeeConsumer(ctx, stream, *group, ctx.arg(3));

  const auto next = [&]() -> std::optional<StreamId> {
    if (!at) return std::nullopt;
    const auto pending = group->pending().AtOrAfter(*at);
    return pending ? std::optional(pending->id) : std::nullopt;
  };
  std::vector<StreamId> claimed, deleted;
  int64_t attempts = count * kAutoClaimAttempts;
  while (attempts-- > 0 && static_cast<int64_t>(claimed.size() + deleted.size()) < count) {
    const auto id = next();
    if (!id) break;
    at = id->Next();
    if (Claim(ctx, stream, *group, consumer, *id, min_idle_ms, o)) {
      claimed.push_back(*id);
    } else if (group->FindPending(*id) == nullptr) {
      deleted.push_back(*id);
    }
  }
  ctx.NoEffect();  // but those that claiming has named
  resp::ReplyWriter& reply = ctx.reply();
  reply.Array(3);
  ReplyEntryId(reply, next().value_or(types::kMinStreamId));
  reply.Array(claimed.size());
  for (StreamId id : claimed) ReplyClaimed(ctx, *stream, id, o.just_id);
  reply.Array(deleted.size());
  for (StreamId id : deleted) ReplyEntryId(reply, id);
}

using namespace command;
constexpr CommandRow kStreamPendingRows[] = {
    {"XACK", -4, kWrite | kFast, kUpdateKey, XAck},
    {"XACKDEL", -6, kWrite | kFast, kDeleteKey, XAckDel},
    {"XAUTOCLAIM", -6, kWrite | kFast, kDeleteKey, XAutoClaim},
    {"XCLAIM", -6, kWrite | kFast, kUpdateKey, XClaim},
    {"XPENDING", -3, kRead, kReadKey, XPending},
};

}  // namespace

const command::Family kStreamPendingFamily = {"stream", kCatStream, kStreamPendingRows};

}  // namespace pinion::commands
