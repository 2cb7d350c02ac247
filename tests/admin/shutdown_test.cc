// Tests of SHUTDOWN.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ShutdownTest = ServerTest;

TEST_F(ShutdownTest, StopsTheServerWithoutAReply) {
  auto c = Connect();
  c.Send("SHUTDOWN", "NOSAVE", "NOW");
  WaitForShutdown();
  EXPECT_TRUE(c.WaitForClose());
}

TEST_F(ShutdownTest, RefusesWhatDoesNotGoTogether) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SHUTDOWN", "SAVE", "NOSAVE"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("SHUTDOWN", "ABORT", "NOW"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("SHUTDOWN", "nosuch"), IsError("ERR syntax error"));
}

TEST_F(ShutdownTest, ThereIsNeverAStopToCallOff) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SHUTDOWN", "ABORT"), IsError("ERR No shutdown in progress."));
}

}  // namespace
}  // namespace pinion::test
