// The program: reads the command line, starts the server, waits for a signal or SHUTDOWN.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>

#include "base/allocator.h"
#include "base/log.h"
#include "base/prefault.h"
#include "config/config.h"
#include "pinion/server.h"
#include "pinion/version.h"

namespace {

constexpr char kUsage[] =
    "Usage: pinion [/path/to/redis.conf] [options] [-]\n"
    "       pinion - (read config from stdin)\n"
    "       pinion -v or --version\n"
    "       pinion -h or --help\n"
    "\n"
    "Options are redis.conf directives with two dashes before them, for example:\n"
    "       pinion (port 6379, a thread a core)\n"
    "       pinion --port 7777 --threads 4\n"
    "       pinion /etc/redis.conf --loglevel verbose\n"
    "       echo 'maxmemory 128mb' | pinion -\n";

// Turns SIGINT and SIGTERM into an orderly stop; a second one ends the process at once. Signals are blocked in
// every thread (the mask is inherited), so only this thread takes them.
void WaitForSignals(const sigset_t& signals, pinion::Server& server) {
  int signal = 0;
  sigwait(&signals, &signal);
  if (signal == SIGUSR1) return;  // the server stopped by itself
  pinion::Log(pinion::LogLevel::kWarning, "Received {}, stopping", signal == SIGINT ? "SIGINT" : "SIGTERM");
  server.RequestShutdown();
  sigwait(&signals, &signal);
  if (signal != SIGUSR1) _exit(1);
}

void WritePidFile(const std::string& path) {
  if (!path.empty()) std::ofstream(path) << getpid() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  pinion::KeepFreedPages();
  pinion::PrefaultCode();
  auto config = std::make_unique<pinion::config::Config>();
  const auto action = config->LoadArgs(argc, argv);
  if (!action) {
    fmt::print(stderr, "{}\n", action.error());
    return 1;
  }
  if (*action == pinion::config::CommandLineAction::kShowHelp) {
    fmt::print("{}", kUsage);
    return 0;
  }
  if (*action == pinion::config::CommandLineAction::kShowVersion) {
    fmt::print("Pinion server v={} redis_version={} bits={}\n", pinion::kVersion, pinion::kRedisVersion,
               sizeof(void*) * 8);
    return 0;
  }
  const bool daemonize = config->settings().daemonize.load();
  if (daemonize && daemon(1, 0) != 0) {
    std::perror("daemonize");
    return 1;
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (int s : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, s);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
  try {
    const std::string pidfile = config->Text("pidfile");
    auto server = pinion::Server::Start(std::move(config));
    if (daemonize || !pidfile.empty()) WritePidFile(pidfile);
    std::thread signal_thread([&] { WaitForSignals(signals, *server); });
    server->WaitForShutdown();
    server->Stop();
    kill(getpid(), SIGUSR1);
    signal_thread.join();
    if (!pidfile.empty()) unlink(pidfile.c_str());
  } catch (const std::exception& e) {
    fmt::print(stderr, "pinion: {}\n", e.what());
    return 1;
  }
  return 0;
}
