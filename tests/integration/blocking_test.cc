// Clients that wait for keys, on several loops: who is served when, with what, and how a wait ends otherwise.
#include "tests/integration/blocking_test_util.h"

namespace pinion::test {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Lt;
using std::chrono::milliseconds;

// --- serving ------------------------------------------------------------------------------------------------

TEST_F(BlockingTest, FirstComeFirstServedAcrossLoops) {
  auto c = Connect();
  std::vector<RespClient> waiters;
  for (int i = 0; i < 12; ++i) waiters.push_back(Waiting(c, i, "BLPOP", "k", 0));
  for (int i = 0; i < 12; ++i) {
    EXPECT_THAT(c.Command("RPUSH", "k", i), IsInt(1));
    EXPECT_THAT(waiters[i].ReadReply(), IsArray("k", std::to_string(i)));
    EXPECT_EQ(Info(c, "blocked_clients"), 11 - i);
  }
  EXPECT_THAT(c.Command("EXISTS", "k"), IsInt(0));
  EXPECT_EQ(Info(c, "total_blocking_keys"), 0);
}

TEST_F(BlockingTest, OnePushServesAsManyAsItHasElements) {
  auto c = Connect();
  auto a = Waiting(c, 0, "BLPOP", "k", 0), b = Waiting(c, 1, "BRPOP", "k", 0), d = Waiting(c, 2, "BLPOP", "k", 0);
  EXPECT_THAT(c.Command("RPUSH", "k", 1, 2, 3, 4, 5), IsInt(5));
  EXPECT_THAT(a.ReadReply(), IsArray("k", "1"));
  EXPECT_THAT(b.ReadReply(), IsArray("k", "5"));
  EXPECT_THAT(d.ReadReply(), IsArray("k", "2"));
  EXPECT_THAT(c.Command("LRANGE", "k", 0, -1), IsArray("3", "4"));
}

TEST_F(BlockingTest, AnyOfSeveralKeysServes) {
  auto c = Connect();
  for (const char* key : {"one", "two", "three"}) {
    auto waiter = Waiting(c, 0, "BLPOP", "one", "two", "three", "two", 0);
    EXPECT_EQ(Info(c, "total_blocking_keys"), 3);
    EXPECT_THAT(c.Command("RPUSH", key, "x"), IsInt(1));
    EXPECT_THAT(waiter.ReadReply(), IsArray(key, "x"));
    EXPECT_EQ(Info(c, "total_blocking_keys"), 0);
  }
}

TEST_F(BlockingTest, SortedSetsServeTheirOwn) {
  auto c = Connect();
  auto min = Waiting(c, 0, "BZPOPMIN", "z", 0), max = Waiting(c, 1, "BZPOPMAX", "y", "z", 0);
  auto many = Waiting(c, 2, "BZMPOP", 0, 2, "y", "z", "MAX", "COUNT", 5);
  EXPECT_THAT(c.Command("ZADD", "z", 1, "a", 2, "b", 3, "c", 4, "d"), IsInt(4));
  EXPECT_THAT(min.ReadReply(), IsArray("z", "a", "1"));
  EXPECT_THAT(max.ReadReply(), IsArray("z", "d", "4"));
  EXPECT_THAT(many.ReadReply(), IsArray("z", IsArray(IsArray("c", "3"), IsArray("b", "2"))));
  EXPECT_THAT(c.Command("EXISTS", "z"), IsInt(0));
}

TEST_F(BlockingTest, TheReplyIsInTheProtocolOfWhoWaits) {
  auto c = Connect(), v3 = Connect(3);
  v3.Send("BZPOPMIN", "z", 0);
  ASSERT_TRUE(Wait(c, 1));
  c.Command("ZADD", "z", "1.5", "a");
  EXPECT_THAT(v3.ReadReply(), IsArray("z", "a", IsDouble(1.5)));
  v3.Send("BLPOP", "l", "0.01");
  EXPECT_THAT(v3.ReadBytes(3), "_\r\n");
}

TEST_F(BlockingTest, MessagesComeBeforeTheReplyThatFollowsThem) {
  auto c = Connect(), v3 = Connect(3);
  v3.Send("SUBSCRIBE", "news");
  (void)v3.ReadPush();
  for (int i = 0; i < 50; ++i) {
    v3.Send("BLPOP", "k", 0);
    ASSERT_TRUE(Wait(c, 1));
    EXPECT_THAT(c.Command("PUBLISH", "news", "x"), IsInt(1));
    EXPECT_THAT(c.Command("RPUSH", "k", "y"), IsInt(1));
    const std::string message = ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n";
    const std::string reply = "*2\r\n$1\r\nk\r\n$1\r\ny\r\n";
    EXPECT_EQ(v3.ReadBytes(message.size() + reply.size()), message + reply);
  }
}

TEST_F(BlockingTest, BLMPopTakesSeveral) {
  auto c = Connect();
  auto waiter = Waiting(c, 0, "BLMPOP", 0, 2, "a", "b", "RIGHT", "COUNT", 2);
  c.Command("RPUSH", "b", 1, 2, 3);
  EXPECT_THAT(waiter.ReadReply(), IsArray("b", IsArray("3", "2")));
  EXPECT_THAT(c.Command("LRANGE", "b", 0, -1), IsArray("1"));
}

TEST_F(BlockingTest, WhatHasTheWrongTypeServesNobody) {
  auto c = Connect();
  auto list = Waiting(c, 0, "BLPOP", "k", "other", 0), set = Waiting(c, 1, "BZPOPMIN", "k", 0);
  c.Command("SET", "k", "text");
  c.Command("SADD", "other", "member");
  EXPECT_TRUE(Silent(list));
  c.Command("DEL", "k");
  c.Command("ZADD", "k", 1, "m");
  EXPECT_THAT(set.ReadReply(), IsArray("k", "m", "1"));
  EXPECT_TRUE(Silent(list));
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(list.ReadReply(), IsArray("k", "x"));
}

TEST_F(BlockingTest, OtherWaysToMakeAListServeToo) {
  auto c = Connect();
  const auto served_by = [&](const std::vector<std::vector<std::string>>& commands) {
    c.Command("FLUSHALL");
    c.Command("RPUSH", "source", "2", "1");
    auto waiter = Waiting(c, 0, "BLPOP", "k", 0);
    for (const auto& command : commands) c.Command(command);
    return waiter.ReadReply(milliseconds(500));
  };
  EXPECT_THAT(served_by({{"RENAME", "source", "k"}}), IsArray("k", "2"));
  EXPECT_THAT(served_by({{"COPY", "source", "k"}}), IsArray("k", "2"));
  EXPECT_THAT(served_by({{"LMOVE", "source", "k", "RIGHT", "LEFT"}}), IsArray("k", "1"));
  EXPECT_THAT(served_by({{"SORT", "source", "STORE", "k"}}), IsArray("k", "1"));
  EXPECT_THAT(served_by({{"SELECT", "1"}, {"RPUSH", "k", "x"}, {"MOVE", "k", "0"}, {"SELECT", "0"}}),
              IsArray("k", "x"));
  EXPECT_THAT(served_by({{"SELECT", "1"}, {"RPUSH", "k", "x"}, {"SWAPDB", "0", "1"}, {"SELECT", "0"}}),
              IsArray("k", "x"));
}

TEST_F(BlockingTest, EveryDatabaseHasItsOwnWaiters) {
  auto c = Connect(), other = Connect();
  other.Command("SELECT", 3);
  other.Send("BLPOP", "k", 0);
  ASSERT_TRUE(Wait(c, 1));
  c.Command("RPUSH", "k", "zero");
  EXPECT_TRUE(Silent(other));
  c.Command("SELECT", 3);
  c.Command("RPUSH", "k", "three");
  EXPECT_THAT(other.ReadReply(), IsArray("k", "three"));
}

// --- moving on ----------------------------------------------------------------------------------------------

TEST_F(BlockingTest, ChainsOfMovesAreServedToTheirEnd) {
  auto c = Connect();
  std::vector<RespClient> links;
  for (int i = 0; i < 6; ++i) {
    links.push_back(Waiting(c, i, "BLMOVE", "k" + std::to_string(i), "k" + std::to_string(i + 1), "LEFT", "RIGHT", 0));
  }
  auto last = Waiting(c, 6, "BLPOP", "k6", 0);
  EXPECT_THAT(c.Command("RPUSH", "k0", "x"), IsInt(1));
  EXPECT_THAT(c.Command("EXISTS", "k0", "k1", "k2", "k3", "k4", "k5", "k6"), IsInt(0));
  for (auto& link : links) EXPECT_THAT(link.ReadReply(), IsBulk("x"));
  EXPECT_THAT(last.ReadReply(), IsArray("k6", "x"));
}

TEST_F(BlockingTest, MovesInARingComeToRest) {
  auto c = Connect();
  auto a = Waiting(c, 0, "BRPOPLPUSH", "ping", "pong", 0), b = Waiting(c, 1, "BRPOPLPUSH", "pong", "ping", 0);
  EXPECT_THAT(c.Command("LPUSH", "ping", "x"), IsInt(1));
  EXPECT_THAT(a.ReadReply(), IsBulk("x"));
  EXPECT_THAT(b.ReadReply(), IsBulk("x"));
  EXPECT_THAT(c.Command("LRANGE", "ping", 0, -1), IsArray("x"));
}

TEST_F(BlockingTest, MovesToTheSameListAndWithinATag) {
  auto c = Connect();
  auto same = Waiting(c, 0, "BLMOVE", "k", "k", "LEFT", "RIGHT", 0);
  c.Command("RPUSH", "k", "a", "b");
  EXPECT_THAT(same.ReadReply(), IsBulk("a"));
  EXPECT_THAT(c.Command("LRANGE", "k", 0, -1), IsArray("b", "a"));
  auto tagged = Waiting(c, 0, "BLMOVE", "{q}from", "{q}to", "LEFT", "RIGHT", 0);
  c.Command("RPUSH", "{q}from", "x");
  EXPECT_THAT(tagged.ReadReply(), IsBulk("x"));
  EXPECT_THAT(c.Command("LRANGE", "{q}to", 0, -1), IsArray("x"));
}

TEST_F(BlockingTest, AMoveToAWrongTypeFailsWhenTheElementComes) {
  auto c = Connect();
  c.Command("SET", "to", "text");
  auto move = Waiting(c, 0, "BLMOVE", "from", "to", "LEFT", "RIGHT", 0), pop = Waiting(c, 1, "BLPOP", "from", 0);
  c.Command("RPUSH", "from", "x");
  EXPECT_THAT(move.ReadReply(), IsError(kWrongType));
  EXPECT_THAT(pop.ReadReply(), IsArray("from", "x"));
}

// --- transactions -------------------------------------------------------------------------------------------

TEST_F(BlockingTest, ATransactionServesAtItsEnd) {
  auto c = Connect();
  auto waiter = Waiting(c, 0, "BLPOP", "k", 0);
  c.Command("MULTI");
  for (const char* element : {"a", "b", "c"}) c.Command("LPUSH", "k", element);
  EXPECT_THAT(c.Command("EXEC"), IsArray(1, 2, 3));
  EXPECT_THAT(waiter.ReadReply(), IsArray("k", "c"));

  auto unserved = Waiting(c, 0, "BLPOP", "gone", 0);
  c.Command("MULTI");
  c.Command("RPUSH", "gone", "x");
  c.Command("DEL", "gone");
  EXPECT_THAT(c.Command("EXEC"), IsArray(1, 1));
  EXPECT_TRUE(Silent(unserved));
}

TEST_F(BlockingTest, ATransactionServesMovesElsewhere) {
  auto c = Connect();
  auto move = Waiting(c, 0, "BLMOVE", "from", "to", "LEFT", "RIGHT", 0), pop = Waiting(c, 1, "BLPOP", "to", 0);
  c.Command("MULTI");
  c.Command("RPUSH", "from", "x");
  EXPECT_THAT(c.Command("EXEC"), IsArray(1));
  EXPECT_THAT(move.ReadReply(), IsBulk("x"));
  EXPECT_THAT(pop.ReadReply(), IsArray("to", "x"));
  // Into another database than the one in which the transaction began.
  c.Command("SELECT", 5);
  auto far = Connect();
  far.Command("SELECT", 6);
  far.Send("BLMOVE", "from", "to", "LEFT", "RIGHT", 0);
  ASSERT_TRUE(Wait(c, 1));
  c.Command("MULTI");
  c.Command("SELECT", 6);
  c.Command("RPUSH", "from", "y");
  EXPECT_THAT(c.Command("EXEC"), IsArray(IsOk(), 1));
  EXPECT_THAT(far.ReadReply(), IsBulk("y"));
  EXPECT_THAT(c.Command("LRANGE", "to", 0, -1), IsArray("y"));
}

TEST_F(BlockingTest, NothingWaitsInsideATransaction) {
  auto c = Connect();
  c.Command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
  c.Command("MULTI");
  c.SendRaw("BLPOP k 0\r\nBLMOVE k j LEFT LEFT 0\r\nBZPOPMIN k 0\r\nXREAD BLOCK 0 STREAMS s $\r\n"
            "XREADGROUP GROUP g c BLOCK 0 STREAMS s >\r\nWAIT 1 0\r\nWAITAOF 0 1 0\r\nEXEC\r\n");
  c.ReadBytes(7 * 9);
  EXPECT_EQ(c.ReadBytes(45), "*7\r\n*-1\r\n$-1\r\n*-1\r\n*-1\r\n*-1\r\n:0\r\n*2\r\n:0\r\n:0\r\n");
}

// --- time and order -----------------------------------------------------------------------------------------

TEST_F(BlockingTest, TimeoutsAreExact) {
  auto c = Connect();
  for (const int timeout : {1, 20, 150}) {
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"BLPOP", "k", "0." + std::string(timeout < 10 ? "00" : timeout < 100 ? "0" : "") +
                                                     std::to_string(timeout)},
          std::vector<std::string>{"XREAD", "BLOCK", std::to_string(timeout), "STREAMS", "k", "$"}}) {
      const auto sent = Clock::now();
      EXPECT_THAT(c.Command(command), IsNil());
      const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - sent).count();
      EXPECT_THAT(waited, AllOf(Ge(timeout), Lt(timeout + 60))) << command[0];
    }
  }
  EXPECT_EQ(Info(c, "blocked_clients"), 0);
  EXPECT_EQ(Info(c, "total_blocking_keys"), 0);
}

TEST_F(BlockingTest, ManyTimeoutsEndInTheirOrder) {
  auto c = Connect();
  RespClient late = Waiting(c, 0, "BLPOP", "k", "0.3"), soon = Waiting(c, 1, "BLPOP", "k", "0.1");
  EXPECT_EQ(Info(c, "clients_in_timeout_table"), 2);
  EXPECT_THAT(soon.ReadReply(), IsNil());
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(late.ReadReply(), IsArray("k", "x"));
  EXPECT_EQ(Info(c, "clients_in_timeout_table"), 0);
}

TEST_F(BlockingTest, LaterRequestsOfAWaitingClientComeAfterItsReply) {
  auto c = Connect(), waiter = Connect();
  waiter.SendRaw("SET before 1\r\nBLPOP k 0\r\nGET before\r\nBLPOP k 0.05\r\nPING\r\n");
  EXPECT_THAT(waiter.ReadReply(), IsOk());
  ASSERT_TRUE(Wait(c, 1));
  EXPECT_TRUE(Silent(waiter));
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(waiter.ReadReply(), IsArray("k", "x"));
  EXPECT_THAT(waiter.ReadReply(), IsBulk("1"));
  EXPECT_THAT(waiter.ReadReply(), IsNil());
  EXPECT_THAT(waiter.ReadReply(), IsStatus("PONG"));
}

TEST_F(BlockingTest, AClientThatFeedsItselfThroughAPipeline) {
  auto c = Connect();
  std::string pipeline;
  for (int i = 0; i < 300; ++i) pipeline += "RPUSH k " + std::to_string(i) + "\r\nBLPOP k 0\r\n";
  c.SendRaw(pipeline);
  for (int i = 0; i < 300; ++i) {
    EXPECT_THAT(c.ReadReply(), IsInt(1));
    EXPECT_THAT(c.ReadReply(), IsArray("k", std::to_string(i)));
  }
}

TEST_F(BlockingTest, RepliesThatAreNotWantedAreNotSent) {
  auto c = Connect(), waiter = Connect();
  waiter.SendRaw("CLIENT REPLY SKIP\r\nBLPOP k 0\r\nPING\r\n");
  ASSERT_TRUE(Wait(c, 1));
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(waiter.ReadReply(), IsStatus("PONG"));
}

TEST_F(BlockingTest, WaitingForReplicasLastsUntilTimeIsUp) {
  auto c = Connect(), waiter = Connect();
  EXPECT_THAT(c.Command("WAIT", 0, 1000), IsInt(0));
  EXPECT_THAT(c.Command("WAITAOF", 0, 0, 1000), IsArray(0, 0));
  const auto sent = Clock::now();
  EXPECT_THAT(c.Command("WAIT", 1, 50), IsInt(0));
  EXPECT_THAT(c.Command("WAITAOF", 0, 1, 50), IsArray(0, 0));
  EXPECT_GE(Clock::now() - sent, milliseconds(100));
  EXPECT_THAT(c.Command("WAIT", 1, -1), IsError("ERR timeout is negative"));
  EXPECT_THAT(c.Command("WAIT", "x", 0), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("WAITAOF", 2, 0, 0), IsError("ERR value is out of range, value must between 0 and 1"));
  EXPECT_THAT(c.Command("WAITAOF", 1, 0, 0),
              IsError("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."));
  const int64_t id = waiter.Command("CLIENT", "ID").integer;
  waiter.Send("WAIT", 1, 0);
  ASSERT_TRUE(Wait(c, 1));
  EXPECT_THAT(c.Command("CLIENT", "UNBLOCK", id), IsInt(1));
  EXPECT_THAT(waiter.ReadReply(), IsInt(0));
}

}  // namespace
}  // namespace pinion::test
