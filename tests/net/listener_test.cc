// Listening: which addresses, how connections spread, and what happens at the limits.
#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/harness.h"

namespace pinion::net::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string TemporaryPath(const std::string& name) {
  return ::testing::TempDir() + "pinion-" + std::to_string(::getpid()) + "-" + name + ".sock";
}

// True when something accepts there.
bool Answers(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<uint16_t>(port));
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = ::connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof(a)) == 0;
  ::close(fd);
  return connected;
}

TEST(Listener, SpreadsConnectionsEvenly) {
  TestServer server({.loops = 4});
  std::vector<Client> clients;
  for (int i = 0; i < 100; ++i) clients.emplace_back(server.port());
  ASSERT_TRUE(Eventually([&] { return server.handler.opened == 100; }));
  for (auto& loop : server.loops) EXPECT_EQ(25, loop->stats().connections.Get());
  clients.erase(clients.begin(), clients.begin() + 50);
  const auto open = [&] {
    int64_t n = 0;
    for (auto& loop : server.loops) n += loop->stats().connections.Get();
    return n;
  };
  ASSERT_TRUE(Eventually([&] { return server.handler.closed == 50 && open() == 50; }));
  for (int i = 0; i < 50; ++i) clients.emplace_back(server.port());
  ASSERT_TRUE(Eventually([&] { return server.handler.opened == 150; }));
  for (auto& loop : server.loops) EXPECT_EQ(25, loop->stats().connections.Get());
}

TEST(Listener, GivesConnectionsAscendingIds) {
  TestServer server({.loops = 2});
  Client first(server.port());
  first.Expect("PING\r\n", "+PONG\r\n");
  const uint64_t id = server.handler.last_opened;
  Client second(server.port());
  second.Expect("PING\r\n", "+PONG\r\n");
  EXPECT_GT(server.handler.last_opened, id);
}

TEST(Listener, BindsTheSamePortOnIpv4AndIpv6) {
  TestServer server({.listener = {.addresses = {"*", "-::*"}, .port = 0}});
  Client four("127.0.0.1", server.port());
  four.Expect("PING\r\n", "+PONG\r\n");
  const int probe = ::socket(AF_INET6, SOCK_STREAM, 0);
  if (probe < 0) GTEST_SKIP() << "no IPv6 here";
  ::close(probe);
  if (server.listener->addresses().size() < 2) GTEST_SKIP() << "no IPv6 here";
  Client six("::1", server.port());
  six.Expect("PING\r\n", "+PONG\r\n");
  server.WithConnection(server.handler.last_opened, [](Connection& c) {
    EXPECT_THAT(c.peer(), ::testing::StartsWith("[::1]:"));
    EXPECT_TRUE(c.peer_is_loopback());
  });
}

TEST(Listener, PassesOverAnOptionalAddressThatIsMissing) {
  TestServer server({.listener = {.addresses = {"127.0.0.1", "-192.0.2.77"}, .port = 0}});
  EXPECT_THAT(server.listener->addresses(), ElementsAre("127.0.0.1:" + std::to_string(server.port())));
}

TEST(Listener, NamesTheAddressThatCannotBeBound) {
  TestServer server;
  auto opened = Listener::Open({.addresses = {"192.0.2.77"}, .port = 0}, server.loops, server.limits, server.accept);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), HasSubstr("192.0.2.77"));
  opened = Listener::Open({.addresses = {"127.0.0.1"}, .port = server.port()}, server.loops, server.limits, server.accept);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), HasSubstr("127.0.0.1:" + std::to_string(server.port())));
  EXPECT_THAT(opened.error(), HasSubstr("Address already in use"));
}

TEST(Listener, RefusesClientsOverTheLimit) {
  TestServer server;
  server.accept.max_clients = 2;
  Client first(server.port());
  first.Expect("PING\r\n", "+PONG\r\n");
  Client second(server.port());
  second.Expect("PING\r\n", "+PONG\r\n");
  Client third(server.port());
  EXPECT_EQ("-ERR max number of clients reached\r\n", third.ReadToEnd());
  EXPECT_EQ(1, server.loops[0]->stats().rejected.Get());
  first.Close();
  ASSERT_TRUE(Eventually([&] { return server.handler.closed == 1; }));
  Client fourth(server.port());
  fourth.Expect("PING\r\n", "+PONG\r\n");
}

TEST(Listener, SetsNoDelayAndKeepalive) {
  std::atomic<int> nodelay{0}, keepalive{0}, idle{0}, interval{0}, count{0};
  TestServer server({.listener = {.addresses = {"127.0.0.1"}, .port = 0, .keepalive_seconds = 60},
                     .prepare = [&](TestHandler& h) {
                       h.on_open = [&](Connection& c) {
                         const auto get = [&](int level, int option) {
                           int value = 0;
                           socklen_t size = sizeof(value);
                           getsockopt(c.fd(), level, option, &value, &size);
                           return value;
                         };
                         nodelay = get(IPPROTO_TCP, TCP_NODELAY);
                         keepalive = get(SOL_SOCKET, SO_KEEPALIVE);
                         idle = get(IPPROTO_TCP, TCP_KEEPIDLE);
                         interval = get(IPPROTO_TCP, TCP_KEEPINTVL);
                         count = get(IPPROTO_TCP, TCP_KEEPCNT);
                       };
                     }});
  Client client(server.port());
  client.Expect("PING\r\n", "+PONG\r\n");
  EXPECT_NE(0, nodelay);
  EXPECT_NE(0, keepalive);
  EXPECT_EQ(60, idle);
  EXPECT_EQ(20, interval);
  EXPECT_EQ(3, count);
}

TEST(Listener, WaitsWhenDescriptorsRunOutAndGoesOn) {
  TestServer server;
  Client before(server.port());
  before.Expect("PING\r\n", "+PONG\r\n");
  rlimit old;
  ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &old));
  const int late = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int free_fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(free_fd);
  rlimit low = old;
  low.rlim_cur = static_cast<rlim_t>(free_fd);
  ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &low));
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<uint16_t>(server.port()));
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connected = ::connect(late, reinterpret_cast<sockaddr*>(&a), sizeof(a));
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  const int opened = server.handler.opened;
  before.Expect("PING\r\n", "+PONG\r\n");
  setrlimit(RLIMIT_NOFILE, &old);
  EXPECT_EQ(0, connected);
  EXPECT_EQ(1, opened);
  EXPECT_TRUE(Eventually([&] { return server.handler.opened == 2; }));
  ::close(late);
}

TEST(Listener, NobodyCanConnectAfterClose) {
  TestServer server;
  const int port = server.port();
  Client client(port);
  client.Expect("PING\r\n", "+PONG\r\n");
  EXPECT_TRUE(Answers(port));
  server.listener->Close();
  EXPECT_FALSE(Answers(port));
  client.Expect("PING\r\n", "+PONG\r\n");
  auto again = Listener::Open({.addresses = {"127.0.0.1"}, .port = port}, server.loops, server.limits, server.accept);
  ASSERT_TRUE(again) << again.error();
  (*again)->StartAccepting();
  Client next(port);
  next.Expect("PING\r\n", "+PONG\r\n");
}

TEST(Listener, CanBeReplacedWithoutRefusingAnybody) {
  TestServer server({.loops = 2});
  const int port = server.port();
  std::atomic<bool> finished{false};
  std::atomic<int> refused{0}, accepted{0};
  std::thread thread([&] {
    while (!finished) ++(Answers(port) ? accepted : refused);
  });
  for (int i = 0; i < 30; ++i) {
    const auto count = server.listener->addresses().size();
    ListenerOptions options{.addresses = {"127.0.0.1"}, .port = port};
    if (count == 1) options.addresses.push_back("127.0.0.2");
    auto next = Listener::Open(options, server.loops, server.limits, server.accept, server.listener.get());
    ASSERT_TRUE(next) << next.error();
    (*next)->StartAccepting();
    server.listener->Close();
    server.listener = std::move(*next);
    EXPECT_EQ(port, server.port());
  }
  ASSERT_TRUE(Eventually([&] { return accepted > 20; }));
  finished = true;
  thread.join();
  EXPECT_EQ(0, refused);
}

// --- Unix sockets ----------------------------------------------------------------------------

TEST(UnixListener, ServesAndRemovesItsFile) {
  const std::string path = TemporaryPath("serve");
  {
    TestServer server({.listener = {.addresses = {}, .port = -1, .unix_path = path, .unix_permissions = 0700}});
    EXPECT_EQ(0, server.port());
    struct stat info;
    ASSERT_EQ(0, ::stat(path.c_str(), &info));
    EXPECT_EQ(0700u, info.st_mode & 0777);
    Client client = Client::Unix(path);
    client.Expect("PING\r\n", "+PONG\r\n");
    const std::string value(1 << 20, 'u');
    client.Expect(Request({"ECHO", value}), Bulk(value));
    server.WithConnection(server.handler.last_opened, [&](Connection& c) {
      EXPECT_TRUE(c.is_unix());
      EXPECT_FALSE(c.peer_is_loopback());
      EXPECT_EQ(path + ":0", c.peer());
    });
    client.FinishSending();
    EXPECT_TRUE(client.AtEnd());
  }
  EXPECT_NE(0, ::access(path.c_str(), F_OK));
}

TEST(UnixListener, ReplacesTheFileOfAServerThatIsGone) {
  const std::string path = TemporaryPath("stale");
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  std::strcpy(a.sun_path, path.c_str());
  const int gone = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(0, ::bind(gone, reinterpret_cast<sockaddr*>(&a), sizeof(a)));
  ::close(gone);
  TestServer server({.listener = {.port = -1, .unix_path = path}});
  Client client = Client::Unix(path);
  client.Expect("PING\r\n", "+PONG\r\n");
}

TEST(UnixListener, LeavesALiveServersFileAlone) {
  const std::string path = TemporaryPath("live");
  TestServer server({.listener = {.port = -1, .unix_path = path}});
  auto opened = Listener::Open({.port = -1, .unix_path = path}, server.loops, server.limits, server.accept);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), HasSubstr(path));
  Client client = Client::Unix(path);
  client.Expect("PING\r\n", "+PONG\r\n");
}

}  // namespace
}  // namespace pinion::net::testing
