// Tests of MULTI, EXEC, DISCARD, WATCH and UNWATCH.
#include <algorithm>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using TransactionTest = ServerTest;

TEST_F(TransactionTest, ExecRunsWhatWasQueued) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("SET", "a", "1"), IsQueued());
  EXPECT_THAT(c.Command("INCR", "a"), IsQueued());
  EXPECT_THAT(c.Command("DBSIZE"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsArray(IsOk(), 2, 1));
}

TEST_F(TransactionTest, DiscardForgetsTheQueue) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DISCARD"), IsError("ERR DISCARD without MULTI"));
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("SET", "a", "1"), IsQueued());
  EXPECT_THAT(c.Command("DISCARD"), IsOk());
  EXPECT_THAT(c.Command("GET", "a"), IsNil());
}

TEST_F(TransactionTest, AnErrorWhileQueueingAborts) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("SET", "a"), IsErrorStarting("ERR wrong number of arguments"));
  EXPECT_THAT(c.Command("EXEC"), IsErrorStarting("EXECABORT"));
}

TEST_F(TransactionTest, AWatchedKeyThatChangesOnAnotherLoopAborts) {
  std::vector<RespClient> watchers;
  for (int i = 0; i < 4; ++i) watchers.push_back(Connect());
  auto c = Connect();
  for (RespClient& w : watchers) EXPECT_THAT(w.Command("WATCH", "k", "other"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  for (RespClient& w : watchers) {
    EXPECT_THAT(w.Command("MULTI"), IsOk());
    EXPECT_THAT(w.Command("GET", "k"), IsQueued());
    EXPECT_THAT(w.Command("EXEC"), IsNil());
  }
}

TEST_F(TransactionTest, UnwatchAndUnchangedKeysLetExecRun) {
  auto w = Connect();
  auto c = Connect();
  EXPECT_THAT(w.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  EXPECT_THAT(w.Command("UNWATCH"), IsOk());
  EXPECT_THAT(w.Command("MULTI"), IsOk());
  EXPECT_THAT(w.Command("GET", "k"), IsQueued());
  EXPECT_THAT(w.Command("EXEC"), IsArray("v"));
}

TEST_F(TransactionTest, AKeyThatExpiresAfterWatchAborts) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "v", "PX", 30), IsOk());
  EXPECT_THAT(c.Command("WATCH", "k"), IsOk());
  std::this_thread::sleep_for(std::chrono::milliseconds(80));
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("PING"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsNil());
}

}  // namespace
}  // namespace pinion::test
