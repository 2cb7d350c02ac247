// The same client interface over hiredis, the C library most programs use, which is RESP2 only in
// the version tested with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/reply.h"
#include "tests/support/resp_client.h"

struct redisContext;

namespace pinion::test {

// Not thread-safe. Replies take at most RespClient::kPatience.
class HiredisClient {
 public:
  static HiredisClient Connect(const std::string& host, int port);

  [[nodiscard]] bool connected() const;

  template <typename... Args>
  Reply Command(const Args&... args) {
    return Command(std::vector<std::string>{ArgumentText(args)...});
  }
  Reply Command(const std::vector<std::string>& args);

  // Pipelining: Append queues a command, ReadReply sends what is queued and returns the replies in
  // order.
  template <typename... Args>
  void Append(const Args&... args) {
    Append(std::vector<std::string>{ArgumentText(args)...});
  }
  void Append(const std::vector<std::string>& args);
  Reply ReadReply();

 private:
  struct Free {
    void operator()(redisContext* context) const;
  };
  explicit HiredisClient(redisContext* context) : context_(context) {}

  std::unique_ptr<redisContext, Free> context_;
};

}  // namespace pinion::test
