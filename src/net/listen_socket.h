// Making listening sockets: from the addresses of the configuration to descriptors that accept.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "net/address.h"

namespace pinion::net {

// Owns a descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~UniqueFd();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

struct ListenSocket {
  UniqueFd fd;
  SocketAddress address;
  std::string unix_path;   // empty for TCP
};

// Binds and listens on one configured address ("*", "::*", a literal or a name; every address a name has). A
// leading '-' makes an address the machine does not have no error; a protocol the kernel lacks never is one. Port
// 0: any free port. An address that one of `existing` listens on already is shared with it (a second descriptor of
// the same socket, with the new backlog), so that a set can be replaced without a moment in which nobody listens.
[[nodiscard]] tl::expected<std::vector<ListenSocket>, std::string> ListenTcp(
    std::string_view address, int port, int backlog, std::span<const ListenSocket> existing = {});

// Listens on a path. The file of a server that is gone is replaced, one that still answers is an error unless it
// belongs to one of `existing`. `permissions` 0 leaves the mode to the umask.
[[nodiscard]] tl::expected<ListenSocket, std::string> ListenUnix(
    const std::string& path, unsigned permissions, int backlog, std::span<const ListenSocket> existing = {});

// TCP_NODELAY, and keepalive so that a peer that vanished is noticed after about twice `keepalive_seconds` (0: off).
void SetAcceptedOptions(int fd, int keepalive_seconds);

}  // namespace pinion::net
