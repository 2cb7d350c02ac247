// Tests of CLUSTER and its kin on a server that is in no cluster.
#include <string>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ClusterTest = ServerTest;

constexpr char kDisabled[] = "ERR This instance has cluster support disabled";

constexpr const char* kCalls[] = {
    "CLUSTER ADDSLOTS 1", "CLUSTER ADDSLOTSRANGE 1 2", "CLUSTER BUMPEPOCH", "CLUSTER COUNT-FAILURE-REPORTS x",
    "CLUSTER COUNTKEYSINSLOT 1", "CLUSTER DELSLOTS 1", "CLUSTER DELSLOTSRANGE 1 2", "CLUSTER FAILOVER",
    "CLUSTER FLUSHSLOTS", "CLUSTER FORGET x", "CLUSTER GETKEYSINSLOT 1 1", "CLUSTER HELP", "CLUSTER INFO",
    "CLUSTER KEYSLOT x", "CLUSTER LINKS", "CLUSTER MEET 127.0.0.1 7000", "CLUSTER MYID", "CLUSTER MYSHARDID",
    "CLUSTER NODES", "CLUSTER REPLICAS x", "CLUSTER REPLICATE x", "CLUSTER RESET", "CLUSTER SAVECONFIG",
    "CLUSTER SET-CONFIG-EPOCH 1", "CLUSTER SETSLOT 1 STABLE", "CLUSTER SHARDS", "CLUSTER SLAVES x",
    "CLUSTER SLOT-STATS SLOTSRANGE 0 1", "CLUSTER SLOTS", "CLUSTERSCAN 0", "ASKING", "READONLY", "READWRITE",
};

TEST_F(ClusterTest, EveryCallSaysThatThereIsNoCluster) {
  auto c = Connect();
  for (const char* call : kCalls) {
    ASSERT_TRUE(c.SendRaw(std::string(call) + "\r\n"));
    EXPECT_THAT(c.ReadReply(), IsError(kDisabled)) << call;
  }
}

TEST_F(ClusterTest, ArityAndSubcommandsAreCheckedFirst) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CLUSTER"), IsError("ERR wrong number of arguments for 'cluster' command"));
  EXPECT_THAT(c.Command("CLUSTER", "KEYSLOT"), IsError("ERR wrong number of arguments for 'cluster|keyslot' command"));
  EXPECT_THAT(c.Command("CLUSTER", "FOO"), IsError("ERR unknown subcommand 'FOO'. Try CLUSTER HELP."));
  EXPECT_THAT(c.Command("READONLY", "x"), IsError("ERR wrong number of arguments for 'readonly' command"));
}

TEST_F(ClusterTest, ScriptsMayAskButNotReset) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL", "return redis.call('cluster', 'info')", "0"), IsErrorStarting(kDisabled));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('cluster', 'reset')", "0"),
              IsErrorStarting("ERR This Redis command is not allowed from script"));
}

TEST_F(ClusterTest, WhatChangesAClusterIsDangerous) {
  auto c = Connect();
  c.Command("ACL", "SETUSER", "u", "on", "nopass", "+@all", "-@dangerous");
  c.Command("AUTH", "u", "x");
  EXPECT_THAT(c.Command("CLUSTER", "RESET"), IsErrorStarting("NOPERM"));
  EXPECT_THAT(c.Command("CLUSTER", "SLOTS"), IsError(kDisabled));
}

}  // namespace
}  // namespace pinion::test
