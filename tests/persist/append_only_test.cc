// Tests of the append-only file: what a server that starts again has, rewrites, and what is said of it.
#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include <sys/resource.h>

#include "tests/persist/save_fixture.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// While it lives no file of this process grows past a limit, as if the disk were full.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit little = before_;
    little.rlim_cur = 1000;
    setrlimit(RLIMIT_FSIZE, &little);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

class AppendOnlyTest : public SaveTest {
 protected:
  void Configure(Options& options) override {
    SaveTest::Configure(options);
    options.Set("appendonly", appendonly_).Set("enable-protected-configs", "yes").Set("appendfsync", fsync_);
    options.Set("aof-load-truncated", load_truncated_);
  }
  [[nodiscard]] fs::path Aof(const std::string& name) const { return directory_ / "appendonlydir" / name; }
  [[nodiscard]] std::string Contents(const fs::path& path) const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  [[nodiscard]] std::string Manifest() const { return Contents(Aof("appendonly.aof.manifest")); }
  std::string Digest(RespClient& c) { return c.Command("DEBUG", "DIGEST").text; }
  bool Await(RespClient& c, std::string_view field, std::string_view value) {
    for (int i = 0; i < 400; ++i) {
      if (Persistence(c, field) == value) return true;
      std::this_thread::sleep_for(milliseconds(25));
    }
    return false;
  }
  void Rewrite(RespClient& c) {
    EXPECT_THAT(c.Command("BGREWRITEAOF"), IsStatus("Background append only file rewriting started"));
    ASSERT_TRUE(Await(c, "aof_rewrite_in_progress", "0"));
    EXPECT_EQ(Persistence(c, "aof_last_bgrewrite_status"), "ok");
  }
  // The dataset is the same after a start with what is there.
  void ExpectAllComesBack() {
    std::string before;
    {
      auto c = Connect();
      before = Digest(c);
    }
    Restart();
    auto c = Connect();
    EXPECT_EQ(Digest(c), before);
  }

  std::string appendonly_ = "yes", fsync_ = "everysec", load_truncated_ = "yes";
};

TEST_F(AppendOnlyTest, ARestartHasEverything) {
  {
    auto c = Connect();
    Fill(c);
    c.Command("MULTI");
    c.Command("INCR", "n");
    c.Command("LPOP", "list");
    c.Command("EXEC");
    c.Command("EVAL", "redis.call('SET', 'by', 'script') return redis.call('SPOP', 'words')", 0);
    c.Command("SET", "gone", "soon", "PX", 20);
    c.Command("HSET", "h", "f", "1");
    std::this_thread::sleep_for(milliseconds(50));
  }
  ExpectAllComesBack();
  auto c = Connect();
  EXPECT_THAT(c.Command("FCALL", "f", 0), IsInt(42));
  EXPECT_THAT(c.Command("EXISTS", "gone"), IsInt(0));
  EXPECT_THAT(c.Command("GET", "by"), IsBulk("script"));
  Rewrite(c);
  c.Command("SET", "behind", "the base");
  EXPECT_EQ(Manifest(), "file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n");
  EXPECT_FALSE(fs::exists(Aof("appendonly.aof.1.incr.aof")));
  ExpectAllComesBack();
}

// What passed its deadline only after it was changed again must be there when it is read, however late that is.
TEST_F(AppendOnlyTest, DeadlinesDoNotPassWhileTheFileIsRead) {
  {
    auto c = Connect();
    c.Command("SET", "k", "v", "PX", 600);
    c.Command("SET", "j", "v");
    c.Command("HSET", "h", "f", "v");
    Rewrite(c);
    c.Command("PEXPIRE", "j", 600);
    c.Command("HPEXPIRE", "h", 600, "FIELDS", 1, "f");
    for (const char* key : {"k", "j"}) {
      c.Command("APPEND", key, "w");
      EXPECT_THAT(c.Command("PERSIST", key), IsInt(1));
    }
    EXPECT_THAT(c.Command("HPERSIST", "h", "FIELDS", 1, "f"), IsArray(1));
    std::this_thread::sleep_for(milliseconds(650));
  }
  ExpectAllComesBack();
  auto c = Connect();
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("vw"));
  EXPECT_THAT(c.Command("GET", "j"), IsBulk("vw"));
  EXPECT_THAT(c.Command("HGET", "h", "f"), IsBulk("v"));
}

TEST_F(AppendOnlyTest, UnitsOfSeveralEffectsAreTransactions) {
  auto c = Connect();
  c.Command("SELECT", 3);
  c.Command("EVAL", "redis.call('SET', 'a', 1) redis.call('SET', 'b', 2)", 0);
  EXPECT_THAT(c.Command("WAITAOF", 1, 0, 5000), IsArray(1, 0));
  EXPECT_EQ(Contents(Aof("appendonly.aof.1.incr.aof")),
            "*1\r\n$5\r\nMULTI\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
            "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n*1\r\n$4\r\nEXEC\r\n");
}

TEST_F(AppendOnlyTest, TimestampsAreWrittenWhenAskedFor) {
  {
    auto c = Connect();
    EXPECT_THAT(c.Command("CONFIG", "SET", "aof-timestamp-enabled", "yes"), IsOk());
    c.Command("SET", "k", "v");
    EXPECT_THAT(c.Command("WAITAOF", 1, 0, 5000), IsArray(1, 0));
  }
  EXPECT_THAT(Contents(Aof("appendonly.aof.1.incr.aof")), ::testing::StartsWith("#TS:1"));
  ExpectAllComesBack();
}

TEST_F(AppendOnlyTest, ACutTailIsDroppedOrStopsTheStart) {
  {
    auto c = Connect();
    c.Command("SET", "whole", "yes");
    c.Command("EVAL", "redis.call('SET', 'a', 1) redis.call('SET', 'b', 2)", 0);
  }
  StopServer();
  const fs::path file = Aof("appendonly.aof.1.incr.aof");
  fs::resize_file(file, fs::file_size(file) - 3);
  load_truncated_ = "no";
  EXPECT_THROW(StartServer(), std::runtime_error);
  load_truncated_ = "yes";
  StartServer();
  {
    auto c = Connect();
    EXPECT_THAT(c.Command("GET", "whole"), IsBulk("yes"));
    EXPECT_THAT(c.Command("EXISTS", "a", "b"), IsInt(0));
    c.Command("SET", "later", "yes");
  }
  EXPECT_THAT(Contents(file), Not(HasSubstr("MULTI")));
  ExpectAllComesBack();
}

TEST_F(AppendOnlyTest, WhatIsNoAppendOnlyFileStopsTheStart) {
  StopServer();
  const fs::path file = Aof("appendonly.aof.1.incr.aof");
  for (const char* text : {"garbage\r\n", "*1\r\n$7\r\nNOTHING\r\n", "*2\r\n$3\r\nGET\r\n:1\r\n"}) {
    std::ofstream(file, std::ios::binary) << text;
    EXPECT_THROW(StartServer(), std::runtime_error) << text;
  }
  fs::remove(file);
  EXPECT_THROW(StartServer(), std::runtime_error);
  std::ofstream(Aof("appendonly.aof.manifest")) << "nonsense\n";
  EXPECT_THROW(StartServer(), std::runtime_error);
}

TEST_F(AppendOnlyTest, AFileFromBeforeRedis7BecomesTheBase) {
  StopServer();
  fs::remove_all(directory_ / "appendonlydir");
  std::ofstream(directory_ / "appendonly.aof", std::ios::binary)
      << "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\nold\r\n";
  StartServer();
  {
    auto c = Connect();
    EXPECT_THAT(c.Command("GET", "k"), IsBulk("old"));
    c.Command("APPEND", "k", "er");
  }
  EXPECT_FALSE(fs::exists(directory_ / "appendonly.aof"));
  ExpectAllComesBack();
}

TEST_F(AppendOnlyTest, IsTurnedOnAndOffWhileItServes) {
  {
    auto c = Connect();
    EXPECT_EQ(Persistence(c, "aof_enabled"), "1");
    c.Command("SET", "k", "1");
    EXPECT_THAT(c.Command("CONFIG", "SET", "appendonly", "no"), IsOk());
    EXPECT_EQ(Persistence(c, "aof_enabled"), "0");
    EXPECT_THAT(c.Command("WAITAOF", 1, 0, 0), IsErrorStarting("ERR WAITAOF cannot be used"));
    c.Command("SET", "k", "2");
    c.Command("CONFIG", "SET", "rdb-key-save-delay", 200000);
    EXPECT_THAT(c.Command("CONFIG", "SET", "appendonly", "yes"), IsOk());
    EXPECT_EQ(Persistence(c, "aof_rewrite_in_progress"), "1");
    EXPECT_THAT(c.Command("BGREWRITEAOF"),
                IsError("ERR Background append only file rewriting already in progress"));
    EXPECT_THAT(c.Command("BGSAVE"), IsErrorStarting("ERR Another child process is active (AOF?)"));
    EXPECT_THAT(c.Command("SHUTDOWN"), IsErrorStarting("ERR Errors trying to SHUTDOWN"));
    EXPECT_THAT(c.Command("SHUTDOWN", "NOSAVE"), IsErrorStarting("ERR Errors trying to SHUTDOWN"));
    c.Command("SET", "meanwhile", "3");
    EXPECT_THAT(c.Command("WAITAOF", 1, 0, 10000), IsArray(1, 0));
    EXPECT_TRUE(Await(c, "aof_rewrite_in_progress", "0"));
    c.Command("SET", "then", "4");
  }
  ExpectAllComesBack();
}

TEST_F(AppendOnlyTest, ARewriteWaitsForASaveAndBeginsByItself) {
  auto c = Connect();
  c.Command("SET", "k", "v");
  c.Command("CONFIG", "SET", "rdb-key-save-delay", 100000);
  EXPECT_THAT(c.Command("BGSAVE"), IsStatus("Background saving started"));
  EXPECT_THAT(c.Command("BGREWRITEAOF"), IsStatus("Background append only file rewriting scheduled"));
  EXPECT_EQ(Persistence(c, "aof_rewrite_scheduled"), "1");
  EXPECT_TRUE(Await(c, "aof_rewrites", "1"));
  c.Command("CONFIG", "SET", "rdb-key-save-delay", 0);
  EXPECT_THAT(c.Command("CONFIG", "SET", "auto-aof-rewrite-min-size", "1kb"), IsOk());
  for (int i = 0; i < 100; ++i) c.Command("SET", "k", std::string(100, 'x'));
  EXPECT_TRUE(Await(c, "aof_rewrites", "2"));
}

TEST_F(AppendOnlyTest, ARewriteUnderLoadLosesNothing) {
  {
    auto c = Connect();
    for (int i = 0; i < 3000; ++i) c.Command("SET", "key" + std::to_string(i), i);
    std::atomic<bool> stop{false};
    std::vector<std::thread> writers;
    for (int t = 0; t < 3; ++t) {
      writers.emplace_back([&, t] {
        auto w = Connect();
        for (int i = 0; !stop; ++i) {
          const std::string key = "key" + std::to_string((i * 7 + t) % 3000);
          w.Command("INCR", key);
          w.Command("RPUSH", "list" + std::to_string(i % 50), i);
          if (i % 5 == 0) w.Command("DEL", "list" + std::to_string(i % 49));
          if (i % 11 == 0) w.Command("EVAL", "redis.call('INCR', KEYS[1]) redis.call('SADD', KEYS[2], ARGV[1])", 2, key,
                                     "{" + key + "}s", i);
        }
      });
    }
    for (int i = 0; i < 4; ++i) Rewrite(c);
    stop = true;
    for (auto& w : writers) w.join();
  }
  ExpectAllComesBack();
}

TEST_F(AppendOnlyTest, DebugLoadAofBringsTheSameBack) {
  auto c = Connect();
  Fill(c);
  const std::string before = Digest(c);
  EXPECT_THAT(c.Command("DEBUG", "LOADAOF"), IsOk());
  EXPECT_EQ(Digest(c), before);
  c.Command("SET", "and", "on");
  ExpectAllComesBack();
}

TEST_F(AppendOnlyTest, AppendOnlyIsPreferredOverASavedFile) {
  auto c = Connect();
  c.Command("SET", "k", "saved");
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  c.Command("SET", "k", "appended");
  Restart();
  auto d = Connect();
  EXPECT_THAT(d.Command("GET", "k"), IsBulk("appended"));
}

TEST_F(AppendOnlyTest, RewritesWithoutAppendingToo) {
  appendonly_ = "no";
  fs::remove_all(directory_ / "appendonlydir");
  Restart();
  auto c = Connect();
  c.Command("SET", "k", "v");
  Rewrite(c);
  EXPECT_EQ(Manifest(), "file appendonly.aof.1.base.rdb seq 1 type b\n");
  c.Command("SET", "k", "w");
  EXPECT_THAT(c.Command("DEBUG", "LOADAOF"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("v"));
  appendonly_ = "yes";
  Restart();
  auto d = Connect();
  EXPECT_THAT(d.Command("GET", "k"), IsBulk("v"));
}

// Writes are refused until it is over.
TEST_F(AppendOnlyTest, WritesAreRefusedWhileTheFileCannotBeWritten) {
  if (ServerProgram::Wanted() != nullptr) GTEST_SKIP() << "the limit is for this process";
  auto c = Connect();
  c.Command("SET", "k", "v");
  EXPECT_THAT(c.Command("WAITAOF", 1, 0, 5000), IsArray(1, 0));
  std::optional<FullDisk> full(std::in_place);
  c.Command("SET", "k", std::string(5000, 'x'));
  EXPECT_TRUE(Await(c, "aof_last_write_status", "err"));
  EXPECT_THAT(c.Command("SET", "k", "w"), IsError("MISCONF Errors writing to the AOF file: File too large"));
  EXPECT_THAT(c.Command("GET", "k"), IsBulk(std::string(5000, 'x')));
  full.reset();
  EXPECT_TRUE(Await(c, "aof_last_write_status", "ok"));
  EXPECT_THAT(c.Command("SET", "j", "w"), IsOk());
  ExpectAllComesBack();
}

// Better no reply than one that says too much.
TEST_F(AppendOnlyTest, WithAlwaysWhatCannotBeWrittenIsNotAcknowledged) {
  if (ServerProgram::Wanted() != nullptr) GTEST_SKIP() << "the limit is for this process";
  fsync_ = "always";
  Restart();
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  std::optional<FullDisk> full(std::in_place);
  c.Send("SET", "k", std::string(5000, 'x'));
  EXPECT_EQ(c.ReadBytes(1), "");
  auto d = Connect();
  EXPECT_THAT(d.Command("SET", "k", "w"), IsErrorStarting("MISCONF Errors writing to the AOF file"));
  full.reset();
  EXPECT_TRUE(Await(d, "aof_last_write_status", "ok"));
  EXPECT_THAT(d.Command("SET", "k", "w"), IsOk());
  ExpectAllComesBack();
}

TEST_F(AppendOnlyTest, WithAlwaysAReplyMeansThatItIsOnTheDisk) {
  fsync_ = "always";
  Restart();
  auto c = Connect();
  for (int i = 0; i < 20; ++i) {
    c.Command("SET", "k", i);
    EXPECT_THAT(Contents(Aof("appendonly.aof.1.incr.aof")), ::testing::EndsWith(std::to_string(i) + "\r\n"));
  }
  // Whom somebody else serves is not told earlier.
  auto waiter = Connect();
  waiter.Send("BLPOP", "l", 0);
  std::this_thread::sleep_for(milliseconds(50));
  c.Command("RPUSH", "l", "x");
  EXPECT_THAT(waiter.ReadReply(), IsArray("l", "x"));
  EXPECT_THAT(Contents(Aof("appendonly.aof.1.incr.aof")), HasSubstr("LPOP"));
  EXPECT_THAT(c.Command("WAITAOF", 1, 0, 0), IsArray(1, 0));
}

TEST_F(AppendOnlyTest, AReplicaAndTheFileFollowTogether) {
  auto replica = Connect();
  replica.SendRaw("SYNC\r\n");
  std::this_thread::sleep_for(milliseconds(300));
  {
    auto c = Connect();
    c.Command("SET", "both", "told");
    std::this_thread::sleep_for(milliseconds(100));
  }
  std::string stream;
  while (!stream.ends_with("told\r\n")) {
    const std::string byte = replica.ReadBytes(1);
    ASSERT_FALSE(byte.empty());
    stream += byte;
  }
  ExpectAllComesBack();
}

}  // namespace
}  // namespace pinion::test
