// Documentation of the commands about scripts and functions.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr std::string_view kDependsOnScript = "Depends on the script";
constexpr std::string_view kDependsOnFunction = "Depends on the function";
constexpr std::string_view kToAllShards = "request_policy:all_shards response_policy:all_succeeded";
constexpr std::string_view kToAllNodes = "request_policy:all_nodes response_policy:all_succeeded";
constexpr std::string_view kToOneShard = "request_policy:all_shards response_policy:one_succeeded";

constexpr CommandDoc kScriptingTexts[] = {
    {"eval", "2.6.0", "Runs a Lua script.", kDependsOnScript, "script numkeys:integer [key:key ...] [arg ...]"},
    {"evalsha", "2.6.0", "Runs a Lua script that the server has, by its SHA1.", kDependsOnScript,
     "sha1 numkeys:integer [key:key ...] [arg ...]"},
    {"evalsha_ro", "7.0.0", "Runs a Lua script that only reads, by its SHA1.", kDependsOnScript,
     "sha1 numkeys:integer [key:key ...] [arg ...]"},
    {"eval_ro", "7.0.0", "Runs a Lua script that only reads.", kDependsOnScript,
     "script numkeys:integer [key:key ...] [arg ...]"},
    {"fcall", "7.0.0", "Calls a function.", kDependsOnFunction, "function numkeys:integer [key:key ...] [arg ...]"},
    {"fcall_ro", "7.0.0", "Calls a function that only reads.", kDependsOnFunction,
     "function numkeys:integer [key:key ...] [arg ...]"},
    {"function", "7.0.0", "Commands about functions.", "Depends on subcommand"},
    {"function|delete", "7.0.0", "Removes a library and its functions.", "O(1)", "library-name", kToAllShards},
    {"function|dump", "7.0.0", "Returns all libraries as one payload.", "O(N) where N is the number of functions"},
    {"function|flush", "7.0.0", "Removes all libraries.", "O(N) where N is the number of functions",
     "[flush-type=ASYNC|SYNC]", kToAllShards},
    {"function|help", "7.0.0", "Describes the subcommands of FUNCTION.", "O(1)"},
    {"function|kill", "7.0.0", "Ends a function that runs too long.", "O(1)", "", kToOneShard},
    {"function|list", "7.0.0", "Lists libraries and their functions.", "O(N) where N is the number of functions",
     "[LIBRARYNAME library-name-pattern] [WITHCODE]", "nondeterministic_output_order"},
    {"function|load", "7.0.0", "Adds a library.", "O(1), and what the library does as it is loaded",
     "[REPLACE] function-code", kToAllShards},
    {"function|restore", "7.0.0", "Adds the libraries of a payload.", "O(N) where N is the number of functions",
     "serialized-value [policy=FLUSH|APPEND|REPLACE]", kToAllShards},
    {"function|stats", "7.0.0", "Tells which function runs and how many there are.", "O(1)", "",
     "nondeterministic_output request_policy:all_shards response_policy:special"},
    {"script", "2.6.0", "Commands about scripts.", "Depends on subcommand"},
    {"script|debug", "3.2.0", "Sets how scripts are debugged.", "O(1)", "<mode=YES|SYNC|NO>"},
    {"script|exists", "2.6.0", "Tells which scripts the server has.",
     "O(N) where N is the number of scripts asked for", "sha1 ...",
     "request_policy:all_shards response_policy:agg_logical_and"},
    {"script|flush", "2.6.0", "Removes all scripts.", "O(N) where N is the number of scripts",
     "[flush-type=ASYNC|SYNC]", kToAllNodes},
    {"script|help", "5.0.0", "Describes the subcommands of SCRIPT.", "O(1)"},
    {"script|kill", "2.6.0", "Ends a script that runs too long.", "O(1)", "", kToOneShard},
    {"script|load", "2.6.0", "Gives the server a script to keep.", "O(N) where N is the length of the script",
     "script", kToAllNodes},
    {"script|show", "8.0.0", "Returns the text of a script.", "O(1)", "sha1"},
};

}  // namespace

const std::span<const CommandDoc> kScriptingDocs = kScriptingTexts;

}  // namespace pinion::admin
