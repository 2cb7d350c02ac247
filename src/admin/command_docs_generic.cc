// Documentation of the commands about keys of any type.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kGenericTexts[] = {
    {"copy", "6.2.0", "Copies a key's value and deadline to another key.",
     "O(N) where N is the size of the value", "source:key destination:key [DB destination-db:integer] [REPLACE]"},
    {"del", "1.0.0", "Deletes keys.", "O(N) where N is the number of keys and of the elements they hold",
     "key:key ...", "request_policy:multi_shard response_policy:agg_sum"},
    {"dump", "2.6.0", "Returns a key's value as a payload.", "O(N) where N is the number of elements of the value",
     "key:key", "nondeterministic_output"},
    {"exists", "1.0.0", "Counts how many of the keys exist.", "O(N) where N is the number of keys", "key:key ...",
     "request_policy:multi_shard response_policy:agg_sum"},
    {"expire", "1.0.0", "Sets the deadline of a key to some seconds from now.", "O(1)",
     "key:key seconds:integer [condition=NX|XX|GT|LT]"},
    {"expireat", "1.2.0", "Sets the deadline of a key to a time in seconds.", "O(1)",
     "key:key unix-time-seconds:unix-time [condition=NX|XX|GT|LT]"},
    {"expiretime", "7.0.0", "Tells the deadline of a key in seconds.", "O(1)", "key:key"},
    {"keys", "1.0.0", "Lists all keys that match a pattern.",
     "O(N) where N is the number of keys in the database", "pattern:pattern",
     "request_policy:all_shards nondeterministic_output_order"},
    {"migrate", "2.6.0", "Moves or copies keys to another server.",
     "O(N) where N is the number of elements of the values",
     "host port <key-selector=key:key|empty-string'\"\"'> destination-db:integer timeout:integer [COPY] [REPLACE] "
     "[authentication=AUTH password|AUTH2 username password] [KEYS keys:key ...]",
     "nondeterministic_output"},
    {"move", "1.0.0", "Moves a key to another database.", "O(1)", "key:key db:integer"},
    {"object", "2.2.3", "Groups commands that look inside keys.", "Depends on the subcommand."},
    {"object|encoding", "2.2.3", "Tells how the value of a key is stored.", "O(1)", "key:key",
     "nondeterministic_output"},
    {"object|freq", "4.0.0", "Tells how often a key is used, on a logarithmic scale.", "O(1)", "key:key",
     "nondeterministic_output"},
    {"object|help", "6.2.0", "Lists the subcommands.", "O(1)"},
    {"object|idletime", "2.2.3", "Tells for how many seconds a key was not used.", "O(1)", "key:key",
     "nondeterministic_output"},
    {"object|refcount", "2.2.3", "Tells how many references the value of a key has.", "O(1)", "key:key",
     "nondeterministic_output"},
    {"persist", "2.2.0", "Takes the deadline off a key.", "O(1)", "key:key"},
    {"pexpire", "2.6.0", "Sets the deadline of a key to some milliseconds from now.", "O(1)",
     "key:key milliseconds:integer [condition=NX|XX|GT|LT]"},
    {"pexpireat", "2.6.0", "Sets the deadline of a key to a time in milliseconds.", "O(1)",
     "key:key unix-time-milliseconds:unix-time [condition=NX|XX|GT|LT]"},
    {"pexpiretime", "7.0.0", "Tells the deadline of a key in milliseconds.", "O(1)", "key:key"},
    {"pttl", "2.6.0", "Tells how many milliseconds a key has left.", "O(1)", "key:key", "nondeterministic_output"},
    {"randomkey", "1.0.0", "Names a key chosen at random.", "O(1)", "",
     "request_policy:all_shards response_policy:special nondeterministic_output"},
    {"rename", "1.0.0", "Gives a key another name, replacing the key that has it.",
     "O(1), and O(N) to free what was replaced", "key:key newkey:key"},
    {"renamenx", "1.0.0", "Gives a key another name that is free.", "O(1)", "key:key newkey:key"},
    {"restore", "2.6.0", "Creates a key with the value of a payload.",
     "O(N) where N is the number of elements of the value",
     "key:key ttl:integer serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds:integer] [FREQ frequency:integer]"},
    {"scan", "2.8.0", "Walks over the keys of the database a few at a time.",
     "O(1) for a call, O(N) for a walk over N keys",
     "cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [TYPE type]",
     "nondeterministic_output request_policy:special response_policy:special"},
    {"sort", "1.0.0", "Sorts the elements of a list, a set or a sorted set, and stores them if wanted.",
     "O(N+M*log(M)) where N is the number of elements and M of those replied",
     "key:key [BY by-pattern:pattern] [LIMIT <limit=offset:integer count:integer>] [GET get-pattern:pattern ...+] "
     "[order=ASC|DESC] [ALPHA] [STORE destination:key]"},
    {"sort_ro", "7.0.0", "Sorts the elements of a list, a set or a sorted set.",
     "O(N+M*log(M)) where N is the number of elements and M of those replied",
     "key:key [BY by-pattern:pattern] [LIMIT <limit=offset:integer count:integer>] [GET get-pattern:pattern ...+] "
     "[order=ASC|DESC] [ALPHA]"},
    {"touch", "3.2.1", "Counts how many of the keys exist, noting that they were used.",
     "O(N) where N is the number of keys", "key:key ...", "request_policy:multi_shard response_policy:agg_sum"},
    {"ttl", "1.0.0", "Tells how many seconds a key has left.", "O(1)", "key:key", "nondeterministic_output"},
    {"type", "1.0.0", "Tells the type of a key's value.", "O(1)", "key:key"},
    {"unlink", "4.0.0", "Deletes keys, giving their memory back in the background.", "O(1) for each key",
     "key:key ...", "request_policy:multi_shard response_policy:agg_sum"},
    {"wait", "3.0.0", "Waits until so many replicas have the client's writes.", "O(1)",
     "numreplicas:integer timeout:integer", "request_policy:all_shards response_policy:agg_min"},
    {"waitaof", "7.2.0", "Waits until the client's writes are in the append-only file here and on so many replicas.",
     "O(1)", "numlocal:integer numreplicas:integer timeout:integer",
     "request_policy:all_shards response_policy:agg_min"},
};

}  // namespace

const std::span<const CommandDoc> kGenericDocs = kGenericTexts;

}  // namespace pinion::admin
