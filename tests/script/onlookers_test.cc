// What others see of scripts: MONITOR, SLOWLOG, command statistics, and clients that wait while a script is busy.
#include <chrono>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

class OnlookersTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("busy-reply-threshold", "20").Set("threads", "3"); }
};

TEST_F(OnlookersTest, MonitorsSeeTheScriptAndWhatItCalls) {
  auto monitor = Connect();
  EXPECT_THAT(monitor.Command("MONITOR"), IsOk());
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL", "return redis.call('incr', KEYS[1])", 1, "n"), IsInt(1));
  EXPECT_THAT(monitor.ReadReply().text, HasSubstr("\"EVAL\" \"return redis.call('incr', KEYS[1])\" \"1\" \"n\""));
  EXPECT_THAT(monitor.ReadReply().text, HasSubstr(" lua] \"incr\" \"n\""));
}

TEST_F(OnlookersTest, TheSlowlogHasTheScriptBehindWhatItCalls) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "slowlog-log-slower-than", 0);
  c.Command("SLOWLOG", "RESET");
  c.Command("EVAL", "redis.call('set', KEYS[1], 'v') return redis.call('get', KEYS[1])", 1, "k");
  const Reply log = c.Command("SLOWLOG", "GET", -1);
  ASSERT_EQ(log.elements.size(), 4u);
  EXPECT_THAT(log.elements[0].elements[3], IsArray("EVAL", testing::_, "1", "k"));
  EXPECT_THAT(log.elements[1].elements[3], IsArray("get", "k"));
  EXPECT_THAT(log.elements[2].elements[3], IsArray("set", "k", "v"));
  EXPECT_THAT(log.elements[3].elements[3], IsArray("SLOWLOG", "RESET"));
}

TEST_F(OnlookersTest, StatisticsCountWhatScriptsCall) {
  auto c = Connect();
  c.Command("CONFIG", "RESETSTAT");
  c.Command("EVAL", "for i = 1, 5 do redis.call('incr', KEYS[1]) end", 1, "n");
  const std::string stats = c.Command("INFO", "commandstats").text;
  EXPECT_THAT(stats, HasSubstr("cmdstat_incr:calls=5,"));
  EXPECT_THAT(stats, HasSubstr("cmdstat_eval:calls=1,"));
}

// Runs a script that takes so much CPU time and is busy most of it. (TIME stands still for a script.)
RespClient StartLong(RespClient c, milliseconds time, const std::string& after = "") {
  c.Send("EVAL", "local from = os.clock() repeat until os.clock() > from + ARGV[1] / 1000 " + after, 1, "other",
         time.count());
  return c;
}

TEST_F(OnlookersTest, WhoWaitsIsServedWhenABusyScriptHasEnded) {
  auto waiter = Connect();
  waiter.Send("BLPOP", "list", 0);
  auto c = Connect();
  while (c.Command("INFO", "clients").text.find("blocked_clients:1") == std::string::npos) {
  }
  auto script = StartLong(Connect(), milliseconds(200), "redis.call('rpush', 'list', 'a')");
  EXPECT_THAT(waiter.ReadReply(), IsArray("list", "a"));
  EXPECT_THAT(script.ReadReply(), IsNil());
}

TEST_F(OnlookersTest, ATimeoutThatPassesMeanwhileIsToldAtTheEnd) {
  auto waiter = Connect();
  waiter.Send("BLPOP", "list", "0.05");
  const auto began = steady_clock::now();
  auto script = StartLong(Connect(), milliseconds(300));
  EXPECT_THAT(waiter.ReadReply(), IsNil());
  EXPECT_GE(steady_clock::now() - began, milliseconds(50));
  EXPECT_THAT(script.ReadReply(), IsNil());
  EXPECT_THAT(waiter.Command("PING"), IsStatus("PONG"));
}

TEST_F(OnlookersTest, WhoWaitsMayLeaveWhileAScriptIsBusy) {
  auto c = Connect();
  auto script = StartLong(Connect(), milliseconds(300));
  {
    auto waiter = Connect();
    waiter.Send("BLPOP", "list", 0);
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_THAT(script.ReadReply(), IsNil());
  EXPECT_THAT(c.Command("RPUSH", "list", "kept"), IsInt(1));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_THAT(c.Command("LLEN", "list"), IsInt(1));
}

}  // namespace
}  // namespace pinion::test
