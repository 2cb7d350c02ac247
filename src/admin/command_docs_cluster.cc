// Documentation of the commands about clusters, all of which only say that this server is in none.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr std::string_view kVaries = "nondeterministic_output";

constexpr CommandDoc kClusterTexts[] = {
    {"asking", "3.0.0", "Says that the client was sent here by another node of the cluster.", "O(1)"},
    {"cluster", "3.0.0", "Groups commands about clusters, which this server is no part of.",
     "Depends on the subcommand."},
    {"cluster|addslots", "3.0.0", "Gives slots to the node.", "O(1)", "slot:integer ..."},
    {"cluster|addslotsrange", "7.0.0", "Gives ranges of slots to the node.", "O(1)",
     "<range=start-slot:integer end-slot:integer> ..."},
    {"cluster|bumpepoch", "3.0.0", "Raises the node's configuration epoch.", "O(1)", "", kVaries},
    {"cluster|count-failure-reports", "3.0.0", "Counts the nodes that hold another for failed.", "O(1)", "node-id",
     kVaries},
    {"cluster|countkeysinslot", "3.0.0", "Counts the keys of a slot.", "O(1)", "slot:integer"},
    {"cluster|delslots", "3.0.0", "Takes slots from the node.", "O(1)", "slot:integer ..."},
    {"cluster|delslotsrange", "7.0.0", "Takes ranges of slots from the node.", "O(1)",
     "<range=start-slot:integer end-slot:integer> ..."},
    {"cluster|failover", "3.0.0", "Has a replica take the place of its primary.", "O(1)",
     "[options=FORCE|TAKEOVER]"},
    {"cluster|flushslots", "3.0.0", "Takes all slots from the node.", "O(1)"},
    {"cluster|forget", "3.0.0", "Has the node forget another.", "O(1)", "node-id"},
    {"cluster|getkeysinslot", "3.0.0", "Lists keys of a slot.", "O(1)", "slot:integer count:integer", kVaries},
    {"cluster|help", "5.0.0", "Lists the subcommands, in a cluster.", "O(1)"},
    {"cluster|info", "3.0.0", "Tells the state of the cluster.", "O(1)", "", kVaries},
    {"cluster|keyslot", "3.0.0", "Tells the slot of a key.", "O(1)", "key"},
    {"cluster|links", "7.0.0", "Lists the connections to other nodes.", "O(1)", "", kVaries},
    {"cluster|meet", "3.0.0", "Makes another node known.", "O(1)", "ip port:integer [cluster-bus-port:integer]"},
    {"cluster|myid", "3.0.0", "Tells the node's name.", "O(1)"},
    {"cluster|myshardid", "7.2.0", "Tells the name of the node's shard.", "O(1)", "", kVaries},
    {"cluster|nodes", "3.0.0", "Lists the nodes and their slots as text.", "O(1)", "", kVaries},
    {"cluster|replicas", "5.0.0", "Lists the replicas of a node.", "O(1)", "node-id", kVaries},
    {"cluster|replicate", "3.0.0", "Makes the node the replica of another.", "O(1)", "node-id"},
    {"cluster|reset", "3.0.0", "Makes the node one of no cluster.", "O(1)", "[reset-type=HARD|SOFT]"},
    {"cluster|saveconfig", "3.0.0", "Writes the node's view of the cluster to its file.", "O(1)"},
    {"cluster|set-config-epoch", "3.0.0", "Sets the configuration epoch of a new node.", "O(1)",
     "config-epoch:integer"},
    {"cluster|setslot", "3.0.0", "Says which node a slot belongs to, or moves to.", "O(1)",
     "slot:integer <subcommand=IMPORTING importing|MIGRATING migrating|NODE node|STABLE>"},
    {"cluster|shards", "7.0.0", "Describes the shards of the cluster.", "O(1)", "", kVaries},
    {"cluster|slaves", "3.0.0", "Lists the replicas of a node.", "O(1)", "node-id", kVaries, "`CLUSTER REPLICAS`",
     "5.0.0"},
    {"cluster|slot-stats", "8.0.0", "Tells how slots are used.", "O(1)",
     "<filter=SLOTSRANGE <slotsrange=start-slot:integer end-slot:integer>|ORDERBY <orderby=metric [LIMIT "
     "limit:integer] [order=ASC|DESC]>>",
     "nondeterministic_output request_policy:all_shards"},
    {"cluster|slots", "3.0.0", "Tells which nodes have which slots.", "O(1)", "", kVaries, "`CLUSTER SHARDS`",
     "7.0.0"},
    {"clusterscan", "9.1.0", "Goes through the keys of a cluster, slot by slot.", "O(1)",
     "cursor [MATCH pattern:pattern] [COUNT count:integer] [TYPE type] [SLOT slot:integer]", kVaries},
    {"readonly", "3.0.0", "Says that a replica in the cluster may answer this connection's reads.", "O(1)"},
    {"readwrite", "3.0.0", "Takes READONLY back.", "O(1)"},
};

}  // namespace

const std::span<const CommandDoc> kClusterDocs = kClusterTexts;

}  // namespace pinion::admin
