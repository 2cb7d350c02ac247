// A server inside your program: Start, use port(), Stop.
#pragma once

#include <memory>

#include "pinion/options.h"

namespace pinion {

namespace config {
class Config;
}

// Owns its threads, sockets and data. All methods may be called from any thread, but not from a thread of the
// server's own.
class Server {
 public:
  // Listens and serves when it returns. Throws std::runtime_error with the reason (an unknown directive, an address
  // in use...).
  static std::unique_ptr<Server> Start(const Options& options);
  // The same with a configuration that was loaded already, as the program `pinion` does.
  static std::unique_ptr<Server> Start(std::unique_ptr<config::Config> config);

  ~Server();   // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The TCP port listened on (useful with port 0); 0 when there is none.
  [[nodiscard]] int port() const;
  // Asks for an orderly stop, as SHUTDOWN does: with save points it saves first, and when that fails the server goes
  // on. Otherwise returns at once.
  void RequestShutdown();
  // Waits until a stop was asked for by RequestShutdown or by a client.
  void WaitForShutdown();
  // Answers what is running, closes all connections, frees all data. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pinion
