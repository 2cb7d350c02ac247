// The floor: a single-threaded asio server that answers every RESP request with +OK and does nothing else.
//
// Its cost per request is what the kernel's TCP and asio charge anybody; a real server is read against it.
// usage: floor_server --port N
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#define ASIO_STANDALONE 1
#include <asio/buffer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

namespace {

using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<Tcp, asio::io_context::executor_type>;

constexpr size_t kBufferSize = 64 * 1024;

// Reads "<type><digits>\r\n" at `at`. False when it is not all there.
bool ReadNumber(std::string_view bytes, size_t at, size_t* number, size_t* end) {
  size_t n = 0;
  for (size_t i = at + 1; i < bytes.size(); ++i) {
    if (bytes[i] == '\r') {
      *number = n;
      *end = i + 2;
      return *end <= bytes.size();
    }
    n = n * 10 + static_cast<size_t>(bytes[i] - '0');
  }
  return false;
}

// The length of the complete request at `at`, 0 when there is none. A line that is no array is a request too.
size_t RequestLength(std::string_view bytes, size_t at) {
  if (bytes[at] != '*') {
    const size_t newline = bytes.find('\n', at);
    return newline == std::string_view::npos ? 0 : newline + 1 - at;
  }
  size_t count, end;
  if (!ReadNumber(bytes, at, &count, &end)) return 0;
  for (; count > 0; --count) {
    size_t length;
    if (end >= bytes.size() || !ReadNumber(bytes, end, &length, &end)) return 0;
    end += length + 2;
    if (end > bytes.size()) return 0;
  }
  return end - at;
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Socket socket) : socket_(std::move(socket)) {}

  void Read() {
    socket_.async_read_some(asio::buffer(buffer_ + size_, kBufferSize - size_),
                            [self = shared_from_this()](const asio::error_code& error, size_t n) {
                              if (!error) self->Answer(n);
                            });
  }

 private:
  void Answer(size_t received) {
    size_ += received;
    const std::string_view bytes(buffer_, size_);
    size_t at = 0;
    replies_.clear();
    while (at < size_) {
      const size_t length = RequestLength(bytes, at);
      if (length == 0) break;
      at += length;
      replies_ += "+OK\r\n";
    }
    std::memmove(buffer_, buffer_ + at, size_ - at);
    size_ -= at;
    asio::error_code error;
    const size_t sent = socket_.write_some(asio::buffer(replies_), error);
    if (error && error != asio::error::would_block) return;
    if (sent == replies_.size()) return Read();
    asio::async_write(socket_, asio::buffer(replies_) + sent,
                      [self = shared_from_this()](const asio::error_code& failed, size_t) {
                        if (!failed) self->Read();
                      });
  }

  Socket socket_;
  std::string replies_;
  size_t size_ = 0;
  char buffer_[kBufferSize];
};

void Accept(Acceptor& acceptor) {
  acceptor.async_accept([&acceptor](const asio::error_code& error, Socket socket) {
    if (!error) {
      asio::error_code ignored;
      socket.set_option(Tcp::no_delay(true), ignored);
      socket.non_blocking(true, ignored);
      std::make_shared<Connection>(std::move(socket))->Read();
    }
    Accept(acceptor);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--port") {
    std::cerr << "usage: floor_server --port N\n";
    return 1;
  }
  asio::io_context context(ASIO_CONCURRENCY_HINT_UNSAFE);
  Acceptor acceptor(context, Tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<uint16_t>(std::atoi(argv[2]))));
  Accept(acceptor);
  context.run();
}
