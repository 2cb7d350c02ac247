// Tests of SLOWLOG.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::Ge;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Everything is slow here.
class SlowLogTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("slowlog-log-slower-than", "0"); }
};

TEST_F(SlowLogTest, AnEntryTellsWhatRanForHowLongAndWhose) {
  auto c = Connect();
  (void)c.Command("SET", "k", "v");
  const Reply log = c.Command("SLOWLOG", "GET");
  ASSERT_THAT(log, HasElements(SizeIs(1)));
  EXPECT_THAT(log.elements[0],
              IsArray(0, IsInt(Ge(1'600'000'000)), IsInt(Ge(0)), IsArray("SET", "k", "v"),
                      IsBulk(StartsWith("127.0.0.1:")), ""));
}

TEST_F(SlowLogTest, GetRepliesWithTheNewestFirstAndTenUnlessTold) {
  auto c = Connect();
  for (int i = 0; i < 12; ++i) (void)c.Command("GET", i);
  EXPECT_THAT(c.Command("SLOWLOG", "LEN"), IsInt(12));
  const Reply two = c.Command("SLOWLOG", "GET", 2);
  ASSERT_THAT(two, HasElements(SizeIs(2)));
  EXPECT_THAT(two.elements[0].elements[3], IsArray("SLOWLOG", "LEN"));
  EXPECT_THAT(c.Command("SLOWLOG", "GET"), HasElements(SizeIs(10)));
  EXPECT_THAT(c.Command("SLOWLOG", "GET", -1), HasElements(SizeIs(15)));
}

TEST_F(SlowLogTest, GetChecksItsCount) {
  auto c = Connect();
  for (const char* count : {"-2", "x"}) {
    EXPECT_THAT(c.Command("SLOWLOG", "GET", count),
                IsError("ERR count should be greater than or equal to -1"));
  }
  EXPECT_THAT(
      c.Command("SLOWLOG", "GET", 1, 2),
      IsError("ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP."));
}

TEST_F(SlowLogTest, ResetEmptiesTheLog) {
  auto c = Connect();
  (void)c.Command("GET", "k");
  EXPECT_THAT(c.Command("CONFIG", "SET", "slowlog-log-slower-than", "-1"), IsOk());
  EXPECT_THAT(c.Command("SLOWLOG", "RESET"), IsOk());
  EXPECT_THAT(c.Command("SLOWLOG", "LEN"), IsInt(0));
}

TEST_F(SlowLogTest, WhatAScriptCallsIsItsCallers) {
  auto c = Connect();
  (void)c.Command("CLIENT", "SETNAME", "caller");
  (void)c.Command("EVAL", "return redis.call('get', 'k')", 0);
  const Reply log = c.Command("SLOWLOG", "GET", 2);
  ASSERT_THAT(log, HasElements(SizeIs(2)));
  EXPECT_THAT(log.elements[1].elements[3], IsArray("get", "k"));
  EXPECT_EQ(log.elements[1].elements[4].text, log.elements[0].elements[4].text);
  EXPECT_THAT(log.elements[1].elements[5], IsBulk("caller"));
}

}  // namespace
}  // namespace pinion::test
