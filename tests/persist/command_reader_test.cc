// Tests of reading commands, whole, cut off at every byte, and wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persist/command_reader.h"

namespace pinion::persist {
namespace {

using Got = CommandReader::Got;
using ::testing::ElementsAre;

constexpr std::string_view kTwo = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n\r\n\r\n";
constexpr size_t kFirst = 23;  // bytes of the first of them

Got FirstOf(std::string_view bytes) {
  CommandReader reader(bytes);
  std::vector<std::string_view> args;
  return reader.Next(&args);
}

TEST(CommandReader, ReadsCommandsToTheEnd) {
  CommandReader reader(kTwo);
  std::vector<std::string_view> args;
  ASSERT_EQ(reader.Next(&args), Got::kCommand);
  EXPECT_THAT(args, ElementsAre("SELECT", "0"));
  EXPECT_EQ(reader.position(), kFirst);
  ASSERT_EQ(reader.Next(&args), Got::kCommand);
  EXPECT_THAT(args, ElementsAre("SET", "k", "\r\n\r\n"));
  EXPECT_EQ(reader.Next(&args), Got::kEnd);
  EXPECT_EQ(reader.position(), kTwo.size());
}

TEST(CommandReader, ACutAnywhereIsTruncationBehindTheLastWholeCommand) {
  for (size_t size = kFirst + 1; size < kTwo.size(); ++size) {
    CommandReader reader(kTwo.substr(0, size));
    std::vector<std::string_view> args;
    ASSERT_EQ(reader.Next(&args), Got::kCommand) << size;
    EXPECT_EQ(reader.Next(&args), Got::kTruncated) << size;
    EXPECT_EQ(reader.position(), kFirst) << size;
  }
}

TEST(CommandReader, PassesOverTimestamps) {
  CommandReader reader("#TS:1700000000\r\n*1\r\n$4\r\nPING\r\n#TS:1");
  std::vector<std::string_view> args;
  ASSERT_EQ(reader.Next(&args), Got::kCommand);
  EXPECT_THAT(args, ElementsAre("PING"));
  EXPECT_EQ(reader.Next(&args), Got::kTruncated);
}

TEST(CommandReader, WhatIsNoCommandIsCorrupt) {
  for (const std::string_view bytes :
       {"PING\r\n", "*0\r\n", "*-1\r\n", "*x\r\n$1\r\na\r\n", "*1\r\n:1\r\n", "*1\r\n$-1\r\n", "*1\r\n$1\r\nab\r\n",
        "*99999999999999999999999999999999\r\n", "*99999999999\r\n"}) {
    EXPECT_EQ(FirstOf(bytes), Got::kCorrupt) << bytes;
  }
  EXPECT_EQ(FirstOf(""), Got::kEnd);
}

}  // namespace
}  // namespace pinion::persist
