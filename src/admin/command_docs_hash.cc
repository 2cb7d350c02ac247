// Documentation of the commands about hashes.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr std::string_view kPerField = "O(N) where N is the number of fields given";
constexpr std::string_view kPerSize = "O(N) where N is the number of fields of the hash";

constexpr CommandDoc kHashTexts[] = {
    {"hdel", "2.0.0", "Removes fields, and the hash with the last of them.", kPerField, "key:key field ..."},
    {"hexists", "2.0.0", "Tells whether a hash has a field.", "O(1)", "key:key field"},
    {"hexpire", "7.4.0", "Gives fields deadlines, in seconds from now.", kPerField,
     "key:key seconds:integer [condition=NX|XX|GT|LT] FIELDS <fields=numfields:integer field ...>"},
    {"hexpireat", "7.4.0", "Gives fields deadlines, as Unix times in seconds.", kPerField,
     "key:key unix-time-seconds:unix-time [condition=NX|XX|GT|LT] FIELDS <fields=numfields:integer field ...>"},
    {"hexpiretime", "7.4.0", "Tells fields' deadlines as Unix times in seconds.", kPerField,
     "key:key FIELDS <fields=numfields:integer field ...>"},
    {"hget", "2.0.0", "Reads the value of a field.", "O(1)", "key:key field"},
    {"hgetall", "2.0.0", "Reads all fields and values of a hash.", kPerSize, "key:key",
     "nondeterministic_output_order"},
    {"hgetdel", "8.0.0", "Reads the values of fields and removes the fields.", kPerField,
     "key:key FIELDS <fields=numfields:integer field ...>"},
    {"hgetex", "8.0.0", "Reads the values of fields and changes or removes their deadlines.", kPerField,
     "key:key [expiration=EX seconds:integer|PX milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT "
     "unix-time-milliseconds:unix-time|PERSIST] FIELDS <fields=numfields:integer field ...>"},
    {"hincrby", "2.0.0", "Adds a number to an integer field.", "O(1)", "key:key field increment:integer"},
    {"hincrbyfloat", "2.6.0", "Adds a floating-point number to a number in a field.", "O(1)",
     "key:key field increment:double"},
    {"hkeys", "2.0.0", "Lists the fields of a hash.", kPerSize, "key:key", "nondeterministic_output_order"},
    {"hlen", "2.0.0", "Counts the fields of a hash.", "O(1)", "key:key"},
    {"hmget", "2.0.0", "Reads the values of several fields.", kPerField, "key:key field ..."},
    {"hmset", "2.0.0", "Writes several fields.", kPerField, "key:key <data=field value> ...", "",
     "HSET with several pairs", "4.0.0"},
    {"hpersist", "7.4.0", "Removes fields' deadlines.", kPerField,
     "key:key FIELDS <fields=numfields:integer field ...>"},
    {"hpexpire", "7.4.0", "Gives fields deadlines, in milliseconds from now.", kPerField,
     "key:key milliseconds:integer [condition=NX|XX|GT|LT] FIELDS <fields=numfields:integer field ...>"},
    {"hpexpireat", "7.4.0", "Gives fields deadlines, as Unix times in milliseconds.", kPerField,
     "key:key unix-time-milliseconds:unix-time [condition=NX|XX|GT|LT] FIELDS "
     "<fields=numfields:integer field ...>"},
    {"hpexpiretime", "7.4.0", "Tells fields' deadlines as Unix times in milliseconds.", kPerField,
     "key:key FIELDS <fields=numfields:integer field ...>"},
    {"hpttl", "7.4.0", "Tells how many milliseconds fields have left.", kPerField,
     "key:key FIELDS <fields=numfields:integer field ...>", "nondeterministic_output"},
    {"hrandfield", "6.2.0", "Picks fields at random.", "O(N) where N is the number of fields picked",
     "key:key [<options=count:integer [WITHVALUES]>]", "nondeterministic_output"},
    {"hscan", "2.8.0", "Walks over the fields of a hash in steps.",
     "O(1) a call, O(N) for all N fields of the hash",
     "key:key cursor:integer [MATCH pattern:pattern] [COUNT count:integer] [NOVALUES]", "nondeterministic_output"},
    {"hset", "2.0.0", "Writes fields, creating the hash when absent.", kPerField, "key:key <data=field value> ..."},
    {"hsetex", "8.0.0", "Writes fields, on conditions and with a deadline if wanted.", kPerField,
     "key:key [condition=NX|XX] [field-condition=FNX|FXX] [expiration=EX seconds:integer|PX "
     "milliseconds:integer|EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time|KEEPTTL] FIELDS "
     "<fields=numfields:integer <data=field value> ...>"},
    {"hsetnx", "2.0.0", "Writes a field if the hash does not have it.", "O(1)", "key:key field value"},
    {"hstrlen", "3.2.0", "Tells the length of a field's value.", "O(1)", "key:key field"},
    {"httl", "7.4.0", "Tells how many seconds fields have left.", kPerField,
     "key:key FIELDS <fields=numfields:integer field ...>", "nondeterministic_output"},
    {"hvals", "2.0.0", "Lists the values of a hash.", kPerSize, "key:key", "nondeterministic_output_order"},
};

}  // namespace

const std::span<const CommandDoc> kHashDocs = kHashTexts;

}  // namespace pinion::admin
