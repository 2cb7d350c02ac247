// Tests of the log: its levels, its layout and its destination.
#include "base/log.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion {
namespace {

class LogTest : public testing::Test {
 protected:
  ~LogTest() override {
    ConfigureLog(LogLevel::kNotice, "");
    std::remove(path_.c_str());
  }
  [[nodiscard]] std::vector<std::string> Lines() const {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }
  const std::string path_ = testing::TempDir() + "/pinion_log_test_" + std::to_string(getpid());
};

TEST_F(LogTest, WritesLinesAsRedisDoes) {
  ASSERT_TRUE(ConfigureLog(LogLevel::kNotice, path_));
  Log(LogLevel::kNotice, "Ready to accept connections on port {}", 6379);
  Log(LogLevel::kWarning, "{{braces}} stay");
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], testing::MatchesRegex("[0-9]+:M [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                                              "[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3} \\* "
                                              "Ready to accept connections on port 6379"));
  EXPECT_TRUE(lines[0].starts_with(std::to_string(getpid()) + ":M ")) << lines[0];
  EXPECT_TRUE(lines[1].ends_with(" # {braces} stay")) << lines[1];
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  ASSERT_TRUE(ConfigureLog(LogLevel::kWarning, path_));
  EXPECT_FALSE(LogEnabled(LogLevel::kNotice));
  EXPECT_TRUE(LogEnabled(LogLevel::kWarning));
  Log(LogLevel::kNotice, "not this");
  LogLine(LogLevel::kVerbose, "nor this");
  Log(LogLevel::kWarning, "this");
  ASSERT_EQ(Lines().size(), 1u);
}

TEST_F(LogTest, IsSilentWhenToldNothing) {
  ASSERT_TRUE(ConfigureLog(LogLevel::kNothing, path_));
  EXPECT_FALSE(LogEnabled(LogLevel::kWarning));
  EXPECT_FALSE(LogEnabled(LogLevel::kNothing));
  Log(LogLevel::kWarning, "not this");
  EXPECT_TRUE(Lines().empty());
}

TEST_F(LogTest, MarksEveryLevel) {
  ASSERT_TRUE(ConfigureLog(LogLevel::kDebug, path_));
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kVerbose, LogLevel::kNotice, LogLevel::kWarning})
    Log(level, "x");
  const std::vector<std::string> lines = Lines();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_TRUE(lines[0].ends_with(" . x"));
  EXPECT_TRUE(lines[1].ends_with(" - x"));
  EXPECT_TRUE(lines[2].ends_with(" * x"));
  EXPECT_TRUE(lines[3].ends_with(" # x"));
}

TEST_F(LogTest, KeepsItsDestinationWhenANewOneCannotBeOpened) {
  ASSERT_TRUE(ConfigureLog(LogLevel::kNotice, path_));
  EXPECT_FALSE(ConfigureLog(LogLevel::kDebug, "/proc/no-such-directory/log"));
  EXPECT_FALSE(LogEnabled(LogLevel::kDebug));
  Log(LogLevel::kNotice, "still here");
  ASSERT_EQ(Lines().size(), 1u);
}

}  // namespace
}  // namespace pinion
