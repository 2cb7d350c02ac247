// Listening sockets: TCP addresses and a unix path, accepted on one loop and spread evenly over all.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "net/connection.h"

namespace pinion::net {

struct ListenerOptions {
  std::vector<std::string> addresses;   // IPv4, IPv6, names, "*", "::*"; a leading '-' makes a missing address no error
  int port = 6379;                      // 0: any free port, the same for all addresses; -1: no TCP
  int backlog = 511;
  int keepalive_seconds = 300;          // 0: off; what AcceptLimits starts with
  std::string unix_path;                // empty: none
  unsigned unix_permissions = 0;        // mode bits; 0 leaves them to the umask
};

// What may change while listening; shared with CONFIG SET.
struct AcceptLimits {
  std::atomic<int64_t> max_clients{10000};
  std::atomic<int> keepalive_seconds{300};
};

// Accepts until closed. Out of descriptors: logs once, waits 100 ms, goes on; other connections are not touched.
// REQUIRES: the loops and limits outlive it, and it is not destroyed while the loops are in the middle of stopping.
class Listener {
 public:
  // Binds and listens at once (so that port() is known); the message names the address that failed.
  //
  // To change addresses while serving: open the new set with the old listener as `replaces`, start it, then close
  // the old one. What both have in common is shared, so not one connection attempt is refused. `keepalive_seconds`
  // is then left as it is.
  static tl::expected<std::unique_ptr<Listener>, std::string> Open(
      const ListenerOptions& options, std::span<const std::unique_ptr<Loop>> loops, const NetLimits& net,
      AcceptLimits& accept, Listener* replaces = nullptr);
  ~Listener();                          // closes
  void StartAccepting();                // each new connection goes to the loop with the fewest
  void Close();                         // thread-safe; from now on nobody can connect; removes the unix socket file
  [[nodiscard]] int port() const;       // the bound TCP port, 0 when none
  // What is listened on: "127.0.0.1:6379", "/run/pinion.sock:0".
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  class Acceptor;
  explicit Listener(std::shared_ptr<Acceptor> acceptor) : acceptor_(std::move(acceptor)) {}
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace pinion::net
