// CL.THROTTLE over a connection.
#include <chrono>
#include <thread>

#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;

TEST_F(StringTest, ThrottleAllowsTheBurstAndThenLimits) {
  for (int left = 3; left >= 0; --left) {
    EXPECT_THAT(Do("CL.THROTTLE", "k", 3, 1, 3600), IsArray(0, 4, left, -1, IsInt((4 - left) * 3600)));
  }
  EXPECT_THAT(Do("CL.THROTTLE", "k", 3, 1, 3600), IsArray(1, 4, 0, IsInt(3600), IsInt(4 * 3600)));
}

TEST_F(StringTest, ThrottleTakesManyTokensAtOnce) {
  EXPECT_THAT(Do("CL.THROTTLE", "k", 15, 30, 60, 10), IsArray(0, 16, 6, -1, 20));
  EXPECT_THAT(Do("CL.THROTTLE", "k", 15, 30, 60, 7), IsArray(1, 16, 6, 2, 20));
  EXPECT_THAT(Do("CL.THROTTLE", "k", 15, 30, 60, 6), IsArray(0, 16, 0, -1, 32));
}

TEST_F(StringTest, ThrottleNeverPassesMoreThanTheWholeBurst) {
  EXPECT_THAT(Do("CL.THROTTLE", "k", 15, 30, 60, 17), IsArray(1, 16, 16, -1, 0));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
}

TEST_F(StringTest, ThrottleOfNothingOnlyLooks) {
  EXPECT_THAT(Do("CL.THROTTLE", "k", 15, 30, 60, 0), IsArray(0, 16, 16, -1, 0));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  Do("CL.THROTTLE", "k", 15, 1, 3600);
  EXPECT_THAT(Do("CL.THROTTLE", "k", 15, 1, 3600, 0), IsArray(0, 16, 15, -1, 3600));
}

TEST_F(StringTest, ThrottleGivesTokensBackAsTimePasses) {
  EXPECT_THAT(Do("CL.THROTTLE", "k", 0, 10, 1), IsArray(0, 1, 0, -1, 1));
  EXPECT_THAT(Do("CL.THROTTLE", "k", 0, 10, 1), IsArray(1, 1, 0, 1, 1));
  std::this_thread::sleep_for(std::chrono::milliseconds(110));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("CL.THROTTLE", "k", 0, 10, 1), IsArray(0, 1, 0, -1, 1));
}

TEST_F(StringTest, ThrottleKeepsItsStateUntilAllTokensAreBack) {
  Do("CL.THROTTLE", "k", 9, 1, 10, 9);
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(95));
}

TEST_F(StringTest, ThrottleFollowsLimitsThatChange) {
  Do("CL.THROTTLE", "k", 9, 1, 10, 5);
  EXPECT_THAT(Do("CL.THROTTLE", "k", 0, 1, 10), IsArray(1, 1, 0, 50, 50));
  EXPECT_THAT(Do("CL.THROTTLE", "k", 9, 1, 5, 0), IsArray(0, 10, 0, -1, 50));
}

TEST_F(StringTest, ThrottleRefusesLimitsThatMakeNoSense) {
  constexpr const char* kMost = "9223372036854775807";
  for (const std::vector<std::string>& limits : std::vector<std::vector<std::string>>{
           {"x", "1", "1"}, {"-1", "1", "1"}, {"1", "0", "1"}, {"1", "1", "0"}, {"1", "1", "1", "-1"},
           {"1", "1", "1", "x"}, {kMost, "1", "1"}, {"1", "1", kMost}}) {
    std::vector<std::string> command = {"CL.THROTTLE", "k"};
    command.insert(command.end(), limits.begin(), limits.end());
    EXPECT_THAT(client().Command(command), IsError(kNotAnInteger)) << ::testing::PrintToString(limits);
  }
  EXPECT_THAT(Do("CL.THROTTLE", "k", 1, 1, 1, 1, 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("CL.THROTTLE", "k", 1, kMost, 1),
              IsError("ERR rate is out of range, at most one token a nanosecond"));
  EXPECT_THAT(Do("CL.THROTTLE", "k", "9223372036854775806", 1, 9'000'000'000, 9'000'000'000),
              IsError("ERR value is out of range"));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
}

TEST_F(StringTest, ThrottleRefusesAKeyThatHoldsSomethingElse) {
  Do("SET", "k", "x");
  EXPECT_THAT(Do("CL.THROTTLE", "k", 1, 1, 1), IsError(kNotAnInteger));
  EXPECT_THAT(Do("GET", "k"), IsBulk("x"));
}

TEST_F(StringTest, ThrottleIsAnnouncedWhenItTakesTokens) {
  EXPECT_THAT(EventsOf([&] {
                Do("CL.THROTTLE", "k", 0, 1, 100);
                Do("CL.THROTTLE", "k", 0, 1, 100);
                Do("CL.THROTTLE", "k", 0, 1, 100, 0);
              }),
              ElementsAre("set k", "expire k"));
}

}  // namespace
}  // namespace pinion::test
