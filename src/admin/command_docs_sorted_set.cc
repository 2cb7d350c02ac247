// Documentation of the commands about sorted sets.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr std::string_view kSearch = "O(log(N)) where N is the size of the sorted set";
constexpr std::string_view kSearchAndList =
    "O(log(N)+M) where N is the size of the sorted set and M is the number of members replied with";
constexpr std::string_view kSearchAndRemove =
    "O(log(N)+M) where N is the size of the sorted set and M is the number of members removed";
constexpr std::string_view kPop =
    "O(log(N)*M) where N is the size of the sorted set and M is the number of members removed";
constexpr std::string_view kPopAny = "O(K)+O(M*log(N)) where K is the number of keys, N is the size of the sorted "
                                     "set and M is the number of members removed";
constexpr std::string_view kUnite =
    "O(N)+O(M*log(M)) where N is the number of members of all inputs and M is the number of members of the result";
constexpr std::string_view kIntersect = "O(N*K)+O(M*log(M)) where N is the size of the smallest input, K is the "
                                        "number of inputs and M is the number of members of the result";
constexpr std::string_view kSubtract = "O(N*K)+O(M*log(M)) where N is the size of the first input, K is the number "
                                       "of inputs and M is the number of members of the result";

constexpr CommandDoc kSortedSetTexts[] = {
    {"bzmpop", "7.0.0", "Removes and replies with members of the lowest or highest scores of the first of some "
     "sorted sets that is not empty, waiting for one.", kPopAny,
     "timeout:double numkeys:integer key:key ... <where=MIN|MAX> [COUNT count:integer]"},
    {"bzpopmax", "5.0.0", "Removes and replies with the member of the highest score of the first of some sorted "
     "sets that is not empty, waiting for one.", kSearch, "key:key ... timeout:double"},
    {"bzpopmin", "5.0.0", "Removes and replies with the member of the lowest score of the first of some sorted "
     "sets that is not empty, waiting for one.", kSearch, "key:key ... timeout:double"},
    {"zadd", "1.2.0", "Adds members with scores, or changes the scores of members.",
     "O(log(N)) for each member added, where N is the size of the sorted set",
     "key:key [condition=NX|XX] [comparison=GT|LT] [CH] [INCR] <data=score:double member> ..."},
    {"zcard", "1.2.0", "Counts the members of a sorted set.", "O(1)", "key:key"},
    {"zcount", "2.0.0", "Counts the members in a range of scores.", kSearch, "key:key min:double max:double"},
    {"zdiff", "6.2.0", "Replies with the members of the first input that are in none of the others.", kSubtract,
     "numkeys:integer key:key ... [WITHSCORES]"},
    {"zdiffstore", "6.2.0", "Stores the members of the first input that are in none of the others.", kSubtract,
     "destination:key numkeys:integer key:key ..."},
    {"zincrby", "1.2.0", "Adds a number to the score of a member.", kSearch, "key:key increment:integer member"},
    {"zinter", "6.2.0", "Replies with the members that are in all inputs.", kIntersect,
     "numkeys:integer key:key ... [WEIGHTS weight:integer ...] [AGGREGATE <aggregate=SUM|MIN|MAX>] [WITHSCORES]"},
    {"zintercard", "7.0.0", "Counts the members that are in all inputs.",
     "O(N*K) where N is the size of the smallest input and K is the number of inputs",
     "numkeys:integer key:key ... [LIMIT limit:integer]"},
    {"zinterstore", "2.0.0", "Stores the members that are in all inputs.", kIntersect,
     "destination:key numkeys:integer key:key ... [WEIGHTS weight:integer ...] "
     "[AGGREGATE <aggregate=SUM|MIN|MAX>]"},
    {"zlexcount", "2.8.9", "Counts the members in a range of members, when all scores are equal.", kSearch,
     "key:key min max"},
    {"zmpop", "7.0.0", "Removes and replies with members of the lowest or highest scores of the first of some "
     "sorted sets that is not empty.", kPopAny,
     "numkeys:integer key:key ... <where=MIN|MAX> [COUNT count:integer]"},
    {"zmscore", "6.2.0", "Reads the scores of members.", "O(N) where N is the number of members given",
     "key:key member ..."},
    {"zpopmax", "5.0.0", "Removes and replies with the members of the highest scores.", kPop,
     "key:key [count:integer]"},
    {"zpopmin", "5.0.0", "Removes and replies with the members of the lowest scores.", kPop,
     "key:key [count:integer]"},
    {"zrandmember", "6.2.0", "Picks members at random.", "O(N) where N is the number of members picked",
     "key:key [<options=count:integer [WITHSCORES]>]", "nondeterministic_output"},
    {"zrange", "1.2.0", "Replies with the members in a range of ranks, scores or members.", kSearchAndList,
     "key:key start stop [sortby=BYSCORE|BYLEX] [REV] [LIMIT <limit=offset:integer count:integer>] [WITHSCORES]"},
    {"zrangebylex", "2.8.9", "Replies with the members in a range of members, when all scores are equal.",
     kSearchAndList, "key:key min max [LIMIT <limit=offset:integer count:integer>]", "",
     "ZRANGE with the BYLEX option", "6.2.0"},
    {"zrangebyscore", "1.0.5", "Replies with the members in a range of scores.", kSearchAndList,
     "key:key min:double max:double [WITHSCORES] [LIMIT <limit=offset:integer count:integer>]", "",
     "ZRANGE with the BYSCORE option", "6.2.0"},
    {"zrangestore", "6.2.0", "Stores the members in a range of ranks, scores or members in another key.",
     "O(log(N)+M) where N is the size of the sorted set and M is the number of members stored",
     "dst:key src:key min max [sortby=BYSCORE|BYLEX] [REV] [LIMIT <limit=offset:integer count:integer>]"},
    {"zrank", "2.0.0", "Tells the rank of a member, counted from the lowest score.", kSearch,
     "key:key member [WITHSCORE]"},
    {"zrem", "1.2.0", "Removes members, and the sorted set with the last of them.",
     "O(M*log(N)) where N is the size of the sorted set and M is the number of members given",
     "key:key member ..."},
    {"zremrangebylex", "2.8.9", "Removes the members in a range of members, when all scores are equal.",
     kSearchAndRemove, "key:key min max"},
    {"zremrangebyrank", "2.0.0", "Removes the members in a range of ranks.", kSearchAndRemove,
     "key:key start:integer stop:integer"},
    {"zremrangebyscore", "1.2.0", "Removes the members in a range of scores.", kSearchAndRemove,
     "key:key min:double max:double"},
    {"zrevrange", "1.2.0", "Replies with the members in a range of ranks, counted from the highest score.",
     kSearchAndList, "key:key start:integer stop:integer [WITHSCORES]", "", "ZRANGE with the REV option", "6.2.0"},
    {"zrevrangebylex", "2.8.9", "Replies with the members in a range of members, from the highest down.",
     kSearchAndList, "key:key max min [LIMIT <limit=offset:integer count:integer>]", "",
     "ZRANGE with the REV and BYLEX options", "6.2.0"},
    {"zrevrangebyscore", "2.2.0", "Replies with the members in a range of scores, from the highest down.",
     kSearchAndList, "key:key max:double min:double [WITHSCORES] [LIMIT <limit=offset:integer count:integer>]", "",
     "ZRANGE with the REV and BYSCORE options", "6.2.0"},
    {"zrevrank", "2.0.0", "Tells the rank of a member, counted from the highest score.", kSearch,
     "key:key member [WITHSCORE]"},
    {"zscan", "2.8.0", "Walks over the members of a sorted set in steps.",
     "O(1) a call, O(N) for all N members of the sorted set",
     "key:key cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [NOSCORES]", "nondeterministic_output"},
    {"zscore", "1.2.0", "Reads the score of a member.", "O(1)", "key:key member"},
    {"zunion", "6.2.0", "Replies with the members of all inputs.", kUnite,
     "numkeys:integer key:key ... [WEIGHTS weight:integer ...] [AGGREGATE <aggregate=SUM|MIN|MAX>] [WITHSCORES]"},
    {"zunionstore", "2.0.0", "Stores the members of all inputs.", kUnite,
     "destination:key numkeys:integer key:key ... [WEIGHTS weight:integer ...] "
     "[AGGREGATE <aggregate=SUM|MIN|MAX>]"},
};

}  // namespace

const std::span<const CommandDoc> kSortedSetDocs = kSortedSetTexts;

}  // namespace pinion::admin
