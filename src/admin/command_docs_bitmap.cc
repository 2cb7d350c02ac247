// Documentation of the commands about bitmaps.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kBitmapTexts[] = {
    {"bitcount", "2.6.0", "Counts the set bits of a string.", "O(N) where N is the length of the range",
     "key:key [range=start:integer [end:integer [unit=BYTE|BIT]]]"},
    {"bitfield", "3.2.0", "Reads, writes and adds to integers at any bit of a string.",
     "O(1) for each operation",
     "key:key [operation=GET <get-block=encoding offset:integer>|[OVERFLOW <overflow-block=WRAP|SAT|FAIL>] "
     "<write-operation=SET <set-block=encoding offset:integer value:integer>|INCRBY <incrby-block=encoding "
     "offset:integer increment:integer>>] ..."},
    {"bitfield_ro", "6.0.0", "Reads integers at any bit of a string.", "O(1) for each operation",
     "key:key [GET <get-block=encoding offset:integer>] ...+"},
    {"bitop", "2.6.0", "Combines the bits of several strings and stores the result.",
     "O(N) where N is the length of all strings together",
     "<operation=AND|OR|XOR|NOT|DIFF|DIFF1|ANDOR|ONE> destkey:key key:key ..."},
    {"bitpos", "2.8.7", "Finds the first bit of a string that is set, or is clear.",
     "O(N) where N is the length of the range",
     "key:key bit:integer [range=start:integer [end:integer [unit=BYTE|BIT]]]"},
    {"getbit", "2.2.0", "Reads one bit of a string.", "O(1)", "key:key offset:integer"},
    {"setbit", "2.2.0", "Sets or clears one bit of a string, growing it with zero bytes as needed.",
     "O(1) while the string does not grow", "key:key offset:integer value:integer"},
};

}  // namespace

const std::span<const CommandDoc> kBitmapDocs = kBitmapTexts;

}  // namespace pinion::admin
