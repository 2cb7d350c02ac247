// Tests of MODULE.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ModuleTest = ServerTest;

TEST_F(ModuleTest, ThereAreNoModulesAndNoneCanBeLoaded) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MODULE", "LIST"), IsArray());
  EXPECT_THAT(c.Command("MODULE", "LOAD", "/x.so"),
              IsErrorStarting("ERR MODULE command not allowed."));
  EXPECT_THAT(c.Command("MODULE", "LOADEX", "/x.so"),
              IsErrorStarting("ERR MODULE command not allowed."));
  EXPECT_THAT(c.Command("MODULE", "UNLOAD", "x"),
              IsErrorStarting("ERR MODULE command not allowed."));
}

}  // namespace
}  // namespace pinion::test
