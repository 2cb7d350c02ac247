// Lists: pushing and popping, reading, and changing in place.
#include <algorithm>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/list_value.h"
#include "commands/object.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventList;
using types::List;
using types::ListEnd;

// --- at the ends --------------------------------------------------------------------------------------------

void Push(Context& ctx, ListEnd end, bool only_existing) {
  Editing<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (only_existing && !list.existed()) return ctx.reply().Integer(0);
  list->Push(end, ctx.args().subspan(2), LimitOfLists(ctx));
  list.Notify(kEventList, PushEvent(end));
  ctx.reply().Integer(static_cast<int64_t>(list->size()));
}

void LPush(Context& ctx) { Push(ctx, ListEnd::kHead, false); }
void RPush(Context& ctx) { Push(ctx, ListEnd::kTail, false); }
void LPushX(Context& ctx) { Push(ctx, ListEnd::kHead, true); }
void RPushX(Context& ctx) { Push(ctx, ListEnd::kTail, true); }

void PopOne(Context& ctx, ListEnd end) {
  Editing<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (!list.existed()) return ctx.reply().Null();
  ReplyElement(ctx.reply(), list->Peek(end));
  list->Pop(end, 1, LimitOfLists(ctx));
  list.Notify(kEventList, PopEvent(end));
}

void Pop(Context& ctx, ListEnd end) {
  if (ctx.argc() == 2) return PopOne(ctx, end);
  if (ctx.argc() > 3) return ctx.reply().Error(error::WrongArity(ctx.command().full_name));
  ArgReader args(ctx, 2);
  const int64_t count = args.NextInt(error::kNotPositive, 0);
  if (!args.Finish()) return;

  Editing<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (!list.existed()) return ctx.reply().NullArray();
  const size_t n = std::min(static_cast<size_t>(count), list->size());
  ReplyElementsFrom(ctx.reply(), *list, end, n);
  if (n == 0) return;
  types::Remains popped;
  list->Pop(end, n, LimitOfLists(ctx), &popped);
  ctx.db().keyspace().Discard(std::move(popped));
  list.Notify(kEventList, PopEvent(end));
}

void LPop(Context& ctx) { Pop(ctx, ListEnd::kHead); }
void RPop(Context& ctx) { Pop(ctx, ListEnd::kTail); }

// --- by index -----------------------------------------------------------------------------------------------

// An index that may count from the end, as one from the beginning; `size` or more when there is no such element.
size_t FromStart(int64_t index, size_t size) {
  if (index >= 0) return static_cast<size_t>(index);
  const uint64_t from_end = 0 - static_cast<uint64_t>(index);
  return from_end <= size ? size - from_end : size;
}

void LLen(Context& ctx) {
  const Reading<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  ctx.reply().Integer(static_cast<int64_t>(list->size()));
}

// The index is looked at only when there is a list.
void LIndex(Context& ctx) {
  const Reading<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (!list.exists()) return ctx.reply().Null();
  ArgReader args(ctx, 2);
  const size_t index = FromStart(args.NextInt(), list->size());
  if (!args.Finish()) return;
  if (index >= list->size()) return ctx.reply().Null();
  ReplyElement(ctx.reply(), list->Get(index));
}

void LSet(Context& ctx) {
  Editing<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (!list.existed()) return ctx.reply().Error(error::kNoSuchKey);
  ArgReader args(ctx, 2);
  const size_t index = FromStart(args.NextInt(), list->size());
  const std::string_view element = args.Next();
  if (!args.Finish()) return;
  if (index >= list->size()) return ctx.reply().Error(error::kIndexOutOfRange);
  list->Set(index, element, LimitOfLists(ctx));
  list.Notify(kEventList, "lset");
  ctx.reply().Ok();
}

struct Clipped {
  size_t first = 0;
  size_t count = 0;
};

// What indexes from first to last, both included, name in a list of this size.
Clipped Clip(int64_t first, int64_t last, size_t size) {
  const auto n = static_cast<int64_t>(size);
  if (first < 0) first = std::max<int64_t>(first + n, 0);
  if (last < 0) last += n;
  last = std::min(last, n - 1);
  if (first > last) return {};
  return {static_cast<size_t>(first), static_cast<size_t>(last - first + 1)};
}

void LRange(Context& ctx) {
  ArgReader args(ctx, 2);
  const int64_t first = args.NextInt();
  const int64_t last = args.NextInt();
  if (!args.Finish()) return;

  const Reading<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  const Clipped range = Clip(first, last, list->size());
  ReplyElements(ctx.reply(), *list, range.first, range.count);
}

void LTrim(Context& ctx) {
  ArgReader args(ctx, 2);
  const int64_t first = args.NextInt();
  const int64_t last = args.NextInt();
  if (!args.Finish()) return;

  Editing<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (list.existed()) {
    const types::ListLimit limit = LimitOfLists(ctx);
    const Clipped kept = Clip(first, last, list->size());
    if (kept.count == list->size()) list.LeaveUncounted();
    types::Remains trimmed;
    list->Pop(ListEnd::kTail, list->size() - kept.first - kept.count, limit, &trimmed);
    list->Pop(ListEnd::kHead, kept.first, limit, &trimmed);
    ctx.db().keyspace().Discard(std::move(trimmed));
    list.Notify(kEventList, "ltrim");
  }
  ctx.reply().Ok();
}

// --- by element ---------------------------------------------------------------------------------------------

void LInsert(Context& ctx) {
  ArgReader args(ctx, 2);
  const bool behind = args.Accept("AFTER");
  if (!behind && !args.Accept("BEFORE")) args.Fail(error::kSyntax);
  const std::string_view pivot = args.Next();
  const std::string_view element = args.Next();
  if (!args.Finish()) return;

  Editing<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (!list.existed()) return ctx.reply().Integer(0);
  if (!list->Insert(behind, pivot, element, LimitOfLists(ctx))) return ctx.reply().Integer(-1);
  list.Notify(kEventList, "linsert");
  ctx.reply().Integer(static_cast<int64_t>(list->size()));
}

// Also of the least integer, which has no positive counterpart.
uint64_t Magnitude(int64_t v) { return v < 0 ? 0 - static_cast<uint64_t>(v) : static_cast<uint64_t>(v); }

void LRem(Context& ctx) {
  ArgReader args(ctx, 2);
  const int64_t count = args.NextSignedCount();
  const std::string_view element = args.Next();
  if (!args.Finish()) return;

  Editing<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  const size_t most = count == 0 ? list->size() : Magnitude(count);
  const ListEnd from = count < 0 ? ListEnd::kTail : ListEnd::kHead;
  const size_t removed = list->EraseMatching(element, most, from, LimitOfLists(ctx));
  if (removed != 0) list.Notify(kEventList, "lrem");
  ctx.reply().Integer(static_cast<int64_t>(removed));
}

void LPos(Context& ctx) {
  ArgReader args(ctx, 2);
  types::ListSearch search{.element = args.Next()};
  bool counted = false;
  while (args.more()) {
    if (args.AcceptWithValue("RANK")) {
      const int64_t rank = args.NextSignedCount();
      if (rank == 0) {
        args.Fail("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use "
                  "negative to start from the end of the list");
      }
      search.from = rank < 0 ? ListEnd::kTail : ListEnd::kHead;
      search.rank = Magnitude(rank);
    } else if (args.AcceptWithValue("COUNT")) {
      search.most_matches = static_cast<uint64_t>(args.NextInt("ERR COUNT can't be negative", 0));
      counted = true;
    } else if (args.AcceptWithValue("MAXLEN")) {
      search.most_looked_at = static_cast<uint64_t>(args.NextInt("ERR MAXLEN can't be negative", 0));
    } else {
      args.Fail(error::kSyntax);
    }
  }
  if (!args.Finish()) return;

  const Reading<List> list(ctx, ctx.key());
  if (list.wrong_type()) return;
  if (!counted) search.most_matches = 1;
  const auto mark = ctx.reply().Begin();
  size_t found = 0;
  list->FindPositions(search, [&](uint64_t index) {
    ctx.reply().Integer(static_cast<int64_t>(index));
    ++found;
  });
  if (counted) return ctx.reply().EndArray(mark, found);
  if (found == 0) ctx.reply().Null();
}

using namespace command;
constexpr CommandRow kListRows[] = {
    {"LINDEX", 3, kRead, kReadKey, LIndex},
    {"LINSERT", 5, kWrite | kDenyOom, kInsertKey, LInsert},
    {"LLEN", 2, kRead | kFast, kPeekKey, LLen},
    {"LPOP", -2, kWrite | kFast, kReadDeleteKey, LPop},
    {"LPOS", -3, kRead, kReadKey, LPos},
    {"LPUSH", -3, kWrite | kDenyOom | kFast, kInsertKey, LPush},
    {"LPUSHX", -3, kWrite | kDenyOom | kFast, kInsertKey, LPushX},
    {"LRANGE", 4, kRead, kReadKey, LRange},
    {"LREM", 4, kWrite, kDeleteKey, LRem},
    {"LSET", 4, kWrite | kDenyOom, kUpdateKey, LSet},
    {"LTRIM", 4, kWrite, kDeleteKey, LTrim},
    {"RPOP", -2, kWrite | kFast, kReadDeleteKey, RPop},
    {"RPUSH", -3, kWrite | kDenyOom | kFast, kInsertKey, RPush},
    {"RPUSHX", -3, kWrite | kDenyOom | kFast, kInsertKey, RPushX},
};

}  // namespace

const command::Family kListFamily = {"list", kCatList, kListRows};

}  // namespace pinion::commands
