// Tests of what the stream says of each command: its effect, which is the same wherever and whenever it is applied.
#include <thread>

#include "tests/repl/replica_link.h"

namespace pinion::test {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

class EffectsTest : public ReplicationTest, public ::testing::WithParamInterface<int> {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
  void SetUp() override {
    ReplicationTest::SetUp();
    client_.emplace(Connect(GetParam()));
    link_.emplace(Follow());
  }
  void TearDown() override {
    link_.reset();
    client_.reset();
    ReplicationTest::TearDown();
  }

  template <typename... Args>
  std::string After(const Args&... args) {
    return Effects(*link_, c(), args...);
  }
  RespClient& c() { return *client_; }

  std::optional<RespClient> client_;
  std::optional<ReplicaLink> link_;
};

INSTANTIATE_TEST_SUITE_P(Resp, EffectsTest, ::testing::Values(2, 3));

TEST_P(EffectsTest, AWriteIsToldAsSentAndWhatChangesNothingIsNot) {
  EXPECT_EQ(After("set", "k", "v"), "set k v");
  EXPECT_EQ(After("GET", "k"), "");
  EXPECT_EQ(After("SETNX", "k", "w"), "");
  EXPECT_EQ(After("DEL", "none"), "");
  EXPECT_EQ(After("LPUSH", "k", "x"), "");
  EXPECT_EQ(After("RPUSH", "l", "a", "b"), "RPUSH l a b");
  EXPECT_EQ(After("LTRIM", "l", 0, -1), "");
  EXPECT_EQ(After("COPY", "k", "k2"), "COPY k k2");
  EXPECT_EQ(After("RENAME", "k2", "k3"), "RENAME k2 k3");
  EXPECT_EQ(After("SWAPDB", 0, 1), "SWAPDB 0 1");
  EXPECT_EQ(After("FLUSHALL"), "FLUSHALL");
  EXPECT_EQ(After("FLUSHDB"), "FLUSHDB");
  EXPECT_EQ(After("PUBLISH", "ch", "m"), "PUBLISH ch m");
}

TEST_P(EffectsTest, RelativeTimesBecomePointsInTime) {
  EXPECT_THAT(After("SET", "k", "v", "EX", 100), MatchesRegex("SET k v PXAT [0-9]+"));
  EXPECT_THAT(After("SET", "k", "v", "PX", 100000, "NX"), "");
  EXPECT_THAT(After("SET", "k", "v", "PXAT", 99999999999999), "SET k v PXAT 99999999999999");
  EXPECT_THAT(After("SETEX", "k", 100, "v"), MatchesRegex("SET k v PXAT [0-9]+"));
  EXPECT_THAT(After("PSETEX", "k", 100000, "v"), MatchesRegex("SET k v PXAT [0-9]+"));
  EXPECT_THAT(After("GETEX", "k", "EX", 100), MatchesRegex("PEXPIREAT k [0-9]+"));
  EXPECT_EQ(After("GETEX", "k", "PERSIST"), "PERSIST k");
  EXPECT_EQ(After("GETEX", "k", "PERSIST"), "");
  EXPECT_THAT(After("EXPIRE", "k", 100, "NX"), MatchesRegex("PEXPIREAT k [0-9]+ NX"));
  EXPECT_EQ(After("EXPIRE", "k", 100, "NX"), "");
  EXPECT_EQ(After("EXPIREAT", "k", 99999999999), "PEXPIREAT k 99999999999000");
  EXPECT_EQ(After("PERSIST", "k"), "PERSIST k");
  EXPECT_EQ(After("EXPIRE", "k", -1), "UNLINK k");
  EXPECT_THAT(After("MSETEX", 1, "a", "1", "EX", 100), MatchesRegex("SET a 1 PXAT [0-9]+"));
  EXPECT_THAT(After("CL.THROTTLE", "t", 1, 1, 60), MatchesRegex("SET t [0-9]+ PXAT [0-9]+"));
}

TEST_P(EffectsTest, RestoringIsToldWithItsDeadline) {
  EXPECT_EQ(After("SET", "k", "v"), "SET k v");
  const std::string payload = c().Command("DUMP", "k").text;
  EXPECT_THAT(After("RESTORE", "r", 100000, payload), AllOf(StartsWith("RESTORE r 1"), EndsWith(" ABSTTL")));
  EXPECT_THAT(After("RESTORE", "s", 0, payload), StartsWith("RESTORE s 0 "));
  EXPECT_EQ(After("RESTORE", "s", 1, payload, "ABSTTL", "REPLACE"), "UNLINK s");
}

TEST_P(EffectsTest, ResultsReplaceWhatComputesThem) {
  EXPECT_EQ(After("INCRBYFLOAT", "f", "1.5"), "SET f 1.5 KEEPTTL");
  EXPECT_EQ(After("HINCRBYFLOAT", "h", "f", "0.5"), "HSET h f 0.5");
  EXPECT_EQ(After("GETSET", "f", "2"), "SET f 2");
  EXPECT_EQ(After("SET", "f", "3", "GET"), "SET f 3");
  EXPECT_EQ(After("GETDEL", "f"), "DEL f");
  EXPECT_EQ(After("INCREX", "i", "BYINT", 5), "SET i 5");
  EXPECT_EQ(After("GEOADD", "g", "CH", "13.361389", "38.115556", "P"), "ZADD g CH 3479099956230698 P");
  EXPECT_EQ(After("SADD", "s", "1"), "SADD s 1");
  EXPECT_EQ(After("SPOP", "s"), "SREM s 1");
  EXPECT_EQ(After("SADD", "s", "1", "2"), "SADD s 1 2");
  EXPECT_EQ(After("SPOP", "s", 5), "UNLINK s");
  EXPECT_EQ(After("SADD", "s", "1", "2"), "SADD s 1 2");
  EXPECT_THAT(After("SPOP", "s", 1), MatchesRegex("SREM s [12]"));
  EXPECT_EQ(After("RPUSH", "l", 1, 2, 3, 4, 5), "RPUSH l 1 2 3 4 5");
  EXPECT_EQ(After("LMPOP", 2, "none", "l", "RIGHT", "COUNT", 2), "RPOP l 2");
  EXPECT_EQ(After("BLPOP", "l", 0), "LPOP l");
  EXPECT_EQ(After("BLMPOP", 0, 1, "l", "LEFT", "COUNT", 9), "LPOP l 2");
  EXPECT_EQ(After("ZADD", "z", 1, "a", 2, "b", 3, "c"), "ZADD z 1 a 2 b 3 c");
  EXPECT_EQ(After("ZMPOP", 1, "z", "MAX"), "ZPOPMAX z 1");
  EXPECT_EQ(After("BZPOPMIN", "z", 0), "ZPOPMIN z");
  EXPECT_EQ(After("BZMPOP", 0, 1, "z", "MIN", "COUNT", 7), "ZPOPMIN z 1");
}

TEST_P(EffectsTest, HashFieldsAndTheirDeadlines) {
  EXPECT_EQ(After("HSET", "h", "a", 1, "b", 2, "c", 3, "d", 4), "HSET h a 1 b 2 c 3 d 4");
  EXPECT_THAT(After("HEXPIRE", "h", 100, "FIELDS", 2, "a", "none"), MatchesRegex("HPEXPIREAT h [0-9]+ FIELDS 1 a"));
  EXPECT_EQ(After("HINCRBYFLOAT", "h", "a", "0.5"), "HSETEX h KEEPTTL FIELDS 1 a 1.5");
  EXPECT_EQ(After("HPERSIST", "h", "FIELDS", 1, "a"), "HPERSIST h FIELDS 1 a");
  EXPECT_EQ(After("HEXPIRE", "h", 0, "FIELDS", 1, "a"), "HDEL h a");
  EXPECT_THAT(After("HGETEX", "h", "PX", 99999, "FIELDS", 1, "b"), MatchesRegex("HPEXPIREAT h [0-9]+ FIELDS 1 b"));
  EXPECT_EQ(After("HGETEX", "h", "PERSIST", "FIELDS", 2, "b", "c"), "HPERSIST h FIELDS 1 b");
  EXPECT_EQ(After("HGETDEL", "h", "FIELDS", 2, "b", "c"), "HDEL h b c");
  EXPECT_EQ(After("HSETEX", "h", "FNX", "FIELDS", 1, "n", 1), "HSET h n 1");
  EXPECT_THAT(After("HSETEX", "h", "EX", 9, "FIELDS", 1, "n", 1), MatchesRegex("HSETEX h PXAT [0-9]+ FIELDS 1 n 1"));
  EXPECT_THAT(After("HPEXPIRE", "h", 20, "FIELDS", 1, "n"), MatchesRegex("HPEXPIREAT h [0-9]+ FIELDS 1 n"));
  EXPECT_EQ(link_->Next(), "HDEL h n");
}

TEST_P(EffectsTest, Streams) {
  EXPECT_THAT(After("XADD", "s", "*", "f", "v"), MatchesRegex("XADD s [0-9]+-[0-9]+ f v"));
  EXPECT_EQ(After("DEL", "s"), "DEL s");
  EXPECT_EQ(After("XADD", "s", "1-*", "f", "v"), "XADD s 1-0 f v");
  EXPECT_EQ(After("XADD", "s", "MAXLEN", "~", 100, "LIMIT", 10, "1-1", "f", "v"), "XADD s MAXLEN = 2 1-1 f v");
  EXPECT_EQ(After("XADD", "s", "MAXLEN", "~", 100, "2-1", "f", "v"), "XADD s MAXLEN = 3 2-1 f v");
  EXPECT_EQ(After("XTRIM", "s", "MAXLEN", "~", 0), "XTRIM s MAXLEN = 0");
  EXPECT_EQ(After("XADD", "s", "3-1", "f", "v"), "XADD s 3-1 f v");
  EXPECT_EQ(After("XADD", "s", "4-1", "f", "v"), "XADD s 4-1 f v");
  EXPECT_EQ(After("XGROUP", "CREATE", "s", "g", "0"), "XGROUP CREATE s g 0");
  EXPECT_THAT(After("XREADGROUP", "GROUP", "g", "c", "COUNT", 1, "STREAMS", "s", ">"),
              MatchesRegex("MULTI; XCLAIM s g c 0 3-1 TIME [0-9]+ RETRYCOUNT 1 FORCE JUSTID LASTID 3-1; "
                           "XGROUP SETID s g 3-1 ENTRIESREAD -?[0-9]+; EXEC"));
  EXPECT_EQ(After("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", "0"), "");
  EXPECT_THAT(After("XREADGROUP", "GROUP", "g", "new", "NOACK", "STREAMS", "s", ">"),
              MatchesRegex("MULTI; XGROUP CREATECONSUMER s g new; XGROUP SETID s g 4-1 ENTRIESREAD -?[0-9]+; EXEC"));
  EXPECT_THAT(After("XCLAIM", "s", "g", "d", 0, "3-1"),
              MatchesRegex("XCLAIM s g d 0 3-1 TIME [0-9]+ RETRYCOUNT 3 FORCE JUSTID LASTID 4-1"));
  EXPECT_THAT(After("XAUTOCLAIM", "s", "g", "e", 0, "0", "JUSTID"),
              MatchesRegex("XCLAIM s g e 0 3-1 TIME [0-9]+ RETRYCOUNT 3 FORCE JUSTID LASTID 4-1"));
  EXPECT_THAT(After("XCLAIM", "s", "g", "d", 0, "9-9", "LASTID", "5-5"),
              MatchesRegex("XGROUP SETID s g 5-5 ENTRIESREAD -?[0-9]+"));
  EXPECT_EQ(After("XACKDEL", "s", "g", "IDS", 1, "3-1"), "MULTI; XACK s g 3-1; XDEL s 3-1; EXEC");
  EXPECT_EQ(After("XDELEX", "s", "IDS", 1, "4-1"), "XDEL s 4-1");
}

TEST_P(EffectsTest, TransactionsAndScriptsAreUnits) {
  c().Command("MULTI");
  c().Command("SET", "a", 1);
  c().Command("SET", "b", 2);
  EXPECT_EQ(After("EXEC"), "MULTI; SET a 1; SET b 2; EXEC");
  c().Command("MULTI");
  c().Command("SET", "a", 1);
  c().Command("GET", "a");
  EXPECT_EQ(After("EXEC"), "SET a 1");
  c().Command("MULTI");
  c().Command("GET", "a");
  EXPECT_EQ(After("EXEC"), "");
  EXPECT_EQ(After("EVAL", "redis.call('set',KEYS[1],1) redis.call('incr',KEYS[1])", 1, "k"),
            "MULTI; set k 1; incr k; EXEC");
  EXPECT_EQ(After("EVAL", "return redis.call('incr','k')", 0), "incr k");
  EXPECT_EQ(After("EVAL", "redis.set_repl(redis.REPL_NONE) redis.call('incr','k') redis.set_repl(redis.REPL_ALL) "
                          "redis.call('set','j','1')", 0), "set j 1");
  EXPECT_THAT(After("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)"),
              StartsWith("FUNCTION LOAD #!lua name=lib"));
  EXPECT_EQ(After("FCALL", "f", 0), "");
  EXPECT_EQ(After("FUNCTION", "DELETE", "lib"), "FUNCTION DELETE lib");
}

TEST_P(EffectsTest, TheDatabaseIsNamedWhenItChanges) {
  EXPECT_EQ(After("SET", "a", 1), "SET a 1");
  c().Command("SELECT", 3);
  c().Command("SET", "a", 2);
  c().Command("SET", "b", 2);
  EXPECT_EQ(link_->Next(true), "SELECT 3");
  EXPECT_EQ(link_->Next(true), "SET a 2");
  EXPECT_EQ(link_->Next(true), "SET b 2");
  c().SendRaw("MULTI\r\nSELECT 4\r\nSET c 1\r\nSELECT 5\r\nSET c 2\r\nEXEC\r\n");
  for (const char* line : {"MULTI", "SELECT 4", "SET c 1", "SELECT 5", "SET c 2", "EXEC"}) {
    EXPECT_EQ(link_->Next(true), line);
  }
}

TEST_P(EffectsTest, WhoWaitedIsServedBehindWhatServedThem) {
  auto waiter = Connect();
  const auto await_waiting = [&](const char* how_many) {
    while (c().Command("INFO", "clients").text.find(how_many) == std::string::npos) {
    }
  };
  waiter.Send("BLMOVE", "l", "m", "LEFT", "RIGHT", 0);
  await_waiting("blocked_clients:1");
  auto other = Connect();
  other.Send("BRPOPLPUSH", "l", "m", 0);
  await_waiting("blocked_clients:2");
  EXPECT_EQ(After("RPUSH", "l", 1, 2), "RPUSH l 1 2; LMOVE l m LEFT RIGHT; RPOPLPUSH l m");
}

TEST_P(EffectsTest, KeysThatExpireOrAreEvictedAreDeleted) {
  EXPECT_THAT(After("SET", "k", "v", "PX", 20), MatchesRegex("SET k v PXAT [0-9]+"));
  EXPECT_EQ(link_->Next(), "UNLINK k");
  c().Command("CONFIG", "SET", "lazyfree-lazy-expire", "no");
  EXPECT_THAT(After("SET", "k", "v", "PX", 20), MatchesRegex("SET k v PXAT [0-9]+"));
  EXPECT_EQ(link_->Next(), "DEL k");
  c().Command("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  EXPECT_THAT(After("SET", "k", "1", "PX", 1), MatchesRegex("SET k 1 PXAT [0-9]+"));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(After("INCR", "k"), "MULTI; DEL k; INCR k; EXEC");
  c().Command("SET", "e", "v", "PX", 1);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_THAT(EffectsUntilMark(*link_, c()), StartsWith("SET e v PXAT"));
  EXPECT_EQ(After("GET", "e"), "DEL e");
  EXPECT_EQ(After("DEL", "k"), "DEL k");
  EXPECT_EQ(After("SET", "evicted", "v"), "SET evicted v");
  c().Command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", "maxmemory", 1);
  EXPECT_EQ(link_->Next(), "UNLINK evicted");
}

}  // namespace
}  // namespace pinion::test
