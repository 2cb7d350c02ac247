// Documentation of the commands about lists.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr std::string_view kPerElement = "O(N) where N is the number of elements pushed";
constexpr std::string_view kPerPopped = "O(N) where N is the number of elements popped";
constexpr std::string_view kManyKeys = "O(N+M) where N is the number of keys and M the number of elements popped";

constexpr CommandDoc kListTexts[] = {
    {"blmove", "6.2.0", "Moves an element from one list to another, waiting until there is one.", "O(1)",
     "source:key destination:key <wherefrom=LEFT|RIGHT> <whereto=LEFT|RIGHT> timeout:double"},
    {"blmpop", "7.0.0", "Pops elements from the first list that has any, waiting until one has.", kManyKeys,
     "timeout:double numkeys:integer key:key ... <where=LEFT|RIGHT> [COUNT count:integer]"},
    {"blpop", "2.0.0", "Pops the first element of the first list that has any, waiting until one has.",
     "O(N) where N is the number of keys", "key:key ... timeout:double"},
    {"brpop", "2.0.0", "Pops the last element of the first list that has any, waiting until one has.",
     "O(N) where N is the number of keys", "key:key ... timeout:double"},
    {"brpoplpush", "2.2.0", "Moves the last element of a list to the head of another, waiting until there is one.",
     "O(1)", "source:key destination:key timeout:double", "", "BLMOVE with the RIGHT and LEFT arguments", "6.2.0"},
    {"lindex", "1.0.0", "Reads the element at an index.",
     "O(1) near the ends; elsewhere a walk over the nodes' counts and within one node", "key:key index:integer"},
    {"linsert", "2.2.0", "Puts an element before or after another.",
     "O(N) where N is the number of elements up to the other one", "key:key <where=BEFORE|AFTER> pivot element"},
    {"llen", "1.0.0", "Counts the elements of a list.", "O(1)", "key:key"},
    {"lmove", "6.2.0", "Moves an element from one list to another, or within one.", "O(1)",
     "source:key destination:key <wherefrom=LEFT|RIGHT> <whereto=LEFT|RIGHT>"},
    {"lmpop", "7.0.0", "Pops elements from the first list that has any.", kManyKeys,
     "numkeys:integer key:key ... <where=LEFT|RIGHT> [COUNT count:integer]"},
    {"lpop", "1.0.0", "Pops elements from the head of a list.", kPerPopped, "key:key [count:integer]"},
    {"lpos", "6.0.6", "Finds where an element stands.", "O(N) where N is the number of elements looked at",
     "key:key element [RANK rank:integer] [COUNT num-matches:integer] [MAXLEN len:integer]"},
    {"lpush", "1.0.0", "Pushes elements to the head of a list, creating it when absent.", kPerElement,
     "key:key element ..."},
    {"lpushx", "2.2.0", "Pushes elements to the head of a list that exists.", kPerElement, "key:key element ..."},
    {"lrange", "1.0.0", "Reads the elements between two indexes.",
     "O(S+N) where S is the cost of finding the first and N the number of elements read",
     "key:key start:integer stop:integer"},
    {"lrem", "1.0.0", "Removes elements equal to one.", "O(N) where N is the number of elements of the list",
     "key:key count:integer element"},
    {"lset", "1.0.0", "Replaces the element at an index.",
     "O(1) near the ends; elsewhere a walk over the nodes' counts and within one node",
     "key:key index:integer element"},
    {"ltrim", "1.0.0", "Removes all elements but those between two indexes.",
     "O(N) where N is the number of elements removed", "key:key start:integer stop:integer"},
    {"rpop", "1.0.0", "Pops elements from the tail of a list.", kPerPopped, "key:key [count:integer]"},
    {"rpoplpush", "1.2.0", "Moves the last element of a list to the head of another.", "O(1)",
     "source:key destination:key", "", "LMOVE with the RIGHT and LEFT arguments", "6.2.0"},
    {"rpush", "1.0.0", "Pushes elements to the tail of a list, creating it when absent.", kPerElement,
     "key:key element ..."},
    {"rpushx", "2.2.0", "Pushes elements to the tail of a list that exists.", kPerElement, "key:key element ..."},
};

}  // namespace

const std::span<const CommandDoc> kListDocs = kListTexts;

}  // namespace pinion::admin
