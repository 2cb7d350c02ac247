// Keys whatever they hold: DEL, EXISTS, TYPE, TOUCH, RENAME, COPY, MOVE and their kin.
#include <cstdint>
#include <limits>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "resp/errors.h"
#include "store/describe.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;

// DEL and UNLINK: what takes long to free is always freed in the background.
void Delete(Context& ctx) {
  int64_t deleted = 0;
  for (const store::Key& key : ctx.keys()) {
    auto w = ctx.db().Write(key);
    if (!w.exists()) continue;
    w.Delete();
    w.Notify(store::kEventGeneric, "del");
    ++deleted;
  }
  ctx.reply().Integer(deleted);
}

void Exists(Context& ctx) {
  int64_t found = 0;
  for (const store::Key& key : ctx.keys()) found += ctx.db().ReadUntouched(key) != nullptr;
  ctx.reply().Integer(found);
}

// The one command that moves access clocks even for a client that asked for CLIENT NO-TOUCH.
void Touch(Context& ctx) {
  bool& touch = ctx.db().accessor().touch;
  const bool before = std::exchange(touch, true);
  int64_t found = 0;
  for (const store::Key& key : ctx.keys()) found += ctx.db().Read(key) != nullptr;
  touch = before;
  ctx.reply().Integer(found);
}

void Type(Context& ctx) {
  const store::Entry* e = ctx.db().ReadUntouched(ctx.key());
  ctx.reply().Simple(e ? store::TypeName(e->type()) : "none");
}

// Moves the value of the first key to the second. `replace`: over whatever is there; else false when something is.
// REQUIRES: the first key exists and is not the second.
bool MoveValue(Context& ctx, bool replace) {
  auto to = ctx.db().Write(ctx.key(1));  // made first, so that it commits last: rename_from goes before rename_to
  if (to.exists() && !replace) return false;
  auto from = ctx.db().Write(ctx.key(0));
  to.TakeFrom(from);
  from.Notify(store::kEventGeneric, "rename_from");
  to.Notify(store::kEventGeneric, "rename_to");
  return true;
}

void Rename(Context& ctx) {
  if (ctx.db().Peek(ctx.key(0)) == nullptr) return ctx.reply().Error(error::kNoSuchKey);
  if (ctx.key(0).text != ctx.key(1).text) MoveValue(ctx, true);
  ctx.reply().Ok();
}

void RenameNx(Context& ctx) {
  if (ctx.db().Peek(ctx.key(0)) == nullptr) return ctx.reply().Error(error::kNoSuchKey);
  ctx.reply().Integer(ctx.key(0).text != ctx.key(1).text && MoveValue(ctx, false) ? 1 : 0);
}

// A database's number as COPY and MOVE read it.
uint32_t NextDatabase(Context& ctx, ArgReader* args) {
  const int64_t n = args->NextInt();
  if (n < std::numeric_limits<int32_t>::min() || n > std::numeric_limits<int32_t>::max()) {
    args->Fail("ERR value is out of range, value must between -2147483648 and 2147483647");
  } else if (n < 0 || n >= ctx.db().keyspace().database_count()) {
    args->Fail(error::kDbIndexRange);
  }
  return static_cast<uint32_t>(n);
}

void Copy(Context& ctx) {
  ArgReader args(ctx, 3);
  bool replace = false;
  uint32_t target = ctx.db().index();
  while (args.more()) {
    if (args.Accept("REPLACE")) {
      replace = true;
    } else if (args.AcceptWithValue("DB")) {
      target = NextDatabase(ctx, &args);
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (!args.Finish()) return;
  if (target == ctx.db().index() && ctx.key(0).text == ctx.key(1).text) return ctx.reply().Error(error::kSameObject);

  const store::Entry* from = ctx.db().Read(ctx.key(0));
  if (from == nullptr) return ctx.reply().Integer(0);
  store::Database target_db = ctx.db().Other(target);
  auto to = target_db.Write(ctx.key(1));
  if (to.exists()) {
    if (!replace) return ctx.reply().Integer(0);
    to.Delete();
  }
  to.CopyFrom(*from);
  to.Notify(store::kEventGeneric, "copy_to");
  ctx.reply().Integer(1);
}

void MoveKey(Context& ctx) {
  ArgReader args(ctx, 2);
  const uint32_t target = NextDatabase(ctx, &args);
  if (!args.Finish()) return;
  if (target == ctx.db().index()) return ctx.reply().Error(error::kSameObject);

  if (ctx.db().Peek(ctx.key()) == nullptr) return ctx.reply().Integer(0);
  store::Database target_db = ctx.db().Other(target);
  auto to = target_db.Write(ctx.key());  // commits last: move_from goes before move_to
  if (to.exists()) return ctx.reply().Integer(0);
  auto from = ctx.db().Write(ctx.key());
  to.TakeFrom(from);
  from.Notify(store::kEventGeneric, "move_from");
  to.Notify(store::kEventGeneric, "move_to");
  ctx.reply().Integer(1);
}

using namespace command;
constexpr KeySpec kRemoveAllKeys[] = {Range(1, -1, 1, kKeyRM | kKeyDelete)};
constexpr KeySpec kCopyKeys[] = {Range(1, 0, 1, kKeyRO | kKeyAccess), Range(2, 0, 1, kKeyOW | kKeyUpdate)};
constexpr KeySpec kRenameKeys[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyDelete),
                                   Range(2, 0, 1, kKeyOW | kKeyUpdate)};
constexpr KeySpec kRenameNxKeys[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyDelete),
                                     Range(2, 0, 1, kKeyOW | kKeyInsert)};

constexpr CommandRow kKeyRows[] = {
    {"COPY", -3, kWrite | kDenyOom, kCopyKeys, Copy},
    {"DEL", -2, kWrite, kRemoveAllKeys, Delete},
    {"EXISTS", -2, kRead | kFast, kPeekAllKeys, Exists},
    {"MOVE", 3, kWrite | kFast, kReadUpdateKey, MoveKey},
    {"RENAME", 3, kWrite, kRenameKeys, Rename},
    {"RENAMENX", 3, kWrite | kFast, kRenameNxKeys, RenameNx},
    {"TOUCH", -2, kRead | kFast, kPeekAllKeys, Touch},
    {"TYPE", 2, kRead | kFast, kPeekKey, Type},
    {"UNLINK", -2, kWrite | kFast, kRemoveAllKeys, Delete},
};

}  // namespace

const command::Family kKeyFamily = {"generic", kCatKeyspace, kKeyRows};

}  // namespace pinion::commands
