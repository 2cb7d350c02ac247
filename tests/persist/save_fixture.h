// A server that saves into a directory of its own.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {

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

}  // namespace pinion::test
