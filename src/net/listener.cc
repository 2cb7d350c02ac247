// Accepting connections and handing each to the loop that has the fewest.
#include "net/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>

#include <asio/posix/basic_stream_descriptor.hpp>

#include "base/log.h"
#include "net/listen_socket.h"
#include "resp/errors.h"

namespace pinion::net {
namespace {

constexpr int kAcceptsPerTurn = 256;
constexpr auto kBackOff = std::chrono::milliseconds(100);

// A socket on its way to its loop, counted there already.
struct Handover {
  Handover(UniqueFd f, int family, Loop& l) : fd(std::move(f)), protocol(family, 0), loop(l) { loop.AddAssigned(1); }
  ~Handover() { loop.AddAssigned(-1); }
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;

  // On the loop: makes it a connection.
  void Complete(const NetLimits& limits) {
    Connection::Socket socket(loop.context());
    asio::error_code error;
    socket.assign(protocol, fd.get(), error);
    if (error) {
      Log(LogLevel::kWarning, "Error registering a new client's socket: {}", error.message());
      return;
    }
    (void)fd.Release();
    loop.AddConnection(std::make_unique<Connection>(loop, std::move(socket), Connection::NextId(), limits));
  }

  UniqueFd fd;
  asio::generic::stream_protocol protocol;
  Loop& loop;
};

}  // namespace

// The sockets, shared with the waits pending on loop 0. Accepting happens on loop 0 only; the mutex is for closing,
// which may be asked for on any thread.
class Listener::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(std::vector<ListenSocket> sockets, std::span<const std::unique_ptr<Loop>> loops, const NetLimits& net,
           const AcceptLimits& limits)
      : sockets_(std::move(sockets)), net_(net), limits_(limits) {
    for (const auto& loop : loops) loops_.push_back(loop.get());
    given_away_.resize(sockets_.size());
  }

  Loop& home() { return *loops_[0]; }
  [[nodiscard]] std::span<const ListenSocket> sockets() const { return sockets_; }

  void Start() {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    for (size_t i = 0; i < sockets_.size(); ++i) {
      Source& source = *sources_.emplace_back(std::make_unique<Source>(home().context()));
      asio::error_code error;
      source.descriptor.assign(sockets_[i].fd.get(), error);
      if (error) {
        Log(LogLevel::kWarning, "Error waiting for connections: {}", error.message());
      } else {
        Wait(i);
      }
    }
  }

  // At once nobody can connect any more, except where a successor shares the socket.
  void Close() {
    {
      std::lock_guard lock(mutex_);
      if (closed_) return;
      closed_ = true;
      for (size_t i = 0; i < sockets_.size(); ++i) {
        if (given_away_[i]) continue;
        ::shutdown(sockets_[i].fd.get(), SHUT_RDWR);
        if (!sockets_[i].unix_path.empty()) ::unlink(sockets_[i].unix_path.c_str());
      }
    }
    home().Post([self = shared_from_this()] { self->Drop(); });
  }

  // Leaves the sockets whose addresses `successor` listens on to it.
  void GiveAway(std::span<const ListenSocket> successor) {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < sockets_.size(); ++i) {
      const std::string name = FormatAddress(sockets_[i].address);
      given_away_[i] = given_away_[i] || std::any_of(successor.begin(), successor.end(), [&](const ListenSocket& s) {
                         return FormatAddress(s.address) == name;
                       });
    }
  }

 private:
  struct Source {
    explicit Source(asio::io_context& context) : descriptor(context), timer(context) {}
    // The descriptor stays with the ListenSocket.
    ~Source() {
      if (descriptor.is_open()) descriptor.release();
    }
    asio::posix::basic_stream_descriptor<asio::io_context::executor_type> descriptor;
    LoopTimer timer;
  };

  // On loop 0: ends the waits (which hold this object) and closes the sockets.
  void Drop() {
    sources_.clear();
    std::lock_guard lock(mutex_);
    for (ListenSocket& s : sockets_) s.fd = UniqueFd();
  }

  [[nodiscard]] bool closed() {
    std::lock_guard lock(mutex_);
    return closed_;
  }

  void Wait(size_t i) {
    sources_[i]->descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                                       [self = shared_from_this(), i](const asio::error_code& error) {
                                         if (!error && !self->closed()) self->Accept(i);
                                       });
  }

  void Accept(size_t i) {
    Loop::Turn turn(home());
    for (int n = 0; n < kAcceptsPerTurn; ++n) {
      UniqueFd fd(::accept4(sockets_[i].fd.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd.valid()) {
        out_of_descriptors_ = false;
        Place(std::move(fd), sockets_[i].address.family());
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      } else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) {
        return BackOff(i, errno);
      }
    }
    Wait(i);
  }

  void BackOff(size_t i, int error) {
    if (closed()) return;
    if (!std::exchange(out_of_descriptors_, true)) {
      Log(LogLevel::kWarning, "Accepting client connection: {}", std::strerror(error));
    }
    sources_[i]->timer.expires_after(kBackOff);
    sources_[i]->timer.async_wait([self = shared_from_this(), i](const asio::error_code& aborted) {
      if (!aborted && !self->closed()) self->Accept(i);
    });
  }

  void Place(UniqueFd fd, int family) {
    int64_t clients = 0;
    Loop* fewest = loops_[0];
    for (Loop* loop : loops_) {
      const int64_t n = loop->assigned();
      clients += n;
      if (n < fewest->assigned()) fewest = loop;
    }
    if (clients >= limits_.max_clients.load(std::memory_order_relaxed)) return Refuse(fd.get());
    if (family != AF_UNIX) {
      SetAcceptedOptions(fd.get(), limits_.keepalive_seconds.load(std::memory_order_relaxed));
    }
    auto handover = std::make_shared<Handover>(std::move(fd), family, *fewest);
    if (fewest == &home()) return handover->Complete(net_);
    fewest->Post([handover = std::move(handover), &limits = net_] { handover->Complete(limits); });
  }

  void Refuse(int fd) {
    home().stats().rejected.Add(1);
    const std::string reply = "-" + std::string(resp::error::kMaxClients) + "\r\n";
    (void)!::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  std::mutex mutex_;
  bool closed_ = false;
  std::vector<ListenSocket> sockets_;              // constant but for the descriptors, which Drop closes
  std::vector<bool> given_away_;
  std::vector<std::unique_ptr<Source>> sources_;   // loop 0 only; destroyed before the sockets
  std::vector<Loop*> loops_;
  const NetLimits& net_;
  const AcceptLimits& limits_;
  bool out_of_descriptors_ = false;
};

tl::expected<std::unique_ptr<Listener>, std::string> Listener::Open(
    const ListenerOptions& options, std::span<const std::unique_ptr<Loop>> loops, const NetLimits& net,
    AcceptLimits& accept, Listener* replaces) {
  const std::span<const ListenSocket> existing =
      replaces ? replaces->acceptor_->sockets() : std::span<const ListenSocket>();
  std::vector<ListenSocket> sockets;

  // With port 0 the first address decides, and another may have it taken already: then a new one is tried.
  constexpr int kPortAttempts = 16;
  for (int attempt = 1; options.port >= 0; ++attempt) {
    std::string problem;
    int port = options.port;
    for (const std::string& address : options.addresses) {
      auto bound = ListenTcp(address, port, options.backlog, existing);
      if (!bound) {
        problem = std::move(bound.error());
        break;
      }
      for (ListenSocket& s : *bound) sockets.push_back(std::move(s));
      if (!sockets.empty()) port = PortOf(sockets.front().address);
    }
    if (problem.empty()) break;
    sockets.clear();
    if (options.port != 0 || attempt == kPortAttempts) return tl::unexpected(std::move(problem));
  }
  if (sockets.empty() && options.port >= 0 && !options.addresses.empty()) {
    return tl::unexpected(std::string("none of the addresses to bind exists on this machine"));
  }

  if (!options.unix_path.empty()) {
    auto bound = ListenUnix(options.unix_path, options.unix_permissions, options.backlog, existing);
    if (!bound) return tl::unexpected(std::move(bound.error()));
    sockets.push_back(std::move(*bound));
  }
  if (replaces == nullptr) {
    accept.keepalive_seconds.store(options.keepalive_seconds, std::memory_order_relaxed);
  } else {
    replaces->acceptor_->GiveAway(sockets);
  }
  return std::unique_ptr<Listener>(new Listener(std::make_shared<Acceptor>(std::move(sockets), loops, net, accept)));
}

Listener::~Listener() { Close(); }

void Listener::StartAccepting() {
  acceptor_->home().Post([acceptor = acceptor_] { acceptor->Start(); });
}

void Listener::Close() { acceptor_->Close(); }

int Listener::port() const {
  for (const ListenSocket& s : acceptor_->sockets()) {
    if (const int port = PortOf(s.address); port != 0) return port;
  }
  return 0;
}

std::vector<std::string> Listener::addresses() const {
  std::vector<std::string> names;
  for (const ListenSocket& s : acceptor_->sockets()) names.push_back(FormatAddress(s.address));
  return names;
}

}  // namespace pinion::net
