// Subscription maps, and fan-out through the workers' inboxes.
#include "command/pubsub.h"

#include <charconv>
#include <cstring>
#include <initializer_list>

#include "base/glob.h"
#include "base/numbers.h"
#include "command/blocked_clients.h"

namespace pinion::command {
namespace {

// A push of bulk strings, as RESP3 writes it.
Blob EncodePush(std::initializer_list<std::string_view> parts) {
  std::string out;
  size_t size = 16;
  for (std::string_view p : parts) size += p.size() + 32;
  out.reserve(size);
  AppendHeader('>', parts.size(), &out);
  for (std::string_view p : parts) AppendBulk(p, &out);
  return Blob::CopyOf(out);
}

}  // namespace

void PubSub::Subscribe(Kind kind, std::string_view name, const Session& s) {
  if (kind == Kind::kPattern) {
    std::unique_lock lock(patterns_mutex_);
    patterns_[std::string(name)].emplace(s.id, s.worker.index);
    pattern_count_.store(patterns_.size(), std::memory_order_relaxed);
    return;
  }
  Stripe& stripe = StripeOf(name);
  std::lock_guard lock(stripe.mutex);
  Map& map = kind == Kind::kChannel ? stripe.channels : stripe.shard_channels;
  if (map[std::string(name)].emplace(s.id, s.worker.index).second) ++channel_subscriptions_;
}

void PubSub::Unsubscribe(Kind kind, std::string_view name, const Session& s) {
  const auto drop = [&](Map& map) {
    const auto it = map.find(name);
    if (it == map.end() || it->second.erase(s.id) == 0) return false;
    if (it->second.empty()) map.erase(it);
    return true;
  };
  if (kind == Kind::kPattern) {
    std::unique_lock lock(patterns_mutex_);
    drop(patterns_);
    pattern_count_.store(patterns_.size(), std::memory_order_relaxed);
    return;
  }
  Stripe& stripe = StripeOf(name);
  std::lock_guard lock(stripe.mutex);
  if (drop(kind == Kind::kChannel ? stripe.channels : stripe.shard_channels)) --channel_subscriptions_;
}

void PubSub::Send(size_t worker, Delivery delivery, Worker* from) {
  Worker& to = *workers_[worker];
  const bool wake = to.inbox.Add(std::move(delivery));
  if (&to == from) {
    from->inbox_touched = true;
  } else if (wake) {
    port_.Post(worker, [this, &to] { Deliver(to); });
  }
}

size_t PubSub::Publish(std::string_view channel, std::string_view message, bool shard, Worker* from) {
  size_t receivers = 0;
  const bool patterns = !shard && pattern_count_.load(std::memory_order_relaxed) != 0;
  if (!patterns && channel_subscriptions_.load(std::memory_order_relaxed) == 0) return 0;
  Stripe& stripe = StripeOf(channel);
  std::lock_guard lock(stripe.mutex);
  const Map& map = shard ? stripe.shard_channels : stripe.channels;
  if (const auto it = map.find(channel); it != map.end()) {
    const Blob payload = EncodePush({shard ? "smessage" : "message", channel, message});
    for (const auto& [session, worker] : it->second) Send(worker, session, payload, from);
    receivers += it->second.size();
  }
  if (patterns) {
    std::shared_lock patterns_lock(patterns_mutex_);
    for (const auto& [pattern, sessions] : patterns_) {
      if (!GlobMatch(pattern, channel)) continue;
      const Blob payload = EncodePush({"pmessage", pattern, channel, message});
      for (const auto& [session, worker] : sessions) Send(worker, session, payload, from);
      receivers += sessions.size();
    }
  }
  return receivers;
}

void PubSub::AddMonitor(const Session& s) {
  std::lock_guard lock(monitors_mutex_);
  monitors_.emplace(s.id, s.worker.index);
  monitor_count_.store(monitors_.size(), std::memory_order_relaxed);
}

void PubSub::RemoveMonitor(const Session& s) {
  std::lock_guard lock(monitors_mutex_);
  monitors_.erase(s.id);
  monitor_count_.store(monitors_.size(), std::memory_order_relaxed);
}

void PubSub::FeedMonitors(Blob line, Worker* from) {
  std::lock_guard lock(monitors_mutex_);
  for (const auto& [session, worker] : monitors_) Send(worker, session, line, from);
}

void PubSub::Deliver(Worker& w) {
  w.inbox_touched = false;
  w.deliveries.clear();
  w.inbox.TakeAll(&w.deliveries);
  for (const Delivery& d : w.deliveries) {
    const auto it = w.sessions.find(d.session);
    if (it == w.sessions.end() || it->second->killed) continue;
    if (d.ends != nullptr) {
      blocked_->Finish(w, *it->second, *d.ends, d.payload.view(), d.sent);
      continue;
    }
    Write(*it->second, d);
  }
  w.deliveries.clear();
}

std::vector<std::string> PubSub::Channels(Kind kind, std::optional<std::string_view> pattern) {
  std::vector<std::string> names;
  for (Stripe& stripe : stripes_) {
    std::lock_guard lock(stripe.mutex);
    for (const auto& [name, receivers] : kind == Kind::kShardChannel ? stripe.shard_channels : stripe.channels) {
      if (!pattern || GlobMatch(*pattern, name)) names.push_back(name);
    }
  }
  return names;
}

size_t PubSub::Subscribers(Kind kind, std::string_view name) {
  Stripe& stripe = StripeOf(name);
  std::lock_guard lock(stripe.mutex);
  const Map& map = kind == Kind::kShardChannel ? stripe.shard_channels : stripe.channels;
  const auto it = map.find(name);
  return it == map.end() ? 0 : it->second.size();
}

size_t PubSub::PatternCount() { return pattern_count_.load(std::memory_order_relaxed); }

size_t PubSub::ChannelCount(Kind kind) {
  size_t n = 0;
  for (Stripe& stripe : stripes_) {
    std::lock_guard lock(stripe.mutex);
    n += kind == Kind::kShardChannel ? stripe.shard_channels.size() : stripe.channels.size();
  }
  return n;
}

}  // namespace pinion::command
