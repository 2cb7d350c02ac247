// Client-side caching: which clients are told that keys which they may have cached have changed.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/blob.h"
#include "command/pubsub.h"
#include "store/events.h"
#include "store/keyspace.h"

namespace pinion::command {

class Context;

// A client in the default mode is remembered with each key that it reads, in the key's shard, and told of its next
// change. A broadcasting client is told of all changes of keys with its prefixes.
//
//   change, under the shard's lock -> OnChange notes it in the worker
//   after the command              -> Send: one message a key and client, through the inboxes of the clients' loops
//   after the batch                -> SendBroadcasts: one message a prefix and client, with all keys of the batch
//
// Thread-safe; a worker's part (Invalidations) is its loop's. The lock is a leaf but for inboxes.
class Tracking {
 public:
  // What CLIENT TRACKING ON asks for.
  struct Options {
    bool broadcast = false, opt_in = false, opt_out = false, no_loop = false;
    std::vector<std::string> prefixes;
    Session* redirect = nullptr;  // REQUIRES when set: the gate is closed
  };

  Tracking(store::Keyspace& keyspace, PubSub& pubsub) : keyspace_(keyspace), pubsub_(pubsub) {}

  // On the session's loop, or behind the closed gate. Prefixes are added to those of before.
  void Enable(Session& session, Options options);
  void Disable(Session& session);
  // The session ends: what others redirect to it goes nowhere from now on.
  void Forget(Session& session);

  // After a command: remembers that the client, on whose behalf it ran, may have cached the command's keys. REQUIRES:
  // the client tracks, and the keys' shards are still locked.
  void Remember(Context& ctx, const Session& client);
  // Notes a change that `worker` made or saw.
  void OnChange(Worker& worker, std::string_view key, std::span<const store::ClientId> clients, store::Change change);
  // FLUSHALL and FLUSHDB: every client that tracks must forget all keys. REQUIRES: the gate is closed.
  void InvalidateAll(Worker& worker);

  // Send what was noted. REQUIRES: the worker holds no shard's lock, or is alone.
  void Send(Worker& worker);
  void SendBroadcasts(Worker& worker);
  // Forgets keys, with messages to their clients, when there are more than `limit` (0: no limit): some hundreds a call.
  // REQUIRES: the worker holds no shard's lock.
  void Limit(Worker& worker, size_t limit);

  [[nodiscard]] size_t ClientCount();
  [[nodiscard]] size_t PrefixCount();
  // Whether a message could not be sent because the client that it was to be redirected to is gone.
  [[nodiscard]] bool IsBroken(const Session& session);

 private:
  struct Client {
    size_t worker = 0;
    bool broadcast = false, no_loop = false;
    uint64_t redirect = 0;  // 0: none
    std::atomic<bool> broken{false};
  };
  using Keys = std::span<const std::pair<const std::string*, uint64_t>>;

  // REQUIRES: mutex_ is held, shared or not.
  void SendTo(uint64_t id, Client& client, const Blob& keys, Worker& from);
  void SendBroadcast(const std::set<uint64_t>& receivers, Keys keys, Worker& from);
  void RemovePrefixes(const Session& session);

  store::Keyspace& keyspace_;
  PubSub& pubsub_;
  std::shared_mutex mutex_;
  std::unordered_map<uint64_t, Client> clients_;                   // those that track
  std::unordered_map<uint64_t, size_t> targets_;                   // live clients that others redirect to: their worker
  std::map<std::string, std::set<uint64_t>, std::less<>> prefixes_;  // and who is told of their keys
};

}  // namespace pinion::command
