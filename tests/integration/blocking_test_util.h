// What the tests of blocked clients share: a server with several loops, and clients that are known to wait.
#pragma once

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {

class BlockingTest : public ServerTest {
 protected:
  using Clock = std::chrono::steady_clock;

  void Configure(Options& options) override { options.Set("threads", "4"); }

  // A line of INFO as a number.
  int64_t Info(RespClient& c, const std::string& name) {
    const std::string text = c.Command("INFO", "everything").text;
    const size_t at = text.find("\n" + name + ":");
    EXPECT_NE(at, std::string::npos) << name;
    return std::atoll(text.c_str() + at + name.size() + 2);
  }
  // Whether so many clients wait, now or within the patience of a test.
  bool Wait(RespClient& c, int64_t clients) {
    for (int i = 0; i < 2000; ++i) {
      if (Info(c, "blocked_clients") == clients) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  // A new client that sent this command and waits, after `before` others.
  template <typename... Args>
  RespClient Waiting(RespClient& c, int before, const Args&... args) {
    RespClient client = Connect();
    client.Send(args...);
    EXPECT_TRUE(Wait(c, before + 1));
    return client;
  }
  // That no reply has come yet.
  bool Silent(RespClient& c) { return c.ReadReply(std::chrono::milliseconds(30)).kind == Reply::Kind::kNothing; }
};

inline constexpr const char* kWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";

}  // namespace pinion::test
