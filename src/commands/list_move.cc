// Elements on their way: from list to list, and out of the first list that has some, if need be after a wait.
#include <algorithm>
#include <string>
#include <utility>

#include "command/args.h"
#include "command/context.h"
#include "commands/blocking.h"
#include "commands/families.h"
#include "commands/list_value.h"
#include "commands/object.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using store::kEventList;
using types::List;
using types::ListEnd;

// --- from list to list --------------------------------------------------------------------------------------

struct Move {
  ListEnd from;
  ListEnd to;
  std::string_view effect = {};  // what a request that may wait is told as; LMOVE or RPOPLPUSH

  void Name(Context& ctx) const {
    const std::string_view source = ctx.key(0).text, destination = ctx.key(1).text;
    if (effect == "RPOPLPUSH") return ctx.Effect(effect, source, destination);
    if (!effect.empty()) ctx.Effect(effect, source, destination, ctx.arg(3), ctx.arg(4));
  }
};

// Takes an element off one end of a list and puts it on one of the same list.
void Rotate(Context& ctx, Editing<List>& list, const Move& move) {
  char scratch[kMaxInt64Text];
  const std::string element(list->Peek(move.from).View(scratch));
  list->Pop(move.from, 1, LimitOfLists(ctx));
  list->Push(move.to, element, LimitOfLists(ctx));
  list.Notify(kEventList, PushEvent(move.to));
  list.Notify(kEventList, PopEvent(move.from));
  ctx.reply().Bulk(element);
}

// Moves an element from the first key's list to the second's and replies with it, or with an error. False, and no
// reply, when there is nothing to move.
[[nodiscard]] bool TryMove(Context& ctx, const Move& move) {
  Editing<List> source(ctx, ctx.key(0));
  if (source.wrong_type()) return true;
  if (!source.existed()) return false;
  if (ctx.key(0).text == ctx.key(1).text) {
    Rotate(ctx, source, move);
    move.Name(ctx);
    return true;
  }
  {
    Editing<List> destination(ctx, ctx.key(1));
    if (destination.wrong_type()) return true;
    char scratch[kMaxInt64Text];
    const std::string_view element = source->Peek(move.from).View(scratch);
    destination->Push(move.to, element, LimitOfLists(ctx));
    destination.Notify(kEventList, PushEvent(move.to));
    ctx.reply().Bulk(element);
  }
  source->Pop(move.from, 1, LimitOfLists(ctx));
  source.Notify(kEventList, PopEvent(move.from));
  source.LeaveUncounted();
  move.Name(ctx);
  return true;
}

void MoveNow(Context& ctx, const Move& move) {
  if (!TryMove(ctx, move)) ctx.reply().Null();
}

void MoveOrWait(Context& ctx, const Move& move, int64_t timeout_ms) {
  if (TryMove(ctx, move)) return;
  command::WaitOptions options;
  options.wish = {.type = List::kType, .feeds = true};
  options.keys = 1;
  options.timeout_ms = timeout_ms;
  if (!ctx.Wait(std::move(options))) ctx.reply().Null();
}

Move NextMove(ArgReader& args) {
  const ListEnd from = NextListEnd(args);
  const ListEnd to = NextListEnd(args);
  return {from, to};
}

void LMove(Context& ctx) {
  ArgReader args(ctx, 3);
  const Move move = NextMove(args);
  if (!args.Finish()) return;
  MoveNow(ctx, move);
}

void BLMove(Context& ctx) {
  ArgReader args(ctx, 3);
  Move move = NextMove(args);
  move.effect = "LMOVE";
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.Finish()) return;
  MoveOrWait(ctx, move, timeout);
}

void RPopLPush(Context& ctx) { MoveNow(ctx, {ListEnd::kTail, ListEnd::kHead}); }

void BRPopLPush(Context& ctx) {
  ArgReader args(ctx, 3);
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.Finish()) return;
  MoveOrWait(ctx, {ListEnd::kTail, ListEnd::kHead, "RPOPLPUSH"}, timeout);
}

// --- out of the first list that has some --------------------------------------------------------------------

struct ManyPop {
  ListEnd from;
  size_t most;
  bool nested;  // replies with an array of elements behind the key, even if it is one

  // Told as a pop of one key, with the number of elements where the request has a count.
  void Name(Context& ctx, std::string_view key, size_t count) const {
    const std::string_view word = from == ListEnd::kHead ? "LPOP" : "RPOP";
    if (nested) return ctx.Effect(word, key, static_cast<int64_t>(count));
    ctx.Effect(word, key);
  }
};

// Pops from the first of the keys that exists and replies with key and elements, or with an error. False, and no
// reply, when none exists.
[[nodiscard]] bool TryPop(Context& ctx, const ManyPop& pop) {
  for (const store::Key& key : ctx.keys()) {
    if (!ctx.MayServe(key)) continue;
    Editing<List> list(ctx, key);
    if (list.wrong_type()) return true;
    if (!list.existed()) continue;
    const size_t n = std::min(pop.most, list->size());
    ctx.reply().Array(2);
    ctx.reply().Bulk(key.text);
    if (pop.nested) {
      ReplyElementsFrom(ctx.reply(), *list, pop.from, n);
    } else {
      ReplyElement(ctx.reply(), list->Peek(pop.from));
    }
    types::Remains popped;
    list->Pop(pop.from, n, LimitOfLists(ctx), &popped);
    ctx.db().keyspace().Discard(std::move(popped));
    list.Notify(kEventList, PopEvent(pop.from));
    pop.Name(ctx, key.text, n);
    return true;
  }
  return false;
}

void PopOrWait(Context& ctx, const ManyPop& pop, int64_t timeout_ms) {
  if (!TryPop(ctx, pop)) WaitOrReplyNull(ctx, List::kType, timeout_ms);
}

void BlockingPop(Context& ctx, ListEnd end) {
  ArgReader args(ctx, ctx.argc() - 1);
  const int64_t timeout = ReadTimeout(&args, ctx.now());
  if (!args.Finish()) return;
  PopOrWait(ctx, {end, 1, false}, timeout);
}

void BLPop(Context& ctx) { BlockingPop(ctx, ListEnd::kHead); }
void BRPop(Context& ctx) { BlockingPop(ctx, ListEnd::kTail); }

// numkeys key [key ...] LEFT|RIGHT [COUNT count]
ManyPop NextManyPop(ArgReader& args) {
  if (!SkipCountedKeys(&args)) return {};
  const ListEnd from = NextListEnd(args);
  return {from, static_cast<size_t>(ReadPopCount(&args)), true};
}

void LMPop(Context& ctx) {
  ArgReader args(ctx, 1);
  const ManyPop pop = NextManyPop(args);
  if (!args.Finish()) return;
  if (!TryPop(ctx, pop)) ctx.reply().NullArray();
}

void BLMPop(Context& ctx) {
  ArgReader args(ctx, 2);
  const ManyPop pop = NextManyPop(args);
  if (!args.Finish()) return;
  if (const auto timeout = TimeoutInFront(ctx)) PopOrWait(ctx, pop, *timeout);
}

using namespace command;
constexpr uint32_t kPopped = kKeyRW | kKeyAccess | kKeyDelete;
constexpr KeySpec kMoved[] = {Range(1, 0, 1, kPopped), Range(2, 0, 1, kKeyRW | kKeyInsert)};
constexpr KeySpec kAllButTimeout[] = {Range(1, -2, 1, kPopped)};
constexpr KeySpec kCounted[] = {KeyNum(1, 0, 1, 1, kPopped)};
constexpr KeySpec kCountedBehindTimeout[] = {KeyNum(2, 0, 1, 1, kPopped)};

constexpr CommandRow kListMoveRows[] = {
    {"BLMOVE", 6, kWrite | kDenyOom | kBlocking, kMoved, BLMove},
    {"BLMPOP", -5, kWrite | kBlocking, kCountedBehindTimeout, BLMPop},
    {"BLPOP", -3, kWrite | kBlocking, kAllButTimeout, BLPop},
    {"BRPOP", -3, kWrite | kBlocking, kAllButTimeout, BRPop},
    {"BRPOPLPUSH", 4, kWrite | kDenyOom | kBlocking, kMoved, BRPopLPush},
    {"LMOVE", 5, kWrite | kDenyOom, kMoved, LMove},
    {"LMPOP", -4, kWrite, kCounted, LMPop},
    {"RPOPLPUSH", 3, kWrite | kDenyOom, kMoved, RPopLPush},
};

}  // namespace

const command::Family kListMoveFamily = {"list", kCatList, kListMoveRows};

}  // namespace pinion::commands
