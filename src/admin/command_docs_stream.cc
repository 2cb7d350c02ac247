// Documentation of the commands about streams.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kStreamTexts[] = {
    {"xack", "5.0.0", "Acknowledges entries that a consumer group was given.", "O(1) for each ID",
     "key:key group id ..."},
    {"xackdel", "8.2.0", "Acknowledges entries that a consumer group was given, and deletes them.",
     "O(1) for each ID", "key:key group [condition=KEEPREF|DELREF|ACKED] IDS <ids=numids:integer id ...>"},
    {"xadd", "5.0.0", "Appends an entry to a stream, creating it when absent.",
     "O(1), with trimming O(N) where N is the number of entries that go",
     "key:key [NOMKSTREAM] [condition=KEEPREF|DELREF|ACKED] [trim=<strategy=MAXLEN|MINID> "
     "[operator=equal'='|approximately'~'] threshold "
     "[LIMIT count:integer]] <id-selector=auto-id'*'|id> <data=field value> ...",
     "nondeterministic_output"},
    {"xautoclaim", "6.2.0", "Makes a consumer the owner of entries that others have left pending for long.",
     "O(1) if COUNT is small",
     "key:key group consumer min-idle-time start [COUNT count:integer] [JUSTID]", "nondeterministic_output"},
    {"xclaim", "5.0.0", "Makes a consumer the owner of pending entries.",
     "O(log N) for each ID, where N is the number of pending entries of the group",
     "key:key group consumer min-idle-time id ... [IDLE ms:integer] [TIME unix-time-milliseconds:unix-time] "
     "[RETRYCOUNT count:integer] [FORCE] [JUSTID] [LASTID lastid]", "nondeterministic_output"},
    {"xdel", "5.0.0", "Deletes entries from a stream.", "O(1) for each ID", "key:key id ..."},
    {"xdelex", "8.2.0", "Deletes entries from a stream, minding the consumer groups that were given them.",
     "O(1) for each ID", "key:key [condition=KEEPREF|DELREF|ACKED] IDS <ids=numids:integer id ...>"},
    {"xgroup", "5.0.0", "A container for commands about consumer groups.", "Depends on subcommand."},
    {"xgroup|create", "5.0.0", "Creates a consumer group.", "O(1)",
     "key:key group <id-selector=id|new-id'$'> [MKSTREAM] [ENTRIESREAD entries-read:integer]"},
    {"xgroup|createconsumer", "6.2.0", "Creates a consumer in a consumer group.", "O(1)", "key:key group consumer"},
    {"xgroup|delconsumer", "5.0.0", "Deletes a consumer from a consumer group.", "O(1)", "key:key group consumer"},
    {"xgroup|destroy", "5.0.0", "Deletes a consumer group.",
     "O(N) where N is the number of pending entries of the group", "key:key group"},
    {"xgroup|help", "5.0.0", "Lists the subcommands.", "O(1)"},
    {"xgroup|setid", "5.0.0", "Sets the ID of the last entry that a consumer group was given.", "O(1)",
     "key:key group <id-selector=id|new-id'$'> [ENTRIESREAD entries-read:integer]"},
    {"xinfo", "5.0.0", "A container for commands that look into streams.", "Depends on subcommand."},
    {"xinfo|consumers", "5.0.0", "Lists the consumers of a consumer group.", "O(1)", "key:key group",
     "nondeterministic_output"},
    {"xinfo|groups", "5.0.0", "Lists the consumer groups of a stream.", "O(1)", "key:key"},
    {"xinfo|help", "5.0.0", "Lists the subcommands.", "O(1)"},
    {"xinfo|stream", "5.0.0", "Tells about a stream, in full with its entries, groups and consumers.", "O(1)",
     "key:key [full-block=FULL [COUNT count:integer]]"},
    {"xlen", "5.0.0", "Counts the entries of a stream.", "O(1)", "key:key"},
    {"xpending", "5.0.0", "Tells what a consumer group was given and has not acknowledged.",
     "O(N) where N is the number of entries returned, or of consumers without a range",
     "key:key group [filters=[IDLE min-idle-time:integer] start end count:integer [consumer]]",
     "nondeterministic_output"},
    {"xrange", "5.0.0", "Reads the entries of a range of IDs.", "O(N) where N is the number of entries returned",
     "key:key start end [COUNT count:integer]"},
    {"xread", "5.0.0", "Reads what streams hold beyond given IDs, and may wait for it.",
     "O(N) where N is the number of entries returned",
     "[COUNT count:integer] [BLOCK milliseconds:integer] STREAMS <streams=key:key ... id ...>"},
    {"xreadgroup", "5.0.0", "Reads as a consumer what its group was not given yet, or what is pending for it.",
     "O(N) where N is the number of entries returned",
     "GROUP <group-block=group consumer> [COUNT count:integer] [BLOCK milliseconds:integer] [CLAIM "
     "min-idle-time:integer] [NOACK] STREAMS <streams=key:key ... id ...>"},
    {"xrevrange", "5.0.0", "Reads the entries of a range of IDs, the last first.",
     "O(N) where N is the number of entries returned", "key:key end start [COUNT count:integer]"},
    {"xsetid", "5.0.0", "Sets the last ID of a stream.", "O(1)",
     "key:key last-id [ENTRIESADDED entries-added:integer] [MAXDELETEDID max-deleted-id]"},
    {"xtrim", "5.0.0", "Deletes entries from the beginning of a stream.",
     "O(N) where N is the number of entries that go, small where whole nodes do",
     "key:key <trim=<strategy=MAXLEN|MINID> [operator=equal'='|approximately'~'] threshold [LIMIT count:integer]> "
     "[condition=KEEPREF|DELREF|ACKED]", "nondeterministic_output"},
};

}  // namespace

const std::span<const CommandDoc> kStreamDocs = kStreamTexts;

}  // namespace pinion::admin
