// What one client sees of a connection: order, partial requests, stalls, closing, limits.
#include "net/connection.h"

#include <sys/socket.h>

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/harness.h"

namespace pinion::net::testing {
namespace {

using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

TEST(Connection, AnswersAPing) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  client.Expect(Request({"PING"}), "+PONG\r\n");
}

TEST(Connection, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  Client client(server.port());
  std::string requests, replies;
  for (int i = 0; i < 20'000; ++i) {
    requests += Request({"ECHO", std::to_string(i)});
    replies += Bulk(std::to_string(i));
  }
  std::thread sender([&] { client.Send(requests); });
  EXPECT_EQ(replies, client.Read(replies.size()));
  sender.join();
}

TEST(Connection, AnswersRequestsThatArriveByteByByte) {
  TestServer server;
  Client client(server.port());
  const std::string request = Request({"ECHO", "hello"}) + "PING\r\n" + Request({"ECHO", ""});
  for (const char byte : request) {
    client.Send({&byte, 1});
    Sleep(1);
  }
  EXPECT_EQ("$5\r\nhello\r\n+PONG\r\n$0\r\n\r\n", client.Read(24));
}

TEST(Connection, EchoesABulkOf100Megabytes) {
  TestServer server;
  Client client(server.port());
  std::string value(100 << 20, '\0');
  for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>('a' + i % 23 + i / 4096 % 3);
  const std::string request = Request({"ECHO", value});
  std::thread sender([&] { client.Send(request); });
  const std::string header = "$" + std::to_string(value.size()) + "\r\n";
  EXPECT_EQ(header, client.Read(header.size()));
  EXPECT_TRUE(value == client.Read(value.size()));
  EXPECT_EQ("\r\n", client.Read(2));
  sender.join();
  client.Expect("PING\r\n", "+PONG\r\n");
}

TEST(Connection, GivesBackTheMemoryOfALargeRequest) {
  TestServer server;
  Client client(server.port());
  const std::string value(3 << 20, 'v');
  client.Expect(Request({"ECHO", value}), Bulk(value));
  const uint64_t id = server.handler.last_opened;
  EXPECT_TRUE(Eventually([&] { return server.Ask(id, [](Connection& c) { return c.allocated(); }) < 2048; }));
  client.Expect("PING\r\n", "+PONG\r\n");
}

TEST(Connection, KeepsHalfARequestThroughQuietTimes) {
  TestServer server;
  Client client(server.port());
  const std::string value(200'000, 'v');
  const std::string request = Request({"ECHO", value});
  client.Send(request.substr(0, 70'000));
  Sleep(400);
  client.Send(request.substr(70'000, 1000));
  Sleep(250);
  client.Expect(request.substr(71'000), Bulk(value));
}

TEST(Connection, IsSmallWhenIdle) {
  TestServer server;
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(server.port());
    clients.back().Expect(Request({"ECHO", std::string(300, 'x')}), Bulk(std::string(300, 'x')));
  }
  Sleep(350);
  size_t most = 0;
  server.RunOn(*server.loops[0], [&] {
    server.loops[0]->ForEachConnection([&](Connection& c) { most = std::max(most, c.allocated()); });
  });
  EXPECT_THAT(most, Le(2048u));
  EXPECT_THAT(most, Ge(sizeof(Connection)));
}

TEST(Connection, ReportsAProtocolErrorAfterTheRepliesBeforeItAndCloses) {
  TestServer server;
  Client client(server.port());
  client.Send("PING\r\n*1\r\n:5\r\nPING\r\n");
  EXPECT_THAT(client.ReadToEnd(), ::testing::StartsWith("+PONG\r\n-ERR Protocol error"));
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
}

TEST(Connection, ClosesAfterQuitWithoutExecutingWhatFollows) {
  TestServer server;
  Client client(server.port());
  client.Send("PING\r\nQUIT\r\nPING\r\n");
  EXPECT_EQ("+PONG\r\n+OK\r\n", client.ReadToEnd());
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
  EXPECT_EQ(2, server.handler.requests);
}

TEST(Connection, SendsAllOutputBeforeItCloses) {
  TestServer server;
  Client client(server.port(), 4096);
  client.Send("BIG 20000000\r\nQUIT\r\n");
  Sleep(300);
  const std::string all = client.ReadToEnd();
  EXPECT_EQ(std::string("$20000000\r\n").size() + 20'000'000 + 2 + 5, all.size());
  EXPECT_TRUE(all.ends_with("x\r\n+OK\r\n"));
}

TEST(Connection, DropsUnsentOutputWhenKilled) {
  TestServer server;
  Client client(server.port());
  client.Send("PING\r\nDIE\r\nPING\r\n");
  EXPECT_EQ("", client.ReadToEnd());
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
}

TEST(Connection, ExecutesEverythingThenClosesWhenThePeerFinishesSending) {
  TestServer server;
  for (int round = 0; round < 20; ++round) {
    Client client(server.port());
    std::string requests, replies;
    for (int i = 0; i < 300; ++i) {
      requests += Request({"ECHO", std::to_string(i)});
      replies += Bulk(std::to_string(i));
    }
    client.Send(requests);
    if (round % 2 == 0) Sleep(5);
    client.FinishSending();
    EXPECT_EQ(replies, client.ReadToEnd());
  }
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 20; }));
}

TEST(Connection, FlushesLargeRepliesAfterThePeerFinishedSending) {
  TestServer server;
  Client client(server.port(), 4096);
  for (int i = 0; i < 20; ++i) client.Send("BIG 1000000\r\n");
  client.FinishSending();
  Sleep(200);
  EXPECT_EQ(20u * (10 + 1'000'000 + 2), client.ReadToEnd().size());
}

TEST(Connection, NoticesAResetPeer) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  client.Reset();
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
}

TEST(Connection, SurvivesPeersThatVanishWhileReplyingToThem) {
  TestServer server;
  for (int i = 0; i < 20; ++i) {
    Client client(server.port());
    for (int k = 0; k < 6; ++k) client.Send("BIG 1000000\r\n");
    if (i % 2 == 0) {
      client.Reset();
    } else {
      client.Close();
    }
  }
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 20; }));
}

TEST(Connection, CanBeKilledFromAnotherLoop) {
  TestServer server({.loops = 2});
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  const uint64_t id = server.handler.last_opened;
  server.RunOn(*server.loops[1], [&] {
    Loop* home = server.loops[0].get();
    home->Post([home, id] { home->Find(id)->Kill(); });
  });
  EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
  EXPECT_FALSE(server.WithConnection(id, [](Connection&) {}));
}

TEST(Connection, RefusedByTheHandlerGetsItsLastWords) {
  TestServer server({.prepare = [](TestHandler& h) { h.greeting = "-DENIED go away\r\n"; }});
  Client client(server.port());
  EXPECT_EQ("-DENIED go away\r\n", client.ReadToEnd());
  EXPECT_EQ(0, server.handler.closed);
}

// --- Stalls ----------------------------------------------------------------------------------

TEST(ConnectionStall, KeepsTheRestUntilResumed) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\nWAIT\r\nECHO after\r\n", "+PONG\r\n");
  client.Send("PING\r\n");
  const uint64_t id = server.handler.last_opened;
  EXPECT_TRUE(Eventually([&] {
    return server.Ask(id, [](Connection& c) { return c.stalled() ? c.input_size() : 0; }) == 6 + 12 + 6;
  }));
  EXPECT_EQ(1, server.handler.requests);
  server.WithConnection(id, [](Connection& c) { c.Resume(); });
  EXPECT_EQ("+RESUMED\r\n$5\r\nafter\r\n+PONG\r\n", client.Read(28));
}

TEST(ConnectionStall, MayBeResumedWhileTheBatchStillRuns) {
  TestServer server;
  Client client(server.port());
  client.Expect("RESUMED\r\nRESUMED\r\nPING\r\n", "+RESUMED\r\n+RESUMED\r\n+PONG\r\n");
}

TEST(ConnectionStall, MayStallBehindARequestThatWasExecuted) {
  TestServer server;
  Client client(server.port());
  client.Expect("STALL\r\n", "+STALLED\r\n");
  client.Expect("PING\r\nSTALL\r\nPING\r\nSTALL\r\n", "+PONG\r\n+STALLED\r\n+PONG\r\n+STALLED\r\n");
  client.Send("STALL\r\nEC");
  EXPECT_EQ("+STALLED\r\n", client.Read(10));
  client.Expect("HO x\r\n", "$1\r\nx\r\n");
}

TEST(ConnectionStall, NoticesThatThePeerIsGone) {
  TestServer server;
  Client client(server.port());
  client.Send("WAIT\r\nPING\r\n");
  EXPECT_TRUE(Eventually([&] { return server.Ask(server.handler.last_opened, [](Connection& c) { return c.stalled(); }); }));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
}

TEST(ConnectionStall, StopsReadingAtABoundAndStillNoticesThatThePeerIsGone) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\nWAIT\r\n", "+PONG\r\n");
  const std::string pings = Request({"ECHO", std::string(100'000, 'p')});
  // What is not read fits the socket's receive buffer, else the end of the stream could not arrive.
  std::thread sender([&] {
    for (int i = 0; i < 11; ++i) client.Send(pings);
  });
  const uint64_t id = server.handler.last_opened;
  EXPECT_TRUE(Eventually([&] {
    return server.Ask(id, [](Connection& c) { return c.input_size(); }) >= Connection::kStalledInput;
  }));
  sender.join();
  Sleep(300);
  EXPECT_THAT(server.Ask(id, [](Connection& c) { return c.input_size(); }), Le(Connection::kStalledInput + (256 << 10)));
  client.Close();
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
}

TEST(ConnectionStall, GoesOnAfterMuchInputHasPiledUp) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\nWAIT\r\n", "+PONG\r\n");
  const std::string echo = Request({"ECHO", std::string(1000, 'p')});
  std::string requests, replies = "+RESUMED\r\n";
  for (int i = 0; i < 3000; ++i) {
    requests += echo;
    replies += Bulk(std::string(1000, 'p'));
  }
  std::thread sender([&] { client.Send(requests); });
  Sleep(300);
  server.WithConnection(server.handler.last_opened, [](Connection& c) { c.Resume(); });
  EXPECT_TRUE(replies == client.Read(replies.size()));
  sender.join();
}

// --- Pushes ----------------------------------------------------------------------------------

TEST(ConnectionPush, KeepsItsPlaceAmongTheRepliesOfItsOwnBatch) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\nPUSH one-\r\nPING\r\nPUSH two-\r\n", "+PONG\r\none-+PUSHED\r\n+PONG\r\ntwo-+PUSHED\r\n");
}

TEST(ConnectionPush, ComesAfterTheRepliesBeforeIt) {
  TestServer server;
  Client client(server.port());
  client.Expect("LATER >message\r\nPING\r\n", "+LATER\r\n+PONG\r\n>message");
  client.Expect("PING\r\n", "+PONG\r\n");
}

TEST(ConnectionPush, ComesAfterOutputThatIsStillPending) {
  TestServer server;
  Client client(server.port(), 4096);
  client.Expect("PING\r\n", "+PONG\r\n");
  client.Send("BIG 10000000\r\nPUSH >in\r\nLATER >out\r\n");
  Sleep(200);
  server.WithConnection(server.handler.last_opened, [](Connection& c) { c.push_buffer().Append(">last"); });
  EXPECT_EQ(11u + 10'000'000 + 2, client.Read(11 + 10'000'000 + 2).size());
  EXPECT_EQ(">in+PUSHED\r\n+LATER\r\n>out>last", client.Read(29));
}

TEST(ConnectionPush, IsSentFromAnyEventOfTheLoop) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  Loop& loop = *server.loops[0];
  const uint64_t id = server.handler.last_opened;
  server.RunOn(loop, [&] {
    auto timer = std::make_shared<LoopTimer>(loop.context(), std::chrono::milliseconds(5));
    timer->async_wait([timer, id, &loop](const asio::error_code&) { loop.Find(id)->push_buffer().Append(">timer"); });
  });
  EXPECT_EQ(">timer", client.Read(6));
}

// --- Limits ----------------------------------------------------------------------------------

TEST(ConnectionLimits, AReaderThatTakesNothingIsNotServedOn) {
  TestServer server;
  Client client(server.port(), 4096);
  constexpr int kRequests = 200;
  client.Expect("PING\r\n", "+PONG\r\n");
  for (int i = 0; i < kRequests; ++i) client.Send("BIG 1000000\r\n");
  const uint64_t id = server.handler.last_opened;
  EXPECT_TRUE(Eventually([&] {
    return server.Ask(id, [](Connection& c) { return c.output_size(); }) >= Connection::kPauseOutput;
  }));
  Sleep(300);
  // The first batch is as large as any; after it the batches shrink with the size of the replies.
  EXPECT_THAT(server.Ask(id, [](Connection& c) { return c.output_size(); }), Le(150'000'000u));
  EXPECT_THAT(server.handler.requests.load(), Le(150));
  EXPECT_EQ(size_t{kRequests} * (10 + 1'000'000 + 2), client.Read(size_t{kRequests} * (10 + 1'000'000 + 2)).size());
  EXPECT_EQ(1 + kRequests, server.handler.requests);
  client.Expect("PING\r\n", "+PONG\r\n");
}

TEST(ConnectionLimits, PastTheHardLimitTheConnectionIsClosedAtOnce) {
  TestServer server({.prepare = [](TestHandler& h) {
    h.on_open = [](Connection& c) { c.set_output_limit({.hard = 8 << 20}); };
  }});
  Client client(server.port(), 4096);
  client.Expect("PING\r\n", "+PONG\r\n");
  const uint64_t id = server.handler.last_opened;
  const std::string message(1 << 20, 'm');
  int pushed = 0;
  while (server.WithConnection(id, [&](Connection& c) { c.push_buffer().Append(message); })) {
    ASSERT_LT(++pushed, 1000);
  }
  EXPECT_THAT(pushed, Ge(8));
  EXPECT_EQ(1, server.loops[0]->stats().output_limit_closed.Get());
  EXPECT_EQ(1, server.handler.closed);
}

TEST(ConnectionLimits, PastTheSoftLimitTheConnectionIsClosedWhenItsTimeIsUp) {
  ManualClock clock(1'700'000'000'000'000);
  TestServer server({.clock = &clock, .prepare = [](TestHandler& h) {
    h.on_open = [](Connection& c) { c.set_output_limit({.soft = 1 << 20, .soft_seconds = 60}); };
  }});
  Client client(server.port(), 4096);
  client.Expect("PING\r\n", "+PONG\r\n");
  const uint64_t id = server.handler.last_opened;
  server.WithConnection(id, [&](Connection& c) { c.push_buffer().Append(std::string(20 << 20, 'm')); });
  clock.AdvanceMillis(59'000);
  Sleep(300);
  EXPECT_EQ(0, server.handler.closed);
  clock.AdvanceMillis(2000);
  EXPECT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
  EXPECT_EQ(1, server.loops[0]->stats().output_limit_closed.Get());
}

TEST(ConnectionLimits, TheSoftLimitForgivesAReaderThatCatchesUp) {
  ManualClock clock(1'700'000'000'000'000);
  TestServer server({.clock = &clock, .prepare = [](TestHandler& h) {
    h.on_open = [](Connection& c) { c.set_output_limit({.soft = 1 << 20, .soft_seconds = 60}); };
  }});
  Client client(server.port(), 4096);
  client.Expect("PING\r\n", "+PONG\r\n");
  const uint64_t id = server.handler.last_opened;
  for (int round = 0; round < 2; ++round) {
    server.WithConnection(id, [&](Connection& c) { c.push_buffer().Append(std::string(20 << 20, 'm')); });
    clock.AdvanceMillis(40'000);
    Sleep(250);
    EXPECT_EQ(20u << 20, client.Read(20 << 20).size());
  }
  client.Expect("PING\r\n", "+PONG\r\n");
  EXPECT_EQ(0, server.handler.closed);
}

TEST(ConnectionLimits, UnexecutedInputPastItsLimitClosesTheConnection) {
  TestServer server;
  server.limits.query_buffer_limit = 1 << 20;
  Client client(server.port());
  client.Send("*2\r\n$4\r\nECHO\r\n$5000000\r\n");
  for (int i = 0; i < 5; ++i) client.Send(std::string(1'000'000, 'x'));
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(1, server.loops[0]->stats().input_limit_closed.Get());
}

TEST(ConnectionLimits, TheBulkLimitCanChangeWhileConnected) {
  TestServer server;
  Client client(server.port());
  client.Expect(Request({"ECHO", std::string(2000, 'x')}), Bulk(std::string(2000, 'x')));
  server.limits.max_bulk_length = 1000;
  client.Send(Request({"ECHO", std::string(2000, 'x')}));
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("invalid bulk length"));
}

// --- What it tells about itself --------------------------------------------------------------

TEST(Connection, ShowsItsSizesToOtherThreads) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  Connection* connection = nullptr;
  server.WithConnection(server.handler.last_opened, [&](Connection& c) { connection = &c; });
  ASSERT_NE(nullptr, connection);
  EXPECT_EQ(6u, connection->observed().bytes_in);
  EXPECT_EQ(7u, connection->observed().bytes_out);
  const size_t idle = connection->observed().allocated;
  EXPECT_THAT(idle, Ge(sizeof(Connection)));
  client.Send(Request({"ECHO", std::string(1000, 'x')}).substr(0, 700));
  EXPECT_TRUE(Eventually([&] { return connection->observed().input_size == 700; }));
  EXPECT_THAT(connection->observed().allocated, Ge(idle + 700));
  client.Send(Request({"ECHO", std::string(1000, 'x')}).substr(700));
  EXPECT_TRUE(Eventually([&] {
    return connection->observed().input_capacity == 0 && connection->observed().allocated == idle;
  }));
  EXPECT_EQ(0u, connection->observed().input_size);
  server.Stop();  // the connection lives until here, whatever the client does
}

TEST(Connection, CountsItsBytesAndNamesItsEnds) {
  TestServer server;
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  sockaddr_in mine{};
  socklen_t length = sizeof(mine);
  getsockname(client.fd(), reinterpret_cast<sockaddr*>(&mine), &length);
  ASSERT_TRUE(server.WithConnection(server.handler.last_opened, [&](Connection& c) {
    EXPECT_EQ(6u, c.bytes_in());
    EXPECT_EQ(7u, c.bytes_out());
    EXPECT_EQ("127.0.0.1:" + std::to_string(ntohs(mine.sin_port)), c.peer());
    EXPECT_EQ("127.0.0.1:" + std::to_string(server.port()), c.local());
    EXPECT_TRUE(c.peer_is_loopback());
    EXPECT_FALSE(c.is_unix());
    EXPECT_EQ(0u, c.input_size());
    EXPECT_EQ(0u, c.output_size());
  }));
  EXPECT_EQ(1, server.loops[0]->stats().accepted.Get());
  EXPECT_EQ(1, server.loops[0]->stats().connections.Get());
}

}  // namespace
}  // namespace pinion::net::testing
