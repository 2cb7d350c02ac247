// Output that is held until what is ready has been served: its order, its end, and that nothing leaves before.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/net/harness.h"

namespace pinion::net::testing {
namespace {

const std::string kHeld = "+HELD\r\n";

TEST(HeldOutput, GoesOutWhenItIsReleased) {
  TestServer server;
  Client client(server.port());
  for (int i = 1; i <= 10; ++i) {
    client.Expect("HOLD\r\n", kHeld);
    EXPECT_EQ(server.handler.releases, i);
  }
  client.Expect("PING\r\n", "+PONG\r\n");
  EXPECT_EQ(server.handler.releases, 10);
}

TEST(HeldOutput, IsReleasedOnceForAllThatCameTogether) {
  TestServer server;
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) clients.emplace_back(server.port());
  for (Client& c : clients) c.Expect("PING\r\n", "+PONG\r\n");
  std::atomic<bool> sent{false};
  server.loops[0]->Post([&] { EXPECT_TRUE(Eventually([&] { return sent.load(); })); });
  for (Client& c : clients) c.Send("HOLD\r\nPING\r\n");
  sent = true;
  for (Client& c : clients) EXPECT_EQ(c.Read(14), kHeld + "+PONG\r\n");
  EXPECT_LE(server.handler.releases, 2);
}

TEST(HeldOutput, PushesAndRepliesKeepTheirOrder) {
  TestServer server;
  Client client(server.port());
  for (int i = 0; i < 20; ++i) {
    client.Expect("PUSH a\r\nHOLD\r\nPUSH b\r\nPING\r\n", "a+PUSHED\r\n" + kHeld + "b+PUSHED\r\n+PONG\r\n");
    client.Expect("HOLD\r\nLATER c\r\n", kHeld + "+LATER\r\nc");
  }
}

TEST(HeldOutput, AConnectionMayEndBehindIt) {
  TestServer server;
  Client client(server.port());
  client.Send("HOLD\r\nQUIT\r\n");
  EXPECT_EQ(client.ReadToEnd(), kHeld + "+OK\r\n");
  Client killed(server.port());
  killed.Send("HOLD\r\nDIE\r\n");
  EXPECT_EQ(killed.ReadToEnd(), "");
}

TEST(HeldOutput, WhatMustNotGoOutClosesItsConnections) {
  TestServer server;
  Client client(server.port()), bystander(server.port());
  bystander.Expect("PING\r\n", "+PONG\r\n");
  server.handler.may_release = false;
  client.Send("HOLD\r\n");
  EXPECT_TRUE(client.AtEnd());
  server.handler.may_release = true;
  bystander.Expect("HOLD\r\n", kHeld);
}

TEST(HeldOutput, ASlowReaderGetsAllInOrder) {
  TestServer server;
  constexpr size_t kSize = 8 << 20;
  const std::string big = "$" + std::to_string(kSize) + "\r\n";
  Client slow(server.port(), /*receive_buffer=*/4096), other(server.port());
  slow.Send("BIG 8388608\r\n");
  std::atomic<bool> done{false};
  std::thread holder([&] {
    while (!done) other.Expect("HOLD\r\n", kHeld);
  });
  Sleep(20);
  slow.Send("HOLD\r\nBIG 8388608\r\nPING\r\n");
  for (const bool held : {false, true}) {
    if (held) {
      EXPECT_EQ(slow.Read(kHeld.size()), kHeld);
    }
    EXPECT_EQ(slow.Read(big.size()), big);
    EXPECT_EQ(slow.Read(kSize + 2).size(), kSize + 2);
  }
  EXPECT_EQ(slow.Read(7), "+PONG\r\n");
  done = true;
  holder.join();
}

}  // namespace
}  // namespace pinion::net::testing
