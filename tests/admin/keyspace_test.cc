// DBSIZE, FLUSHALL, FLUSHDB, SWAPDB and TIME.
#include <chrono>
#include <string>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class KeyspaceTest : public ServerTest {};

TEST_F(KeyspaceTest, DbSizeCountsTheSelectedDatabase) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
  EXPECT_THAT(c.Command("MSET", "a", 1, "b", 2), IsOk());
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(2));
  EXPECT_THAT(c.Command("SELECT", 1), IsOk());
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
}

TEST_F(KeyspaceTest, FlushDbEmptiesOneDatabaseAndFlushAllEmptiesAll) {
  auto c = Connect();
  for (const char* mode : {"", "SYNC", "async"}) {
    const auto flush = [&](std::string name) {
      return *mode == '\0' ? c.Command(name) : c.Command(name, mode);
    };
    EXPECT_THAT(c.Command("SELECT", 0), IsOk());
    EXPECT_THAT(c.Command("SET", "a", 1), IsOk());
    EXPECT_THAT(c.Command("SELECT", 9), IsOk());
    EXPECT_THAT(c.Command("SET", "a", std::string(2 << 20, 'x'), "EX", 100), IsOk());
    EXPECT_THAT(flush("FLUSHDB"), IsOk());
    EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
    EXPECT_THAT(c.Command("SELECT", 0), IsOk());
    EXPECT_THAT(c.Command("DBSIZE"), IsInt(1));
    EXPECT_THAT(flush("FLUSHALL"), IsOk());
    EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
  }
  EXPECT_THAT(c.Command("FLUSHDB", "NOW"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("FLUSHALL", "SYNC", "ASYNC"), IsError("ERR syntax error"));
}

TEST_F(KeyspaceTest, FlushIsSeenByWatchersOfKeysThatWereThere) {
  auto c = Connect(), other = Connect();
  EXPECT_THAT(c.Command("SET", "a", 1), IsOk());
  for (const auto& [watched, aborted] : {std::pair("a", true), std::pair("none", false)}) {
    EXPECT_THAT(other.Command("SET", "a", 1), IsOk());
    EXPECT_THAT(c.Command("WATCH", watched), IsOk());
    EXPECT_THAT(other.Command("FLUSHALL"), IsOk());
    EXPECT_THAT(c.Command("MULTI"), IsOk());
    EXPECT_THAT(c.Command("PING"), IsQueued());
    const Reply reply = c.Command("EXEC");
    EXPECT_EQ(reply.kind == Reply::Kind::kNil, aborted) << watched;
  }
}

TEST_F(KeyspaceTest, SwapDbExchangesTwoDatabases) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "zero", "EX", 100), IsOk());
  EXPECT_THAT(c.Command("SWAPDB", 0, 5), IsOk());
  EXPECT_THAT(c.Command("GET", "a"), IsNil());
  EXPECT_THAT(c.Command("SELECT", 5), IsOk());
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("zero"));
  EXPECT_THAT(c.Command("TTL", "a"), IsInt(::testing::Gt(90)));
  EXPECT_THAT(c.Command("SWAPDB", 5, 5), IsOk());
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("zero"));
}

TEST_F(KeyspaceTest, SwapDbRefusesWhatIsNoDatabase) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SWAPDB", "a", "b"), IsError("ERR invalid first DB index"));
  EXPECT_THAT(c.Command("SWAPDB", 0, "b"), IsError("ERR invalid second DB index"));
  EXPECT_THAT(c.Command("SWAPDB", 99999999999, 0), IsError("ERR invalid first DB index"));
  EXPECT_THAT(c.Command("SWAPDB", 0, 16), IsError("ERR DB index is out of range"));
  EXPECT_THAT(c.Command("SWAPDB", -1, 0), IsError("ERR DB index is out of range"));
}

TEST_F(KeyspaceTest, TimeIsThisMachines) {
  auto c = Connect();
  const Reply reply = c.Command("TIME");
  ASSERT_EQ(reply.elements.size(), 2u);
  using namespace std::chrono;
  const int64_t now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  const int64_t told = std::stoll(reply.elements[0].text) * 1'000'000 + std::stoll(reply.elements[1].text);
  EXPECT_LE(told, now);
  EXPECT_GT(told, now - 5'000'000);
  EXPECT_LT(std::stoll(reply.elements[1].text), 1'000'000);
}

}  // namespace
}  // namespace pinion::test
