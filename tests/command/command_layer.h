// A command layer without a network: sessions that write into strings, loops that run when told to.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "command/acl_sessions.h"
#include "command/dispatcher.h"
#include "command/latency_monitor.h"
#include "command/observations.h"
#include "command/pubsub.h"
#include "command/registry.h"
#include "command/services.h"
#include "command/slowlog.h"
#include "command/tracking.h"
#include "config/config.h"
#include "resp/parser.h"
#include "store/evictor.h"
#include "store/gate.h"
#include "store/keyspace.h"

namespace pinion::command {

// Keeps what is posted until Run. Thread-safe as the real ones are.
class ManualLoops final : public LoopPort {
 public:
  void Post(size_t worker, std::function<void()> task) override {
    std::lock_guard lock(mutex_);
    tasks_.emplace_back(worker, std::move(task));
  }
  void WakeAt(size_t worker, int64_t at) override {
    std::lock_guard lock(mutex_);
    wakes.emplace_back(worker, at);
  }
  // Runs what was posted; returns how many tasks that were.
  size_t Run() {
    std::vector<std::pair<size_t, std::function<void()>>> tasks;
    {
      std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (auto& [worker, task] : tasks) task();
    return tasks.size();
  }

  std::vector<std::pair<size_t, int64_t>> wakes;

 private:
  std::mutex mutex_;
  std::vector<std::pair<size_t, std::function<void()>>> tasks_;
};

class NoHost final : public Host {
 public:
  void RequestShutdown() override {}
  [[nodiscard]] NetTotals net_totals() const override { return {}; }
  void ResetNetTotals() override {}
  [[nodiscard]] int port() const override { return 0; }
  [[nodiscard]] const std::string& run_id() const override { return run_id_; }
  [[nodiscard]] int64_t started_micros() const override { return 0; }

 private:
  std::string run_id_ = std::string(40, '0');
};

class NoListener final : public store::KeyspaceListener {
 public:
  void OnKeyEvent(store::EventClass, std::string_view, std::string_view, uint32_t) override {}
  void OnEarlierDue(uint32_t, UnixMillis) override {}
};

// A peer that only remembers.
class ManualLink final : public ClientLink {
 public:
  explicit ManualLink(uint64_t id) : peer_("peer:" + std::to_string(id)) {}
  resp::OutputBuffer& Push() override { return output; }
  void CloseAfterReplies() override { closing = true; }
  void Kill() override { killed = true; }
  void Resume() override { ++resumed; }
  void SetAuthenticated(bool) override {}
  void SetOutputClass(OutputClass) override {}
  [[nodiscard]] const std::string& peer() const override { return peer_; }
  [[nodiscard]] const std::string& local() const override { return local_; }
  [[nodiscard]] bool is_unix() const override { return false; }
  [[nodiscard]] bool is_loopback() const override { return true; }
  [[nodiscard]] int fd() const override { return -1; }
  [[nodiscard]] Usage usage() const override { return {}; }

  resp::OutputBuffer output;
  bool closing = false, killed = false;
  int resumed = 0;

 private:
  std::string peer_, local_ = "here:1";
};

class CommandLayer {
 public:
  explicit CommandLayer(std::span<const Family> families, size_t workers = 2)
      : registry(families), gate(workers), keyspace({16, 4, false}, clock), evictor(keyspace), pubsub(loops),
        workers(MakeWorkers(workers, registry.id_count(), &listener)),
        services{clock,   config,  keyspace,     evictor, gate,  registry, pubsub,
                 tracking, slowlog, latency, observations, acl, pause,   loops, host,     this->workers},
        dispatcher(services) {
    pubsub.SetWorkers(this->workers);
  }
  ~CommandLayer() {
    for (auto& c : clients_) dispatcher.ResetSession(c->session.worker, c->session);
  }

  Session& Connect(size_t worker = 0) {
    Worker& w = *workers[worker];
    clients_.push_back(std::make_unique<Client>(next_id_++, w));
    Session& s = clients_.back()->session;
    BecomeDefaultUser(services, s);
    w.sessions.emplace(s.id, &s);
    return s;
  }
  ManualLink& LinkOf(const Session& s) { return static_cast<ManualLink&>(s.link); }

  // Executes inline requests, one a line, as one batch; returns how many were executed. What they reply is for Output.
  size_t RunBatch(Session& s, std::string_view lines) {
    resp::Parser parser;
    resp::RequestBatch batch;
    parser.Parse(lines, {}, 1000, &batch);
    gate.Enter(s.worker.index);
    const size_t executed = dispatcher.RunBatch(s.worker, s, batch, &LinkOf(s).output).executed;
    gate.Leave(s.worker.index);
    return executed;
  }
  // Takes what was written to the session's peer.
  std::string Output(Session& s) {
    std::string out;
    resp::OutputBuffer& buffer = LinkOf(s).output;
    buffer.CopySince({}, &out);
    buffer.Clear();
    return out;
  }
  std::string Run(Session& s, std::string_view line) {
    RunBatch(s, std::string(line) + "\r\n");
    return Output(s);
  }

 private:
  struct Client {
    Client(uint64_t id, Worker& w) : link(id), session(id, w, link) {}
    ManualLink link;
    Session session;
  };
  static std::vector<std::unique_ptr<Worker>> MakeWorkers(size_t n, size_t ids, store::KeyspaceListener* listener) {
    std::vector<std::unique_ptr<Worker>> out;
    for (size_t i = 0; i < n; ++i) out.push_back(std::make_unique<Worker>(i, ids, i + 1, listener));
    return out;
  }

 public:
  ManualClock clock{1'700'000'000'000'000};
  config::Config config;
  Registry registry;
  store::Gate gate;
  store::Keyspace keyspace;
  store::Evictor evictor;
  ManualLoops loops;
  PubSub pubsub;
  Tracking tracking{keyspace, pubsub};
  NoListener listener;
  std::vector<std::unique_ptr<Worker>> workers;
  SlowLog slowlog;
  LatencyMonitor latency;
  Observations observations;
  Acl acl{registry, config.settings()};
  PauseState pause;
  NoHost host;
  Services services;
  Dispatcher dispatcher;

 private:
  std::vector<std::unique_ptr<Client>> clients_;
  uint64_t next_id_ = 1;
};

}  // namespace pinion::command
