// Reading configuration files, standard input and the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "tests/config/memory_files.h"

namespace pinion::config {
namespace {

using testing::ElementsAre;
using testing::Pair;

class ConfigLoad : public testing::Test {
 protected:
  tl::expected<CommandLineAction, std::string> Args(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "pinion");
    return config_.LoadArgs(static_cast<int>(arguments.size()), arguments.data());
  }
  std::string ArgsError(std::vector<const char*> arguments) {
    const auto loaded = Args(std::move(arguments));
    return loaded ? "" : loaded.error();
  }
  // The error of a file with this content.
  static std::string FileError(std::string_view content) {
    MemoryFiles files;
    Config config(files);
    const Config::Result loaded = config.LoadText(content);
    return loaded ? "" : loaded.error();
  }

  MemoryFiles files_;
  Config config_{files_};
};

TEST_F(ConfigLoad, ReadsDirectivesCommentsAndBlankLines) {
  ASSERT_TRUE(config_.LoadText("# comment\n\n  PORT 7000\t\r\nmaxmemory 100mb\n   # indented\nlogfile ''\n"
                               "requirepass \"a\\\"b c\"\nloglevel VERBOSE\nprotected-mode No"));
  EXPECT_EQ(config_.settings().port, 7000);
  EXPECT_EQ(config_.settings().maxmemory, 100 * 1024 * 1024);
  EXPECT_EQ(config_.settings().loglevel, LogLevel::kVerbose);
  EXPECT_FALSE(config_.settings().protected_mode);
  EXPECT_EQ(config_.Requirepass(), "a\"b c");
  EXPECT_EQ(config_.Text("logfile"), "");
}

TEST_F(ConfigLoad, KnowsMemoryUnits) {
  const std::pair<std::string_view, int64_t> cases[] = {
      {"0", 0},          {"1024", 1024},     {"1k", 1000},        {"1kb", 1024},
      {"2M", 2000000},   {"2Mb", 2097152},   {"1g", 1000000000},  {"1GB", 1073741824},
      {"7b", 7},
  };
  for (const auto& [text, bytes] : cases) {
    ASSERT_TRUE(config_.LoadLine("maxmemory " + std::string(text))) << text;
    EXPECT_EQ(config_.settings().maxmemory, bytes) << text;
    EXPECT_EQ(config_.Text("maxmemory"), std::to_string(bytes)) << text;
  }
}

TEST_F(ConfigLoad, LimitsAMaxmemoryBeyondSignedNumbersForReaders) {
  ASSERT_TRUE(config_.LoadLine("maxmemory 18446744073709551615"));
  EXPECT_EQ(config_.settings().maxmemory, std::numeric_limits<int64_t>::max());
  EXPECT_EQ(config_.Text("maxmemory"), "18446744073709551615");
}

TEST_F(ConfigLoad, TakesSeveralWordsInOneArgument) {
  ASSERT_TRUE(config_.LoadLine("bind '127.0.0.1 ::1'"));
  EXPECT_THAT(config_.BindAddresses(), ElementsAre("127.0.0.1", "::1"));
  ASSERT_TRUE(config_.LoadLine("shutdown-on-sigterm \"nosave force\""));
  EXPECT_EQ(config_.settings().shutdown_on_sigterm, kShutdownNoSave | kShutdownForce);
}

TEST_F(ConfigLoad, AddsSaveLinesUpUntilAnEmptyOne) {
  ASSERT_TRUE(config_.LoadText("save 900 1\nsave 300 10 60 10000\n"));
  EXPECT_EQ(config_.Text("save"), "900 1 300 10 60 10000");
  EXPECT_THAT(config_.SavePoints(), ElementsAre(SavePoint{900, 1}, SavePoint{300, 10}, SavePoint{60, 10000}));
  ASSERT_TRUE(config_.LoadText("save ''\nsave 5 6\n"));
  EXPECT_EQ(config_.Text("save"), "5 6");
  ASSERT_TRUE(config_.LoadText("save"));
  EXPECT_EQ(config_.Text("save"), "");
}

TEST_F(ConfigLoad, SetsOutputLimitsClassByClass) {
  ASSERT_TRUE(config_.LoadText("client-output-buffer-limit normal 1mb 512kb 3\n"
                               "client-output-buffer-limit REPLICA 2gb 0 0\n"));
  EXPECT_EQ(config_.Text("client-output-buffer-limit"),
            "normal 1048576 524288 3 slave 2147483648 0 0 pubsub 33554432 8388608 60");
  const OutputBufferLimit& normal = config_.settings().client_output_buffer_limit[0];
  EXPECT_EQ(normal.hard_bytes, 1048576u);
  EXPECT_EQ(normal.soft_bytes, 524288u);
  EXPECT_EQ(normal.soft_seconds, 3);
}

TEST_F(ConfigLoad, KeepsRenamedCommandsInOrder) {
  ASSERT_TRUE(config_.LoadText("rename-command FLUSHALL wipe\nrename-command debug \"\"\n"));
  EXPECT_THAT(config_.renamed_commands(), ElementsAre(Pair("FLUSHALL", "wipe"), Pair("debug", "")));
}

TEST_F(ConfigLoad, IgnoresForgottenDirectives) {
  EXPECT_TRUE(
      config_.LoadText("list-max-ziplist-entries 5\nlist-max-ziplist-value 6\nlua-replicate-commands no\n"));
}

TEST_F(ConfigLoad, EntersTheDirectory) {
  ASSERT_TRUE(config_.LoadLine("dir /data"));
  EXPECT_EQ(files_.directory, "/data");
  EXPECT_EQ(config_.Text("dir"), "/data");
}

TEST_F(ConfigLoad, BringsHzIntoItsRange) {
  ASSERT_TRUE(config_.LoadLine("hz 0"));
  EXPECT_EQ(config_.settings().hz, 1);
  ASSERT_TRUE(config_.LoadLine("hz 9999"));
  EXPECT_EQ(config_.Text("hz"), "500");
  ASSERT_TRUE(config_.LoadLine("repl-backlog-size 1kb"));
  EXPECT_EQ(config_.Text("repl-backlog-size"), "16384");
}

TEST_F(ConfigLoad, ReportsErrorsAsRedisServerDoes) {
  EXPECT_EQ(FileError("# one\n\n  foo bar  \nport 1"),
            "*** FATAL CONFIG FILE ERROR ***\n"
            "Reading the configuration file, at line 3\n"
            ">>> 'foo bar'\n"
            "Bad directive or wrong number of arguments");
}

TEST_F(ConfigLoad, GivesTheReasonForEveryBadLine) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"no-such-option 1", "Bad directive or wrong number of arguments"},
      {"module.option 1", "Bad directive or wrong number of arguments"},
      {"\"\" 1", "Bad directive or wrong number of arguments"},
      {"include", "Bad directive or wrong number of arguments"},
      {"include a b", "Bad directive or wrong number of arguments"},
      {"rename-command a", "Bad directive or wrong number of arguments"},
      {"loadmodule", "Bad directive or wrong number of arguments"},
      {"list-max-ziplist-entries 1 2", "Bad directive or wrong number of arguments"},
      {"sentinel monitor", "sentinel directive while not in sentinel mode"},
      {"port", "wrong number of arguments"},
      {"port 1 2", "wrong number of arguments"},
      {"dir a b", "wrong number of arguments"},
      {"oom-score-adj-values 1 2", "wrong number of arguments"},
      {"replicaof one", "wrong number of arguments"},
      {"port \"1", "Unbalanced quotes in configuration line"},
      {"save '\"1 2'", "Unbalanced quotes in configuration line"},
      {"port abc", "argument couldn't be parsed into an integer"},
      {"port 65536", "argument must be between 0 and 65535 inclusive"},
      {"maxclients 0", "argument must be between 1 and 4294967295 inclusive"},
      {"slowlog-log-slower-than -2", "argument must be between -1 and 9223372036854775807 inclusive"},
      {"list-max-listpack-size 99999999999", "argument must be between -2147483648 and 2147483647 inclusive"},
      {"databases 0", "argument must be between 1 and 2147483647 inclusive"},
      {"threads 129", "argument must be between 1 and 128 inclusive"},
      {"shards 8", "argument must be between 16 and 4096 inclusive"},
      {"shards 300", "argument must be a power of two"},
      {"maxmemory 1x", "argument must be a memory value"},
      {"proto-max-bulk-len 1", "argument must be between 1048576 and 9223372036854775807 inclusive"},
      {"proto-max-bulk-len 9223372036854775808",
       "argument must be between 1048576 and 9223372036854775807 inclusive"},
      {"maxmemory-clients -5", "argument must be a memory or percent value"},
      {"maxmemory-clients 101%", "percentage argument must be less or equal to 100"},
      {"unixsocketperm 999", "argument couldn't be parsed as an octal number"},
      {"unixsocketperm 1777", "argument must be between 0 and 777 inclusive"},
      {"daemonize maybe", "argument must be 'yes' or 'no'"},
      {"loglevel loud",
       "argument(s) must be one of the following: debug, verbose, notice, warning, nothing"},
      {"shutdown-on-sigint \"\"", "argument(s) must be one of the following: default, save, nosave, now, force"},
      {"shutdown-on-sigint save nosave", "shutdown options SAVE and NOSAVE can't be used simultaneously"},
      {"save 1", "Invalid save parameters"},
      {"save 0 1", "Invalid save parameters"},
      {"save 1 -1", "Invalid save parameters"},
      {"save a b", "Invalid save parameters"},
      {"client-output-buffer-limit normal 0 0", "Wrong number of arguments in buffer limit configuration."},
      {"client-output-buffer-limit master 0 0 0", "Invalid client class specified in buffer limit configuration."},
      {"client-output-buffer-limit normal 0 0 -1",
       "Error in hard, soft or soft_seconds setting in buffer limit configuration."},
      {"client-output-buffer-limit normal x 0 1",
       "Error in hard, soft or soft_seconds setting in buffer limit configuration."},
      {"bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "Too many bind addresses specified."},
      {"bind 127.0.0.1 a;b", "Invalid character in a bind address."},
      {"notify-keyspace-events AKEq", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."},
      {"latency-tracking-info-percentiles 50 x", "Invalid latency-tracking-info-percentiles parameters"},
      {"latency-tracking-info-percentiles 101",
       "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"},
      {"oom-score-adj-values 1 2 3000", "Invalid oom-score-adj-values, elements must be between -2000 and 2000."},
      {"dir ''", "dir can't be empty"},
      {"dir /nowhere", "No such file or directory"},
      {"dbfilename ''", "dbfilename can't be empty"},
      {"dbfilename a/b", "dbfilename can't be a path, just a filename"},
      {"appendfilename ''", "appendfilename can't be empty"},
      {"appendfilename a/b", "appendfilename can't be a path, just a filename"},
      {"appenddirname ''", "appenddirname can't be empty"},
      {"appenddirname a/b", "appenddirname can't be a path, just a dirname"},
      {"cluster-config-file ''", "cluster-config-file can't be empty"},
      {"cluster-announce-hostname a_b", "Hostnames may only contain alphanumeric characters, hyphens or dots"},
      {"proc-title-template {x}", "template format is invalid or contains unknown variables"},
      {"proc-title-template ''", "template format is invalid or contains unknown variables"},
      {"proc-title-template {title}", "template format is invalid or contains unknown variables"},
      {"proc-title-template 'a {title'", "template format is invalid or contains unknown variables"},
  };
  for (const auto& [line, reason] : cases) {
    const Config::Result loaded = config_.LoadLine(line);
    ASSERT_FALSE(loaded) << line;
    EXPECT_EQ(loaded.error(), reason) << line;
  }
}

TEST_F(ConfigLoad, RefusesLongHostnames) {
  const Config::Result loaded = config_.LoadLine("cluster-announce-hostname " + std::string(256, 'a'));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), "Hostnames must be less than 256 characters");
}

TEST_F(ConfigLoad, AcceptsTitlesThatCannotComeOutEmpty) {
  for (const std::string_view line : {"proc-title-template {{x", "proc-title-template '{title} {port}'"}) {
    EXPECT_TRUE(config_.LoadLine(line)) << line;
  }
}

TEST_F(ConfigLoad, RefusesFeaturesItDoesNotHaveRatherThanBetray) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"tls-port 6380", "tls-port 6380"},
      {"cluster-enabled yes", "cluster-enabled yes"},
      {"activedefrag YES", "activedefrag yes"},
      {"replicaof 10.0.0.1 6379", "replicaof"},
      {"slaveof 10.0.0.1 6379", "replicaof"},
      {"loadmodule a.so", "loadmodule"},
  };
  for (const auto& [line, what] : cases) {
    const Config::Result loaded = config_.LoadLine(line);
    ASSERT_FALSE(loaded) << line;
    EXPECT_EQ(loaded.error(), std::string(what) + " is not supported by this version of Pinion");
  }
}

TEST_F(ConfigLoad, AcceptsThoseFeaturesSwitchedOff) {
  EXPECT_TRUE(config_.LoadText("tls-port 0\ncluster-enabled no\nappendonly no\naclfile ''\nreplicaof no one\n"));
}

TEST_F(ConfigLoad, KeepsTheDeclarationsOfUsersForWhoKnowsUsers) {
  ASSERT_TRUE(config_.LoadText("port 1\nuser alice on \">a b\" +get\n"));
  ASSERT_TRUE(config_.LoadLine("USER bob"));
  ASSERT_EQ(config_.users().size(), 2u);
  EXPECT_EQ(config_.users()[0].words, (std::vector<std::string>{"alice", "on", ">a b", "+get"}));
  EXPECT_EQ(config_.users()[0].place,
            "*** FATAL CONFIG FILE ERROR ***\nReading the configuration file, at line 2\n"
            ">>> 'user alice on \">a b\" +get'\n");
  EXPECT_EQ(config_.users()[1].words, std::vector<std::string>{"bob"});
  EXPECT_FALSE(config_.LoadLine("user"));
}

TEST_F(ConfigLoad, ReadsIncludedFiles) {
  files_.files["/work/main.conf"] = "port 1\ninclude extra.conf\ninclude /data/more.conf\n";
  files_.files["/work/extra.conf"] = "port 2\ntimeout 5\n";
  files_.files["/data/more.conf"] = "timeout 6";
  ASSERT_TRUE(config_.LoadFile("main.conf"));
  EXPECT_EQ(config_.settings().port, 2);
  EXPECT_EQ(config_.settings().timeout, 6);
  EXPECT_EQ(config_.config_file(), "/work/main.conf");
}

TEST_F(ConfigLoad, IncludesEveryFileOfAPattern) {
  files_.files["/work/conf.d/1.conf"] = "port 1";
  files_.files["/work/conf.d/2.conf"] = "port 2\ntimeout 2";
  ASSERT_TRUE(config_.LoadText("include conf.d/*.conf\ninclude none/*.conf\n"));
  EXPECT_EQ(config_.settings().port, 2);
  EXPECT_EQ(config_.settings().timeout, 2);
}

TEST_F(ConfigLoad, NamesTheFileOfAnErrorInAnInclude) {
  files_.files["/work/extra.conf"] = "\nport x\n";
  const Config::Result loaded = config_.LoadText("include extra.conf");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(),
            "*** FATAL CONFIG FILE ERROR ***\n"
            "Reading the configuration file, at line 2 of extra.conf\n"
            ">>> 'port x'\n"
            "argument couldn't be parsed into an integer");
}

TEST_F(ConfigLoad, FailsOnFilesItCannotOpen) {
  const Config::Result loaded = config_.LoadFile("none.conf");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), "Fatal error, can't open config file '/work/none.conf': No such file or directory");
  EXPECT_EQ(FileError("include none.conf"),
            "Fatal error, can't open config file 'none.conf': No such file or directory");
}

TEST_F(ConfigLoad, StopsFilesThatIncludeThemselves) {
  files_.files["/work/loop.conf"] = "include loop.conf";
  const Config::Result loaded = config_.LoadFile("loop.conf");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(), "Fatal error, include files are nested too deeply at 'loop.conf'");
}

TEST_F(ConfigLoad, ReadsFileThenStandardInputThenOptions) {
  files_.files["/work/main.conf"] = "port 1\ntimeout 1\nhz 11";
  files_.standard_input = "timeout 2\nhz 12";
  EXPECT_EQ(Args({"main.conf", "--hz", "13", "-"}), CommandLineAction::kRun);
  EXPECT_EQ(config_.settings().port, 1);
  EXPECT_EQ(config_.settings().timeout, 2);
  EXPECT_EQ(config_.settings().hz, 13);
}

TEST_F(ConfigLoad, LeavesVersionAndHelpToTheCaller) {
  EXPECT_EQ(Args({"--version"}), CommandLineAction::kShowVersion);
  EXPECT_EQ(Args({"-h"}), CommandLineAction::kShowHelp);
  EXPECT_EQ(Args({}), CommandLineAction::kRun);
}

TEST_F(ConfigLoad, ReadsTheWholeCommandLine) {
  EXPECT_EQ(Args({"--port", "7000", "--threads", "4", "--save", "", "--bind", "127.0.0.1", "::1", "--requirepass",
                  "a b", "--maxmemory 1mb"}),
            CommandLineAction::kRun);
  EXPECT_EQ(config_.settings().port, 7000);
  EXPECT_EQ(config_.settings().threads, 4);
  EXPECT_EQ(config_.Text("bind"), "127.0.0.1 ::1");
  EXPECT_EQ(config_.Requirepass(), "a b");
  EXPECT_EQ(config_.settings().maxmemory, 1024 * 1024);
  EXPECT_EQ(config_.config_file(), "");
}

TEST_F(ConfigLoad, AddsSavePointsOfTheCommandLineToThoseOfTheFile) {
  files_.files["/work/main.conf"] = "save 900 1\n";
  ASSERT_TRUE(Args({"main.conf", "--save", "100", "100"}));
  EXPECT_EQ(config_.Text("save"), "900 1 100 100");
}

TEST_F(ConfigLoad, CountsOptionsAsLinesBehindTheFile) {
  EXPECT_EQ(ArgsError({"--port", "abc"}),
            "*** FATAL CONFIG FILE ERROR ***\n"
            "Reading the configuration file, at line 2\n"
            ">>> 'port \"abc\"'\n"
            "argument couldn't be parsed into an integer");
  files_.files["/work/main.conf"] = "port 1\ntimeout 1";
  EXPECT_THAT(ArgsError({"main.conf", "--hz", "10", "--port"}), testing::HasSubstr("at line 4\n>>> 'port'\n"));
}

TEST_F(ConfigLoad, LoadsOneLineAtATime) {
  EXPECT_TRUE(config_.LoadLine("  # comment"));
  EXPECT_TRUE(config_.LoadLine(""));
  EXPECT_TRUE(config_.LoadLine(" port 5 "));
  EXPECT_EQ(config_.settings().port, 5);
}

}  // namespace
}  // namespace pinion::config
