// The composition root: makes every part, ties them together, starts and stops them in order.
#include "pinion/server.h"

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include <sys/resource.h>

#include <fmt/format.h>

#include "admin/acl_file.h"
#include "admin/memory_use.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "command/acl_sessions.h"
#include "command/dispatcher.h"
#include "command/key_events.h"
#include "command/latency_monitor.h"
#include "command/observations.h"
#include "command/pubsub.h"
#include "command/registry.h"
#include "command/services.h"
#include "command/slowlog.h"
#include "command/tracking.h"
#include "config/config.h"
#include "net/listener.h"
#include "persist/append_only_file.h"
#include "persist/saver.h"
#include "repl/source.h"
#include "server/families.h"
#include "script/engine.h"
#include "server/request_handler.h"
#include "store/evictor.h"
#include "store/gate.h"
#include "store/keyspace.h"

namespace pinion {
namespace {

// Descriptors the server needs beside those of clients.
constexpr int64_t kReservedDescriptors = 64;

// The totals that CONFIG RESETSTAT sets back: all but what the connections are now, which is no count of events.
using NetTotals = command::Host::NetTotals;
constexpr int64_t NetTotals::*kResettable[] = {
    &NetTotals::accepted, &NetTotals::rejected, &NetTotals::bytes_in,           &NetTotals::bytes_out,
    &NetTotals::reads,    &NetTotals::writes,   &NetTotals::input_limit_closed, &NetTotals::output_limit_closed,
    &NetTotals::turns,    &NetTotals::tick_nanos, &NetTotals::busy_micros,
};

std::string MakeRunId() {
  return fmt::format("{:016x}{:016x}{:08x}", SecureRandom64(), SecureRandom64(),
                     static_cast<uint32_t>(SecureRandom64()));
}

store::EvictionPolicy EvictionOf(config::MaxmemoryPolicy policy) {
  using P = config::MaxmemoryPolicy;
  using Order = store::EvictionPolicy::Order;
  switch (policy) {
    case P::kVolatileLru:
      return {Order::kLru, true};
    case P::kVolatileLfu:
      return {Order::kLfu, true};
    case P::kVolatileRandom:
      return {Order::kRandom, true};
    case P::kVolatileTtl:
      return {Order::kSoonest, true};
    case P::kAllkeysLru:
      return {Order::kLru, false};
    case P::kAllkeysLfu:
      return {Order::kLfu, false};
    case P::kAllkeysRandom:
      return {Order::kRandom, false};
    case P::kNoeviction:
      break;
  }
  return {};
}

std::unique_ptr<config::Config> LoadOptions(const Options& options) {
  auto config = std::make_unique<config::Config>();
  if (!options.file().empty()) {
    if (auto r = config->LoadFile(options.file()); !r) throw std::runtime_error(r.error());
  }
  for (const auto& [name, value] : options.directives()) {
    if (auto r = config->LoadLine(name + " " + value); !r) {
      throw std::runtime_error(name + " " + value + ": " + r.error());
    }
  }
  return config;
}

}  // namespace

// Members are made from the first to the last and destroyed the other way round: what a part refers to stands above
// it.
class Server::Impl final : public command::Host, public command::LoopPort {
 public:
  explicit Impl(std::unique_ptr<config::Config> config);
  ~Impl() override { Stop(); }

  void Stop();
  void WaitForShutdown();

  // A stop from outside, by a signal: saves first if there are save points, and does not stop if that fails.
  void SaveAndRequestShutdown();

  // command::Host
  void RequestShutdown() override;
  [[nodiscard]] NetTotals net_totals() const override;
  void ResetNetTotals() override;
  [[nodiscard]] int port() const override { return port_.load(std::memory_order_relaxed); }
  [[nodiscard]] const std::string& run_id() const override { return run_id_; }
  [[nodiscard]] int64_t started_micros() const override { return started_micros_; }

  // command::LoopPort
  void Post(size_t worker, std::function<void()> task) override {
    loops_[worker]->Post([this, worker, task = std::move(task)] { handler_->OnPosted(worker, task); });
  }
  void WakeAt(size_t worker, int64_t at) override { loops_[worker]->WakeAt(at); }
  void ServeOthers(size_t worker) override { loops_[worker]->ServeOthers(); }
  void StopServingOthers(size_t worker) override { loops_[worker]->StopServingOthers(); }

 private:
  [[nodiscard]] size_t threads() const { return workers_.size(); }
  void MakeWorkers();
  void MakeLoops();
  void RenameCommands();
  void FitClientsToDescriptors();
  void LoadUsers();
  void ApplySettings();
  // Memory in use beside the keyspace.
  [[nodiscard]] int64_t OverheadBytes() const;
  void RegisterHooks();
  // From the file or the append-only file that the options name, if it is there.
  void LoadKeyspace();
  tl::expected<void, std::string> Listen();

  const Clock& clock_ = SystemClock();
  const int64_t started_micros_ = clock_.WallMicros();
  const std::string run_id_ = MakeRunId();
  std::unique_ptr<config::Config> config_;
  command::Registry registry_{server::AllFamilies()};
  store::Gate gate_;
  store::Keyspace keyspace_;
  store::Evictor evictor_{keyspace_, [this] { return OverheadBytes(); }};
  std::vector<std::unique_ptr<command::KeyEvents>> key_events_;
  std::vector<std::unique_ptr<command::Worker>> workers_;
  command::PubSub pubsub_{*this};
  command::Tracking tracking_{keyspace_, pubsub_};
  command::SlowLog slowlog_;
  command::LatencyMonitor latency_;
  command::Observations observations_;
  command::Acl acl_{registry_, config_->settings()};
  command::PauseState pause_;
  std::unique_ptr<command::Services> services_;
  std::unique_ptr<command::Dispatcher> dispatcher_;
  std::unique_ptr<script::Engine> scripts_;
  std::unique_ptr<persist::Saver> saver_;
  std::unique_ptr<persist::AppendOnlyFile> append_only_;
  std::unique_ptr<repl::Source> replication_;
  std::unique_ptr<server::RequestHandler> handler_;
  net::NetLimits net_limits_;
  net::AcceptLimits accept_limits_;
  std::vector<std::unique_ptr<net::Loop>> loops_;
  std::unique_ptr<net::Listener> listener_;
  std::atomic<int> port_{0};
  NetTotals reset_at_;  // guarded by shutdown_mutex_

  mutable std::mutex shutdown_mutex_;
  std::condition_variable shutdown_wanted_;
  bool shutdown_requested_ = false;  // guarded by shutdown_mutex_
  std::atomic<bool> saves_at_stop_{false};
  bool stopped_ = false;
};

Server::Impl::Impl(std::unique_ptr<config::Config> config)
    : config_(std::move(config)),
      gate_(static_cast<size_t>(config_->settings().threads.load())),
      keyspace_(
          {static_cast<uint32_t>(config_->settings().shards.load()),
           static_cast<uint32_t>(config_->settings().databases.load()), config_->settings().threads.load() == 1},
          clock_) {
  if (!ConfigureLog(config_->settings().loglevel.load(), config_->Text("logfile"))) {
    throw std::runtime_error(fmt::format("Can't open the log file: {}", std::strerror(errno)));
  }
  RenameCommands();
  LoadUsers();
  FitClientsToDescriptors();
  MakeWorkers();
  services_ = std::make_unique<command::Services>(
      command::Services{clock_, *config_, keyspace_, evictor_, gate_, registry_, pubsub_, tracking_, slowlog_, latency_,
                        observations_, acl_, pause_, *this, *this, workers_});
  for (size_t i = 0; i < threads(); ++i) key_events_[i]->Attach(services_.get(), workers_[i].get());
  dispatcher_ = std::make_unique<command::Dispatcher>(*services_);
  scripts_ = std::make_unique<script::Engine>(*services_);
  saver_ = std::make_unique<persist::Saver>(*services_);
  services_->persistence = saver_.get();
  append_only_ = std::make_unique<persist::AppendOnlyFile>(*services_);
  replication_ = std::make_unique<repl::Source>(*services_);
  handler_ = std::make_unique<server::RequestHandler>(*services_);
  MakeLoops();
  ApplySettings();
  RegisterHooks();
  LoadKeyspace();
  if (auto r = Listen(); !r) throw std::runtime_error(r.error());
}

void Server::Impl::MakeWorkers() {
  const auto n = static_cast<size_t>(config_->settings().threads.load());
  for (size_t i = 0; i < n; ++i) {
    key_events_.push_back(std::make_unique<command::KeyEvents>());
    workers_.push_back(
        std::make_unique<command::Worker>(i, registry_.id_count(), SecureRandom64(), key_events_.back().get()));
  }
  pubsub_.SetWorkers(workers_);
}

void Server::Impl::MakeLoops() {
  for (size_t i = 0; i < threads(); ++i) {
    loops_.push_back(std::make_unique<net::Loop>(i, clock_, handler_.get()));
    loops_.back()->SetWakeCallback([this, i] { return handler_->OnWake(i); });
  }
  for (auto& loop : loops_) loop->Start();
}

void Server::Impl::RenameCommands() {
  for (const auto& [from, to] : config_->renamed_commands()) {
    if (registry_.Find(from) == nullptr) throw std::runtime_error("No such command in rename-command: " + from);
    if (!registry_.Rename(from, to)) throw std::runtime_error("Target command name already exists: " + to);
  }
}

// From the configuration file or from an ACL file: together they would hide each other's mistakes.
void Server::Impl::LoadUsers() {
  acl_.SetDefaultPassword(config_->Requirepass());
  const std::string file = config_->Text("aclfile");
  if (!file.empty() && !config_->users().empty()) {
    throw std::runtime_error(
        "There are users both in an ACL file (aclfile) and in the configuration file. Please define them in one place, "
        "not in both.");
  }
  for (const auto& [words, place] : config_->users()) {
    if (auto r = acl_.Declare(words); !r) throw std::runtime_error(place + r.error());
  }
  if (file.empty()) return;
  if (auto r = admin::LoadAclFile(acl_, *config_); !r) {
    throw std::runtime_error("Aborting startup because of ACL errors: " + r.error());
  }
}

// Raises the limit on open files to what maxclients needs, or lowers maxclients to what the limit allows.
void Server::Impl::FitClientsToDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const int64_t wanted = config_->settings().maxclients.load() + kReservedDescriptors;
  if (static_cast<int64_t>(limit.rlim_cur) >= wanted) return;
  rlimit raised = limit;
  raised.rlim_cur = static_cast<rlim_t>(wanted);
  if (raised.rlim_max < raised.rlim_cur) raised.rlim_max = raised.rlim_cur;
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  raised = limit;
  raised.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) raised = limit;
  const int64_t fits = static_cast<int64_t>(raised.rlim_cur) - kReservedDescriptors;
  if (fits >= config_->settings().maxclients.load()) return;
  Log(LogLevel::kWarning, "maxclients is lowered to {}: the limit on open files is {}", fits, raised.rlim_cur);
  if (auto r = config_->Adjust("maxclients", std::to_string(std::max<int64_t>(fits, 1))); !r) {
    throw std::runtime_error(r.error());
  }
}

// Copies what other rooms read from their own atomics. Also the hook of every such option.
void Server::Impl::ApplySettings() {
  const config::Settings& s = config_->settings();
  net_limits_.max_bulk_length = s.proto_max_bulk_len.load();
  net_limits_.query_buffer_limit = s.client_query_buffer_limit.load();
  accept_limits_.max_clients = s.maxclients.load();
  accept_limits_.keepalive_seconds = static_cast<int>(s.tcp_keepalive.load());
  store::KeyspaceSettings& k = keyspace_.settings();
  const uint32_t mask = s.notify_keyspace_events.load();
  k.notify_mask = mask & (store::kEventKeyspace | store::kEventKeyevent) ? mask : 0;
  const auto policy = s.maxmemory_policy.load();
  k.lfu = policy == config::MaxmemoryPolicy::kAllkeysLfu || policy == config::MaxmemoryPolicy::kVolatileLfu;
  evictor_.Configure({s.maxmemory.load(), EvictionOf(policy), static_cast<int>(s.maxmemory_samples.load()),
                      static_cast<int>(s.maxmemory_eviction_tenacity.load())});
  k.lfu_log_factor = static_cast<int>(s.lfu_log_factor.load());
  k.lfu_decay_minutes = static_cast<int>(s.lfu_decay_time.load());
}

void Server::Impl::LoadKeyspace() {
  gate_.LockOutside();  // the loops run already: keys may expire as soon as all are there
  // Of the two files the append-only one is the later, where it is kept at all.
  const auto loaded = config_->settings().appendonly.load() ? append_only_->Start() : saver_->LoadAtStart();
  gate_.UnlockOutside();
  if (!loaded) throw std::runtime_error(loaded.error());
}

int64_t Server::Impl::OverheadBytes() const {
  const NetTotals net = net_totals();
  return admin::StartupBytes(*services_) + services_->scripts->usage().total() + net.connection_bytes +
         net.connections * static_cast<int64_t>(sizeof(server::ClientConnection));
}

void Server::Impl::RegisterHooks() {
  config_->OnChange({"proto-max-bulk-len", "client-query-buffer-limit", "tcp-keepalive", "notify-keyspace-events",
                     "maxmemory", "maxmemory-policy", "maxmemory-samples", "maxmemory-eviction-tenacity",
                     "lfu-log-factor", "lfu-decay-time"},
                    [this]() -> config::Config::Result {
                      ApplySettings();
                      return {};
                    });
  config_->OnChange({"client-output-buffer-limit"}, [this]() -> config::Config::Result {
    for (auto& loop : loops_) loop->Post([this, &loop] { handler_->ApplyOutputLimits(*loop); });
    return {};
  });
  config_->OnChange({"maxclients"}, [this]() -> config::Config::Result {
    const int64_t asked = config_->settings().maxclients.load();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        static_cast<int64_t>(limit.rlim_cur) < asked + kReservedDescriptors) {
      limit.rlim_cur = static_cast<rlim_t>(asked + kReservedDescriptors);
      limit.rlim_max = std::max(limit.rlim_max, limit.rlim_cur);
      if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return tl::unexpected(
            std::string("The operating system is not able to handle the specified number of clients"));
      }
    }
    ApplySettings();
    return {};
  });
  config_->OnChange({"loglevel", "logfile"}, [this]() -> config::Config::Result {
    if (!ConfigureLog(config_->settings().loglevel.load(), config_->Text("logfile"))) {
      return tl::unexpected(std::string("Can't open the log file"));
    }
    return {};
  });
  config_->OnChange({"requirepass"}, [this]() -> config::Config::Result {
    acl_.SetDefaultPassword(config_->Requirepass());
    command::RefreshSessions(*services_);
    return {};
  });
  // With an ACL file that is where users are.
  config_->SetUserLines([this] {
    return config_->Text("aclfile").empty() ? acl_.Lines() : std::vector<std::string>();
  });
  config_->OnChange({"save", "stop-writes-on-bgsave-error"}, [this]() -> config::Config::Result {
    saver_->ApplyOptions();
    return {};
  });
  config_->OnChange({"appendonly"}, [this] { return append_only_->ApplyOption(); });
  const auto listen_anew = [this](std::string_view failure) -> config::Config::Result {
    if (const auto r = Listen(); !r) {
      Log(LogLevel::kWarning, "{}", r.error());
      return tl::unexpected(std::string(failure));
    }
    return {};
  };
  config_->OnChange({"port"}, [=] { return listen_anew("Unable to listen on this port"); });
  config_->OnChange({"bind"}, [=] { return listen_anew("Failed to bind to specified addresses."); });
  config_->OnChange({"unixsocket", "unixsocketperm", "tcp-backlog"}, [this] { return Listen(); });
}

tl::expected<void, std::string> Server::Impl::Listen() {
  const config::Settings& s = config_->settings();
  net::ListenerOptions o;
  o.addresses = config_->BindAddresses();
  o.port = static_cast<int>(s.port.load());
  // In redis.conf port 0 means no TCP; embedding programs and tests ask for any free port with the address kept.
  o.backlog = static_cast<int>(s.tcp_backlog.load());
  o.keepalive_seconds = static_cast<int>(s.tcp_keepalive.load());
  o.unix_path = config_->Text("unixsocket");
  o.unix_permissions = static_cast<unsigned>(s.unixsocketperm.load());
  if (o.port == 0 && !o.unix_path.empty()) o.port = -1;
  auto opened = net::Listener::Open(o, loops_, net_limits_, accept_limits_, listener_.get());
  if (!opened) return tl::unexpected(opened.error());
  std::unique_ptr<net::Listener> old = std::exchange(listener_, std::move(*opened));
  listener_->StartAccepting();
  if (old) old->Close();
  port_ = listener_->port();
  Log(LogLevel::kNotice, "Ready to accept connections on {}", fmt::join(listener_->addresses(), ", "));
  return {};
}

void Server::Impl::RequestShutdown() {
  {
    std::lock_guard lock(shutdown_mutex_);
    shutdown_requested_ = true;
  }
  shutdown_wanted_.notify_all();
}

void Server::Impl::SaveAndRequestShutdown() {
  dispatcher_->running_script().abort.store(true, std::memory_order_relaxed);
  if (saver_->has_save_points()) {
    gate_.LockOutside();
    saver_->StopBackground();
    const bool saved = saver_->Save();
    gate_.UnlockOutside();
    if (!saved) return Log(LogLevel::kWarning, "The data cannot be saved: going on");
    saves_at_stop_ = true;
  }
  RequestShutdown();
}

void Server::Impl::WaitForShutdown() {
  std::unique_lock lock(shutdown_mutex_);
  shutdown_wanted_.wait(lock, [this] { return shutdown_requested_; });
}

void Server::Impl::Stop() {
  if (std::exchange(stopped_, true)) return;
  Log(LogLevel::kNotice, "Stopping");
  dispatcher_->running_script().abort.store(true, std::memory_order_relaxed);
  if (listener_) listener_->Close();
  for (auto& loop : loops_) loop->Stop();
  for (auto& loop : loops_) loop->Join();
  saver_->StopBackground();
  append_only_->Stop();
  replication_->Stop();
  // What clients have changed between the save and the end of the last loop.
  if (saves_at_stop_ && saver_->status().changes > 0) (void)saver_->Save();
}

command::Host::NetTotals Server::Impl::net_totals() const {
  NetTotals t;
  for (const auto& loop : loops_) {
    const net::LoopStats& s = loop->stats();
    t.accepted += s.accepted.Get();
    t.rejected += s.rejected.Get();
    t.connections += s.connections.Get();
    t.bytes_in += s.bytes_in.Get();
    t.bytes_out += s.bytes_out.Get();
    t.reads += s.reads.Get();
    t.writes += s.writes.Get();
    t.input_limit_closed += s.input_limit_closed.Get();
    t.output_limit_closed += s.output_limit_closed.Get();
    t.connection_bytes += s.connection_bytes.Get();
    t.turns += s.turns.Get();
    t.tick_nanos += s.tick_nanos.Get();
    t.busy_micros += loop->busy_nanos() / 1000;
  }
  std::lock_guard lock(shutdown_mutex_);
  for (const auto total : kResettable) t.*total -= reset_at_.*total;
  return t;
}

void Server::Impl::ResetNetTotals() {
  const NetTotals since = net_totals();
  std::lock_guard lock(shutdown_mutex_);
  for (const auto total : kResettable) reset_at_.*total += since.*total;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::unique_ptr<Server> Server::Start(const Options& options) { return Start(LoadOptions(options)); }

std::unique_ptr<Server> Server::Start(std::unique_ptr<config::Config> config) {
  return std::unique_ptr<Server>(new Server(std::make_unique<Impl>(std::move(config))));
}

int Server::port() const { return impl_->port(); }
void Server::RequestShutdown() { impl_->SaveAndRequestShutdown(); }
void Server::WaitForShutdown() { impl_->WaitForShutdown(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace pinion
