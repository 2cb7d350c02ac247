// Tests of the life of a replica: SYNC, PSYNC, REPLCONF, WAIT, and what the server says of its replicas.
#include <thread>

#include "tests/repl/replica_link.h"

namespace pinion::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using std::chrono::milliseconds;

class SyncTest : public ReplicationTest {
 protected:
  void Configure(Options& options) override { options.Set("repl-ping-replica-period", "1"); }

  // "+FULLRESYNC id offset" or "+CONTINUE id", behind a PSYNC of this id and offset.
  Reply PSync(ReplicaLink& link, const std::string& id, int64_t offset) {
    EXPECT_THAT(link.client().Command("REPLCONF", "listening-port", 7777, "capa", "eof", "capa", "psync2"), IsOk());
    return link.client().Command("PSYNC", id, offset);
  }
  int64_t Offset(RespClient& c) { return std::stoll(Info(c, "master_repl_offset")); }
};

TEST_F(SyncTest, ASnapshotComesFirstAndThenTheStream) {
  auto c = Connect();
  c.Command("SET", "key-in-snapshot", "v");
  c.Command("SADD", "set-in-snapshot", "a", "b");
  c.Command("XADD", "stream-in-snapshot", "*", "f", "v");
  c.Command("FUNCTION", "LOAD", "#!lua name=library_in_snapshot\nredis.register_function('f', function() end)");
  ReplicaLink link(Connect());
  link.client().Send("SYNC");
  const std::string snapshot = link.ReadSnapshot();
  EXPECT_THAT(snapshot, StartsWith("REDIS0010"));
  EXPECT_THAT(snapshot, HasSubstr("key-in-snapshot"));
  EXPECT_THAT(snapshot, HasSubstr("set-in-snapshot"));
  EXPECT_THAT(snapshot, HasSubstr("stream-in-snapshot"));
  EXPECT_THAT(snapshot, HasSubstr("library_in_snapshot"));
  c.Command("SET", "a", 1);
  EXPECT_EQ(link.Next(true), "SELECT 0");
  EXPECT_EQ(link.Next(true), "SET a 1");
  EXPECT_EQ(link.Next(true), "PING");
}

TEST_F(SyncTest, TheServerTellsOfItsReplicas) {
  auto c = Connect();
  EXPECT_THAT(c.Command("ROLE"), IsArray("master", 0, IsArray()));
  EXPECT_THAT(c.Command("ROLE", "x"), IsError("ERR wrong number of arguments for 'role' command"));
  EXPECT_EQ(Info(c, "repl_backlog_active"), "0");
  ReplicaLink link(Connect());
  const Reply full = PSync(link, "?", -1);
  EXPECT_EQ(full.text, "FULLRESYNC " + Info(c, "master_replid") + " 0");
  link.ReadSnapshot();
  c.Command("SET", "a", 1);
  link.client().Send("REPLCONF", "ACK", Offset(c));
  EXPECT_THAT(c.Command("WAIT", 1, 5000), IsInt(1));
  for (int i = 0; i < 100 && Info(c, "slave0").find("offset=0") != std::string::npos; ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_THAT(Info(c, "slave0"), ContainsRegex("ip=127.0.0.1,port=7777,state=online,offset=[1-9][0-9]*,lag=0"));
  EXPECT_EQ(Info(c, "connected_slaves"), "1");
  EXPECT_EQ(Info(c, "repl_backlog_first_byte_offset"), "1");
  EXPECT_EQ(Info(c, "sync_full"), "1");
  EXPECT_THAT(c.Command("ROLE").elements[2].elements[0].elements[1].text, "7777");
  EXPECT_THAT(c.Command("CLIENT", "LIST").text, HasSubstr(" flags=S "));
  EXPECT_THAT(c.Command("CLIENT", "KILL", "TYPE", "replica"), IsInt(1));
  EXPECT_TRUE(link.client().WaitForClose());
  EXPECT_EQ(Info(c, "connected_slaves"), "0");
}

TEST_F(SyncTest, AReplicaThatComesBackGetsWhatItMissed) {
  auto c = Connect();
  std::string id;
  int64_t offset = 0;
  {
    ReplicaLink link(Connect());
    PSync(link, "?", -1);
    link.ReadSnapshot();
    c.Command("SET", "a", 1);
    EXPECT_EQ(link.Next(), "SET a 1");
    id = Info(c, "master_replid");
    offset = Offset(c);
  }
  c.Command("SET", "b", 2);
  ReplicaLink link(Connect());
  EXPECT_EQ(PSync(link, id, offset + 1).text, "CONTINUE " + id);
  EXPECT_EQ(link.Next(), "SET b 2");
  EXPECT_EQ(Info(c, "sync_partial_ok"), "1");
  ReplicaLink stranger(Connect());
  EXPECT_THAT(PSync(stranger, std::string(40, 'a'), offset).text, StartsWith("FULLRESYNC "));
  EXPECT_EQ(Info(c, "sync_partial_err"), "1");
  ReplicaLink ahead(Connect());
  EXPECT_THAT(PSync(ahead, id, offset + 100000).text, StartsWith("FULLRESYNC "));
}

TEST_F(SyncTest, WaitCountsThoseWhoHaveAcknowledged) {
  auto c = Connect();
  ReplicaLink link(Connect());
  PSync(link, "?", -1);
  link.ReadSnapshot();
  c.Command("SET", "a", 1);
  EXPECT_THAT(c.Command("WAIT", 0, 0), IsInt(0));
  EXPECT_THAT(c.Command("WAIT", 1, 20), IsInt(0));
  c.Send("WAIT", 1, 0);
  while (link.Next(true) != "REPLCONF GETACK *") {
  }
  auto other = Connect();
  link.client().Send("REPLCONF", "ACK", Offset(other));
  EXPECT_THAT(c.ReadReply(), IsInt(1));
  EXPECT_THAT(c.Command("WAIT", 2, 20), IsInt(1));
}

TEST_F(SyncTest, WritesNeedAsManyReplicasAsAreAskedFor) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "min-replicas-to-write", 1, "min-replicas-max-lag", 10);
  EXPECT_THAT(c.Command("SET", "a", 1), IsError("NOREPLICAS Not enough good replicas to write."));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('set','a','1')", 0), IsErrorStarting("NOREPLICAS"));
  EXPECT_THAT(c.Command("GET", "a"), IsNil());
  ReplicaLink link(Connect());
  PSync(link, "?", -1);
  link.ReadSnapshot();
  Reply reply;
  for (int i = 0; i < 100 && reply.kind != Reply::Kind::kStatus; ++i) {
    reply = c.Command("SET", "a", 1);
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_THAT(reply, IsOk());
  EXPECT_EQ(Info(c, "min_slaves_good_slaves"), "1");
}

TEST_F(SyncTest, ASnapshotIsOfTheMomentOfItsOffset) {
  auto c = Connect();
  for (int i = 0; i < 3000; ++i) c.Command("SET", "key" + std::to_string(i), "in snapshot");
  ReplicaLink link(Connect());
  PSync(link, "?", -1);
  for (int i = 0; i < 3000; ++i) c.Command("SET", "key" + std::to_string(i), "in stream");
  const std::string snapshot = link.ReadSnapshot();
  EXPECT_THAT(snapshot, HasSubstr("in snapshot"));
  EXPECT_THAT(snapshot, ::testing::Not(HasSubstr("in stream")));
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(link.Next(), "SET key" + std::to_string(i) + " in stream");
}

// One that does not say that it reads up to a mark is told the length.
TEST_F(SyncTest, ReplicasOfBothKindsShareASnapshot) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "rdb-key-save-delay", 50'000);
  for (int i = 0; i < 10; ++i) c.Command("SET", "key" + std::to_string(i), std::string(100'000, 'x'));
  ReplicaLink first(Connect()), to_mark(Connect()), by_length(Connect());
  first.client().Send("SYNC");  // the others wait until it has its snapshot
  while (Info(c, "connected_slaves") != "1") {
  }
  by_length.client().Send("SYNC");
  to_mark.client().Command("REPLCONF", "capa", "eof");
  to_mark.client().Send("PSYNC", "?", -1);
  EXPECT_THAT(c.Command("BGSAVE"), IsError("ERR Background save already in progress"));
  EXPECT_THAT(c.Command("CONFIG", "SET", "rdb-key-save-delay", 0), IsOk());
  first.ReadSnapshot();
  EXPECT_THAT(to_mark.client().ReadReply().text, StartsWith("FULLRESYNC"));
  const std::string snapshot = to_mark.ReadSnapshot();
  EXPECT_EQ(by_length.ReadSnapshot(), snapshot);
  c.Command("SET", "a", 1);
  EXPECT_EQ(to_mark.Next(), "SET a 1");
  EXPECT_EQ(by_length.Next(), "SET a 1");
}

TEST_F(SyncTest, AReplicaMayGoInTheMiddleOfItsSnapshot) {
  auto c = Connect();
  const std::string value(1 << 20, 'x');
  c.Command("CONFIG", "SET", "rdbcompression", "no");
  for (int i = 0; i < 24; ++i) c.Command("SET", "key" + std::to_string(i), value);  // more than sockets hold
  {
    ReplicaLink link(Connect());
    PSync(link, "?", -1);
  }
  ReplicaLink next = Follow();
  c.Command("SET", "a", 1);
  EXPECT_EQ(next.Next(), "SET a 1");
}

TEST_F(SyncTest, ASlowReplicaIsDropped) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "client-output-buffer-limit", "replica 1mb 0 0");
  ReplicaLink link = Follow();
  const std::string value(1 << 20, 'x');
  for (int i = 0; i < 40; ++i) c.Command("SET", "a", value);
  EXPECT_TRUE(link.client().WaitForClose());
  EXPECT_EQ(Info(c, "connected_slaves"), "0");
}

TEST_F(SyncTest, WithoutReplicasTheStreamEndsAndHasAnotherNameThen) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "repl-backlog-ttl", 1);
  { ReplicaLink link = Follow(); }
  const std::string id = Info(c, "master_replid");
  EXPECT_EQ(Info(c, "repl_backlog_active"), "1");
  for (int i = 0; i < 300 && Info(c, "repl_backlog_active") == "1"; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(Info(c, "repl_backlog_active"), "0");
  EXPECT_NE(Info(c, "master_replid"), id);
  c.Command("SET", "a", 1);
  ReplicaLink again = Follow();
  c.Command("SET", "b", 1);
  EXPECT_EQ(again.Next(), "SET b 1");
}

TEST_F(SyncTest, WhatReplicasSayIsChecked) {
  auto c = Connect();
  EXPECT_THAT(c.Command("REPLCONF"), IsOk());
  EXPECT_THAT(c.Command("REPLCONF", "x"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("REPLCONF", "x", "y"), IsError("ERR Unrecognized REPLCONF option: x"));
  EXPECT_THAT(c.Command("REPLCONF", "listening-port", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("REPLCONF", "ip-address", std::string(300, '1')), IsErrorStarting("ERR REPLCONF ip-address"));
  EXPECT_THAT(c.Command("PSYNC", "?", "x"), IsError("ERR value is not an integer or out of range"));
  c.SendRaw("REPLCONF ACK 1\r\nREPLCONF GETACK *\r\nPING\r\n");
  EXPECT_THAT(c.ReadReply(), IsStatus("PONG"));
  EXPECT_THAT(c.Command("REPLICAOF", "NO", "ONE"), IsOk());
  EXPECT_THAT(c.Command("SLAVEOF", "no", "one"), IsOk());
  EXPECT_THAT(c.Command("REPLICAOF", "127.0.0.1", 1), IsErrorStarting("ERR Pinion can be followed"));
  EXPECT_THAT(c.Command("FAILOVER"), IsErrorStarting("ERR FAILOVER is not supported"));
  EXPECT_THAT(c.Command("FAILOVER", "ABORT"), IsError("ERR No failover in progress."));
}

}  // namespace
}  // namespace pinion::test
