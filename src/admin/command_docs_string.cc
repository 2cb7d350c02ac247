// Documentation of the commands about strings.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kStringTexts[] = {
    {"append", "2.0.0", "Adds bytes to the end of a string, creating it when absent.",
     "O(1) amortized over the length added", "key:key value"},
    {"cl.throttle", "1.0.0", "Decides whether an action stays within a rate limit, and counts it.", "O(1)",
     "key:key max-burst:integer count-per-period:integer period:integer [quantity:integer]"},
    {"decr", "1.0.0", "Subtracts one from an integer.", "O(1)", "key:key"},
    {"decrby", "1.0.0", "Subtracts a number from an integer.", "O(1)", "key:key decrement:integer"},
    {"delex", "8.4.0", "Deletes a key if its string, or the digest of it, compares as wanted.",
     "O(1), with a digest O(N) where N is the length of the value",
     "key:key [condition=IFEQ compare-value|IFNE not-value|IFDEQ digest|IFDNE not-digest]"},
    {"delifeq", "9.0.0", "Deletes a key if it holds the given string.", "O(1)", "key:key value"},
    {"digest", "8.4.0", "Computes the 64-bit XXH3 hash of a string.", "O(N) where N is the length of the value",
     "key:key"},
    {"get", "1.0.0", "Reads a string.", "O(1)", "key:key"},
    {"getdel", "6.2.0", "Reads a string and deletes its key.", "O(1)", "key:key"},
    {"getex", "6.2.0", "Reads a string and changes or removes its deadline.", "O(1)", "key:key [expiration=EX "
     "seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT "
     "unix-time-milliseconds:unix-time|PERSIST]"},
    {"getrange", "2.4.0", "Reads part of a string, by first and last byte.",
     "O(N) where N is the length of the part", "key:key start:integer end:integer"},
    {"getset", "1.0.0", "Writes a string and replies with the one before.", "O(1)", "key:key value", "",
     "SET with the GET option", "6.2.0"},
    {"incr", "1.0.0", "Adds one to an integer.", "O(1)", "key:key"},
    {"incrby", "1.0.0", "Adds a number to an integer.", "O(1)", "key:key increment:integer"},
    {"incrbyfloat", "2.6.0", "Adds a floating-point number to a number.", "O(1)", "key:key increment:double"},
    {"increx", "8.8.0", "Adds to a number within bounds and sets the key's deadline.", "O(1)",
     "key:key [increment=BYINT increment:integer|BYFLOAT increment:double] [LBOUND lower:double] [UBOUND "
     "upper:double] [SATURATE] [expiration=EX seconds:integer|PX milliseconds:integer|EXAT "
     "unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time|PERSIST] [ENX]"},
    {"lcs", "7.0.0", "Finds the longest common subsequence of two strings.",
     "O(N*M) where N and M are the lengths of the strings",
     "key1:key key2:key [LEN] [IDX] [MINMATCHLEN min-match-len:integer] [WITHMATCHLEN]"},
    {"mget", "1.0.0", "Reads several strings.", "O(N) where N is the number of keys", "key:key ...",
     "request_policy:multi_shard"},
    {"mset", "1.0.1", "Writes several strings at once.", "O(N) where N is the number of keys",
     "<data=key:key value> ...", "request_policy:multi_shard response_policy:all_succeeded"},
    {"msetex", "8.4.0", "Writes several strings at once, on conditions and with one deadline for all.",
     "O(N) where N is the number of keys", "numkeys:integer <data=key:key value> ... [condition=NX|XX] "
     "[expiration=EX seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT "
     "unix-time-milliseconds:unix-time|KEEPTTL]"},
    {"msetnx", "1.0.1", "Writes several strings at once if none of the keys exists.",
     "O(N) where N is the number of keys", "<data=key:key value> ..."},
    {"psetex", "2.6.0", "Writes a string that lives for a number of milliseconds.", "O(1)",
     "key:key milliseconds:integer value", "", "SET with the PX option", "2.6.12"},
    {"set", "1.0.0", "Writes a string, on conditions and with a deadline if wanted.", "O(1)", "key:key value "
     "[condition=NX|XX|IFEQ compare-value|IFNE not-value|IFDEQ digest|IFDNE not-digest] [GET] [expiration=EX "
     "seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT "
     "unix-time-milliseconds:unix-time|KEEPTTL]"},
    {"setex", "2.0.0", "Writes a string that lives for a number of seconds.", "O(1)",
     "key:key seconds:integer value", "", "SET with the EX option", "2.6.12"},
    {"setnx", "1.0.0", "Writes a string if the key does not exist.", "O(1)", "key:key value", "",
     "SET with the NX option", "2.6.12"},
    {"setrange", "2.2.0", "Overwrites part of a string from an offset on, growing it with zero bytes as needed.",
     "O(1) for short values, else O(N) where N is the length of the value", "key:key offset:integer value"},
    {"strlen", "2.2.0", "Tells the length of a string.", "O(1)", "key:key"},
    {"substr", "1.0.0", "Reads part of a string, by first and last byte.",
     "O(N) where N is the length of the part", "key:key start:integer end:integer", "", "GETRANGE", "2.0.0"},
};

}  // namespace

const std::span<const CommandDoc> kStringDocs = kStringTexts;

}  // namespace pinion::admin
