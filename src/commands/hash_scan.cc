// Looking through hashes: HSCAN, HRANDFIELD.
#include <algorithm>
#include <limits>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/hash_value.h"
#include "commands/object.h"
#include "commands/scan_options.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using types::Hash;
using types::HashPair;

constexpr int64_t kMaxCount = std::numeric_limits<int64_t>::max();
constexpr std::string_view kCountOutOfRange =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";

// The options of a key that is not there are not looked at.
void HScan(Context& ctx) {
  ArgReader args(ctx, 2);
  const uint64_t cursor = ReadCursor(&args);
  if (args.failed()) return (void)args.Finish();
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  if (!hash.exists()) return ScanReply(ctx.reply()).End(0);
  const ScanOptions options = ReadScanOptions(&args, Scanned::kHash);
  if (!args.Finish()) return;

  ScanReply found(ctx.reply());
  const uint64_t next = hash->Scan(cursor, options.count, [&](const HashPair& pair) {
    char field[kMaxInt64Text], value[kMaxInt64Text];
    const std::string_view name = pair.field.View(field);
    if (!options.Matches(name)) return;
    found.Add(name);
    if (!options.names_only) found.Add(pair.value.View(value));
  });
  found.End(next);
}

void HRandField(Context& ctx) {
  if (ctx.argc() == 2) {
    const Reading<Hash> hash(ctx, ctx.key());
    if (hash.wrong_type()) return;
    if (!hash.exists()) return ctx.reply().Null();
    return ReplyText(ctx.reply(), hash->Sample(ctx.db().accessor().random).field);
  }
  ArgReader args(ctx, 2);
  const int64_t count = args.NextInt();
  if (count < -kMaxCount) args.Fail(kCountOutOfRange);
  const bool with_values = args.Accept("WITHVALUES");
  if (args.left() > 0) args.Fail(error::kSyntax);
  if (with_values && (count < -kMaxCount / 2 || count > kMaxCount / 2)) args.Fail(error::kOutOfRange);
  if (!args.Finish()) return;
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;
  if (!hash.exists() || count == 0) return ctx.reply().EmptyArray();

  // A negative count asks for so many picks, a positive one for so many different fields.
  const size_t picks = count < 0 ? static_cast<size_t>(-count) : std::min(static_cast<size_t>(count), hash->size());
  const bool nested = with_values && ctx.reply().protocol() > 2;
  ctx.reply().Array(with_values && !nested ? 2 * picks : picks);
  const auto reply = [&](const HashPair& pair) {
    if (nested) ctx.reply().Array(2);
    ReplyText(ctx.reply(), pair.field);
    if (with_values) ReplyText(ctx.reply(), pair.value);
  };
  Random& random = ctx.db().accessor().random;
  if (count < 0) {
    hash->SampleRepeatedly(picks, random, reply);
  } else {
    hash->SampleDistinct(picks, random, reply);
  }
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"HRANDFIELD", -2, kRead, kReadKey, HRandField},
    {"HSCAN", -3, kRead, kReadKey, HScan},
};

}  // namespace

const command::Family kHashScanFamily = {"hash", kCatHash, kRows};

}  // namespace pinion::commands
