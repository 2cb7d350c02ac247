// Tests of CONFIG over a connection; the options themselves are tested in tests/config.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::HasSubstr;

using ConfigTest = ServerTest;

TEST_F(ConfigTest, GetRepliesWithNamesAndValues) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "GET", "maxmemory"), IsArray("maxmemory", "0"));
  EXPECT_THAT(c.Command("CONFIG", "GET", "nosuch"), IsArray());
  EXPECT_THAT(c.Command("CONFIG", "GET", "save"), IsArray("save", ""));
  EXPECT_THAT(c.Command("CONFIG", "GET", "appendonly"), IsArray("appendonly", "no"));
}

TEST_F(ConfigTest, SetChangesAllOrNothing) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory", "1mb", "slowlog-max-len", "7"), IsOk());
  EXPECT_THAT(c.Command("CONFIG", "GET", "maxmemory"), IsArray("maxmemory", "1048576"));
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory", "2mb", "slowlog-max-len", "x"),
              IsErrorStarting("ERR CONFIG SET failed"));
  EXPECT_THAT(c.Command("CONFIG", "GET", "maxmemory"), IsArray("maxmemory", "1048576"));
}

TEST_F(ConfigTest, SetWantsPairs) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory", "1mb", "save"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory"),
              IsError("ERR wrong number of arguments for 'config|set' command"));
}

TEST_F(ConfigTest, ResetStatSetsTheCountersToZero) {
  auto c = Connect();
  (void)c.Command("SET", "k");
  (void)c.Command("GET", "k");
  EXPECT_THAT(c.Command("INFO", "commandstats"), IsBulk(HasSubstr("cmdstat_get:calls=1,")));
  EXPECT_THAT(c.Command("CONFIG", "RESETSTAT"), IsOk());
  EXPECT_THAT(c.Command("INFO", "commandstats"), IsBulk(::testing::Not(HasSubstr("cmdstat_get:"))));
  EXPECT_THAT(c.Command("INFO", "errorstats"), IsBulk(::testing::Not(HasSubstr("errorstat_ERR"))));
}

TEST_F(ConfigTest, RewriteNeedsAFile) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "REWRITE"),
              IsError("ERR The server is running without a config file"));
}

}  // namespace
}  // namespace pinion::test
