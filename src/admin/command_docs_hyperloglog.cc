// Documentation of the commands about HyperLogLog sketches.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kHyperLogLogTexts[] = {
    {"pfadd", "2.8.9", "Adds elements to a HyperLogLog, creating it when absent.", "O(1) for each element",
     "key:key [element] ..."},
    {"pfcount", "2.8.9", "Estimates how many different elements were added to one or more HyperLogLogs.",
     "O(1) for one key, else O(N) where N is the number of keys", "key:key ..."},
    {"pfdebug", "2.8.9", "Shows the inside of a HyperLogLog, for tests.", "O(N) where N is its number of registers",
     "subcommand key:key"},
    {"pfmerge", "2.8.9", "Stores the union of HyperLogLogs.", "O(N) where N is the number of keys",
     "destkey:key [sourcekey:key] ..."},
    {"pfselftest", "2.8.9", "Tests the machinery of HyperLogLogs.", "O(1), but slow"},
};

}  // namespace

const std::span<const CommandDoc> kHyperLogLogDocs = kHyperLogLogTexts;

}  // namespace pinion::admin
