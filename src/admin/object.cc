// OBJECT: how a key's value is held and how lately it was used.
#include <limits>

#include "admin/families.h"
#include "admin/shared_integers.h"
#include "command/context.h"
#include "command/help.h"
#include "store/describe.h"

namespace pinion::admin {
namespace {

using command::Context;

void ObjectEncoding(Context& ctx) {
  const store::Entry* e = ctx.db().Peek(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  ctx.reply().Bulk(store::EncodingName(*e));
}

void ObjectFreq(Context& ctx) {
  const store::Entry* e = ctx.db().Peek(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  const store::KeyspaceSettings& settings = ctx.db().keyspace().settings();
  if (!settings.lfu.load(std::memory_order_relaxed)) {
    return ctx.reply().Error(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
        "between policies at runtime LRU and LFU data will take some time to adjust.");
  }
  ctx.reply().Integer(store::LfuDecayed(e->access_clock(), ctx.now(), settings.lfu_decay_minutes.load()));
}

void ObjectIdleTime(Context& ctx) {
  const store::Entry* e = ctx.db().Peek(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  if (ctx.db().keyspace().settings().lfu.load(std::memory_order_relaxed)) {
    return ctx.reply().Error(
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between "
        "policies at runtime LRU and LFU data will take some time to adjust.");
  }
  ctx.reply().Integer(store::IdleSeconds(e->access_clock(), ctx.now()));
}

void ObjectRefCount(Context& ctx) {
  const store::Entry* e = ctx.db().Peek(ctx.key());
  if (e == nullptr) return ctx.reply().Null();
  ctx.reply().Integer(ShownRefCount(ctx, *e));
}

void ObjectHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "ENCODING <key>",
      "    Return the kind of internal representation used in order to store the value",
      "    associated with a <key>.",
      "FREQ <key>",
      "    Return the access frequency index of the <key>. The returned integer is",
      "    proportional to the logarithm of the recent access frequency of the key.",
      "IDLETIME <key>",
      "    Return the idle time of the <key>, that is the approximated number of",
      "    seconds elapsed since the last access to the key.",
      "REFCOUNT <key>",
      "    Return the number of references of the value associated with the specified",
      "    <key>.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr CommandRow kObjectSubcommands[] = {
    {"ENCODING", 3, kRead, kSubcommandKey, ObjectEncoding},
    {"FREQ", 3, kRead, kSubcommandKey, ObjectFreq},
    {"HELP", 2, kLoading | kStale, {}, ObjectHelp},
    {"IDLETIME", 3, kRead, kSubcommandKey, ObjectIdleTime},
    {"REFCOUNT", 3, kRead, kSubcommandKey, ObjectRefCount},
};
constexpr CommandRow kObjectRows[] = {
    {"OBJECT", -2, 0, {}, nullptr, 0, kObjectSubcommands},
};

}  // namespace

const command::Family kObjectFamily = {"generic", kCatKeyspace, kObjectRows};

}  // namespace pinion::admin
