// A script that runs too long: everybody else is told so, on every loop, and it can be ended.
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

constexpr const char* kBusy = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
constexpr const char* kBusyFunction =
    "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.";

class BusyTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("busy-reply-threshold", "20").Set("threads", "3"); }

  // Starts a script that does not end, and waits until it is busy.
  RespClient StartEndless(const std::string& script, const std::string& key = "k") {
    auto c = Connect();
    c.Send("EVAL", script, 1, key);
    AwaitBusy();
    return c;
  }
  // Waits until a script has begun, which may be busy already.
  void AwaitScript() {
    auto c = Connect();
    for (int i = 0; i < 5000; ++i) {
      const Reply list = c.Command("CLIENT", "LIST");
      if (list.kind == Reply::Kind::kError || list.text.find("cmd=eval") != std::string::npos) return;
    }
    FAIL() << "no script began";
  }
  void AwaitBusy() {
    auto c = Connect();
    for (int i = 0; i < 500; ++i) {
      if (c.Command("PING").kind == Reply::Kind::kError) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL() << "no script became busy";
  }
  static testing::Matcher<const Reply&> IsKilled() {
    return matcher_detail::Text(Reply::Kind::kError, testing::HasSubstr("Script killed by user with SCRIPT KILL"));
  }
};

TEST_F(BusyTest, EverybodyIsToldAndMayEndIt) {
  std::vector<RespClient> clients;
  for (int i = 0; i < 9; ++i) clients.push_back(Connect());
  auto script = StartEndless("while true do end");
  for (RespClient& c : clients) {
    EXPECT_THAT(c.Command("PING"), IsError(kBusy));
    EXPECT_THAT(c.Command("GET", "k"), IsError(kBusy));
    EXPECT_THAT(c.Command("EVAL", "return 1", 0), IsError(kBusy));
    EXPECT_THAT(c.Command("FLUSHALL"), IsError(kBusy));
    EXPECT_THAT(c.Command("DBSIZE"), IsError(kBusy));
    EXPECT_THAT(c.Command("FUNCTION", "KILL"), IsError(kBusy));
    EXPECT_THAT(c.Command("FUNCTION", "STATS"), IsError(kBusy));
  }
  EXPECT_THAT(clients[0].Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
  for (RespClient& c : clients) EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
  EXPECT_THAT(script.Command("EVAL", "return 1", 0), IsInt(1));
  EXPECT_THAT(clients[0].Command("SCRIPT", "KILL"), IsErrorStarting("NOTBUSY"));
}

TEST_F(BusyTest, WhoeverWaitsForItIsToldToo) {
  auto script = Connect();
  std::vector<RespClient> waiting;
  for (int i = 0; i < 9; ++i) waiting.push_back(Connect());
  script.Send("EVAL", "while true do end", 1, "k");
  AwaitScript();
  // For its key, its turn, or to be alone.
  for (size_t i = 0; i < waiting.size(); ++i) {
    if (i % 3 == 0) waiting[i].Send("SET", "k", "v");
    if (i % 3 == 1) waiting[i].Send("EVAL", "return 1", 0);
    if (i % 3 == 2) waiting[i].Send("FLUSHALL");
  }
  for (RespClient& c : waiting) EXPECT_THAT(c.ReadReply(), IsError(kBusy));
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
  EXPECT_THAT(waiting[0].Command("SET", "k", "v"), IsOk());
}

TEST_F(BusyTest, KillingWaitsUntilAScriptIsBusyOrOver) {
  auto script = Connect();
  script.Send("EVAL", "while true do end", 0);
  AwaitScript();
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
}

TEST_F(BusyTest, PcallCannotCatchTheEnd) {
  auto script = StartEndless("while true do pcall(function() while true do end end) end");
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
  auto other = StartEndless(
      "while true do coroutine.resume(coroutine.create(function() while true do end end)) end");
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(other.ReadReply(), IsKilled());
}

TEST_F(BusyTest, WhatHasWrittenCannotBeKilled) {
  auto c = Connect();
  auto script = StartEndless(
      "redis.call('set', KEYS[1], 'written') for i = 1, 30000000 do end return redis.call('get', KEYS[1])");
  EXPECT_THAT(c.Command("SCRIPT", "KILL"), IsErrorStarting("UNKILLABLE Sorry the script already executed write"));
  EXPECT_THAT(script.ReadReply(std::chrono::seconds(20)), IsBulk("written"));
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("written"));
}

TEST_F(BusyTest, AStrayedScriptIsNoDifferent) {
  auto script = StartEndless("redis.call('get', 'undeclared') while true do end");
  auto c = Connect();
  EXPECT_THAT(c.Command("GET", "other"), IsError(kBusy));
  EXPECT_THAT(c.Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
}

TEST_F(BusyTest, TransactionsAreDoomedByIt) {
  auto c = Connect();
  auto d = Connect();
  EXPECT_THAT(c.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  auto script = StartEndless("while true do end");
  EXPECT_THAT(c.Command("INCR", "n"), IsError(kBusy));
  EXPECT_THAT(d.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(d.Command("MULTI"), IsOk());
  EXPECT_THAT(d.Command("EXEC"), IsErrorStarting("EXECABORT Transaction discarded because of: BUSY"));
  EXPECT_THAT(d.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(d.Command("UNWATCH"), IsOk());
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
  EXPECT_THAT(c.Command("EXEC"), IsError("EXECABORT Transaction discarded because of previous errors."));
}

TEST_F(BusyTest, ATransactionDoesNotWaitForItself) {
  auto c = Connect();
  c.Command("MULTI");
  c.Command("EVAL", "return 1", 0);
  c.Command("SCRIPT", "KILL");
  c.Command("FUNCTION", "KILL");
  c.Command("FUNCTION", "STATS");
  const auto no_script = IsError("NOTBUSY No scripts in execution right now.");
  EXPECT_THAT(c.Command("EXEC"), IsArray(1, no_script, no_script, IsArray("running_script", IsNil(), "engines", testing::_)));
}

TEST_F(BusyTest, ClientsComeAndGoMeanwhile) {
  std::vector<RespClient> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(Connect());
    clients.back().Command("WATCH", "k");
  }
  auto script = StartEndless("while true do end");
  clients.clear();
  for (int i = 0; i < 12; ++i) EXPECT_THAT(Connect().Command("PING"), IsError(kBusy));
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
  EXPECT_THAT(Connect().Command("PING"), IsStatus("PONG"));
}

TEST_F(BusyTest, AClientMayLeaveWhileItsScriptRuns) {
  { auto gone = StartEndless("while true do end"); }
  auto c = Connect();
  EXPECT_THAT(c.Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
}

TEST_F(BusyTest, MessagesFromBeforeItWasBusyArriveOnEveryLoop) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "busy-reply-threshold", 300), IsOk());
  std::vector<RespClient> subscribers, publishers;
  for (int i = 0; i < 6; ++i) {
    subscribers.push_back(Connect());
    subscribers.back().Command("SUBSCRIBE", "news");
  }
  for (int i = 0; i < 3; ++i) publishers.push_back(Connect());
  auto script = Connect();
  script.Send("EVAL", "while true do end", 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  for (RespClient& p : publishers) p.Send("PUBLISH", "news", "m");
  // The publisher on the script's loop is told that it is busy; the others were in time.
  int published = 0;
  for (RespClient& p : publishers) published += p.ReadReply().kind == Reply::Kind::kInteger;
  EXPECT_EQ(published, 2);
  for (RespClient& s : subscribers) {
    for (int i = 0; i < published; ++i) EXPECT_THAT(s.ReadReply(), IsArray("message", "news", "m"));
  }
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
}

TEST_F(BusyTest, PipelinesGoOnWhereTheyWere) {
  auto c = Connect();
  c.SendRaw("SET a 1\r\nEVAL 'while true do end' 1 a\r\nGET a\r\nGET a\r\n");
  AwaitBusy();
  EXPECT_THAT(Connect().Command("SCRIPT", "KILL"), IsOk());
  EXPECT_THAT(c.ReadReply(), IsOk());
  EXPECT_THAT(c.ReadReply(), IsKilled());
  EXPECT_THAT(c.ReadReply(), IsBulk("1"));
  EXPECT_THAT(c.ReadReply(), IsBulk("1"));
}

TEST_F(BusyTest, FunctionsHaveTheirOwnKill) {
  auto c = Connect();
  c.Command("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() while true do end end)");
  auto script = Connect();
  script.Send("FCALL", "f", 1, "k");
  AwaitBusy();
  EXPECT_THAT(c.Command("PING"), IsError(kBusyFunction));
  EXPECT_THAT(c.Command("SCRIPT", "KILL"), IsError(kBusyFunction));
  EXPECT_THAT(c.Command("FUNCTION", "STATS").elements[1].elements[1], IsBulk("f"));
  EXPECT_THAT(c.Command("FUNCTION", "KILL"), IsOk());
  EXPECT_THAT(script.ReadReply(), IsKilled());
}

TEST_F(BusyTest, ShutdownEndsItAnyway) {
  auto script = StartEndless("redis.call('set', KEYS[1], 'v') while true do end");
  auto c = Connect();
  EXPECT_THAT(c.Command("SHUTDOWN"), IsError(kBusy));
  c.Send("SHUTDOWN", "NOSAVE");
  WaitForShutdown();
}

TEST_F(BusyTest, StoppingTheServerEndsItAnyway) {
  auto script = StartEndless("redis.call('set', KEYS[1], 'v') while true do end");
  TearDown();
}

}  // namespace
}  // namespace pinion::test
