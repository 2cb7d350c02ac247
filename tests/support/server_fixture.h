// A test fixture with a server of its own in the test's process, on a free port.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "pinion/options.h"
#include "pinion/server.h"
#include "tests/support/hiredis_client.h"
#include "tests/support/matchers.h"
#include "tests/support/resp_client.h"

namespace pinion::test {

// Each test gets a fresh server with two threads. A suite that needs other directives overrides
// Configure.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { StartServer(); }
  void TearDown() override {
    if (server_) server_->Stop();
  }

  // Called before every start; later directives win over the ones set here.
  virtual void Configure(Options&) {}

  void StartServer() {
    Options options;
    options.Set("port", "0")
        .Set("bind", "127.0.0.1")
        .Set("threads", "2")
        .Set("save", "\"\"")
        .Set("loglevel", "warning");
    Configure(options);
    server_ = Server::Start(options);
  }

  Server& server() { return *server_; }

  // A connection over the raw socket; resp 3 has said HELLO 3.
  RespClient Connect(int resp = 2) {
    RespClient client = RespClient::Connect("127.0.0.1", server_->port());
    EXPECT_TRUE(client.connected());
    if (resp == 3) {
      EXPECT_THAT(client.Command("HELLO", 3), matcher_detail::OfKind(Reply::Kind::kMap));
    }
    return client;
  }

  HiredisClient ConnectHiredis() {
    HiredisClient client = HiredisClient::Connect("127.0.0.1", server_->port());
    EXPECT_TRUE(client.connected());
    return client;
  }

 private:
  std::unique_ptr<Server> server_;
};

}  // namespace pinion::test
