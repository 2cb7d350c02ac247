// Documentation of the commands about connections.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kConnectionTexts[] = {
    {"auth", "1.0.0", "Proves who the client is.", "O(N) where N is the number of passwords of the user",
     "[username] password"},
    {"client", "2.4.0", "Groups commands about client connections.", "Depends on the subcommand."},
    {"client|caching", "6.0.0", "Says whether the next command's keys are to be tracked.", "O(1)", "<mode=YES|NO>"},
    {"client|capa", "8.0.0", "Tells the server what this client is able to do.", "O(1)", "capability ..."},
    {"client|getname", "2.6.9", "Tells the name of this connection.", "O(1)"},
    {"client|getredir", "6.0.0", "Tells to which client invalidation messages go.", "O(1)"},
    {"client|help", "5.0.0", "Lists the subcommands.", "O(1)"},
    {"client|id", "5.0.0", "Tells the number of this connection.", "O(1)"},
    {"client|info", "6.2.0", "Describes this connection.", "O(1)", "", "nondeterministic_output"},
    {"client|kill", "2.4.0", "Closes connections, chosen by address or other properties.",
     "O(N) where N is the number of connections", "<filter=ip-port|<selector=ID client-id:integer|TYPE "
     "<client-type=NORMAL|MASTER|SLAVE|REPLICA|PUBSUB>|USER username|ADDR addr|LADDR laddr|SKIPME <skipme=YES|"
     "NO>|MAXAGE maxage:integer> ...>"},
    {"client|list", "2.4.0", "Describes connections, one a line.", "O(N) where N is the number of connections",
     "[TYPE <client-type=NORMAL|MASTER|REPLICA|PUBSUB>] [ID client-id:integer ...]", "nondeterministic_output"},
    {"client|no-evict", "7.0.0", "Says whether this connection may be closed for want of memory.", "O(1)",
     "<enabled=ON|OFF>"},
    {"client|no-touch", "7.2.0", "Says whether this connection's reads count as use of the keys.", "O(1)",
     "<enabled=ON|OFF>"},
    {"client|pause", "3.0.0", "Makes clients wait for a time.", "O(1)", "timeout:integer [mode=WRITE|ALL]"},
    {"client|reply", "3.2.0", "Says whether replies are sent.", "O(1)", "<action=ON|OFF|SKIP>"},
    {"client|setinfo", "7.2.0", "Notes a property of the client's library.", "O(1)",
     "<attr=LIB-NAME libname|LIB-VER libver>", "request_policy:all_nodes response_policy:all_succeeded"},
    {"client|setname", "2.6.9", "Names this connection.", "O(1)", "connection-name",
     "request_policy:all_nodes response_policy:all_succeeded"},
    {"client|tracking", "6.0.0", "Turns invalidation messages for cached keys on or off.", "O(1)",
     "<status=ON|OFF> [REDIRECT client-id:integer] [PREFIX prefix ...+] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]"},
    {"client|trackinginfo", "6.2.0", "Tells how this connection is tracked.", "O(1)"},
    {"client|unblock", "5.0.0", "Wakes a client that waits in a blocking command.", "O(1)",
     "client-id:integer [unblock-type=TIMEOUT|ERROR]"},
    {"client|unpause", "6.2.0", "Lets paused clients go on.", "O(N) where N is the number of paused clients"},
    {"echo", "1.0.0", "Sends back the text it was given.", "O(1)", "message"},
    {"hello", "6.0.0", "Begins a session: protocol, user and name of the connection.", "O(1)",
     "[arguments=protover:integer [AUTH <auth=username password>] [SETNAME clientname]]"},
    {"ping", "1.0.0", "Tells that the server is there.", "O(1)", "[message]",
     "request_policy:all_shards response_policy:all_succeeded"},
    {"quit", "1.0.0", "Closes the connection.", "O(1)", "", "", "closing the connection", "7.2.0"},
    {"reset", "6.2.0", "Puts the connection into the state of a new one.", "O(1)"},
    {"select", "1.0.0", "Changes the database of this connection.", "O(1)", "index:integer"},
};

}  // namespace

const std::span<const CommandDoc> kConnectionDocs = kConnectionTexts;

}  // namespace pinion::admin
