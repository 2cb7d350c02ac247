// Tests of what stops the server from starting.
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinion/options.h"
#include "pinion/server.h"

namespace pinion::test {
namespace {

TEST(StartTest, ALogFileThatCannotBeOpenedStopsTheStart) {
  Options options;
  options.Set("port", "0").Set("logfile", "/nonexistent/pinion.log");
  EXPECT_THAT([&] { (void)Server::Start(options); },
              ::testing::ThrowsMessage<std::runtime_error>(::testing::HasSubstr("Can't open the log file: No such")));
}

}  // namespace
}  // namespace pinion::test
