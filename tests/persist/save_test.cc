// Tests of SAVE, BGSAVE, LASTSAVE, DEBUG RELOAD, save points, and of loading at the start.
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/persist/save_fixture.h"

namespace pinion::test {
namespace {

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
