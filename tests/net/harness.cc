// The test server's handler and the blocking client.
#include "tests/net/harness.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "base/blob.h"

namespace pinion::net::testing {

// --- Handler ---------------------------------------------------------------------------------

std::unique_ptr<ConnectionState> TestHandler::OnOpen(Connection& c) {
  last_opened = c.id();
  if (on_open) on_open(c);
  if (!greeting.empty()) {
    c.push_buffer().Append(greeting);
    return nullptr;
  }
  ++opened;
  return std::make_unique<State>();
}

BatchResult TestHandler::OnRequests(Connection& c, const resp::RequestBatch& batch, resp::OutputBuffer* out) {
  for (size_t i = 0; i < batch.size(); ++i) {
    if (c.closing() || !Execute(c, batch[i], out)) return {i, true};
    requests.fetch_add(1, std::memory_order_relaxed);
    if (batch[i][0] == "STALL" || batch[i][0] == "LEND") return {i + 1, true};
  }
  return {batch.size()};
}

bool TestHandler::Execute(Connection& c, std::span<const std::string_view> args, resp::OutputBuffer* out) {
  auto& state = static_cast<State&>(*c.state());
  const std::string_view name = args[0];
  if (name == "PING") {
    out->Append("+PONG\r\n");
  } else if (name == "ECHO") {
    out->Append("$" + std::to_string(args[1].size()) + "\r\n");
    out->Append(args[1]);
    out->Append("\r\n");
  } else if (name == "BIG") {
    const size_t size = std::stoul(std::string(args[1]));
    Blob blob = Blob::WithSize(size);
    std::memset(blob.data(), 'x', size);
    out->Append("$" + std::to_string(size) + "\r\n");
    out->AppendBlob(std::move(blob), 0, size);
    out->Append("\r\n");
  } else if (name == "WAIT" || name == "RESUMED") {
    if (!std::exchange(state.resumed, !state.resumed)) {
      if (name == "RESUMED") c.Resume();
      return false;
    }
    out->Append("+RESUMED\r\n");
  } else if (name == "STALL") {
    Loop& loop = c.loop();
    loop.Post([&loop, id = c.id()] {
      Connection* const self = loop.Find(id);
      if (self == nullptr) return;
      self->push_buffer().Append("+STALLED\r\n");
      self->Resume();
    });
  } else if (name == "LEND") {
    std::lock_guard lock(lent_mutex_);
    lent_ = c.Lend();
    lent_changed_.notify_all();
  } else if (name == "PUSH") {
    c.push_buffer().Append(args[1]);
    out->Append("+PUSHED\r\n");
  } else if (name == "LATER") {
    Loop& loop = c.loop();
    loop.Post([&loop, id = c.id(), text = std::string(args[1])] {
      if (Connection* self = loop.Find(id)) self->push_buffer().Append(text);
    });
    out->Append("+LATER\r\n");
  } else if (name == "HOLD") {
    EXPECT_TRUE(c.loop().HoldOutput());
    out->Append("+HELD\r\n");
  } else if (name == "QUIT") {
    out->Append("+OK\r\n");
    c.CloseAfterFlush();
  } else if (name == "DIE") {
    out->Append("+OK\r\n");
    c.Kill();
  } else {
    out->Append("-ERR unknown\r\n");
  }
  return true;
}

std::shared_ptr<resp::DirectOutput> TestHandler::TakeLent() {
  std::unique_lock lock(lent_mutex_);
  lent_changed_.wait_for(lock, std::chrono::seconds(10), [this] { return lent_ != nullptr; });
  return std::exchange(lent_, nullptr);
}

void TestHandler::OnProtocolError(Connection&, std::string_view message, resp::OutputBuffer* out) {
  out->Append("-ERR ");
  out->Append(message);
  out->Append("\r\n");
}

void TestHandler::OnClose(Connection&) { ++closed; }

// --- Server ----------------------------------------------------------------------------------

TestServer::TestServer(Options options) {
  if (options.prepare) options.prepare(handler);
  for (size_t i = 0; i < options.loops; ++i) loops.push_back(std::make_unique<Loop>(i, *options.clock, &handler));
  for (auto& loop : loops) loop->Start();
  auto opened = Listener::Open(options.listener, loops, limits, accept);
  if (!opened) throw std::runtime_error(opened.error());
  listener = std::move(*opened);
  listener->StartAccepting();
}

TestServer::~TestServer() { Stop(); }

void TestServer::Stop() {
  if (listener) listener->Close();
  for (auto& loop : loops) loop->Stop();
  for (auto& loop : loops) loop->Join();
  listener.reset();
}

void TestServer::RunOn(Loop& loop, const std::function<void()>& f) {
  std::promise<void> done;
  loop.Post([&] {
    f();
    done.set_value();
  });
  done.get_future().wait();
}

bool TestServer::WithConnection(uint64_t id, const std::function<void(Connection&)>& f) {
  bool found = false;
  for (auto& loop : loops) {
    RunOn(*loop, [&] {
      if (Connection* c = loop->Find(id)) {
        found = true;
        f(*c);
      }
    });
  }
  return found;
}

size_t TestServer::Ask(uint64_t id, const std::function<size_t(Connection&)>& f) {
  size_t value = 0;
  WithConnection(id, [&](Connection& c) { value = f(c); });
  return value;
}

// --- Client ----------------------------------------------------------------------------------

namespace {

constexpr int kPatienceMillis = 20'000;

bool WaitFor(int fd, short events) {
  pollfd p{fd, events, 0};
  return ::poll(&p, 1, kPatienceMillis) > 0;
}

}  // namespace

Client::Client(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return;
  fd_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(0, ::connect(fd_, found->ai_addr, found->ai_addrlen)) << std::strerror(errno);
  ::freeaddrinfo(found);
  const int one = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

Client::Client(int port, int receive_buffer) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(0, ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address))) << std::strerror(errno);
  const int one = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

Client Client::Unix(const std::string& path) {
  Client c;
  c.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  EXPECT_EQ(0, ::connect(c.fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address))) << std::strerror(errno);
  return c;
}

Client::~Client() { Close(); }

void Client::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Client::Reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  Close();
}

void Client::FinishSending() { ::shutdown(fd_, SHUT_WR); }

void Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!WaitFor(fd_, POLLOUT)) {
      ADD_FAILURE() << "the server does not read";
      return;
    }
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

std::string Client::Read(size_t n) {
  std::string bytes(n, '\0');
  size_t size = 0;
  while (size < n) {
    if (!WaitFor(fd_, POLLIN)) {
      ADD_FAILURE() << "the server does not answer; " << size << " of " << n << " bytes came";
      break;
    }
    const ssize_t got = ::recv(fd_, bytes.data() + size, n - size, 0);
    if (got <= 0) break;
    size += static_cast<size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

std::string Client::ReadToEnd() {
  std::string all;
  char buffer[65536];
  while (true) {
    if (!WaitFor(fd_, POLLIN)) {
      ADD_FAILURE() << "the server does not close";
      return all;
    }
    const ssize_t got = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (got <= 0) return all;
    all.append(buffer, static_cast<size_t>(got));
  }
}

void Client::Expect(std::string_view request, std::string_view reply) {
  Send(request);
  EXPECT_EQ(reply, Read(reply.size()));
}

bool Client::AtEnd() { return ReadToEnd().empty(); }

void Sleep(int millis) { std::this_thread::sleep_for(std::chrono::milliseconds(millis)); }

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

std::string Bulk(std::string_view bytes) { return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n"; }

std::string Request(std::initializer_list<std::string_view> args) {
  std::string s = "*" + std::to_string(args.size()) + "\r\n";
  for (std::string_view a : args) s += Bulk(a);
  return s;
}

}  // namespace pinion::net::testing
