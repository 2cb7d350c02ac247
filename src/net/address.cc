// Reading and writing socket addresses.
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include <fmt/format.h>

namespace pinion::net {
namespace {

const sockaddr_in& AsIpv4(const SocketAddress& a) { return reinterpret_cast<const sockaddr_in&>(a.storage); }
const sockaddr_in6& AsIpv6(const SocketAddress& a) { return reinterpret_cast<const sockaddr_in6&>(a.storage); }

std::string UnixPath(const SocketAddress& address) {
  const auto& un = reinterpret_cast<const sockaddr_un&>(address.storage);
  constexpr size_t kHeader = offsetof(sockaddr_un, sun_path);
  if (address.length <= kHeader) return {};
  return std::string(un.sun_path, strnlen(un.sun_path, address.length - kHeader));
}

}  // namespace

SocketAddress PeerAddress(int fd) {
  SocketAddress a;
  a.length = sizeof(a.storage);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&a.storage), &a.length) != 0) a.length = 0;
  return a;
}

SocketAddress LocalAddress(int fd) {
  SocketAddress a;
  a.length = sizeof(a.storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&a.storage), &a.length) != 0) a.length = 0;
  return a;
}

std::string FormatAddress(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN];
  switch (address.family()) {
    case AF_INET:
      inet_ntop(AF_INET, &AsIpv4(address).sin_addr, text, sizeof(text));
      return fmt::format("{}:{}", text, PortOf(address));
    case AF_INET6:
      inet_ntop(AF_INET6, &AsIpv6(address).sin6_addr, text, sizeof(text));
      return fmt::format("[{}]:{}", text, PortOf(address));
    case AF_UNIX:
      if (std::string path = UnixPath(address); !path.empty()) return path + ":0";
      break;
    default:
      break;
  }
  return "?:0";
}

bool IsLoopback(const SocketAddress& address) {
  switch (address.family()) {
    case AF_INET:
      return (ntohl(AsIpv4(address).sin_addr.s_addr) >> 24) == 127;
    case AF_INET6: {
      const in6_addr& ip = AsIpv6(address).sin6_addr;
      return IN6_IS_ADDR_LOOPBACK(&ip) || (IN6_IS_ADDR_V4MAPPED(&ip) && ip.s6_addr[12] == 127);
    }
    default:
      return false;
  }
}

int PortOf(const SocketAddress& address) {
  switch (address.family()) {
    case AF_INET: return ntohs(AsIpv4(address).sin_port);
    case AF_INET6: return ntohs(AsIpv6(address).sin6_port);
    default: return 0;
  }
}

}  // namespace pinion::net
