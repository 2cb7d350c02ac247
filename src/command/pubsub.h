// Who listens to which channel, and the sending of messages to them across loops.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/blob.h"
#include "command/client_link.h"
#include "command/worker.h"

namespace pinion::command {

class BlockedClients;

// Thread-safe. A message is put into the inboxes of its receivers' loops under its channel's lock, so that
// everybody sees the messages of one channel in the same order. Locks here are leaves: held for moments, nothing
// else is locked under them but an inbox.
class PubSub {
 public:
  enum class Kind { kChannel, kPattern, kShardChannel };

  explicit PubSub(LoopPort& port) : port_(port) {}
  // Before any thread begins.
  void SetWorkers(std::span<const std::unique_ptr<Worker>> workers) { workers_ = workers; }
  void SetBlocked(BlockedClients* blocked) { blocked_ = blocked; }

  // The session's own record of its subscriptions is the caller's. Neither counts twice.
  void Subscribe(Kind kind, std::string_view name, const Session& s);
  void Unsubscribe(Kind kind, std::string_view name, const Session& s);

  // Sends to subscribers of the channel (and of patterns that match it, unless `shard`); returns how many
  // receivers. `from` is the worker whose thread this is, or null on a foreign thread.
  size_t Publish(std::string_view channel, std::string_view message, bool shard, Worker* from);

  // A line to every monitor but as given; `from` as above.
  void FeedMonitors(Blob line, Worker* from);
  void AddMonitor(const Session& s);
  void RemoveMonitor(const Session& s);
  [[nodiscard]] bool HasMonitors() const { return monitor_count_.load(std::memory_order_relaxed) != 0; }

  // Puts a payload (see Delivery) into a session's inbox.
  void Send(size_t worker, uint64_t session, Blob payload, Worker* from,
            Delivery::Form form = Delivery::Form::kMessage) {
    Send(worker, Delivery{session, std::move(payload), nullptr, form}, from);
  }
  void Send(size_t worker, Delivery delivery, Worker* from);

  // Writes what is in the worker's inbox to its sessions. On its loop inside the gate, outside of any request's reply
  // and locks.
  void Deliver(Worker& w);

  // Channels that have subscribers; only those that match the glob pattern, if there is one.
  [[nodiscard]] std::vector<std::string> Channels(Kind kind, std::optional<std::string_view> pattern);
  [[nodiscard]] size_t Subscribers(Kind kind, std::string_view name);
  [[nodiscard]] size_t PatternCount();   // distinct patterns
  [[nodiscard]] size_t ChannelCount(Kind kind);

 private:
  using Receivers = std::unordered_map<uint64_t, size_t>;  // session id -> worker
  struct StringHash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  using Map = std::unordered_map<std::string, Receivers, StringHash, std::equal_to<>>;
  struct alignas(64) Stripe {
    std::mutex mutex;
    Map channels, shard_channels;
  };
  static constexpr size_t kStripes = 64;
  Stripe& StripeOf(std::string_view name) { return stripes_[StringHash()(name) % kStripes]; }

  std::span<const std::unique_ptr<Worker>> workers_;
  LoopPort& port_;
  BlockedClients* blocked_ = nullptr;
  std::array<Stripe, kStripes> stripes_;
  std::shared_mutex patterns_mutex_;
  Map patterns_;
  std::atomic<size_t> pattern_count_{0};
  std::atomic<size_t> channel_subscriptions_{0};   // all kinds but patterns: none means nobody to look for
  std::mutex monitors_mutex_;
  Receivers monitors_;
  std::atomic<size_t> monitor_count_{0};
};

}  // namespace pinion::command
