// A small server over the network layer for its tests, and a blocking client.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/connection.h"
#include "net/handler.h"
#include "net/listener.h"
#include "net/loop.h"

namespace pinion::net::testing {

// Requests it knows: PING; ECHO x; BIG n (a bulk of n bytes); WAIT (stalls until resumed, then replies +RESUMED); RESUMED
// (stalls and resumes at once); STALL (is executed, then stalls until the next event replies +STALLED); LEND
// (is executed, stalls and lends its socket); PUSH text (pushes text to itself, then replies +PUSHED); LATER text (+LATER
// after appending to push_buffer from the next event); HOLD (has output held, then replies +HELD); QUIT; DIE. Anything else: an error.
class TestHandler final : public RequestHandler {
 public:
  struct State final : ConnectionState {
    bool resumed = false;
  };

  std::unique_ptr<ConnectionState> OnOpen(Connection& c) override;
  BatchResult OnRequests(Connection& c, const resp::RequestBatch& batch, resp::OutputBuffer* out) override;
  void OnProtocolError(Connection& c, std::string_view message, resp::OutputBuffer* out) override;
  void OnClose(Connection& c) override;
  bool OnRelease(Loop&) override {
    releases.fetch_add(1);
    return may_release.load();
  }
  void OnTick(Loop&) override { ticks.fetch_add(1); }

  // Set before the first connection. Called on the connection's loop.
  std::function<void(Connection&)> on_open;
  std::string greeting;              // when not empty, connections are refused with it

  std::atomic<int> opened{0}, closed{0}, ticks{0}, releases{0};
  std::atomic<bool> may_release{true};
  std::atomic<int64_t> requests{0};
  std::atomic<uint64_t> last_opened{0};
  // What the last LEND has lent; taken once it is there.
  std::shared_ptr<resp::DirectOutput> TakeLent();

 private:
  bool Execute(Connection& c, std::span<const std::string_view> args, resp::OutputBuffer* out);

  std::mutex lent_mutex_;
  std::condition_variable lent_changed_;
  std::shared_ptr<resp::DirectOutput> lent_;
};

// `loops` running loops and a listener on a free port of 127.0.0.1 unless told otherwise.
class TestServer {
 public:
  struct Options {
    size_t loops = 1;
    ListenerOptions listener{.addresses = {"127.0.0.1"}, .port = 0};
    const Clock* clock = &SystemClock();
    std::function<void(TestHandler&)> prepare;
  };
  TestServer() : TestServer(Options()) {}
  explicit TestServer(Options options);
  ~TestServer();

  // Runs f on a loop and waits for it.
  void RunOn(Loop& loop, const std::function<void()>& f);
  // Runs f on the loop of the connection; false when it is gone.
  bool WithConnection(uint64_t id, const std::function<void(Connection&)>& f);
  // Reads a value of a connection on its loop; 0 when it is gone.
  size_t Ask(uint64_t id, const std::function<size_t(Connection&)>& f);
  [[nodiscard]] int port() const { return listener->port(); }
  void Stop();

  TestHandler handler;
  NetLimits limits;
  AcceptLimits accept;
  std::vector<std::unique_ptr<Loop>> loops;
  std::unique_ptr<Listener> listener;
};

// A blocking client; every wait is bounded, a failure is a test failure.
class Client {
 public:
  explicit Client(int port, int receive_buffer = 0);
  static Client Unix(const std::string& path);
  explicit Client(const std::string& host, int port);
  Client(Client&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  Client& operator=(Client&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~Client();

  void Send(std::string_view bytes);
  // Exactly n bytes, fewer only at the end of the stream.
  std::string Read(size_t n);
  std::string ReadToEnd();
  // Sends and expects exactly this answer.
  void Expect(std::string_view request, std::string_view reply);
  // True when the server has closed (or closes within the time limit) and nothing was left to read.
  [[nodiscard]] bool AtEnd();
  void FinishSending();
  void Reset();   // closes with RST
  void Close();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  Client() = default;
  int fd_ = -1;
};

void Sleep(int millis);

// Waits up to ten seconds for a condition.
[[nodiscard]] bool Eventually(const std::function<bool()>& condition);

// A request as an array of bulk strings.
[[nodiscard]] std::string Request(std::initializer_list<std::string_view> args);
[[nodiscard]] std::string Bulk(std::string_view bytes);

}  // namespace pinion::net::testing
