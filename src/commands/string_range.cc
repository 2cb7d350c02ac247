// Parts of strings: APPEND, GETRANGE, SUBSTR, SETRANGE.
#include <algorithm>
#include <cstring>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/string_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using store::kEventString;

void Append(Context& ctx) {
  const std::string_view tail = ctx.arg(2);
  auto w = ctx.db().Write(ctx.key());
  if (!CheckString(ctx, w.entry())) return;
  size_t length = tail.size();
  if (!w.exists()) {
    w.SetString(tail, store::kNoDeadline);
  } else {
    const size_t old_length = w.entry()->StringLength();
    if (!CheckLength(ctx, old_length, tail.size())) return;
    length += old_length;
    char* bytes = w.EditString(length);
    if (!tail.empty()) std::memcpy(bytes + old_length, tail.data(), tail.size());
  }
  w.Notify(kEventString, "append");
  ctx.reply().Integer(static_cast<int64_t>(length));
}

void GetRange(Context& ctx) {
  ArgReader args(ctx, 2);
  int64_t start = args.NextInt();
  int64_t end = args.NextInt();
  if (!args.Finish()) return;
  const store::Entry* e = ctx.db().Read(ctx.key());
  if (!CheckString(ctx, e)) return;

  const StringBytes value(e);
  const auto length = static_cast<int64_t>(value.view().size());
  // Judged before the indexes are clamped: both may lie before the beginning.
  if (start < 0 && end < 0 && start > end) return ctx.reply().Bulk({});
  if (start < 0) start = std::max<int64_t>(start + length, 0);
  if (end < 0) end = std::max<int64_t>(end + length, 0);
  end = std::min(end, length - 1);
  if (start > end) return ctx.reply().Bulk({});
  ctx.reply().Bulk(value.view().substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1)));
}

void SetRange(Context& ctx) {
  ArgReader args(ctx, 2);
  const int64_t offset = args.NextInt();
  if (offset < 0) args.Fail(error::kOffsetOutOfRange);
  const std::string_view bytes = args.Next();
  if (!args.Finish()) return;

  auto w = ctx.db().Write(ctx.key());
  if (!CheckString(ctx, w.entry())) return;
  const size_t old_length = w.exists() ? w.entry()->StringLength() : 0;
  if (bytes.empty()) return ctx.reply().Integer(static_cast<int64_t>(old_length));
  if (!CheckLength(ctx, static_cast<size_t>(offset), bytes.size())) return;
  const size_t length = std::max(old_length, static_cast<size_t>(offset) + bytes.size());
  std::memcpy(w.EditString(length) + offset, bytes.data(), bytes.size());
  w.Notify(kEventString, "setrange");
  ctx.reply().Integer(static_cast<int64_t>(length));
}

using namespace command;
constexpr CommandRow kStringRangeRows[] = {
    {"APPEND", 3, kWrite | kDenyOom | kFast, kInsertKey, Append},
    {"GETRANGE", 4, kRead, kReadKey, GetRange},
    {"SUBSTR", 4, kRead, kReadKey, GetRange},
    {"SETRANGE", 4, kWrite | kDenyOom, kUpdateKey, SetRange},
};

}  // namespace

const command::Family kStringRangeFamily = {"string", kCatString, kStringRangeRows};

}  // namespace pinion::commands
