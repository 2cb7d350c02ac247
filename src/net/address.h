// Socket addresses as text, in the form CLIENT LIST and the log show them.
#pragma once

#include <sys/socket.h>

#include <string>

namespace pinion::net {

// An address as the kernel gives it; empty when length is 0.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return length == 0 ? AF_UNSPEC : storage.ss_family; }
};

// The two ends of a connected socket; empty when the kernel has none to tell.
[[nodiscard]] SocketAddress PeerAddress(int fd);
[[nodiscard]] SocketAddress LocalAddress(int fd);

// "127.0.0.1:50112", "[::1]:50112", "/run/pinion.sock:0"; "?:0" for an empty or nameless address.
[[nodiscard]] std::string FormatAddress(const SocketAddress& address);
[[nodiscard]] bool IsLoopback(const SocketAddress& address);
// The port of a TCP address, else 0.
[[nodiscard]] int PortOf(const SocketAddress& address);

}  // namespace pinion::net
