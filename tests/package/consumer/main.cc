// Starts a server inside this program, stores and reads a value over TCP, and stops it.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <pinion/server.h>
#include <pinion/version.h>

namespace {

// Sends `request` to the server on `port` and returns the `length` bytes of its reply, or fewer if it breaks off.
std::string Ask(int port, std::string_view request, size_t length) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string reply;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[256];
    ssize_t got = 0;
    while (reply.size() < length && (got = read(fd, buffer, sizeof buffer)) > 0) {
      reply.append(buffer, static_cast<size_t>(got));
    }
  }
  close(fd);
  return reply;
}

}  // namespace

int main() {
  constexpr std::string_view kExpected = "+OK\r\n$5\r\nworld\r\n";
  pinion::Options options;
  options.Set("port", "0").Set("bind", "127.0.0.1").Set("save", "\"\"").Set("threads", "1");
  const auto server = pinion::Server::Start(options);
  const std::string reply = Ask(server->port(), "SET hello world\r\nGET hello\r\n", kExpected.size());
  server->Stop();
  std::printf("pinion %s answered: %s\n", pinion::kVersion, reply.c_str());
  return reply == kExpected ? 0 : 1;
}
