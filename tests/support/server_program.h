// The server as a program beside the test, for what the test's own process must not share with it: a sanitizer.
#pragma once

#include <string>

#include <sys/types.h>

#include "pinion/options.h"

namespace pinion::test {

// Not thread-safe.
class ServerProgram {
 public:
  // The program that the environment (PINION_TEST_SERVER) wants tests to talk to, or null: a server in their process.
  [[nodiscard]] static const char* Wanted();

  // Starts the program with these directives, on a free port where they say 0, and waits until it accepts
  // connections. Throws std::runtime_error when it does not come up.
  ServerProgram(const char* path, const Options& options);
  ~ServerProgram() { Stop(); }
  ServerProgram(const ServerProgram&) = delete;
  ServerProgram& operator=(const ServerProgram&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // Until the program ends by itself.
  void WaitForShutdown();
  // Has it end, and waits. The running test fails unless it ended well: a sanitizer that found something says so by the
  // exit status. Idempotent.
  void Stop();

 private:
  void Spawn(const char* path, const std::string& config_file, const std::string& config);
  [[nodiscard]] bool ComesUp();

  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace pinion::test
