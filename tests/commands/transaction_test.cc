// Tests of MULTI, EXEC, DISCARD, WATCH and UNWATCH.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class TransactionTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
};

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

TEST_F(TransactionTest, NeitherMultiNorWatchMayBeQueued) {
  for (const char* refused : {"MULTI", "WATCH"}) {
    auto c = Connect();
    EXPECT_THAT(c.Command("MULTI"), IsOk());
    EXPECT_THAT(refused == std::string("MULTI") ? c.Command("MULTI") : c.Command("WATCH", "k"),
                IsError("ERR Command not allowed inside a transaction"));
    EXPECT_THAT(c.Command("EXEC"), IsErrorStarting("EXECABORT"));
    EXPECT_THAT(c.Command("EXEC"), IsError("ERR EXEC without MULTI"));
  }
}

TEST_F(TransactionTest, AnErrorWhileExecutingStopsNothing) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "text"), IsOk());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("INCR", "a"), IsQueued());
  EXPECT_THAT(c.Command("SELECT", 1), IsQueued());
  EXPECT_THAT(c.Command("SET", "a", "one"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsArray(IsErrorStarting("ERR value is not an integer"), IsOk(), IsOk()));
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("one")) << "in database 1";
}

TEST_F(TransactionTest, WatchGoesForOneDatabase) {
  auto w = Connect();
  auto c = Connect();
  EXPECT_THAT(w.Command("SELECT", 1), IsOk());
  EXPECT_THAT(w.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "zero"), IsOk());
  EXPECT_THAT(w.Command("MULTI"), IsOk());
  EXPECT_THAT(w.Command("EXEC"), IsArray());

  EXPECT_THAT(w.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(w.Command("SELECT", 0), IsOk());
  EXPECT_THAT(c.Command("SELECT", 1), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "one"), IsOk());
  EXPECT_THAT(w.Command("MULTI"), IsOk());
  EXPECT_THAT(w.Command("EXEC"), IsNil());
}

TEST_F(TransactionTest, OnesOwnWriteFailsTheWatchToo) {
  auto c = Connect();
  EXPECT_THAT(c.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  EXPECT_THAT(c.Command("WATCH", "other"), IsOk());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("PING"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsNil());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("PING"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsArray(IsStatus("PONG"))) << "EXEC forgets what was watched";
}

TEST_F(TransactionTest, EmptyingAndSwappingDatabasesFailTheWatchOfKeysTheyChange) {
  for (const auto& change : std::vector<std::vector<std::string>>{{"FLUSHALL"}, {"FLUSHDB"}, {"SWAPDB", "0", "1"}}) {
    auto has_key = Connect(), has_none = Connect(), c = Connect();
    EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
    EXPECT_THAT(has_key.Command("WATCH", "k"), IsOk());
    EXPECT_THAT(has_none.Command("WATCH", "none"), IsOk());
    EXPECT_THAT(c.Command(change), IsOk());
    for (RespClient* w : {&has_key, &has_none}) EXPECT_THAT(w->Command("MULTI"), IsOk());
    EXPECT_THAT(has_key.Command("EXEC"), IsNil()) << change[0];
    EXPECT_THAT(has_none.Command("EXEC"), IsArray()) << change[0];
  }
}

TEST_F(TransactionTest, AnExpiredKeyThatWasWatchedSoMayGo) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "SET-ACTIVE-EXPIRE", "0"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v", "PX", 1), IsOk());
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_THAT(c.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsNil());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("EXEC"), IsArray());
}

TEST_F(TransactionTest, DiscardForgetsWhatWasWatched) {
  auto c = Connect();
  EXPECT_THAT(c.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("DISCARD"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("EXEC"), IsArray());
}

// Optimistic increments from both loops: every one that was told to have happened has.
TEST_F(TransactionTest, WatchedIncrementsOfManyClientsAreNotLost) {
  constexpr int kClients = 4, kRounds = 200;
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kClients; ++t) {
    threads.emplace_back([&, c = Connect()]() mutable {
      for (int i = 0; i < kRounds; ++i) {
        c.Command("WATCH", "n");
        const Reply n = c.Command("GET", "n");
        const int value = n.kind == Reply::Kind::kBulk ? std::stoi(n.text) : 0;
        c.Command("MULTI");
        c.Command("SET", "n", value + 1);
        if (c.Command("EXEC").kind == Reply::Kind::kArray) ++done;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  auto c = Connect();
  EXPECT_THAT(c.Command("GET", "n"), IsBulk(std::to_string(done.load())));
  EXPECT_GT(done.load(), 0);
}

}  // namespace
}  // namespace pinion::test
