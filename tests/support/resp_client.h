// A blocking client over a raw socket that speaks RESP2 and RESP3 and hides nothing from a test.
#pragma once

#include <chrono>
#include <concepts>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/reply.h"

namespace pinion::test {

// Text of a command's argument: strings as they are, integers in decimal.
inline std::string ArgumentText(std::string_view text) { return std::string(text); }
inline std::string ArgumentText(std::integral auto number) { return std::to_string(number); }

// Not thread-safe; a connection belongs to one thread at a time. Nothing throws: a reply that does
// not come in time is a Reply of kind kNothing, which no matcher but IsNothing accepts, so a test
// that waits in vain fails where it waits.
class RespClient {
 public:
  static constexpr std::chrono::milliseconds kPatience{5000};

  // Connects over TCP; check connected().
  static RespClient Connect(const std::string& host, int port);
  static RespClient ConnectUnix(const std::string& path);
  // Takes over a connected stream socket.
  explicit RespClient(int socket) : socket_(socket) {}
  ~RespClient() { Close(); }
  RespClient(RespClient&& other) noexcept;
  RespClient& operator=(RespClient&& other) noexcept;

  [[nodiscard]] bool connected() const { return socket_ >= 0; }
  [[nodiscard]] int socket() const { return socket_; }

  // Sends a command and waits for its reply. RESP3 pushes met on the way are kept for ReadPush.
  template <typename... Args>
  Reply Command(const Args&... args) {
    return Command(std::vector<std::string>{ArgumentText(args)...});
  }
  Reply Command(const std::vector<std::string>& args);

  // Sends a command and does not wait. ReadReply returns the replies in order.
  template <typename... Args>
  void Send(const Args&... args) {
    SendRaw(Encode({ArgumentText(args)...}));
  }
  // Sends bytes as they are. False when the connection is gone.
  bool SendRaw(std::string_view bytes);
  // The next reply that is not a push. RESP2 messages to a subscriber are ordinary arrays and come
  // from here.
  Reply ReadReply(std::chrono::milliseconds patience = kPatience);
  // The next push, from those kept or from the socket. Replies met on the way are kept for
  // ReadReply.
  Reply ReadPush(std::chrono::milliseconds patience = kPatience);
  // The bytes that have come and were not read as replies, once `count` of them are there or
  // patience ends.
  std::string ReadBytes(size_t count, std::chrono::milliseconds patience = kPatience);
  // Whether the server closes the connection within the time; replies still under way are dropped.
  bool WaitForClose(std::chrono::milliseconds patience = kPatience);
  void Close();

  // A command as an array of bulk strings.
  static std::string Encode(const std::vector<std::string>& args);

 private:
  enum class Failure { kNone, kTimeout, kClosed, kMalformed };
  using Deadline = std::chrono::steady_clock::time_point;

  Reply ReadAny(Deadline deadline);
  bool ReadValue(Deadline deadline, Reply& reply);
  bool ReadElements(Deadline deadline, int64_t count, std::vector<Reply>& elements);
  bool ReadLine(Deadline deadline, std::string& line);
  bool ReadExactly(Deadline deadline, size_t size, std::string& bytes);
  bool Fill(Deadline deadline);
  [[nodiscard]] Reply Nothing() const;

  int socket_ = -1;
  std::string buffer_;
  size_t position_ = 0;  // what is before it in buffer_ has been read
  Failure failure_ = Failure::kNone;
  std::deque<Reply> pushes_;
  std::deque<Reply> replies_;
};

}  // namespace pinion::test
