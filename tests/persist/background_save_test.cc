// Tests of saving in the background: the file is the dataset of one instant, whatever happens meanwhile.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "tests/persist/save_fixture.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;

class BackgroundSaveTest : public SaveTest {
 protected:
  void Configure(Options& options) override {
    SaveTest::Configure(options);
    options.Set("enable-protected-configs", "yes");
  }

  // Has the next saves take about so long for each key.
  void Slow(RespClient& c, int micros) {
    EXPECT_THAT(c.Command("CONFIG", "SET", "rdb-key-save-delay", micros), IsOk());
  }
  void BgSave(RespClient& c) { EXPECT_THAT(c.Command("BGSAVE"), IsStatus("Background saving started")); }
  void LoadWhatIsSaved(RespClient& c) {
    AwaitBackground(c);
    EXPECT_EQ(Persistence(c, "rdb_last_bgsave_status"), "ok");
    EXPECT_EQ(FilesThere(), 1u);
    EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"), IsOk());
  }
};

TEST_F(BackgroundSaveTest, SavesWhatWasThereWhenItBegan) {
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

// Money goes from accounts to fields of one large hash and back, in transactions and scripts. Every file shows all of it.
TEST_F(BackgroundSaveTest, NoTransferIsTornApart) {
  constexpr int kAccounts = 500, kFields = 1500, kMoney = 100;
  constexpr int kWriters = 3, kSaves = 4;
  auto c = Connect();
  for (int i = 0; i < kAccounts; ++i) c.Command("SET", "account" + std::to_string(i), kMoney);
  for (int i = 0; i < kFields; ++i) c.Command("HSET", "vault", "field" + std::to_string(i), kMoney);
  std::atomic<bool> enough{false};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([this, w, &enough] {
      HiredisClient client = ConnectHiredis();
      Random random(static_cast<uint64_t>(w) + 1);
      while (!enough) {
        const std::string account = "account" + std::to_string(random.Below(kAccounts));
        const std::string other = "account" + std::to_string(random.Below(kAccounts));
        const std::string field = "field" + std::to_string(random.Below(kFields));
        const int sum = static_cast<int>(random.Below(50)) - 25;
        if (random.Below(2) == 0) {
          client.Append("MULTI");
          client.Append("DECRBY", account, sum);
          client.Append("INCRBY", other, 2 * sum);
          client.Append("HINCRBY", "vault", field, -sum);
          client.Append("EXEC");
          for (int i = 0; i < 5; ++i) client.ReadReply();
        } else {
          client.Command("EVAL", "redis.call('incrby', KEYS[1], ARGV[1]) redis.call('hincrby', 'vault', ARGV[2], -ARGV[1])",
                         1, account, sum, field);
        }
      }
    });
  }
  for (int i = 0; i < kSaves; ++i) {
    std::this_thread::sleep_for(milliseconds(20));
    Slow(c, i % 2 == 0 ? 100 : 0);
    BgSave(c);
    AwaitBackground(c);
    fs::copy_file(File(), directory_ / ("copy" + std::to_string(i)));
  }
  enough = true;
  for (std::thread& w : writers) w.join();
  for (int i = 0; i < kSaves; ++i) {
    fs::rename(directory_ / ("copy" + std::to_string(i)), File());
    EXPECT_THAT(c.Command("DEBUG", "RELOAD", "NOSAVE"), IsOk());
    int64_t sum = 0;
    for (int a = 0; a < kAccounts; ++a) sum += std::stoll(c.Command("GET", "account" + std::to_string(a)).text);
    for (const Reply& value : c.Command("HVALS", "vault").elements) sum += std::stoll(value.text);
    EXPECT_EQ(sum, int64_t{kMoney} * (kAccounts + kFields));
  }
}

TEST_F(BackgroundSaveTest, EveryTypeMayChangeMeanwhile) {
  auto c = Connect();
  Fill(c);
  for (int i = 0; i < 2000; ++i) {
    const std::string name = "member" + std::to_string(i);
    c.Command("ZADD", "many scores", i, name);
    c.Command("HSET", "many fields", name, i);
    c.Command("SADD", "many members", name);
  }
  c.Command("HEXPIRE", "many fields", 1000, "FIELDS", 1, "member0");
  c.Command("SET", "large", std::string(100'000, 'x'));
  const std::string digest = c.Command("DEBUG", "DIGEST").text;
  Slow(c, 5000);
  BgSave(c);
  c.Command("APPEND", "large", "y");
  c.Command("SETRANGE", "text", 5, "y");
  c.Command("INCR", "number");
  c.Command("PERSIST", "text");
  c.Command("SADD", "ints", 7);
  c.Command("SMOVE", "words", "ints", "a");
  c.Command("HSET", "small hash", "h", 1);
  c.Command("HDEL", "big hash", "f");
  c.Command("ZINCRBY", "scores", 1, "a");
  c.Command("ZADD", "many scores", 5, "new");
  c.Command("ZREMRANGEBYRANK", "many scores", 0, 10);
  c.Command("HPERSIST", "many fields", "FIELDS", 1, "member0");
  c.Command("RENAME", "many members", "other members");
  c.Command("SPOP", "other members", 3);
  c.Command("LPUSH", "list", "new");
  c.Command("LTRIM", "list", 0, 10);
  c.Command("XACK", "stream", "group", "0-1");
  c.Command("XREADGROUP", "GROUP", "group", "me", "COUNT", 7, "STREAMS", "stream", ">");
  c.Command("XADD", "stream", "*", "f", "v");
  c.Command("DEL", "long scores");
  c.Command("FUNCTION", "FLUSH");
  EXPECT_EQ(Persistence(c, "rdb_bgsave_in_progress"), "1");
  LoadWhatIsSaved(c);
  EXPECT_EQ(c.Command("DEBUG", "DIGEST").text, digest);
  EXPECT_THAT(c.Command("XPENDING", "stream", "group").elements.at(0), IsInt(7));
  EXPECT_THAT(c.Command("FCALL", "f", "0"), IsInt(42));
  EXPECT_THAT(c.Command("HTTL", "many fields", "FIELDS", 2, "member0", "member1"), IsArray(IsInt(1000), IsInt(-1)));
}

TEST_F(BackgroundSaveTest, DatabasesMayBeSwappedAndEmptied) {
  auto c = Connect();
  Fill(c);
  for (int i = 0; i < 200; ++i) c.Command("SET", "key" + std::to_string(i), i);
  const std::string digest = c.Command("DEBUG", "DIGEST").text;
  Slow(c, 500);
  BgSave(c);
  EXPECT_THAT(c.Command("SWAPDB", 0, 9), IsOk());
  EXPECT_THAT(c.Command("SET", "key1", "new"), IsOk());
  EXPECT_THAT(c.Command("FLUSHDB"), IsOk());
  EXPECT_THAT(c.Command("SET", "key2", "new"), IsOk());
  EXPECT_THAT(c.Command("FLUSHALL"), IsOk());
  EXPECT_THAT(c.Command("SET", "key3", "new"), IsOk());
  EXPECT_EQ(Persistence(c, "rdb_bgsave_in_progress"), "1");
  LoadWhatIsSaved(c);
  EXPECT_EQ(c.Command("DEBUG", "DIGEST").text, digest);
}

TEST_F(BackgroundSaveTest, SaysHowFarItIs) {
  auto c = Connect();
  EXPECT_EQ(Persistence(c, "current_save_keys_total"), "0");
  for (int i = 0; i < 100; ++i) c.Command("SET", "key" + std::to_string(i), std::string(1000, 'x'));
  Slow(c, 3000);
  BgSave(c);
  EXPECT_EQ(Persistence(c, "current_save_keys_total"), "100");
  EXPECT_GE(std::stoi(Persistence(c, "rdb_current_bgsave_time_sec")), 0);
  for (int i = 0; i < 100 && Persistence(c, "current_save_keys_processed") != "100"; ++i) {
    std::this_thread::sleep_for(milliseconds(2));
  }
  EXPECT_EQ(Persistence(c, "current_save_keys_processed"), "100");
  EXPECT_GT(std::stoi(Persistence(c, "current_cow_peak")), 10'000);
  AwaitBackground(c);
  EXPECT_EQ(Persistence(c, "current_cow_size"), "0");
  EXPECT_GT(std::stoi(Persistence(c, "rdb_last_cow_size")), 10'000);
  EXPECT_EQ(Persistence(c, "rdb_current_bgsave_time_sec"), "-1");
}

TEST_F(BackgroundSaveTest, AStopEndsIt) {
  auto c = Connect();
  for (int i = 0; i < 1000; ++i) c.Command("SET", "key" + std::to_string(i), i);
  Slow(c, 20'000);
  BgSave(c);
  c.Send("SHUTDOWN", "NOSAVE");
  WaitForShutdown();
  EXPECT_EQ(FilesThere(), 0u);
}

TEST_F(BackgroundSaveTest, AfterAStopThatFailedTheNextIsWhole) {
  auto c = Connect();
  Fill(c);
  for (int i = 0; i < 1000; ++i) c.Command("SET", "key" + std::to_string(i), i);
  const std::string digest = c.Command("DEBUG", "DIGEST").text;
  Slow(c, 20'000);
  BgSave(c);
  ASSERT_TRUE(fs::create_directory(File()));  // no file can take its place
  Slow(c, 0);
  EXPECT_THAT(c.Command("SHUTDOWN", "SAVE"), IsErrorStarting("ERR Errors trying to SHUTDOWN"));
  EXPECT_EQ(Persistence(c, "rdb_bgsave_in_progress"), "0");
  EXPECT_EQ(FilesThere(), 1u);
  fs::remove(File());
  BgSave(c);
  c.Command("FLUSHALL");
  LoadWhatIsSaved(c);
  EXPECT_EQ(c.Command("DEBUG", "DIGEST").text, digest);
}

TEST_F(BackgroundSaveTest, GoesWhereItWasToGoWhenItBegan) {
  auto c = Connect();
  for (int i = 0; i < 50; ++i) c.Command("SET", "key" + std::to_string(i), i);
  const fs::path elsewhere = directory_ / "elsewhere";
  ASSERT_TRUE(fs::create_directory(elsewhere));
  Slow(c, 5000);
  BgSave(c);
  EXPECT_THAT(c.Command("CONFIG", "SET", "dir", elsewhere.string()), IsOk());
  AwaitBackground(c);
  EXPECT_EQ(Persistence(c, "rdb_last_bgsave_status"), "ok");
  EXPECT_TRUE(fs::exists(File()));
  EXPECT_TRUE(fs::is_empty(elsewhere));
}

class OneThreadSaveTest : public BackgroundSaveTest {
 protected:
  void Configure(Options& options) override {
    BackgroundSaveTest::Configure(options);
    options.Set("threads", "1");
  }
};

TEST_F(OneThreadSaveTest, OneLoopIsEnough) {
  auto c = Connect();
  Fill(c);
  for (int i = 0; i < 20'000; ++i) c.Command("SET", "key" + std::to_string(i % 5000), i);
  const std::string digest = c.Command("DEBUG", "DIGEST").text;
  BgSave(c);
  for (int i = 0; i < 5000; ++i) c.Command("SET", "key" + std::to_string(i), "after");
  LoadWhatIsSaved(c);
  EXPECT_EQ(c.Command("DEBUG", "DIGEST").text, digest);
}

}  // namespace
}  // namespace pinion::test
