// Documentation of the commands about sets.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kSetTexts[] = {
    {"sadd", "1.0.0", "Adds members to a set, creating it when absent.",
     "O(N) where N is the number of members given", "key:key member ..."},
    {"scard", "1.0.0", "Counts the members of a set.", "O(1)", "key:key"},
    {"sdiff", "1.0.0", "Lists the members of the first set that no other one has.",
     "O(N) where N is the number of members in all sets", "key:key ...", "nondeterministic_output_order"},
    {"sdiffstore", "1.0.0", "Stores the members of the first set that no other one has.",
     "O(N) where N is the number of members in all sets", "destination:key key:key ..."},
    {"sinter", "1.0.0", "Lists the members that all sets have in common.",
     "O(N*M) where N is the size of the smallest set and M the number of sets", "key:key ...",
     "nondeterministic_output_order"},
    {"sintercard", "7.0.0", "Counts the members that all sets have in common, up to a limit if wanted.",
     "O(N*M) where N is the size of the smallest set and M the number of sets",
     "numkeys:integer key:key ... [LIMIT limit:integer]"},
    {"sinterstore", "1.0.0", "Stores the members that all sets have in common.",
     "O(N*M) where N is the size of the smallest set and M the number of sets", "destination:key key:key ..."},
    {"sismember", "1.0.0", "Tells whether something is a member of a set.", "O(1)", "key:key member"},
    {"smembers", "1.0.0", "Lists the members of a set.", "O(N) where N is the size of the set", "key:key",
     "nondeterministic_output_order"},
    {"smismember", "6.2.0", "Tells of several things whether each is a member of a set.",
     "O(N) where N is the number of members asked for", "key:key member ..."},
    {"smove", "1.0.0", "Moves a member from one set to another.", "O(1)", "source:key destination:key member"},
    {"spop", "1.0.0", "Removes random members from a set and lists them; without a count one.",
     "O(N) where N is the count, without one O(1)", "key:key [count:integer]", "nondeterministic_output"},
    {"srandmember", "1.0.0",
     "Lists random members of a set; without a count one, with a negative count perhaps the same ones again.",
     "O(N) where N is the count, without one O(1)", "key:key [count:integer]", "nondeterministic_output"},
    {"srem", "1.0.0", "Removes members from a set, and the set with its last member.",
     "O(N) where N is the number of members given", "key:key member ..."},
    {"sscan", "2.8.0", "Goes through the members of a set, a part at each call.",
     "O(1) a call, O(N) for a whole round where N is the size of the set",
     "key:key cursor:integer [MATCH pattern:pattern] [COUNT count:integer]", "nondeterministic_output"},
    {"sunion", "1.0.0", "Lists the members that any of the sets has.",
     "O(N) where N is the number of members in all sets", "key:key ...", "nondeterministic_output_order"},
    {"sunionstore", "1.0.0", "Stores the members that any of the sets has.",
     "O(N) where N is the number of members in all sets", "destination:key key:key ..."},
};

}  // namespace

const std::span<const CommandDoc> kSetDocs = kSetTexts;

}  // namespace pinion::admin
