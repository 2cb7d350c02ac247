// What the tests of the string commands share: a server with one client, and the events that commands cause.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {

class StringTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    client_.emplace(Connect());
  }

  template <typename... Args>
  Reply Do(const Args&... args) {
    return client_->Command(args...);
  }
  RespClient& client() { return *client_; }

  // The events that `commands` cause, as "set k", in order.
  template <typename F>
  std::vector<std::string> EventsOf(F&& commands) {
    static constexpr std::string_view kPrefix = "__keyevent@0__:";
    EXPECT_THAT(Do("CONFIG", "SET", "notify-keyspace-events", "EA"), IsOk());
    RespClient subscriber = Connect();
    EXPECT_THAT(subscriber.Command("PSUBSCRIBE", "__keyevent@0__:*"), IsArray("psubscribe", "__keyevent@0__:*", 1));
    commands();
    Do("PUBLISH", "__keyevent@0__:end", "");
    std::vector<std::string> events;
    for (;;) {
      const Reply message = subscriber.ReadReply();
      EXPECT_EQ(message.elements.size(), 4u) << message;
      if (message.elements.size() != 4) return events;
      const std::string event = message.elements[2].text.substr(kPrefix.size());
      if (event == "end") return events;
      events.push_back(event + " " + message.elements[3].text);
    }
  }

  static int64_t UnixSeconds() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  }

 private:
  std::optional<RespClient> client_;
};

// A remaining time that was `seconds` a moment ago, in milliseconds.
inline ReplyMatcher IsNearlySeconds(int64_t seconds) {
  return IsInt(::testing::AllOf(::testing::Gt((seconds - 10) * 1000), ::testing::Le(seconds * 1000)));
}

inline constexpr const char* kSyntaxError = "ERR syntax error";
inline constexpr const char* kNotAnInteger = "ERR value is not an integer or out of range";
inline constexpr const char* kWrongKind = "WRONGTYPE Operation against a key holding the wrong kind of value";
inline constexpr const char* kNotAFloat = "ERR value is not a valid float";

}  // namespace pinion::test
