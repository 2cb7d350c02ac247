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
constexpr uint64_t kChange = kAdmin | kStale | kNoAsyncLoading;
constexpr CommandRow kSubcommands[] = {
    {"ADDSLOTS", -3, kChange, {}, RefuseCluster},
    {"ADDSLOTSRANGE", -4, kChange, {}, RefuseCluster},
    {"BUMPEPOCH", 2, kChange, {}, RefuseCluster},
    {"COUNT-FAILURE-REPORTS", 3, kAdmin | kStale, {}, RefuseCluster},
    {"COUNTKEYSINSLOT", 3, kStale, {}, RefuseCluster},
    {"DELSLOTS", -3, kChange, {}, RefuseCluster},
    {"DELSLOTSRANGE", -4, kChange, {}, RefuseCluster},
    {"FAILOVER", -2, kChange, {}, RefuseCluster},
    {"FLUSHSLOTS", 2, kChange, {}, RefuseCluster},
    {"FORGET", 3, kChange, {}, RefuseCluster},
    {"GETKEYSINSLOT", 4, kStale, {}, RefuseCluster},
    {"HELP", 2, kAsk, {}, RefuseCluster},
    {"INFO", 2, kAsk, {}, RefuseCluster},
    {"KEYSLOT", 3, kStale, {}, RefuseCluster},
    {"LINKS", 2, kStale, {}, RefuseCluster},
    {"MEET", -4, kChange, {}, RefuseCluster},
    {"MYID", 2, kAsk, {}, RefuseCluster},
    {"MYSHARDID", 2, kAsk, {}, RefuseCluster},
    {"NODES", 2, kAsk, {}, RefuseCluster},
    {"REPLICAS", 3, kAdmin | kStale, {}, RefuseCluster},
    {"REPLICATE", 3, kChange, {}, RefuseCluster},
    {"RESET", -2, kAdmin | kStale | kNoScript, {}, RefuseCluster},
    {"SAVECONFIG", 2, kChange, {}, RefuseCluster},
    {"SET-CONFIG-EPOCH", 3, kChange, {}, RefuseCluster},
    {"SETSLOT", -4, kChange | kMayReplicate, {}, RefuseCluster},
    {"SHARDS", 2, kAsk, {}, RefuseCluster},
    {"SLAVES", 3, kAdmin | kStale, {}, RefuseCluster},
    {"SLOT-STATS", -4, kAsk, {}, RefuseCluster},
    {"SLOTS", 2, kAsk, {}, RefuseCluster},
};
constexpr CommandRow kRows[] = {
    {"ASKING", 1, kFast, {}, RefuseCluster, kCatConnection},
    {"CLUSTER", -2, 0, {}, nullptr, 0, kSubcommands},
    {"CLUSTERSCAN", -2, kRead, {}, RefuseCluster, kCatKeyspace},
    {"READONLY", 1, kLoading | kStale | kFast, {}, RefuseCluster, kCatConnection},
    {"READWRITE", 1, kLoading | kStale | kFast, {}, RefuseCluster, kCatConnection},
};

}  // namespace

const command::Family kClusterFamily = {"cluster", 0, kRows};

}  // namespace pinion::admin
