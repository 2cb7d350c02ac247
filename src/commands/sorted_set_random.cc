// Random members of sorted sets: ZRANDMEMBER.
#include <algorithm>
#include <cstdint>
#include <limits>

#include "command/args.h"
#include "command/context.h"
#include "commands/families.h"
#include "commands/object.h"
#include "commands/sorted_set_value.h"
#include "resp/errors.h"

namespace pinion::commands {
namespace {

using command::ArgReader;
using command::Context;
namespace error = resp::error;
using types::SortedSet;

constexpr std::string_view kCountRange =
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";

struct Request {
  bool one = true;  // without a count the reply is a member, not an array
  int64_t count = 1;
  bool with_scores = false;
};

Request ReadRequest(ArgReader* args) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  Request request;
  if (!args->more()) return request;
  request.one = false;
  request.count = args->NextInt();
  if (request.count < -kMost) args->Fail(kCountRange);
  if (args->left() > 1) args->Fail(error::kSyntax);
  request.with_scores = args->Accept("WITHSCORES");
  // Twice as many replies could not be counted.
  if (request.with_scores && (request.count < -kMost / 2 || request.count > kMost / 2)) {
    args->Fail(error::kOutOfRange);
  }
  return request;
}

void ZRandMember(Context& ctx) {
  ArgReader args(ctx, 2);
  const Request request = ReadRequest(&args);
  if (!args.Finish()) return;
  const Reading<SortedSet> set(ctx, ctx.key());
  if (set.wrong_type()) return;

  Random& random = ctx.db().accessor().random;
  if (request.one) {
    if (!set.exists()) return ctx.reply().Null();
    return set->Sample(random, [&ctx](std::string_view member, double) { ctx.reply().Bulk(member); });
  }
  if (request.count >= 0) {
    const size_t n = std::min(static_cast<size_t>(request.count), set->size());
    return set->SampleMany(n, random, MembersReply(ctx.reply(), n, request.with_scores));
  }
  // With repetition, in random order.
  const size_t n = set->empty() ? 0 : static_cast<size_t>(-request.count);
  const MembersReply reply(ctx.reply(), n, request.with_scores);
  for (size_t i = 0; i < n; ++i) set->Sample(random, reply);
}

using namespace command;
constexpr CommandRow kRows[] = {
    {"ZRANDMEMBER", -2, kRead, kReadKey, ZRandMember},
};

}  // namespace

const command::Family kSortedSetRandomFamily = {"sorted-set", kCatSortedSet, kRows};

}  // namespace pinion::commands
