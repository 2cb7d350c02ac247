// A test fixture with a server of its own on a free port: in the test's process, or the program the environment names.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "pinion/options.h"
#include "pinion/server.h"
#include "tests/support/hiredis_client.h"
#include "tests/support/matchers.h"
#include "tests/support/resp_client.h"
#include "tests/support/server_program.h"

namespace pinion::test {

// Each test gets a fresh server with two threads. A suite that needs other directives overrides
// Configure.
class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { StartServer(); }
  void TearDown() override { StopServer(); }

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
    if (const char* path = ServerProgram::Wanted()) {
      program_ = std::make_unique<ServerProgram>(path, options);
    } else {
      server_ = Server::Start(options);
    }
  }

  // StartServer may follow.
  void StopServer() {
    if (server_) server_->Stop();
    if (program_) program_->Stop();
    server_.reset();
    program_.reset();
  }

  [[nodiscard]] int port() const { return server_ ? server_->port() : program_->port(); }
  // Until a client has had the server stop.
  void WaitForShutdown() {
    if (program_) return program_->WaitForShutdown();
    server_->WaitForShutdown();
    server_->Stop();
  }

  // A connection over the raw socket; resp 3 has said HELLO 3.
  RespClient Connect(int resp = 2) {
    RespClient client = RespClient::Connect("127.0.0.1", port());
    EXPECT_TRUE(client.connected());
    if (resp == 3) {
      EXPECT_THAT(client.Command("HELLO", 3), matcher_detail::OfKind(Reply::Kind::kMap));
    }
    return client;
  }

  HiredisClient ConnectHiredis() {
    HiredisClient client = HiredisClient::Connect("127.0.0.1", port());
    EXPECT_TRUE(client.connected());
    return client;
  }

 private:
  std::unique_ptr<Server> server_;          // one of these two
  std::unique_ptr<ServerProgram> program_;
};

}  // namespace pinion::test
