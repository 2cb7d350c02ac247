// Entries of streams: XADD, XDEL, XDELEX, XLEN, XRANGE, XREVRANGE, XSETID, XTRIM.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/stream_args.h"
#include "resp/errors.h"
#include "types/stream.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventStream;
using types::References;
using types::Stream;
using types::StreamId;
using types::StreamTrim;

// --- XADD and XTRIM -----------------------------------------------------------------------------------------

// The options of both, and XADD's ID.
struct EntryOptions {
  StreamTrim trim;
  std::optional<References> references;
  std::optional<int64_t> limit;
  bool no_make = false;                       // XADD does not create the key
  std::optional<types::StreamIdText> id;      // none: "*"
  size_t trim_at = 0;                         // the argument that says how far to trim; 0: none
  size_t limit_at = 0;                        // the argument of LIMIT; 0: none
  size_t references_at = 0;                   // KEEPREF, DELREF or ACKED; 0: none
  size_t id_at = 0;
};

void ReadTrimBy(ArgReader& args, StreamTrim::By by, EntryOptions* o) {
  StreamTrim* const trim = &o->trim;
  if (trim->by != StreamTrim::By::kNothing) {
    args.Fail("ERR syntax error, MAXLEN and MINID options at the same time are not compatible");
  }
  trim->by = by;
  if (args.left() >= 2 && (args.Peek() == "~" || args.Peek() == "=")) trim->whole_nodes = args.Next() == "~";
  o->trim_at = args.position();
  if (by == StreamTrim::By::kId) {
    trim->first = ReadEntryId(args);
    return;
  }
  const int64_t length = args.NextInt();
  if (length < 0) args.Fail("ERR The MAXLEN argument must be >= 0.");
  trim->length = static_cast<uint64_t>(length);
}

// Reads one option; false when what comes next is none.
bool ReadTrimOption(ArgReader& args, EntryOptions* o) {
  if (args.AcceptWithValue("MAXLEN")) {
    ReadTrimBy(args, StreamTrim::By::kLength, o);
  } else if (args.AcceptWithValue("MINID")) {
    ReadTrimBy(args, StreamTrim::By::kId, o);
  } else if (args.AcceptWithValue("LIMIT")) {
    o->limit_at = args.position();
    o->limit = args.NextInt();
    if (*o->limit < 0) args.Fail("ERR The LIMIT argument must be >= 0.");
  } else {
    o->references_at = args.position();
    if (AcceptReferences(args, &o->references)) return true;
    o->references_at = 0;
    return false;
  }
  return true;
}

// What the options mean together.
void CompleteTrim(Context& ctx, ArgReader& args, bool must_trim, EntryOptions* o) {
  // An append-only file of Redis says where it was trimmed exactly, and has the limit still.
  if (ctx.worker().accessor.replays) o->limit.reset();
  const bool trims = o->trim.by != StreamTrim::By::kNothing;
  if (o->limit.value_or(0) != 0 && !trims) {
    args.Fail("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy");
  }
  if (must_trim && !trims) args.Fail("ERR syntax error, XTRIM must be called with a trimming strategy");
  if (o->limit && !o->trim.whole_nodes) {
    args.Fail("ERR syntax error, LIMIT cannot be used without the special ~ option");
  }
  o->trim.references = o->references.value_or(References::kKeep);
  if (o->limit) {
    o->trim.limit = *o->limit;
  } else if (o->trim.whole_nodes) {
    // A hundred nodes' worth, so that one command does not take long.
    constexpr int64_t kMostEntries = 1'000'000;
    const int64_t entries = NodeLimits(ctx).entries;
    o->trim.limit = entries == 0 ? 10'000 : std::min(entries, kMostEntries / 100) * 100;
  }
}

size_t Trim(Context& ctx, Editing<Stream>& stream, const StreamTrim& trim) {
  types::Remains remains;
  const size_t trimmed = stream->Trim(trim, &remains);
  ctx.db().keyspace().Discard(std::move(remains));
  return trimmed;
}

// To where a stream was trimmed, exactly.
std::string TrimmedTo(const Stream& stream, StreamTrim::By by) {
  if (by == StreamTrim::By::kLength) return std::to_string(stream.size());
  types::StreamReader oldest(stream, types::kMinStreamId, types::kMaxStreamId);
  return types::StreamIdString(oldest.Next() ? oldest.entry().id() : types::kMaxStreamId);
}

// The request with the ID that the entry got, and where it was trimmed about there, with where exactly. What became of
// references to trimmed entries is not told: replicas of older versions would not understand it.
void NameAddOrTrim(Context& ctx, const EntryOptions& o, const Stream& stream, StreamId id) {
  if (!ctx.journaled()) return;
  const bool inexact = o.trim.whole_nodes;
  const bool chosen = o.id_at != 0 && (!o.id || o.id->any_seq);
  if (!inexact && !chosen && o.references_at == 0) return;
  command::Effects* const effect = ctx.BeginEffect(ctx.argc() - (o.references_at != 0 ? 1 : 0) -
                                                    (inexact && o.limit_at != 0 ? 2 : 0));
  if (effect == nullptr) return;
  for (size_t i = 0; i < ctx.argc(); ++i) {
    if (i == o.references_at && i != 0) continue;
    // It is for what is inexact, and that it no longer is.
    if (inexact && o.limit_at != 0 && (i == o.limit_at || i + 1 == o.limit_at)) continue;
    if (inexact && i + 1 == o.trim_at) {
      effect->Put("=");
    } else if (inexact && i == o.trim_at) {
      effect->Put(TrimmedTo(stream, o.trim.by));
    } else if (chosen && i == o.id_at) {
      effect->Put(types::StreamIdString(id));
    } else {
      effect->Put(ctx.arg(i));
    }
  }
}

void XAdd(Context& ctx) {
  ArgReader args(ctx, 2);
  EntryOptions o;
  while (args.more() && error::UpToNul(args.Peek()) != "*") {
    if (ReadTrimOption(args, &o)) continue;
    if (args.Accept("NOMKSTREAM")) {
      o.no_make = true;
      continue;
    }
    o.id = types::ParseStreamId(args.Peek(), 0, true);
    if (!o.id) args.Fail(kInvalidStreamId);
    break;
  }
  o.id_at = args.position();
  const types::StreamNodeLimits limits = NodeLimits(ctx);
  CompleteTrim(ctx, args, /*must_trim=*/false, &o);
  const auto pairs = ctx.args().subspan(std::min(args.position() + 1, ctx.argc()));
  args.Skip(args.left());
  if (!args.Finish()) return;
  if (pairs.empty() || pairs.size() % 2 != 0) return ctx.reply().Error(error::WrongArity("xadd"));
  if (o.id && !o.id->any_seq && o.id->id.zero()) {
    return ctx.reply().Error("ERR The ID specified in XADD must be greater than 0-0");
  }

  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  if (o.no_make && !stream.existed()) return ctx.reply().Null();
  if (stream->last_id() == types::kMaxStreamId) {
    return ctx.reply().Error("ERR The stream has exhausted the last possible ID, unable to add more items");
  }
  std::optional<StreamId> id;
  if (!o.id) {
    id = stream->NextId(ctx.now());
  } else if (o.id->any_seq) {
    id = stream->NextIdIn(o.id->id.ms);
  } else if (o.id->id > stream->last_id()) {
    id = o.id->id;
  }
  if (!id) {
    return ctx.reply().Error("ERR The ID specified in XADD is equal or smaller than the target stream top item");
  }
  size_t bytes = 0;
  for (std::string_view text : pairs) bytes += text.size();
  if (bytes > Stream::kMaxEntryBytes) return ctx.reply().Error("ERR Elements are too large to be stored");

  stream->Append(*id, pairs, limits);
  stream.Keep();
  stream.WakeWaiters();
  stream.Notify(kEventStream, "xadd");
  if (Trim(ctx, stream, o.trim) > 0) stream.Notify(kEventStream, "xtrim");
  NameAddOrTrim(ctx, o, *stream, *id);
  ReplyEntryId(ctx.reply(), *id);
}

void XTrim(Context& ctx) {
  ArgReader args(ctx, 2);
  EntryOptions o;
  while (args.more()) {
    if (!ReadTrimOption(args, &o)) args.Fail(error::kSyntax);
  }
  CompleteTrim(ctx, args, /*must_trim=*/true, &o);
  if (!args.Finish()) return;

  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  const size_t trimmed = Trim(ctx, stream, o.trim);
  if (trimmed > 0) {
    stream.Notify(kEventStream, "xtrim");
    NameAddOrTrim(ctx, o, *stream, {});
  }
  ctx.reply().Integer(static_cast<int64_t>(trimmed));
}

// --- the others ---------------------------------------------------------------------------------------------

void XLen(Context& ctx) {
  const Reading<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  ctx.reply().Integer(static_cast<int64_t>(stream->size()));
}

void ReplyStreamRange(Context& ctx, types::StreamReader::Order order) {
  ArgReader args(ctx, 2);
  StreamId first, last;
  if (order == types::StreamReader::Order::kForward) {
    first = ReadIntervalStart(args);
    last = ReadIntervalEnd(args);
  } else {
    // The start is judged before the end, which stands first.
    ArgReader start(ctx, 3);
    first = ReadIntervalStart(start);
    start.Skip(start.left());
    if (!start.Finish()) return;
    last = ReadIntervalEnd(args);
    args.Skip(1);
  }
  std::optional<int64_t> count;
  while (args.more()) {
    if (!args.AcceptWithValue("COUNT")) {
      args.Fail(error::kSyntax);
    } else {
      count = std::max<int64_t>(args.NextInt(), 0);
    }
  }
  if (!args.Finish()) return;

  const Reading<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  if (!stream.exists()) return ctx.reply().EmptyArray();
  if (count == 0) return ctx.reply().NullArray();
  types::StreamReader reader(*stream, first, last, order);
  ReplyEntries(ctx.reply(), reader, static_cast<uint64_t>(count.value_or(0)));
}

void XRange(Context& ctx) { ReplyStreamRange(ctx, types::StreamReader::Order::kForward); }
void XRevRange(Context& ctx) { ReplyStreamRange(ctx, types::StreamReader::Order::kReverse); }

void XDel(Context& ctx) {
  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  if (!stream.existed()) return ctx.reply().Integer(0);
  const auto ids = ReadEntryIds(ctx, 2);
  if (!ids) return;
  int64_t deleted = 0;
  for (StreamId id : *ids) deleted += stream->Erase(id) == Stream::Erased::kErased;
  if (deleted > 0) stream.Notify(kEventStream, "xdel");
  ctx.reply().Integer(deleted);
}

void XDelEx(Context& ctx) {
  ArgReader args(ctx, 2);
  const IdsBlock ids = ReadIdsBlock(args);
  if (!args.Finish()) return;

  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  bool deleted = false;
  ctx.reply().Array(ids.ids.size());
  for (StreamId id : ids.ids) {
    // What is pending goes even where the entry has gone before.
    if (ids.references == References::kDrop && stream->DropReferences(id)) stream.MarkChanged();
    const Stream::Erased result = stream->Erase(id, ids.references);
    if (result == Stream::Erased::kErased) {
      deleted = true;
      ctx.Effect("XDEL", ctx.key().text, types::StreamIdString(id));
    }
    ctx.reply().Integer(static_cast<int64_t>(result));
  }
  if (deleted) stream.Notify(kEventStream, "xdel");
}

void XSetId(Context& ctx) {
  ArgReader args(ctx, 2);
  const StreamId last = ReadEntryId(args);
  std::optional<uint64_t> entries_added;
  std::optional<StreamId> max_deleted;
  while (args.more()) {
    if (args.AcceptWithValue("ENTRIESADDED")) {
      const int64_t n = args.NextInt();
      if (n < 0) args.Fail("ERR entries_added must be positive");
      entries_added = static_cast<uint64_t>(n);
    } else if (args.AcceptWithValue("MAXDELETEDID")) {
      max_deleted = ReadEntryId(args);
      if (last < *max_deleted) {
        args.Fail("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
      }
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (!args.Finish()) return;

  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  if (!stream.existed()) return ctx.reply().Error(error::kNoSuchKey);
  if (last < stream->max_deleted_id()) {
    return ctx.reply().Error("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
  }
  types::StreamReader newest(*stream, types::kMinStreamId, types::kMaxStreamId,
                             types::StreamReader::Order::kReverse);
  if (newest.Next()) {
    if (last < newest.entry().id()) {
      return ctx.reply().Error("ERR The ID specified in XSETID is smaller than the target stream top item");
    }
    if (entries_added && *entries_added < stream->size()) {
      return ctx.reply().Error(
          "ERR The entries_added specified in XSETID is smaller than the target stream length");
    }
  }
  if (max_deleted && max_deleted->zero()) max_deleted.reset();
  stream->SetIds(last, entries_added, max_deleted);
  stream.Notify(kEventStream, "xsetid");
  ctx.reply().Ok();
}

using namespace command;
constexpr CommandRow kStreamRows[] = {
    {"XADD", -5, kWrite | kDenyOom | kFast, kUpdateKey, XAdd},
    {"XDEL", -3, kWrite | kFast, kDeleteKey, XDel},
    {"XDELEX", -5, kWrite | kFast, kDeleteKey, XDelEx},
    {"XLEN", 2, kRead | kFast, kPeekKey, XLen},
    {"XRANGE", -4, kRead, kReadKey, XRange},
    {"XREVRANGE", -4, kRead, kReadKey, XRevRange},
    {"XSETID", -3, kWrite | kDenyOom | kFast, kUpdateKey, XSetId},
    {"XTRIM", -4, kWrite, kDeleteKey, XTrim},
};

}  // namespace

const command::Family kStreamFamily = {"stream", kCatStream, kStreamRows};

}  // namespace pinion::commands
