// The command line as redis-server reads it.
#include "config/command_line.h"

#include <vector>

#include <gtest/gtest.h>

namespace pinion::config {
namespace {

CommandLine Parse(std::vector<std::string_view> arguments) { return ParseCommandLine(arguments); }

TEST(CommandLine, WithoutArgumentsJustRuns) {
  const CommandLine line = Parse({});
  EXPECT_EQ(line.action, CommandLineAction::kRun);
  EXPECT_EQ(line.config_file, "");
  EXPECT_EQ(line.options, "");
  EXPECT_FALSE(line.read_standard_input);
}

TEST(CommandLine, ShowsVersionAndHelpOnlyAsFirstArgument) {
  EXPECT_EQ(Parse({"-v"}).action, CommandLineAction::kShowVersion);
  EXPECT_EQ(Parse({"--version", "x"}).action, CommandLineAction::kShowVersion);
  EXPECT_EQ(Parse({"-h"}).action, CommandLineAction::kShowHelp);
  EXPECT_EQ(Parse({"--help"}).action, CommandLineAction::kShowHelp);
  EXPECT_EQ(Parse({"a.conf", "--version"}).action, CommandLineAction::kRun);
}

TEST(CommandLine, TakesAFirstArgumentWithoutDashAsFile) {
  EXPECT_EQ(Parse({"/etc/a.conf", "--port", "1"}).config_file, "/etc/a.conf");
  EXPECT_EQ(Parse({"--port", "1"}).config_file, "");
}

TEST(CommandLine, ReadsStandardInputForADashAtEitherEnd) {
  EXPECT_TRUE(Parse({"-"}).read_standard_input);
  EXPECT_TRUE(Parse({"-", "--port", "1"}).read_standard_input);
  EXPECT_TRUE(Parse({"a.conf", "--port", "1", "-"}).read_standard_input);
  const CommandLine middle = Parse({"a.conf", "--logfile", "-", "--port", "1"});
  EXPECT_FALSE(middle.read_standard_input);
  EXPECT_EQ(middle.options, "logfile \"-\" \nport \"1\" ");
}

TEST(CommandLine, TurnsOptionsIntoLines) {
  struct Case {
    std::vector<std::string_view> arguments;
    std::string_view options;
  };
  const Case cases[] = {
      {{"--port", "6379", "--bind", "127.0.0.1", "::1"}, "port \"6379\" \nbind \"127.0.0.1\" \"::1\" "},
      {{"--port 6379", "--loglevel verbose"}, "port 6379 \nloglevel verbose "},
      {{"--maxmemory '700mb'"}, "maxmemory '700mb' "},
      {{"--requirepass", "a \"b\""}, "requirepass \"a \\\"b\\\"\" "},
      {{"--save", "", "--port", "1"}, "save \"\" \nport \"1\" "},
      {{"--save", "--port", "1"}, "save \"\"\nport \"1\" "},
      {{"--port", "1", "--save"}, "port \"1\" \nsave \"\""},
      {{"--SAVE", "--port", "1"}, "SAVE \"\"\nport \"1\" "},
      {{"--save", "60", "1", "--save", "30", "2"}, "save \"60\" \"1\" \nsave \"30\" \"2\" "},
      {{"--proc-title-template", "--my--title", "--loglevel", "verbose"},
       "proc-title-template \"--my--title\" \nloglevel \"verbose\" "},
      {{"--proc-title-template", "--save", "--save", "", "--port", "1"},
       "proc-title-template \"--save\" \nsave \"\" \nport \"1\" "},
      {{"--port"}, "port "},
      {{"--port", "1", "--appendonly"}, "port \"1\" \nappendonly "},
  };
  for (const Case& c : cases) EXPECT_EQ(Parse(c.arguments).options, c.options);
}

TEST(CommandLine, KeepsOptionWordsBeforeTheFirstOption) {
  // Odd, but what redis-server does: "redis-server a.conf loglevel verbose".
  EXPECT_EQ(Parse({"a.conf", "loglevel", "verbose", "--port 1"}).options, "\"loglevel\" \"verbose\" \nport 1 ");
}

}  // namespace
}  // namespace pinion::config
