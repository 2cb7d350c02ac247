// What the tests of the stream commands share: commands and replies as lines of text.
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {

// A reply in short: "[1-1 [f v]]", "{length: 2}", "(nil)", "-ERR ...".
inline std::string Show(const Reply& reply) {
  using Kind = Reply::Kind;
  const auto list = [&](std::string_view open, std::string_view close, bool map) {
    std::string out(open);
    for (size_t i = 0; i < reply.elements.size(); ++i) {
      if (i > 0) out += map && i % 2 == 1 ? ": " : map ? ", " : " ";
      out += Show(reply.elements[i]);
    }
    return out.append(close);
  };
  switch (reply.kind) {
    case Kind::kArray: return list("[", "]", false);
    case Kind::kMap: return list("{", "}", true);
    case Kind::kInteger: return std::to_string(reply.integer);
    case Kind::kNil: return "(nil)";
    case Kind::kError: return "-" + reply.text;
    default: return reply.text;
  }
}

// REQUIRES: no argument is empty or has a space.
inline std::vector<std::string> Words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

class StreamTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    client_.emplace(Connect());
  }
  RespClient& client() { return *client_; }

  std::string Run(const std::string& line) { return Show(client_->Command(Words(line))); }
  void Expect(const std::string& line, const std::string& reply) { EXPECT_EQ(Run(line), reply) << line; }

  // The value of a name in a reply that is a map, or a flat array in its place.
  static std::string Field(const Reply& reply, std::string_view name) {
    const Reply* value = reply.Find(name);
    return value == nullptr ? "(absent)" : Show(*value);
  }

  // The events that `commands` cause, as "xadd s", in order.
  template <typename F>
  std::vector<std::string> EventsOf(F&& commands) {
    static constexpr std::string_view kPrefix = "__keyevent@0__:";
    EXPECT_EQ(Run("CONFIG SET notify-keyspace-events EA"), "OK");
    RespClient subscriber = Connect();
    EXPECT_THAT(subscriber.Command("PSUBSCRIBE", "__keyevent@0__:*"), IsArray("psubscribe", "__keyevent@0__:*", 1));
    commands();
    Run("PUBLISH __keyevent@0__:end x");
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

 private:
  std::optional<RespClient> client_;
};

inline constexpr const char* kSyntaxErrorLine = "-ERR syntax error";
inline constexpr const char* kNotAnIntegerLine = "-ERR value is not an integer or out of range";
inline constexpr const char* kInvalidId = "-ERR Invalid stream ID specified as stream command argument";
inline constexpr const char* kWrongTypeError = "-WRONGTYPE Operation against a key holding the wrong kind of value";

}  // namespace pinion::test
