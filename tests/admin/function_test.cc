// Tests of FUNCTION on a server without scripts.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using FunctionTest = ServerTest;

TEST_F(FunctionTest, ThereAreNoFunctionsToListOrFlush) {
  auto c = Connect();
  EXPECT_THAT(c.Command("FUNCTION", "FLUSH"), IsOk());
  EXPECT_THAT(c.Command("FUNCTION", "FLUSH", "async"), IsOk());
  EXPECT_THAT(c.Command("FUNCTION", "FLUSH", "later"),
              IsError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option"));
  EXPECT_THAT(c.Command("FUNCTION", "LIST"), IsArray());
  EXPECT_THAT(c.Command("FUNCTION", "LIST", "LIBRARYNAME", "a*", "WITHCODE"), IsArray());
  EXPECT_THAT(c.Command("FUNCTION", "LIST", "x"), IsError("ERR Unknown argument x"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "code"), IsErrorStarting("ERR unknown subcommand 'LOAD'"));
  EXPECT_EQ(c.Command("FUNCTION", "HELP").kind, Reply::Kind::kArray);
}

}  // namespace
}  // namespace pinion::test
