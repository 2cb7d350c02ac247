// Tests of SAVE, BGSAVE, LASTSAVE, DEBUG RELOAD, save points, and of loading at the start.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

namespace fs = std::filesystem;

// A server with a directory of its own, gone after the test.
class SaveTest : public ServerTest {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "save-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    before_ = fs::current_path();
    ServerTest::SetUp();
  }
  void TearDown() override {
    ServerTest::TearDown();
    fs::current_path(before_);
    fs::remove_all(directory_);
  }
  void Configure(Options& options) override {
    options.Set("dir", directory_.string()).Set("enable-debug-command", "yes").Set("save", save_);
  }

  void Restart() {
    StopServer();
    StartServer();
  }

  [[nodiscard]] fs::path File() const { return directory_ / "dump.rdb"; }
  [[nodiscard]] size_t FilesThere() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }
  std::string Persistence(RespClient& c, std::string_view field) {
    const std::string text = c.Command("INFO", "persistence").text;
    const size_t at = text.find("\r\n" + std::string(field) + ":");
    if (at == std::string::npos) return "";
    const size_t begin = at + 3 + field.size();
    return text.substr(begin, text.find('\r', begin) - begin);
  }
  void AwaitBackground(RespClient& c) {
    for (int i = 0; i < 200 && Persistence(c, "rdb_bgsave_in_progress") == "1"; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    ASSERT_EQ(Persistence(c, "rdb_bgsave_in_progress"), "0");
  }
  // One key of every type and form, two databases, deadlines, a library.
  void Fill(RespClient& c) {
    c.Command("SET", "text", std::string(300, 'x'), "PX", "10000000");
    c.Command("SET", "number", "-1234567");
    c.Command("SET", "bytes", std::string("\0\xff\r\n", 4));
    c.Command("SADD", "ints", "1", "70000", "-5");
    c.Command("SADD", "words", "a", "b", std::string(100, 'c'));
    c.Command("HSET", "small hash", "f", "v", "g", "1");
    c.Command("HSET", "big hash", "f", std::string(100, 'v'));
    c.Command("ZADD", "scores", "1.5", "a", "-inf", "b");
    c.Command("ZADD", "long scores", "0.1", std::string(100, 'm'));
    for (int i = 0; i < 300; ++i) c.Command("RPUSH", "list", std::to_string(i), std::string(i, 'l'));
    for (int i = 0; i < 250; ++i) c.Command("XADD", "stream", "*", "field", std::to_string(i));
    c.Command("XGROUP", "CREATE", "stream", "group", "0");
    c.Command("XREADGROUP", "GROUP", "group", "me", "COUNT", "7", "STREAMS", "stream", ">");
    c.Command("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 42 end)");
    c.Command("SELECT", "9");
    c.Command("SET", "elsewhere", "yes");
    c.Command("SELECT", "0");
  }

  fs::path directory_, before_;
  std::string save_ = "\"\"";
};

TEST_F(SaveTest, WhatIsSavedIsThereAfterARestart) {
  auto c = Connect();
  Fill(c);
  const std::string digest = c.Command("DEBUG", "DIGEST").text;
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  EXPECT_EQ(FilesThere(), 1u);
  c.Command("SET", "afterwards", "lost");
  Restart();
  auto again = Connect();
  EXPECT_EQ(again.Command("DEBUG", "DIGEST").text, digest);
  EXPECT_THAT(again.Command("FCALL", "f", "0"), IsInt(42));
  EXPECT_GT(again.Command("PTTL", "text").integer, 9'000'000);
  EXPECT_EQ(Persistence(again, "rdb_last_load_keys_loaded"), "12");
}

TEST_F(SaveTest, ReloadKeepsEverything) {
  auto c = Connect(3);
  Fill(c);
  const std::string digest = c.Command("DEBUG", "DIGEST").text;
  EXPECT_THAT(c.Command("DEBUG", "RELOAD"), IsOk());
  EXPECT_EQ(c.Command("DEBUG", "DIGEST").text, digest);
  EXPECT_THAT(c.Command("XPENDING", "stream", "group").elements.at(0), IsInt(7));
  EXPECT_THAT(c.Command("FCALL", "f", "0"), IsInt(42));
}

TEST_F(SaveTest, ReloadMayKeepAndMerge) {
  auto c = Connect();
  c.Command("SET", "k", "saved");
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  c.Command("SET", "k", "newer");
  c.Command("SET", "other", "1");
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH"),
              IsError("ERR Error trying to load the RDB dump, check server logs."));
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("saved"));
  EXPECT_THAT(c.Command("GET", "other"), IsBulk("1"));
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"), IsOk());
  EXPECT_THAT(c.Command("EXISTS", "other"), IsInt(0));
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "QUICKLY"),
              IsError("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options."));
}

TEST_F(SaveTest, DeadlinesOfFieldsAreSaved) {
  auto c = Connect();
  c.Command("HSET", "h", "a", "1", "b", "2");
  c.Command("HEXPIRE", "h", "1000", "FIELDS", "1", "a");
  EXPECT_THAT(c.Command("DEBUG", "RELOAD"), IsOk());
  EXPECT_THAT(c.Command("HTTL", "h", "FIELDS", "2", "a", "b"), IsArray(IsInt(1000), IsInt(-1)));
  std::ifstream file(File(), std::ios::binary);
  std::string magic(9, '\0');
  file.read(magic.data(), 9);
  EXPECT_EQ(magic, "REDIS0012");
}

TEST_F(SaveTest, WhatExpiredInTheFileStaysOut) {
  auto c = Connect();
  c.Command("DEBUG", "SET-ACTIVE-EXPIRE", "0");
  c.Command("SET", "gone", "1", "PX", "20");
  c.Command("SET", "here", "1");
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"), IsOk());
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(1));
  EXPECT_EQ(Persistence(c, "rdb_last_load_keys_expired"), "1");
}

TEST_F(SaveTest, AChildSavesWhatWasThereWhenItBegan) {
  auto c = Connect();
  c.Command("SET", "k", "before");
  EXPECT_THAT(c.Command("CONFIG", "SET", "rdb-key-save-delay", "300000"), IsOk());
  EXPECT_THAT(c.Command("BGSAVE"), IsStatus("Background saving started"));
  c.Command("SET", "k", "after");
  EXPECT_EQ(Persistence(c, "rdb_bgsave_in_progress"), "1");
  EXPECT_THAT(c.Command("BGSAVE"), IsError("ERR Background save already in progress"));
  EXPECT_THAT(c.Command("BGSAVE", "SCHEDULE"), IsError("ERR Background save already in progress"));
  EXPECT_THAT(c.Command("SAVE"), IsError("ERR Background save already in progress"));
  AwaitBackground(c);
  EXPECT_EQ(Persistence(c, "rdb_last_bgsave_status"), "ok");
  EXPECT_EQ(Persistence(c, "rdb_saves"), "1");
  EXPECT_EQ(Persistence(c, "rdb_changes_since_last_save"), "1");
  EXPECT_EQ(FilesThere(), 1u);
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("before"));
}

TEST_F(SaveTest, InATransactionASaveIsScheduled) {
  auto c = Connect();
  c.Command("MULTI");
  c.Command("BGSAVE");
  c.Command("SET", "k", "1");
  EXPECT_THAT(c.Command("EXEC"), IsArray(IsStatus("Background saving scheduled"), IsOk()));
  for (int i = 0; i < 200 && Persistence(c, "rdb_saves") == "0"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("1"));
  EXPECT_THAT(c.Command("BGSAVE", "SOON"), IsError("ERR syntax error"));
}

TEST_F(SaveTest, SavePointsSave) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "save", "1 2"), IsOk());
  c.Command("SET", "a", "1");
  c.Command("SET", "b", "1");
  for (int i = 0; i < 200 && Persistence(c, "rdb_saves") == "0"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  EXPECT_EQ(Persistence(c, "rdb_saves"), "1");
  EXPECT_TRUE(fs::exists(File()));
  EXPECT_GE(c.Command("LASTSAVE").integer, 1'700'000'000);
}

TEST_F(SaveTest, WhereSavingFailsWritesAreRefused) {
  auto c = Connect();
  ASSERT_TRUE(fs::create_directory(File()));  // no file can take its place
  c.Command("SET", "k", "1");
  EXPECT_THAT(c.Command("SAVE"), IsError("ERR"));
  EXPECT_THAT(c.Command("CONFIG", "SET", "save", "1000 1000"), IsOk());
  EXPECT_THAT(c.Command("BGSAVE"), IsStatus("Background saving started"));
  AwaitBackground(c);
  EXPECT_EQ(Persistence(c, "rdb_last_bgsave_status"), "err");
  EXPECT_THAT(c.Command("SET", "k", "2"), IsErrorStarting("MISCONF Redis is configured to save RDB snapshots"));
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("1"));
  EXPECT_THAT(c.Command("CONFIG", "SET", "stop-writes-on-bgsave-error", "no"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "2"), IsOk());
  EXPECT_THAT(c.Command("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "3"), IsErrorStarting("MISCONF"));
  EXPECT_EQ(FilesThere(), 1u);  // nothing is left of the tries
  fs::remove(File());
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "3"), IsOk());
}

TEST_F(SaveTest, ShutdownSavesWhenToldTo) {
  auto c = Connect();
  c.Command("SET", "k", "1");
  c.Send("SHUTDOWN", "SAVE");
  WaitForShutdown();
  EXPECT_TRUE(fs::exists(File()));
}

TEST_F(SaveTest, ShutdownSavesWhereThereAreSavePoints) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "save", "1000 1000"), IsOk());
  c.Command("SET", "k", "1");
  c.Send("SHUTDOWN");
  WaitForShutdown();
  EXPECT_TRUE(fs::exists(File()));
}

TEST_F(SaveTest, ShutdownDoesNotStopWhereSavingFails) {
  auto c = Connect();
  ASSERT_TRUE(fs::create_directory(File()));
  EXPECT_THAT(c.Command("SHUTDOWN", "SAVE"), IsError("ERR Errors trying to SHUTDOWN. Check logs."));
  c.Send("SHUTDOWN", "SAVE", "FORCE");
  WaitForShutdown();
}

TEST_F(SaveTest, AFileThatIsBrokenIsRefused) {
  auto c = Connect();
  Fill(c);
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(40);
  file.put('\x7f');
  file.close();
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"),
              IsError("ERR Error trying to load the RDB dump, check server logs."));
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
}

TEST_F(SaveTest, UncompressedAndWithoutChecksumItLoadsAsWell) {
  auto c = Connect();
  c.Command("SET", "k", std::string(10'000, 'x'));
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  const auto compressed = fs::file_size(File());
  EXPECT_THAT(c.Command("CONFIG", "SET", "rdbcompression", "no"), IsOk());
  EXPECT_THAT(c.Command("SAVE"), IsOk());
  EXPECT_GT(fs::file_size(File()), compressed + 5'000);
  EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"), IsOk());
  EXPECT_THAT(c.Command("STRLEN", "k"), IsInt(10'000));
}

}  // namespace
}  // namespace pinion::test
