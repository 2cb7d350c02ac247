// Replies that another thread sends on a stalled connection's socket.
#include "net/lent_socket.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/net/harness.h"

namespace pinion::net::testing {
namespace {

// A client that has sent LEND, and what was lent.
class LentSocketTest : public ::testing::Test {
 protected:
  LentSocketTest() {
    client_.Expect("PING\r\nLEND\r\nPING\r\n", "+PONG\r\n");
    lent_ = server_.handler.TakeLent();
  }
  // Once the batch that lends is over, which is soon after its replies have come.
  void AwaitEndOfBatch() {
    EXPECT_TRUE(server_.WithConnection(id_, [](Connection& c) { EXPECT_TRUE(c.stalled()); }));
  }
  void Finish(size_t sent, std::string_view rest) {
    EXPECT_TRUE(server_.WithConnection(id_, [&](Connection& c) {
      c.SendRest(sent, rest);
      c.Resume();
    }));
  }
  void Push(std::string_view text) {
    EXPECT_TRUE(server_.WithConnection(id_, [&](Connection& c) { c.push_buffer().Append(text); }));
  }

  TestServer server_;
  Client client_{server_.port()};
  uint64_t id_ = [this] {
    client_.Expect("PING\r\n", "+PONG\r\n");
    return server_.handler.last_opened.load();
  }();
  std::shared_ptr<resp::DirectOutput> lent_;
};

TEST_F(LentSocketTest, SendsOneReply) {
  AwaitEndOfBatch();
  EXPECT_EQ(lent_->Send("+DIRECT\r\n"), 9u);
  EXPECT_EQ(client_.Read(9), "+DIRECT\r\n");
  EXPECT_EQ(lent_->Send("+TWICE\r\n"), 0u);
  const size_t before = server_.Ask(id_, [](Connection& c) { return c.bytes_out(); });
  Finish(9, "");
  client_.Expect("PING\r\n", "+PONG\r\n+PONG\r\n");
  EXPECT_EQ(server_.Ask(id_, [](Connection& c) { return c.bytes_out(); }), before + 9 + 14);
}

TEST_F(LentSocketTest, WhatIsPushedTakesItBack) {
  AwaitEndOfBatch();
  Push("+PUSHED\r\n");
  EXPECT_EQ(client_.Read(9), "+PUSHED\r\n");
  EXPECT_EQ(lent_->Send("+DIRECT\r\n"), 0u);
}

TEST_F(LentSocketTest, ResumingTakesItBack) {
  AwaitEndOfBatch();
  EXPECT_TRUE(server_.WithConnection(id_, [](Connection& c) { c.Resume(); }));
  EXPECT_EQ(client_.Read(7), "+PONG\r\n");
  EXPECT_EQ(lent_->Send("+DIRECT\r\n"), 0u);
}

TEST_F(LentSocketTest, WhatIsPushedGoesBehindAReplyThatWasSentInPart) {
  AwaitEndOfBatch();
  const std::string reply = Bulk(std::string(32 << 20, 'x'));
  const size_t sent = lent_->Send(reply);
  ASSERT_GT(sent, 0u);
  ASSERT_LT(sent, reply.size());
  Push("+PUSHED\r\n");
  Finish(sent, std::string_view(reply).substr(sent));
  EXPECT_EQ(client_.Read(reply.size() + 9 + 7), reply + "+PUSHED\r\n+PONG\r\n");
  client_.Expect("PING\r\n", "+PONG\r\n");
}

TEST_F(LentSocketTest, ASocketThatIsClosedIsNotUsed) {
  AwaitEndOfBatch();
  client_.Close();
  ASSERT_TRUE(Eventually([&] { return server_.handler.closed == 1; }));
  EXPECT_EQ(lent_->Send("+DIRECT\r\n"), 0u);
}

TEST_F(LentSocketTest, IsLentAgain) {
  for (int i = 0; i < 200; ++i) {
    AwaitEndOfBatch();
    EXPECT_EQ(lent_->Send("+DIRECT\r\n"), 9u);
    Finish(9, "");
    client_.Expect("LEND\r\n", "+DIRECT\r\n+PONG\r\n");
    client_.Send("PING\r\n");
    lent_ = server_.handler.TakeLent();
  }
}

// Two threads and their timing: whole replies and whole messages arrive, whoever is faster.
TEST_F(LentSocketTest, RepliesAndPushesStayWhole) {
  for (int i = 0; i < 300; ++i) {
    size_t sent = 0;
    std::thread sender([&] { sent = lent_->Send("+DIRECT\r\n"); });
    Push("+PUSHED\r\n");
    sender.join();
    Finish(sent, std::string_view("+DIRECT\r\n").substr(sent));
    const std::string both = client_.Read(18);
    EXPECT_TRUE(both == "+DIRECT\r\n+PUSHED\r\n" || both == "+PUSHED\r\n+DIRECT\r\n") << both;
    client_.Expect("LEND\r\nPING\r\n", "+PONG\r\n");
    lent_ = server_.handler.TakeLent();
  }
}

}  // namespace
}  // namespace pinion::net::testing
