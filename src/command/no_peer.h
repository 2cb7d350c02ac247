// The link of a session that is no client's: a script's, or the append-only file's.
#pragma once

#include <string>

#include "command/client_link.h"

namespace pinion::command {

// Nobody is there to be sent anything.
class NoPeer final : public ClientLink {
 public:
  resp::OutputBuffer& Push() override {
    nowhere_.Clear();
    return nowhere_;
  }
  void CloseAfterReplies() override {}
  void Kill() override {}
  void Resume() override {}
  void SetAuthenticated(bool) override {}
  void SetOutputClass(OutputClass) override {}
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  [[nodiscard]] const std::string& local() const override { return peer_; }
  [[nodiscard]] bool is_unix() const override { return false; }
  [[nodiscard]] bool is_loopback() const override { return true; }
  [[nodiscard]] int fd() const override { return -1; }
  [[nodiscard]] Usage usage() const override { return {}; }

 private:
  resp::OutputBuffer nowhere_;
  const std::string peer_ = "?:0";
};

}  // namespace pinion::command
