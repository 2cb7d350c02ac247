// The blocking RESP client of the tests.
#include "tests/support/resp_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace pinion::test {
namespace {

using Kind = Reply::Kind;

bool ParseInteger(std::string_view text, int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool ParseDouble(std::string_view text, double& out) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "inf") return out = kInfinity, true;
  if (text == "-inf") return out = -kInfinity, true;
  if (text == "nan") return out = std::nan(""), true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

Kind ContainerKind(char type) {
  switch (type) {
    case '%':
      return Kind::kMap;
    case '~':
      return Kind::kSet;
    case '>':
      return Kind::kPush;
    default:
      return Kind::kArray;
  }
}

}  // namespace

RespClient RespClient::Connect(const std::string& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return RespClient(-1);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return RespClient(-1);
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return RespClient(fd);
}

RespClient RespClient::ConnectUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return RespClient(-1);
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return RespClient(-1);
  }
  return RespClient(fd);
}

RespClient::RespClient(RespClient&& other) noexcept { *this = std::move(other); }

RespClient& RespClient::operator=(RespClient&& other) noexcept {
  if (this == &other) return *this;
  Close();
  socket_ = std::exchange(other.socket_, -1);
  buffer_ = std::move(other.buffer_);
  position_ = std::exchange(other.position_, 0);
  failure_ = other.failure_;
  pushes_ = std::move(other.pushes_);
  replies_ = std::move(other.replies_);
  return *this;
}

void RespClient::Close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

std::string RespClient::Encode(const std::vector<std::string>& args) {
  std::string out = "*" + std::to_string(args.size()) + "\r\n";
  for (const std::string& arg : args)
    out += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  return out;
}

Reply RespClient::Command(const std::vector<std::string>& args) {
  SendRaw(Encode(args));
  return ReadReply();
}

bool RespClient::SendRaw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

Reply RespClient::ReadReply(std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  if (!replies_.empty()) {
    Reply reply = std::move(replies_.front());
    replies_.pop_front();
    return reply;
  }
  while (true) {
    Reply reply = ReadAny(deadline);
    if (reply.kind != Kind::kPush) return reply;
    pushes_.push_back(std::move(reply));
  }
}

Reply RespClient::ReadPush(std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  if (!pushes_.empty()) {
    Reply push = std::move(pushes_.front());
    pushes_.pop_front();
    return push;
  }
  while (true) {
    Reply reply = ReadAny(deadline);
    if (reply.kind == Kind::kPush || reply.kind == Kind::kNothing) return reply;
    replies_.push_back(std::move(reply));
  }
}

std::string RespClient::ReadBytes(size_t count, std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  while (buffer_.size() - position_ < count && Fill(deadline)) {
  }
  const size_t size = std::min(count, buffer_.size() - position_);
  position_ += size;
  return buffer_.substr(position_ - size, size);
}

bool RespClient::WaitForClose(std::chrono::milliseconds patience) {
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  do {
    buffer_.clear();
    position_ = 0;
  } while (Fill(deadline));
  return failure_ == Failure::kClosed;
}

Reply RespClient::Nothing() const {
  Reply reply;
  switch (failure_) {
    case Failure::kTimeout:
      reply.text = "no reply in time";
      break;
    case Failure::kClosed:
      reply.text = "connection closed";
      break;
    case Failure::kMalformed:
      reply.text = "malformed reply: " + buffer_.substr(position_, 80);
      break;
    case Failure::kNone:
      break;
  }
  return reply;
}

// Either a whole reply is read or nothing is: after a timeout the bytes stay for the next attempt.
Reply RespClient::ReadAny(Deadline deadline) {
  failure_ = Failure::kNone;
  const size_t start = position_;
  Reply reply;
  if (ReadValue(deadline, reply)) {
    buffer_.erase(0, std::exchange(position_, 0));
    return reply;
  }
  position_ = start;
  return Nothing();
}

bool RespClient::ReadValue(Deadline deadline, Reply& reply) {
  std::string line;
  if (!ReadLine(deadline, line)) return false;
  failure_ = Failure::kMalformed;  // unless what follows is well formed
  if (line.empty()) return false;
  const char type = line[0];
  line.erase(0, 1);
  int64_t length = 0;
  bool ok = false;
  switch (type) {
    case '+':
      reply.kind = Kind::kStatus, reply.text = std::move(line), ok = true;
      break;
    case '-':
      reply.kind = Kind::kError, reply.text = std::move(line), ok = true;
      break;
    case '(':
      reply.kind = Kind::kBigNumber, reply.text = std::move(line), ok = true;
      break;
    case '_':
      reply.kind = Kind::kNil, ok = line.empty();
      break;
    case ':':
      reply.kind = Kind::kInteger, ok = ParseInteger(line, reply.integer);
      break;
    case ',':
      reply.kind = Kind::kDouble, ok = ParseDouble(line, reply.number);
      break;
    case '#':
      reply.kind = Kind::kBoolean, reply.integer = line == "t", ok = line == "t" || line == "f";
      break;
    case '$':
    case '!':
    case '=':
      if (!ParseInteger(line, length) || length < -1) return false;
      if (length < 0) {
        reply.kind = Kind::kNil;
        ok = true;
        break;
      }
      if (!ReadExactly(deadline, static_cast<size_t>(length) + 2, reply.text)) return false;
      reply.text.resize(reply.text.size() - 2);
      reply.kind = type == '$' ? Kind::kBulk : type == '!' ? Kind::kError : Kind::kVerbatim;
      if (type == '=') {
        if (reply.text.size() < 4) return false;
        reply.format = reply.text.substr(0, 3);
        reply.text.erase(0, 4);
      }
      ok = true;
      break;
    case '*':
    case '~':
    case '>':
    case '%':
      if (!ParseInteger(line, length) || length < -1) return false;
      reply.kind = length < 0 ? Kind::kNil : ContainerKind(type);
      return ReadElements(deadline, type == '%' ? 2 * length : length, reply.elements);
    case '|':
      if (!ParseInteger(line, length) || length < 0) return false;
      return ReadElements(deadline, 2 * length, reply.attributes) && ReadValue(deadline, reply);
    default:
      return false;
  }
  if (ok) failure_ = Failure::kNone;
  return ok;
}

bool RespClient::ReadElements(Deadline deadline, int64_t count, std::vector<Reply>& elements) {
  failure_ = Failure::kNone;
  for (int64_t i = 0; i < count; ++i) {
    if (!ReadValue(deadline, elements.emplace_back())) return false;
  }
  return true;
}

bool RespClient::ReadLine(Deadline deadline, std::string& line) {
  size_t end;
  while ((end = buffer_.find("\r\n", position_)) == std::string::npos) {
    if (!Fill(deadline)) return false;
  }
  line = buffer_.substr(position_, end - position_);
  position_ = end + 2;
  return true;
}

bool RespClient::ReadExactly(Deadline deadline, size_t size, std::string& bytes) {
  while (buffer_.size() - position_ < size) {
    if (!Fill(deadline)) return false;
  }
  bytes = buffer_.substr(position_, size);
  position_ += size;
  return true;
}

bool RespClient::Fill(Deadline deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(std::max<int64_t>(0, left.count()))) <= 0) {
    failure_ = Failure::kTimeout;
    return false;
  }
  char chunk[1 << 16];
  const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
  if (got <= 0) {
    failure_ = Failure::kClosed;
    return false;
  }
  buffer_.append(chunk, static_cast<size_t>(got));
  return true;
}

}  // namespace pinion::test
