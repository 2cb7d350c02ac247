// Resolving, binding and listening.
#include "net/listen_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace pinion::net {
namespace {

constexpr int kSocketFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

void SetFlag(int fd, int level, int option, int value = 1) { setsockopt(fd, level, option, &value, sizeof(value)); }

bool ProtocolMissing(int error) {
  return error == EAFNOSUPPORT || error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT || error == EPFNOSUPPORT ||
         error == ENOPROTOOPT;
}

// True when a socket file is there but nobody listens behind it any more.
bool IsStale(const sockaddr_un& address, socklen_t length) {
  struct stat info;
  if (::lstat(address.sun_path, &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  const UniqueFd probe(::socket(AF_UNIX, kSocketFlags, 0));
  if (!probe.valid()) return false;
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0 && errno == ECONNREFUSED;
}

// The addresses one configured address stands for.
tl::expected<std::vector<SocketAddress>, std::string> Resolve(std::string_view address, int port) {
  const bool any4 = address == "*";
  const bool any6 = address == "::*";
  addrinfo hints{};
  hints.ai_family = any4 ? AF_INET : any6 ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  const std::string name(address);
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(any4 || any6 ? nullptr : name.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return tl::unexpected(std::string(error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    SocketAddress& s = addresses.emplace_back();
    std::memcpy(&s.storage, a->ai_addr, a->ai_addrlen);
    s.length = a->ai_addrlen;
  }
  return addresses;
}

// A second descriptor of a socket that listens already; the errno when that fails.
tl::expected<ListenSocket, int> Share(const ListenSocket& existing, int backlog) {
  ListenSocket s{UniqueFd(::fcntl(existing.fd.get(), F_DUPFD_CLOEXEC, 0)), existing.address, existing.unix_path};
  if (!s.fd.valid() || ::listen(s.fd.get(), backlog) != 0) return tl::unexpected(errno);
  return s;
}

tl::expected<ListenSocket, int> ListenOn(const SocketAddress& address, int backlog,
                                         std::span<const ListenSocket> existing) {
  for (const ListenSocket& e : existing) {
    if (PortOf(address) != 0 && FormatAddress(e.address) == FormatAddress(address)) return Share(e, backlog);
  }
  ListenSocket s{UniqueFd(::socket(address.family(), kSocketFlags, 0)), address, {}};
  if (!s.fd.valid()) return tl::unexpected(errno);
  SetFlag(s.fd.get(), SOL_SOCKET, SO_REUSEADDR);
  if (address.family() == AF_INET6) SetFlag(s.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(s.fd.get(), address.get(), address.length) != 0) return tl::unexpected(errno);
  if (::listen(s.fd.get(), backlog) != 0) return tl::unexpected(errno);
  s.address = LocalAddress(s.fd.get());
  return s;
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

tl::expected<std::vector<ListenSocket>, std::string> ListenTcp(std::string_view address, int port, int backlog,
                                                               std::span<const ListenSocket> existing) {
  const bool optional = address.starts_with('-');
  if (optional) address.remove_prefix(1);
  const auto fail = [&](std::string_view why) {
    return tl::unexpected(fmt::format("Could not create server TCP listening socket {}:{}: {}", address, port, why));
  };
  const auto targets = Resolve(address, port);
  std::vector<ListenSocket> sockets;
  if (!targets) {
    if (optional) return sockets;
    return fail(targets.error());
  }
  for (const SocketAddress& target : *targets) {
    auto socket = ListenOn(target, backlog, existing);
    if (socket) {
      sockets.push_back(std::move(*socket));
    } else if (!ProtocolMissing(socket.error()) && !(optional && socket.error() == EADDRNOTAVAIL)) {
      return fail(std::strerror(socket.error()));
    }
  }
  return sockets;
}

tl::expected<ListenSocket, std::string> ListenUnix(const std::string& path, unsigned permissions, int backlog,
                                                   std::span<const ListenSocket> existing) {
  const auto fail = [&](std::string_view why) {
    return tl::unexpected(fmt::format("Could not create server Unix listening socket {}: {}", path, why));
  };
  for (const ListenSocket& e : existing) {
    if (e.unix_path != path) continue;
    auto shared = Share(e, backlog);
    if (!shared) return fail(std::strerror(shared.error()));
    if (permissions != 0 && ::chmod(path.c_str(), permissions) != 0) return fail(std::strerror(errno));
    return std::move(*shared);
  }
  ListenSocket s{UniqueFd(::socket(AF_UNIX, kSocketFlags, 0)), {}, path};
  if (!s.fd.valid()) return fail(std::strerror(errno));
  auto& un = reinterpret_cast<sockaddr_un&>(s.address.storage);
  if (path.size() >= sizeof(un.sun_path)) return fail("the path is too long");
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.c_str(), path.size() + 1);
  s.address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);

  int result = ::bind(s.fd.get(), s.address.get(), s.address.length);
  if (result != 0 && errno == EADDRINUSE) {
    if (!IsStale(un, s.address.length)) return fail(std::strerror(EADDRINUSE));
    ::unlink(path.c_str());
    result = ::bind(s.fd.get(), s.address.get(), s.address.length);
  }
  if (result != 0) return fail(std::strerror(errno));
  if ((permissions != 0 && ::chmod(path.c_str(), permissions) != 0) || ::listen(s.fd.get(), backlog) != 0) {
    const int error = errno;
    ::unlink(path.c_str());
    return fail(std::strerror(error));
  }
  return s;
}

void SetAcceptedOptions(int fd, int keepalive_seconds) {
  SetFlag(fd, IPPROTO_TCP, TCP_NODELAY);
  if (keepalive_seconds <= 0) return;
  SetFlag(fd, SOL_SOCKET, SO_KEEPALIVE);
  SetFlag(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_seconds);
  SetFlag(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, keepalive_seconds / 3));
  SetFlag(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace pinion::net
