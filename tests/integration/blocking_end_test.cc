// How a wait ends otherwise than by being served, what others see of those who wait, and blocked readers of streams.
#include "tests/integration/blocking_test_util.h"

namespace pinion::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using std::chrono::milliseconds;

class BlockingEndTest : public BlockingTest {
 protected:
  void Configure(Options& options) override { options.Set("threads", "4").Set("enable-debug-command", "yes"); }

  // A line "cmdstat_NAME:calls=1,..." of INFO without its times.
  std::string Stat(RespClient& c, const std::string& name) {
    const std::string text = c.Command("INFO", "commandstats").text;
    const size_t at = text.find("cmdstat_" + name + ":");
    if (at == std::string::npos) return "";
    const std::string line = text.substr(at, text.find('\r', at) - at);
    const size_t rejected = line.find(",rejected");
    return line.substr(line.find(':') + 1, line.find(',') - line.find(':') - 1) + line.substr(rejected);
  }
};

// --- ends ---------------------------------------------------------------------------------------------------

TEST_F(BlockingEndTest, UnblockEndsAWaitAsIfTimeWereUpOrWithAnError) {
  auto c = Connect();
  for (const char* reason : {"", "TIMEOUT", "ERROR"}) {
    auto waiter = Connect();
    const int64_t id = waiter.Command("CLIENT", "ID").integer;
    EXPECT_THAT(c.Command("CLIENT", "UNBLOCK", id), IsInt(0));
    waiter.Send("BLPOP", "k", 0);
    ASSERT_TRUE(Wait(c, 1));
    std::vector<std::string> unblock = {"CLIENT", "UNBLOCK", std::to_string(id)};
    if (*reason != 0) unblock.push_back(reason);
    EXPECT_THAT(c.Command(unblock), IsInt(1));
    EXPECT_EQ(Info(c, "blocked_clients"), 0);
    if (std::string(reason) == "ERROR") {
      EXPECT_THAT(waiter.ReadReply(), IsError("UNBLOCKED client unblocked via CLIENT UNBLOCK"));
    } else {
      EXPECT_THAT(waiter.ReadReply(), IsNil());
    }
    EXPECT_THAT(waiter.Command("PING"), IsStatus("PONG"));
  }
  EXPECT_EQ(Info(c, "total_blocking_keys"), 0);
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(c.Command("LLEN", "k"), IsInt(1));
  EXPECT_THAT(c.Command("CLIENT", "UNBLOCK", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("CLIENT", "UNBLOCK", 1, "NOW"), IsErrorStarting("ERR CLIENT UNBLOCK reason"));
}

TEST_F(BlockingEndTest, WhoHangsUpTakesNothing) {
  auto c = Connect();
  {
    auto gone = Waiting(c, 0, "BLPOP", "k", "j", 0);
    auto also_gone = Waiting(c, 1, "BLPOP", "k", 0);
    auto stays = Waiting(c, 2, "BLPOP", "k", 0);
    gone.Close();
    ASSERT_TRUE(Wait(c, 2));
    also_gone.Close();
    ASSERT_TRUE(Wait(c, 1));
    c.Command("RPUSH", "k", "x");
    EXPECT_THAT(stays.ReadReply(), IsArray("k", "x"));
  }
  EXPECT_EQ(Info(c, "total_blocking_keys"), 0);
}

TEST_F(BlockingEndTest, AKilledClientTakesNothing) {
  auto c = Connect(), waiter = Connect();
  const int64_t id = waiter.Command("CLIENT", "ID").integer;
  waiter.Send("BLMOVE", "k", "j", "LEFT", "LEFT", 0);
  ASSERT_TRUE(Wait(c, 1));
  EXPECT_THAT(c.Command("CLIENT", "KILL", "ID", id), IsInt(1));
  EXPECT_EQ(Info(c, "blocked_clients"), 0);
  EXPECT_THAT(c.Command("RPUSH", "k", "x"), IsInt(1));
  EXPECT_THAT(c.Command("LLEN", "k"), IsInt(1));
  EXPECT_TRUE(waiter.WaitForClose());
  EXPECT_EQ(Info(c, "total_blocking_keys"), 0);
}

TEST_F(BlockingEndTest, IdleClientsThatWaitAreNotTimedOut) {
  auto c = Connect();
  auto waiter = Waiting(c, 0, "BLPOP", "k", 0);
  EXPECT_THAT(c.Command("CONFIG", "SET", "timeout", 1), IsOk());
  for (int i = 0; i < 30; ++i) {
    std::this_thread::sleep_for(milliseconds(50));
    c.Command("PING");
  }
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(waiter.ReadReply(), IsArray("k", "x"));
  EXPECT_THAT(waiter.Command("PING"), IsStatus("PONG"));
}

TEST_F(BlockingEndTest, ResetComesAfterTheWait) {
  auto c = Connect(), waiter = Connect();
  waiter.SendRaw("BLPOP k 0\r\nRESET\r\n");
  ASSERT_TRUE(Wait(c, 1));
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(waiter.ReadReply(), IsArray("k", "x"));
  EXPECT_THAT(waiter.ReadReply(), IsStatus("RESET"));
}

TEST_F(BlockingEndTest, AServerStopsThoughClientsWait) {
  auto c = Connect();
  auto waiter = Waiting(c, 0, "BLPOP", "k", 0);
  c.Send("SHUTDOWN", "NOSAVE");
  WaitForShutdown();
  EXPECT_TRUE(waiter.WaitForClose());
}

// --- what others see ----------------------------------------------------------------------------------------

TEST_F(BlockingEndTest, AWaitIsCountedOnceWhenItIsOver) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "slowlog-log-slower-than", 0);
  auto waiter = Waiting(c, 0, "BLPOP", "k", 0);
  EXPECT_EQ(Stat(c, "blpop"), "");
  EXPECT_THAT(c.Command("CLIENT", "LIST").text, HasSubstr("flags=b "));
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(waiter.ReadReply(), IsArray("k", "x"));
  EXPECT_EQ(Stat(c, "blpop"), "calls=1,rejected_calls=0,failed_calls=0");
  EXPECT_THAT(c.Command("CLIENT", "LIST").text, Not(HasSubstr("flags=b ")));
  EXPECT_THAT(c.Command("BLPOP", "k", "0.001"), IsNil());
  EXPECT_EQ(Stat(c, "blpop"), "calls=2,rejected_calls=0,failed_calls=0");
  int logged = 0;
  for (const Reply& entry : c.Command("SLOWLOG", "GET", -1).elements) {
    logged += entry.elements[3].elements[0].text == "BLPOP";
  }
  EXPECT_EQ(logged, 1);
}

TEST_F(BlockingEndTest, MonitorsSeeAWaitOnceWhenItBegins) {
  auto c = Connect(), monitor = Connect();
  EXPECT_THAT(monitor.Command("MONITOR"), IsOk());
  auto waiter = Connect();
  waiter.Send("BLPOP", "k", 0);
  EXPECT_THAT(monitor.ReadReply().text, HasSubstr("\"BLPOP\" \"k\" \"0\""));
  c.Command("RPUSH", "k", "x");
  EXPECT_THAT(monitor.ReadReply().text, HasSubstr("\"RPUSH\""));
  waiter.ReadReply();
  c.Command("ECHO", "end");
  EXPECT_THAT(monitor.ReadReply().text, HasSubstr("\"ECHO\""));
}

TEST_F(BlockingEndTest, ServingIsAChangeWithItsEvents) {
  auto c = Connect(), subscriber = Connect();
  c.Command("CONFIG", "SET", "notify-keyspace-events", "EA");
  subscriber.Command("PSUBSCRIBE", "__keyevent@0__:*");
  auto waiter = Waiting(c, 0, "BLMOVE", "from", "to", "LEFT", "RIGHT", 0);
  c.Command("RPUSH", "from", "x");
  std::string events;
  for (int i = 0; i < 4; ++i) {
    const Reply m = subscriber.ReadReply();
    ASSERT_THAT(m.elements, SizeIs(4));
    events += m.elements[2].text.substr(15) + " " + m.elements[3].text + ";";
  }
  EXPECT_EQ(events, "rpush from;rpush to;lpop from;del from;");
}

TEST_F(BlockingEndTest, ServingIsOneChangeAndSeesThePresent) {
  auto c = Connect();
  auto move = Waiting(c, 0, "BLMOVE", "from", "to", "LEFT", "RIGHT", 0);
  const int64_t before = Info(c, "rdb_changes_since_last_save");
  c.Command("RPUSH", "from", "x");
  EXPECT_THAT(move.ReadReply(), IsBulk("x"));
  EXPECT_EQ(Info(c, "rdb_changes_since_last_save"), before + 2);
  // A list whose deadline passes inside the transaction that makes it serves nobody.
  auto pop = Waiting(c, 0, "BLPOP", "k", "0.3");
  c.SendRaw("MULTI\r\nRPUSH k x\r\nPEXPIRE k 20\r\nDEBUG SLEEP 0.05\r\nEXEC\r\n");
  EXPECT_THAT(pop.ReadReply(), IsNil());
}

TEST_F(BlockingEndTest, PausedClientsBlockToo) {
  auto c = Connect();
  auto waiter = Waiting(c, 0, "BLPOP", "k", "0.05");
  c.Command("CLIENT", "PAUSE", 200, "WRITE");
  auto writer = Connect();
  writer.Send("RPUSH", "k", "x");
  EXPECT_THAT(waiter.ReadReply(), IsNil());
  EXPECT_THAT(writer.ReadReply(), IsInt(1));
}

// --- streams ------------------------------------------------------------------------------------------------

TEST_F(BlockingEndTest, ReadersOfAStreamAllGetTheEntry) {
  auto c = Connect();
  c.Command("XADD", "s", "1-0", "f", "v");
  auto now = Waiting(c, 0, "XREAD", "BLOCK", 0, "STREAMS", "s", "$");
  auto later = Waiting(c, 1, "XREAD", "BLOCK", 0, "STREAMS", "other", "s", "$", "5-0");
  c.Command("XADD", "s", "2-0", "f", "w");
  EXPECT_THAT(now.ReadReply(), IsArray(IsArray("s", IsArray(IsArray("2-0", IsArray("f", "w"))))));
  EXPECT_TRUE(Silent(later));
  c.Command("XADD", "s", "6-0", "f", "x");
  EXPECT_THAT(later.ReadReply(), IsArray(IsArray("s", IsArray(IsArray("6-0", IsArray("f", "x"))))));
}

TEST_F(BlockingEndTest, AReaderWaitsForAStreamThatIsNotThere) {
  auto c = Connect();
  auto reader = Waiting(c, 0, "XREAD", "BLOCK", 0, "STREAMS", "s", "$");
  c.Command("RPUSH", "s", "x");
  c.Command("DEL", "s");
  c.Command("MULTI");
  c.Command("XADD", "s", "1-1", "f", "v");
  c.Command("DEL", "s");
  c.Command("EXEC");
  EXPECT_TRUE(Silent(reader));
  c.Command("XADD", "s", "1-1", "f", "v");
  EXPECT_THAT(reader.ReadReply(), IsArray(IsArray("s", IsArray(IsArray("1-1", IsArray("f", "v"))))));
}

TEST_F(BlockingEndTest, ConsumersOfAGroupAreServedInTurn) {
  auto c = Connect();
  c.Command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
  auto a = Waiting(c, 0, "XREADGROUP", "GROUP", "g", "alice", "BLOCK", 0, "STREAMS", "s", ">");
  auto b = Waiting(c, 1, "XREADGROUP", "GROUP", "g", "bob", "BLOCK", 0, "STREAMS", "s", ">");
  EXPECT_EQ(Info(c, "total_blocking_keys_on_nokey"), 1);
  c.Command("XADD", "s", "1-0", "f", "v");
  EXPECT_THAT(a.ReadReply(), IsArray(IsArray("s", IsArray(IsArray("1-0", IsArray("f", "v"))))));
  EXPECT_TRUE(Silent(b));
  c.Command("XADD", "s", "2-0", "f", "v");
  EXPECT_THAT(b.ReadReply(), IsArray(IsArray("s", IsArray(IsArray("2-0", IsArray("f", "v"))))));
}

TEST_F(BlockingEndTest, ConsumersAreToldWhenStreamOrGroupGoAway) {
  auto c = Connect();
  constexpr const char* kNoGroup =
      "NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option";
  const auto after = [&](const std::vector<std::vector<std::string>>& commands) {
    c.Command("FLUSHALL");
    c.Command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
    auto reader = Waiting(c, 0, "XREADGROUP", "GROUP", "g", "c", "BLOCK", 0, "STREAMS", "s", ">");
    for (const auto& command : commands) c.Command(command);
    return reader.ReadReply(milliseconds(500));
  };
  EXPECT_THAT(after({{"DEL", "s"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"UNLINK", "s"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"XGROUP", "DESTROY", "s", "g"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"FLUSHALL"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"FLUSHDB"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"SWAPDB", "0", "1"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"RENAME", "s", "t"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"SET", "s", "text"}}), IsError(kWrongType));
  EXPECT_THAT(after({{"PEXPIRE", "s", "10"}}), IsError(kNoGroup));
  EXPECT_THAT(after({{"MULTI"}, {"DEL", "s"}, {"SADD", "s", "m"}, {"EXEC"}}), IsError(kWrongType));
  EXPECT_EQ(Info(c, "blocked_clients"), 0);
}

TEST_F(BlockingEndTest, AnEvictedStreamIsToldToo) {
  auto c = Connect();
  c.Command("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
  auto reader = Waiting(c, 0, "XREADGROUP", "GROUP", "g", "c", "BLOCK", 0, "STREAMS", "s", ">");
  c.Command("CONFIG", "SET", "maxmemory-policy", "allkeys-random", "maxmemory", 1);
  c.Command("SET", "x", 1);
  EXPECT_THAT(reader.ReadReply(), IsErrorStarting("NOGROUP "));
}

}  // namespace
}  // namespace pinion::test
