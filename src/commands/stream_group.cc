// Consumer groups made, moved and removed: XGROUP.
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

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventStream;
using types::Stream;
using types::StreamGroup;
using types::StreamId;

// What happens to groups, here and in the other files, is hidden from those who watch the stream, as in Redis: its
// entries stay what they are.

constexpr std::string_view kNoStream =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM "
    "option to create an empty stream automatically.";

struct GroupOptions {
  bool make_stream = false;
  int64_t entries_read = StreamGroup::kUnknownEntriesRead;
};

// Reads what follows the ID. False when an error was replied.
bool ReadGroupOptions(Context& ctx, bool creating, GroupOptions* o) {
  ArgReader args(ctx, 5);
  while (args.more()) {
    if (creating && args.Accept("MKSTREAM")) {
      o->make_stream = true;
    } else if (args.AcceptWithValue("ENTRIESREAD")) {
      o->entries_read = args.NextInt();
      if (o->entries_read < 0 && o->entries_read != StreamGroup::kUnknownEntriesRead) {
        args.Fail("ERR value for ENTRIESREAD must be positive or -1");
      }
    } else {
      command::ReplyUnknownForm(ctx);
      return false;
    }
  }
  args.Skip(args.left());
  return args.Finish();
}

// The group that is to be changed, or null when an error was replied.
StreamGroup* FindGroup(Context& ctx, Editing<Stream>& stream) {
  if (!stream.existed()) {
    ctx.reply().Error(kNoStream);
    return nullptr;
  }
  StreamGroup* const group = stream->FindGroup(ctx.arg(3));
  if (group == nullptr) ReplyNoGroup(ctx, ctx.key().text, ctx.arg(3));
  return group;
}

void GroupCreate(Context& ctx) {
  GroupOptions o;
  if (!ReadGroupOptions(ctx, true, &o)) return;

  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  if (!stream.existed() && !o.make_stream) return ctx.reply().Error(kNoStream);
  constexpr size_t kMostArguments = 8;
  if (ctx.argc() > kMostArguments) return command::ReplyUnknownForm(ctx);
  const std::string_view text = error::UpToNul(ctx.arg(4));
  const auto id = text == "$" ? std::optional(stream->last_id()) : ParseEntryId(ctx.arg(4));
  if (!id) return ctx.reply().Error(kInvalidStreamId);
  if (!stream->CreateGroup(ctx.arg(3), *id, o.entries_read)) {
    return ctx.reply().Error("BUSYGROUP Consumer Group name already exists");
  }
  stream.Keep();
  stream.Notify(kEventStream, "xgroup-create");
  ctx.reply().Ok();
}

void GroupSetId(Context& ctx) {
  GroupOptions o;
  if (!ReadGroupOptions(ctx, false, &o)) return;

  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  StreamGroup* const group = FindGroup(ctx, stream);
  if (group == nullptr) return;
  if (ctx.argc() != 5 && ctx.argc() != 7) return command::ReplyUnknownForm(ctx);
  StreamId id;
  const std::string_view text = error::UpToNul(ctx.arg(4));
  if (text == "$") {
    id = stream->last_id();
  } else if (text == "+") {
    id = types::kMaxStreamId;
  } else if (text != "-") {
    const auto parsed = ParseEntryId(ctx.arg(4));
    if (!parsed) return ctx.reply().Error(kInvalidStreamId);
    id = *parsed;
  }
  group->last_delivered = id;
  group->entries_read = o.entries_read;
  stream.Notify(kEventStream, "xgroup-setid");
  ctx.reply().Ok();
}

void GroupDestroy(Context& ctx) {
  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  if (!stream.existed()) return ctx.reply().Error(kNoStream);
  const bool deleted = stream->DeleteGroup(ctx.arg(3));
  if (deleted) {
    stream.WakeWaiters();
    stream.Notify(kEventStream, "xgroup-destroy");
  }
  ctx.reply().Integer(deleted ? 1 : 0);
}

void GroupCreateConsumer(Context& ctx) {
  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  StreamGroup* const group = FindGroup(ctx, stream);
  if (group == nullptr) return;
  const bool create = group->FindConsumer(ctx.arg(4)) == nullptr;
  if (create) {
    group->CreateConsumer(ctx.arg(4), ctx.now());
    stream.Notify(kEventStream, "xgroup-createconsumer");
  }
  ctx.reply().Integer(create ? 1 : 0);
}

void GroupDelConsumer(Context& ctx) {
  Editing<Stream> stream(ctx, ctx.key());
  if (stream.wrong_type()) return;
  stream.HideFromWatchers();
  StreamGroup* const group = FindGroup(ctx, stream);
  if (group == nullptr) return;
  size_t pending = 0;
  if (types::StreamConsumer* const consumer = group->FindConsumer(ctx.arg(4))) {
    pending = group->DeleteConsumer(*consumer);
    stream.Notify(kEventStream, "xgroup-delconsumer");
  }
  ctx.reply().Integer(static_cast<int64_t>(pending));
}

void GroupHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "CREATE <key> <groupname> <id|$> [option]",
      "    Create a new consumer group. Options are:",
      "    * MKSTREAM",
      "      Create the empty stream if it does not exist.",
      "    * ENTRIESREAD entries_read",
      "      Set the group's entries_read counter (internal use).",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Create a new consumer in the specified group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Remove the specified consumer.",
      "DESTROY <key> <groupname>",
      "    Remove the specified group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Set the current group ID and entries_read counter.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr KeySpec kInsertGroupKey[] = {Range(2, 0, 1, kKeyRW | kKeyInsert)};
constexpr KeySpec kUpdateGroupKey[] = {Range(2, 0, 1, kKeyRW | kKeyUpdate)};
constexpr KeySpec kDeleteGroupKey[] = {Range(2, 0, 1, kKeyRW | kKeyDelete)};
constexpr CommandRow kStreamGroupSubcommands[] = {
    {"CREATE", -5, kWrite | kDenyOom, kInsertGroupKey, GroupCreate},
    {"CREATECONSUMER", 5, kWrite | kDenyOom, kInsertGroupKey, GroupCreateConsumer},
    {"DELCONSUMER", 5, kWrite, kDeleteGroupKey, GroupDelConsumer},
    {"DESTROY", 4, kWrite, kDeleteGroupKey, GroupDestroy},
    {"HELP", 2, kLoading | kStale, {}, GroupHelp},
    {"SETID", -5, kWrite, kUpdateGroupKey, GroupSetId},
};
constexpr CommandRow kStreamGroupRows[] = {
    {"XGROUP", -2, 0, {}, nullptr, 0, kStreamGroupSubcommands},
};

}  // namespace

const command::Family kStreamGroupFamily = {"stream", kCatStream, kStreamGroupRows};

}  // namespace pinion::commands
