// What the sorted set commands share: limits of the encodings, ranges as clients write them, replies of members.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "command/context.h"
#include "commands/object.h"
#include "config/config.h"
#include "config/settings.h"
#include "types/sorted_set.h"

namespace pinion::commands {

[[nodiscard]] inline types::SortedSetLimits SortedSetLimitsOf(command::Context& ctx) {
  const auto& s = ctx.services().config.settings();
  const auto get = [](const auto& v) { return static_cast<size_t>(v.load(std::memory_order_relaxed)); };
  return {get(s.zset_max_listpack_entries), get(s.zset_max_listpack_value)};
}

// Removes members by rank, and all of them without a wait for their memory to be freed. REQUIRES: within the set.
inline void EraseRanks(Editing<types::SortedSet>& set, types::RankRange ranks) {
  if (ranks.count == set->size()) return set.Clear();
  set->Erase(ranks);
}

// "1.5", "(1.5" without the score itself, "-inf": as C's strtod reads it, so that spaces may stand before it, and
// nothing at all is zero. nullopt for anything else and for NaN.
[[nodiscard]] std::optional<types::ScoreRange> ParseScoreRange(std::string_view min, std::string_view max);
// "[text", "(text" without the text itself, "-" and "+". nullopt for anything else. The texts are views.
[[nodiscard]] std::optional<types::LexRange> ParseLexRange(std::string_view min, std::string_view max);
// Ranks from `start` to `stop`, both included, negative ones counted from the end, of a set of `size` members.
[[nodiscard]] types::RankRange ClampRanks(int64_t start, int64_t stop, size_t size);

// An array of members, with their scores if wanted: in RESP2 all in one array, in RESP3 each pair in its own.
// Called with exactly `count` members, as ForEach calls it.
class MembersReply {
 public:
  MembersReply(resp::ReplyWriter& reply, size_t count, bool with_scores)
      : reply_(reply), with_scores_(with_scores) {
    reply.Array(with_scores && reply.protocol() == 2 ? 2 * count : count);
  }
  void operator()(std::string_view member, double score) const {
    if (!with_scores_) return reply_.Bulk(member);
    if (reply_.protocol() != 2) reply_.Array(2);
    reply_.Bulk(member);
    reply_.Double(score);
  }

 private:
  resp::ReplyWriter& reply_;
  const bool with_scores_;
};

}  // namespace pinion::commands
