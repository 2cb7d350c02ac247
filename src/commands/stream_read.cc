// Reading streams from an ID on, alone or as a consumer of a group: XREAD, XREADGROUP.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "command/args.h"
#include "command/context.h"
#include "commands/blocking.h"
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
using error::UpToNul;
using store::kEventStream;
using types::Stream;
using types::StreamId;

// One stream of a request, and from where it is read.
struct Source {
  const store::Key* key;
  StreamId after;               // entries above this
  bool new_for_group = false;   // ">": what the group was not given yet
};

struct ReadRequest {
  uint64_t count = 0;                  // per stream; 0: all
  std::optional<int64_t> block_ms;     // 0: for ever
  bool in_group = false;
  std::string_view group, consumer;
  bool no_ack = false;
  std::optional<int64_t> claim_idle_ms;
  std::vector<Source> sources;
  size_t first_id = 0;                 // the argument that is the first stream's ID
};

// --- arguments ----------------------------------------------------------------------------------------------

// Reads everything before the keys, and the word STREAMS. False when an error was replied.
bool ReadOptions(Context& ctx, ArgReader& args, bool group_command, ReadRequest* request) {
  bool streams = false;
  while (args.more() && !streams) {
    if (args.AcceptWithValue("BLOCK")) {
      request->block_ms = ReadMillis(&args, ctx.now());
    } else if (args.AcceptWithValue("COUNT")) {
      request->count = static_cast<uint64_t>(std::max<int64_t>(args.NextInt(), 0));
    } else if (args.AcceptWithValue("STREAMS")) {
      streams = true;
    } else if (args.left() >= 3 && args.Accept("GROUP")) {
      if (!group_command) {
        args.Fail("ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
      }
      request->in_group = true;
      request->group = args.Next();
      request->consumer = args.Next();
    } else if (args.Accept("NOACK")) {
      if (!group_command) {
        args.Fail("ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
      }
      request->no_ack = true;
    } else if (args.AcceptWithValue("CLAIM")) {
      if (!group_command) {
        args.Fail("ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.");
      }
      request->claim_idle_ms = args.NextInt("ERR min-idle-time is not an integer or out of range");
      if (*request->claim_idle_ms < 0) args.Fail("ERR min-idle-time must be a positive integer");
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (!args.failed() && streams && args.left() % 2 != 0) {
    ctx.reply().Error(fmt::format(
        "ERR Unbalanced '{}' list of streams: for each stream key an ID or '{}' must be specified.",
        group_command ? "xreadgroup" : "xread", group_command ? '>' : '$'));
    return false;
  }
  if (!streams) args.Fail(error::kSyntax);
  if (group_command && !request->in_group) args.Fail("ERR Missing GROUP option for XREADGROUP");
  return true;
}

// The ID after which to read a stream without a group. nullopt: an error was replied.
std::optional<StreamId> ResolveId(Context& ctx, const Stream& stream, std::string_view text) {
  if (text == "$") return stream.last_id();
  if (text == "+") return stream.last_id().Previous().value_or(types::kMinStreamId);
  if (text == ">") {
    ctx.reply().Error(
        "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.");
    return std::nullopt;
  }
  const auto id = ParseEntryId(text);
  if (!id) ctx.reply().Error(kInvalidStreamId);
  return id;
}

// The same with a group, where ">" stands for the greatest ID, and that for ">".
std::optional<StreamId> ResolveGroupId(Context& ctx, std::string_view text) {
  if (text == "$" || text == "+") {
    ctx.reply().Error(fmt::format(
        "ERR The {} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer "
        "by specifying a proper ID, or use the > ID to get new messages. The {} ID would just return an empty "
        "result set.",
        text, text));
    return std::nullopt;
  }
  if (text == ">") return types::kMaxStreamId;
  const auto id = ParseEntryId(text);
  if (!id) ctx.reply().Error(kInvalidStreamId);
  return id;
}

// Looks at the keys and IDs that args stands before. False when an error was replied.
bool ReadSources(Context& ctx, ArgReader& args, ReadRequest* request) {
  const size_t n = args.left() / 2;
  const auto keys = ctx.args().subspan(args.position(), n);
  const auto ids = ctx.args().subspan(args.position() + n, n);
  // A group or consumer may be called "streams", and then the key specification finds other arguments.
  const auto same = [](const store::Key& key, std::string_view text) { return key.text == text; };
  if (!std::equal(ctx.keys().begin(), ctx.keys().end(), keys.begin(), keys.end(), same)) {
    ctx.reply().Error(error::kSyntax);
    return false;
  }
  request->sources.reserve(n);
  request->first_id = args.position() + n;
  for (size_t i = 0; i < n; ++i) {
    if (!ctx.MayServe(ctx.key(i))) continue;
    const Reading<Stream> stream(ctx, ctx.key(i));
    if (stream.wrong_type()) return false;
    if (request->in_group && stream->FindGroup(request->group) == nullptr) {
      ReplyNoKeyOrGroup(ctx, keys[i], request->group, " in XREADGROUP with GROUP option");
      return false;
    }
    const std::string_view id = UpToNul(ids[i]);
    const auto after = request->in_group ? ResolveGroupId(ctx, id) : ResolveId(ctx, *stream, id);
    if (!after) return false;
    request->sources.push_back({&ctx.key(i), *after, request->in_group && *after == types::kMaxStreamId});
  }
  return true;
}

// --- serving ------------------------------------------------------------------------------------------------

// The reply: a map from keys to entries, begun when there is something to put into it.
class ReadReply {
 public:
  explicit ReadReply(resp::ReplyWriter& reply) : reply_(reply), mark_(reply.Begin()) {}
  void AddKey(std::string_view key) {
    ++streams_;
    if (reply_.protocol() == 2) reply_.Array(2);
    reply_.Bulk(key);
  }
  // Whether anything was put in.
  bool Finish() {
    if (streams_ == 0) return false;
    if (reply_.protocol() == 2) {
      reply_.EndArray(mark_, streams_);
    } else {
      reply_.EndMap(mark_, streams_);
    }
    return true;
  }

 private:
  resp::ReplyWriter& reply_;
  const resp::OutputBuffer::Mark mark_;
  size_t streams_ = 0;
};

void ServeStream(Context& ctx, const ReadRequest& request, const Source& source, ReadReply* out) {
  const Reading<Stream> stream(ctx, ctx.db().Peek(*source.key));
  const auto first = source.after.Next();
  if (!first || *first > stream->last_id()) return;
  types::StreamReader found(*stream, *first, types::kMaxStreamId);
  if (!found.Next()) return;
  out->AddKey(source.key->text);
  types::StreamReader reader(*stream, *first, types::kMaxStreamId);
  ReplyEntries(ctx.reply(), reader, request.count);
}

// What is pending for the consumer after an ID, delivering it once more. An entry that was deleted has no fields.
void ServeHistory(Context& ctx, const ReadRequest& request, StreamId after, const Stream& stream,
                  types::StreamGroup& group, types::StreamConsumer& consumer) {
  const auto mark = ctx.reply().Begin();
  size_t n = 0;
  const auto first = after.Next();
  auto pending = first ? consumer.pending.AtOrAfter(*first) : decltype(consumer.pending.First())();
  for (; pending && (request.count == 0 || n < request.count); pending.Next(), ++n) {
    const StreamId id = pending->id;
    types::StreamReader reader(stream, id, id);
    if (reader.Next()) {
      ReplyEntry(ctx.reply(), reader.entry());
      group.SetPending(id, consumer, ctx.now(), group.FindPending(id)->deliveries + 1);
    } else {
      ctx.reply().Array(2);
      ReplyEntryId(ctx.reply(), id);
      ctx.reply().NullArray();
    }
  }
  ctx.reply().EndArray(mark, n);
}

// An entry as CLAIM shows it: with the time since its last delivery, and how often it had been delivered.
void ReplyWithDelivery(Context& ctx, types::StreamNodeCursor& entry, int64_t idle_ms, int64_t deliveries) {
  ctx.reply().Array(4);
  ReplyEntryId(ctx.reply(), entry.id());
  ReplyFields(ctx.reply(), entry);
  ctx.reply().Integer(idle_ms);
  ctx.reply().Integer(deliveries);
}

// Pending entries that CLAIM takes over: those long idle that the stream still has.
std::vector<StreamId> FindClaimable(Context& ctx, const ReadRequest& request, const Stream& stream,
                                    types::StreamGroup& group) {
  std::vector<StreamId> ids;
  group.ForEachPendingSince(ctx.now() - *request.claim_idle_ms, [&](StreamId id) {
    if (stream.Contains(id)) ids.push_back(id);
    return request.count == 0 || ids.size() < request.count;
  });
  return ids;
}

// First what CLAIM takes over, then what is new to the group. False, writing nothing, when there is neither.
bool ServeNew(Context& ctx, const ReadRequest& request, const Source& source, const Stream& stream,
              types::StreamGroup& group, types::StreamConsumer& consumer, ReadReply* out) {
  const NamedGroup named{source.key->text, request.group, group};
  const bool claims = request.claim_idle_ms.has_value();
  std::vector<StreamId> claimable;
  if (claims) claimable = FindClaimable(ctx, request, stream, group);
  const StreamId first = group.last_delivered.Next().value_or(types::kMaxStreamId);
  types::StreamReader fresh(stream, first, types::kMaxStreamId);
  const auto has_room = [&](size_t n) { return request.count == 0 || n < request.count; };
  bool more = has_room(claimable.size()) && group.last_delivered < stream.last_id() && fresh.Next();
  if (claimable.empty() && !more) return false;

  out->AddKey(source.key->text);
  const auto mark = ctx.reply().Begin();
  for (StreamId id : claimable) {
    types::StreamReader reader(stream, id, id);
    const types::PendingEntry pending = *group.FindPending(id);
    if (reader.Next()) {
      const int64_t idle = std::max<int64_t>(ctx.now() - pending.delivered_at, 0);
      ReplyWithDelivery(ctx, reader.entry(), idle, pending.deliveries);
    }
    group.SetPending(id, consumer, ctx.now(), pending.deliveries + 1);
    consumer.active_at = ctx.now();
    NameClaim(ctx, named, *group.FindPending(id));
  }
  const bool advances = more;
  size_t n = claimable.size();
  for (; more; more = has_room(n) && fresh.Next()) {
    const StreamId id = fresh.entry().id();
    stream.AdvanceGroup(group, id);
    if (claims) {
      ReplyWithDelivery(ctx, fresh.entry(), 0, 0);
    } else {
      ReplyEntry(ctx.reply(), fresh.entry());
    }
    ++n;
    if (request.no_ack) continue;
    group.SetPending(id, consumer, ctx.now(), 1);
    consumer.active_at = ctx.now();
    if (ctx.journaled()) NameClaim(ctx, named, *group.FindPending(id));
  }
  if (advances) NameGroupPlace(ctx, named);
  ctx.reply().EndArray(mark, n);
  return true;
}

void ServeGroup(Context& ctx, const ReadRequest& request, const Source& source, ReadReply* out) {
  Editing<Stream> stream(ctx, *source.key);
  stream.HideFromWatchers();
  types::StreamGroup* const group = stream->FindGroup(request.group);
  if (group == nullptr) return;
  types::StreamConsumer* consumer = group->FindConsumer(request.consumer);
  if (consumer == nullptr) {
    consumer = &group->CreateConsumer(request.consumer, ctx.now());
    stream.Notify(kEventStream, "xgroup-createconsumer");
    // Otherwise it comes with what it is given.
    if (request.no_ack) ctx.Effect("XGROUP", "CREATECONSUMER", source.key->text, request.group, request.consumer);
  }
  consumer->seen_at = ctx.now();
  if (source.new_for_group) {
    if (ServeNew(ctx, request, source, *stream, *group, *consumer, out)) stream.MarkChanged();
    return;
  }
  out->AddKey(source.key->text);
  ServeHistory(ctx, request, source.after, *stream, *group, *consumer);
  stream.MarkChanged();
}

// Replies with what there is to read now. False, having written nothing, when there is nothing.
bool TryServe(Context& ctx, const ReadRequest& request) {
  ReadReply out(ctx.reply());
  for (const Source& source : request.sources) {
    if (request.in_group) {
      ServeGroup(ctx, request, source, &out);
    } else {
      ServeStream(ctx, request, source, &out);
    }
  }
  return out.Finish();
}

// Has the client wait for entries of any of the streams. What stood for an ID that moves on ("$") is fixed now.
[[nodiscard]] bool Wait(Context& ctx, const ReadRequest& request) {
  command::WaitOptions options;
  options.wish = {.type = Stream::kType, .when_gone = request.in_group};
  options.timeout_ms = *request.block_ms;
  options.args.assign(ctx.args().begin(), ctx.args().end());
  for (size_t i = 0; i < request.sources.size() && !request.in_group; ++i) {
    options.args[request.first_id + i] = types::StreamIdString(request.sources[i].after);
  }
  return ctx.Wait(std::move(options));
}

void ReadStreams(Context& ctx, bool group_command) {
  ArgReader args(ctx, 1);
  ReadRequest request;
  if (!ReadOptions(ctx, args, group_command, &request)) return;
  ArgReader sources = args;
  args.Skip(args.left());
  if (!args.Finish()) return;
  if (!ReadSources(ctx, sources, &request)) return;
  if (group_command) ctx.NoEffect();  // but those that serving names
  if (TryServe(ctx, request) || (request.block_ms && Wait(ctx, request))) return;
  ctx.reply().NullArray();
}

void XRead(Context& ctx) { ReadStreams(ctx, false); }
void XReadGroup(Context& ctx) { ReadStreams(ctx, true); }

using namespace command;
constexpr KeySpec kReadKeys[] = {Keyword("STREAMS", 1, -1, 1, kKeyRO | kKeyAccess, 2)};
constexpr KeySpec kReadGroupKeys[] = {Keyword("STREAMS", 4, -1, 1, kKeyRO | kKeyAccess, 2)};
constexpr CommandRow kStreamReadRows[] = {
    {"XREAD", -4, kBlocking | kRead, kReadKeys, XRead},
    {"XREADGROUP", -7, kBlocking | kWrite, kReadGroupKeys, XReadGroup},
};

}  // namespace

const command::Family kStreamReadFamily = {"stream", kCatStream, kStreamReadRows};

}  // namespace pinion::commands
