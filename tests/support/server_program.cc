// Starting and ending the program: its configuration goes through its standard input.
#include "tests/support/server_program.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace pinion::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// Free a moment ago: another process may take it before the server does.
int FreePort() {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  const bool bound = bind(s, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(s, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(s);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

// Written by the program when it accepts connections. (Trying a connection instead would show in its statistics.)
std::string PidFile(int port) {
  return "/tmp/pinion-test-" + std::to_string(getpid()) + '-' + std::to_string(port) + ".pid";
}

// The directives as a configuration file, in which port 0 became `port`.
std::string ConfigText(const Options& options, int port) {
  std::string text;
  for (const auto& [name, value] : options.directives()) {
    const bool any_port = name == "port" && value == "0";
    text += name + ' ' + (any_port ? std::to_string(port) : value) + '\n';
  }
  text += "pidfile " + PidFile(port) + '\n';
  return text;
}

int WaitForEnd(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return status;
}

}  // namespace

const char* ServerProgram::Wanted() { return std::getenv("PINION_TEST_SERVER"); }

ServerProgram::ServerProgram(const char* path, const Options& options) {
  constexpr int kAttempts = 5;
  for (int i = 0; i < kAttempts; ++i) {
    port_ = FreePort();
    unlink(PidFile(port_).c_str());
    Spawn(path, options.file(), ConfigText(options, port_));
    if (ComesUp()) return;
  }
  throw std::runtime_error(std::string(path) + " does not come up");
}

void ServerProgram::Spawn(const char* path, const std::string& config_file, const std::string& config) {
  int input[2];
  if (pipe(input) != 0) throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no process");
  if (pid_ == 0) {
    dup2(input[0], STDIN_FILENO);
    close(input[0]);
    close(input[1]);
    if (config_file.empty()) {
      execl(path, path, "-", nullptr);
    } else {
      execl(path, path, config_file.c_str(), "-", nullptr);
    }
    _exit(127);
  }
  close(input[0]);
  const bool written = write(input[1], config.data(), config.size()) == static_cast<ssize_t>(config.size());
  close(input[1]);
  if (!written) throw std::runtime_error("the configuration did not fit into a pipe");
}

// False, with the program's end awaited, when it ended instead.
bool ServerProgram::ComesUp() {
  const auto end = steady_clock::now() + std::chrono::seconds(30);
  while (steady_clock::now() < end) {
    if (access(PidFile(port_).c_str(), F_OK) == 0) return true;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
  kill(pid_, SIGKILL);
  WaitForEnd(pid_);
  pid_ = -1;
  return false;
}

void ServerProgram::WaitForShutdown() {
  if (pid_ < 0) return;
  const int status = WaitForEnd(pid_);
  pid_ = -1;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the server ended with wait status " << status;
}

void ServerProgram::Stop() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  WaitForShutdown();
}

}  // namespace pinion::test
