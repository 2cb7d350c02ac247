// A connection that follows a server as a replica does, and a fixture around it.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {

// Reads the stream command by command. SELECT and PING are passed over unless they are wanted.
class ReplicaLink {
 public:
  explicit ReplicaLink(RespClient client) : client_(std::move(client)) {}

  RespClient& client() { return client_; }

  // Reads "$size CRLF bytes", without CRLF behind; or "$EOF:mark CRLF bytes mark", which is acknowledged.
  std::string ReadSnapshot() {
    std::string header;
    while (!header.ends_with("\r\n")) {
      const std::string byte = client_.ReadBytes(1);
      if (byte.empty()) return {};
      if (byte != "\n" || !header.empty()) header += byte;
    }
    constexpr std::string_view kToMark = "$EOF:";
    if (!header.starts_with(kToMark)) return client_.ReadBytes(std::stoul(header.substr(1)));
    const std::string mark = header.substr(kToMark.size(), header.size() - kToMark.size() - 2);
    std::string snapshot = client_.ReadBytes(mark.size());
    while (!snapshot.ends_with(mark)) {
      const std::string byte = client_.ReadBytes(1);
      if (byte.empty()) return {};
      snapshot += byte;
    }
    client_.Send("REPLCONF", "ACK", 0);
    return snapshot.substr(0, snapshot.size() - mark.size());
  }

  // The next command, its words with spaces between.
  std::string Next(bool all = false) {
    for (;;) {
      const Reply reply = client_.ReadReply();
      if (reply.kind != Reply::Kind::kArray) return "(nothing)";
      std::string line;
      for (const Reply& word : reply.elements) line += (line.empty() ? "" : " ") + word.text;
      if (!all && (line.starts_with("SELECT ") || line == "PING")) continue;
      return line;
    }
  }

 private:
  RespClient client_;
};

class ReplicationTest : public ServerTest {
 protected:
  ReplicaLink Follow() {
    ReplicaLink link(Connect());
    link.client().SendRaw("SYNC\r\n");
    link.ReadSnapshot();
    return link;
  }

  // What INFO says of replication.
  std::string Info(RespClient& c, const std::string& name) {
    const std::string text = c.Command("INFO", "replication").text + c.Command("INFO", "stats").text;
    const size_t at = text.find(name + ":");
    if (at == std::string::npos) return {};
    const size_t begin = at + name.size() + 1;
    return text.substr(begin, text.find("\r\n", begin) - begin);
  }

  // Sends a command, then an unmistakable one, and returns what came between in the stream, joined by "; ".
  template <typename... Args>
  std::string Effects(ReplicaLink& link, RespClient& c, const Args&... args) {
    last_reply_ = c.Command(args...);
    return EffectsUntilMark(link, c);
  }
  std::string EffectsUntilMark(ReplicaLink& link, RespClient& c) {
    const std::string mark = "mark" + std::to_string(++marks_);
    c.Command("PUBLISH", mark, "");
    std::string all;
    for (std::string next = link.Next(); next != "PUBLISH " + mark + " "; next = link.Next()) {
      all += (all.empty() ? "" : "; ") + next;
      if (next == "(nothing)") break;
    }
    return all;
  }

  Reply last_reply_;

 private:
  int marks_ = 0;
};

}  // namespace pinion::test
