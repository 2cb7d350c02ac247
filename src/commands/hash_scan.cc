// Looking through hashes: HSCAN, HRANDFIELD.
#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/hash_value.h"
#include "commands/object.h"
#include "commands/random_picks.h"
#include "commands/scan_value.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
using types::Hash;
using types::HashPair;

void HScan(Context& ctx) {
  ScanValue<Hash>(ctx, Scanned::kHash,
                  [](const Hash& hash, uint64_t cursor, const ScanOptions& options, ScanReply& reply) {
    return hash.Scan(cursor, options.count, [&](const HashPair& pair) {
      char field[kMaxInt64Text], value[kMaxInt64Text];
      const std::string_view name = pair.field.View(field);
      if (!options.Matches(name)) return;
      reply.Add(name);
      if (!options.names_only) reply.Add(pair.value.View(value));
    });
  });
}

void HRandField(Context& ctx) {
  ArgReader args(ctx, 2);
  const RandomPicks picks = ReadRandomPicks(&args, "WITHVALUES");
  if (!args.Finish()) return;
  const Reading<Hash> hash(ctx, ctx.key());
  if (hash.wrong_type()) return;

  Random& random = ctx.db().accessor().random;
  if (picks.one) {
    if (!hash.exists()) return ctx.reply().Null();
    return ReplyText(ctx.reply(), hash->Sample(random).field);
  }
  const size_t n = picks.NumberOf(hash->size());
  const bool nested = picks.with_values && ctx.reply().protocol() > 2;
  ctx.reply().Array(picks.with_values && !nested ? 2 * n : n);
  if (n == 0) return;
  const auto reply = [&](const HashPair& pair) {
    if (nested) ctx.reply().Array(2);
    ReplyText(ctx.reply(), pair.field);
    if (picks.with_values) ReplyText(ctx.reply(), pair.value);
  };
  if (picks.repeated()) {
    hash->SampleRepeatedly(n, random, reply);
  } else {
    hash->SampleDistinct(n, random, reply);
  }
}

using namespace command;
constexpr CommandRow kHashScanRows[] = {
    {"HRANDFIELD", -2, kRead, kReadKey, HRandField},
    {"HSCAN", -3, kRead, kReadKey, HScan},
};

}  // namespace

const command::Family kHashScanFamily = {"hash", kCatHash, kHashScanRows};

}  // namespace pinion::commands
