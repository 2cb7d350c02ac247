// CLUSTER and its kin, as a server that is no node of a cluster answers: clients ask to learn just that.
#include "admin/families.h"
#include "command/context.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::Context;

void RefuseCluster(Context& ctx) { ctx.reply().Error(resp::error::kNoCluster); }

using namespace command;
constexpr uint64_t kAsk = kLoading | kStale;
constexpr uint64_t kChangeCluster = kAdmin | kStale | kNoAsyncLoading;
constexpr CommandRow kClusterSubcommands[] = {
    {"ADDSLOTS", -3, kChangeCluster, {}, RefuseCluster},
    {"ADDSLOTSRANGE", -4, kChangeCluster, {}, RefuseCluster},
    {"BUMPEPOCH", 2, kChangeCluster, {}, RefuseCluster},
    {"COUNT-FAILURE-REPORTS", 3, kAdmin | kStale, {}, RefuseCluster},
    {"COUNTKEYSINSLOT", 3, kStale, {}, RefuseCluster},
    {"DELSLOTS", -3, kChangeCluster, {}, RefuseCluster},
    {"DELSLOTSRANGE", -4, kChangeCluster, {}, RefuseCluster},
    {"FAILOVER", -2, kChangeCluster, {}, RefuseCluster},
    {"FLUSHSLOTS", 2, kChangeCluster, {}, RefuseCluster},
    {"FORGET", 3, kChangeCluster, {}, RefuseCluster},
    {"GETKEYSINSLOT", 4, kStale, {}, RefuseCluster},
    {"HELP", 2, kAsk, {}, RefuseCluster},
    {"INFO", 2, kAsk, {}, RefuseCluster},
    {"KEYSLOT", 3, kStale, {}, RefuseCluster},
    {"LINKS", 2, kStale, {}, RefuseCluster},
    {"MEET", -4, kChangeCluster, {}, RefuseCluster},
    {"MYID", 2, kAsk, {}, RefuseCluster},
    {"MYSHARDID", 2, kAsk, {}, RefuseCluster},
    {"NODES", 2, kAsk, {}, RefuseCluster},
    {"REPLICAS", 3, kAdmin | kStale, {}, RefuseCluster},
    {"REPLICATE", 3, kChangeCluster, {}, RefuseCluster},
    {"RESET", -2, kAdmin | kStale | kNoScript, {}, RefuseCluster},
    {"SAVECONFIG", 2, kChangeCluster, {}, RefuseCluster},
    {"SET-CONFIG-EPOCH", 3, kChangeCluster, {}, RefuseCluster},
    {"SETSLOT", -4, kChangeCluster | kMayReplicate, {}, RefuseCluster},
    {"SHARDS", 2, kAsk, {}, RefuseCluster},
    {"SLAVES", 3, kAdmin | kStale, {}, RefuseCluster},
    {"SLOT-STATS", -4, kAsk, {}, RefuseCluster},
    {"SLOTS", 2, kAsk, {}, RefuseCluster},
};
constexpr CommandRow kClusterRows[] = {
    {"ASKING", 1, kFast, {}, RefuseCluster, kCatConnection},
    {"CLUSTER", -2, 0, {}, nullptr, 0, kClusterSubcommands},
    {"CLUSTERSCAN", -2, kRead, {}, RefuseCluster, kCatKeyspace},
    {"READONLY", 1, kLoading | kStale | kFast, {}, RefuseCluster, kCatConnection},
    {"READWRITE", 1, kLoading | kStale | kFast, {}, RefuseCluster, kCatConnection},
};

}  // namespace

const command::Family kClusterFamily = {"cluster", 0, kClusterRows};

}  // namespace pinion::admin
