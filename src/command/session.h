// What the server knows of one client: identity, database, protocol, transaction, subscriptions.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "command/client_link.h"
#include "command/effects.h"
#include "command/registry.h"
#include "store/keyspace.h"

namespace pinion::command {

class AclUser;
struct BlockedRequest;
struct Worker;

// A command queued by MULTI, with its arguments copied.
struct QueuedCommand {
  const Command* command;
  std::vector<std::string> args;
  std::vector<std::string_view> views;   // of args
};

// Made by MULTI or WATCH, dropped when neither is in force.
struct TransactionState {
  bool open = false;              // between MULTI and EXEC or DISCARD
  bool failed = false;            // a command was refused while queueing: EXEC must abort
  std::vector<QueuedCommand> queue;
  size_t queued_bytes = 0;
  struct Watched { uint32_t db; std::string key; };
  std::vector<Watched> watched;
  std::shared_ptr<store::WatchFlag> flag;  // dirty: a watched key changed
};

// Made by the first subscription.
struct SubscriptionState {
  std::unordered_set<std::string> channels, patterns, shard_channels;
  [[nodiscard]] size_t Count() const { return channels.size() + patterns.size(); }
  [[nodiscard]] bool Any() const { return Count() + shard_channels.size() != 0; }
};

// Made by CLIENT TRACKING ON.
struct TrackingState {
  bool broadcast = false, opt_in = false, opt_out = false, no_loop = false;
  bool caching = false;            // CLIENT CACHING was given for the next command
  uint64_t redirect = 0;           // the client that gets the messages, 0: this one
  std::set<std::string> prefixes;  // of broadcasting
};

// Made by REPLCONF or SYNC: what a replica told of itself.
struct ReplicaState {
  int listening_port = 0;
  std::string address;             // as announced; empty: its connection's
  bool rdb_only = false;           // wants the snapshot and no stream
  bool resumes = false;            // knows +CONTINUE with an id behind it
  bool reads_to_mark = false;      // takes a snapshot whose length is not told before
  bool following = false;          // gets the stream
};

enum class ReplyMode : uint8_t { kOn, kOff, kSkipNext, kSkipThis };

// Lives on its worker's loop. Other threads may look at it only behind the closed gate.
struct Session {
  Session(uint64_t client_id, Worker& owner, ClientLink& client_link)
      : id(client_id), worker(owner), link(client_link) {}

  const uint64_t id;
  Worker& worker;
  ClientLink& link;
  uint32_t db = 0;
  uint8_t protocol = 2;
  ReplyMode reply_mode = ReplyMode::kOn;
  bool authenticated = false;      // as `user`
  bool unrestricted = false;       // nothing that it calls needs to be checked: authenticated, and allowed everything
  bool monitor = false;
  bool no_evict = false;
  bool no_touch = false;
  std::atomic<bool> killed{false};  // will be closed; no longer listed, executes nothing. Set behind the closed gate
  bool closing = false;            // no further request is executed
  bool paused = false;             // stalled by CLIENT PAUSE
  bool redirection_target = false;  // others redirect their invalidations here
  bool script = false;             // no client, but the caller of a script's commands
  std::shared_ptr<BlockedRequest> waiting;  // its command waits for a key; no other is executed before it has a reply
  int64_t created_micros = 0;      // wall clock
  int64_t active_micros = 0;       // last request
  uint64_t commands = 0;           // executed
  int64_t counted_bytes = 0;       // its part of its worker's session_bytes
  JournalEnds journal_ends{};      // where the journals ended behind its last write
  const Command* last_command = nullptr;
  std::shared_ptr<const AclUser> user;  // whom it speaks for; changed on its loop, or behind the closed gate
  std::string name;
  std::string library_name, library_version;
  std::unique_ptr<TransactionState> transaction;
  std::unique_ptr<SubscriptionState> subscriptions;
  std::unique_ptr<TrackingState> tracking;
  std::unique_ptr<ReplicaState> replica;

  // The state of a transaction or of watched keys, made if there is none.
  TransactionState& Transaction() {
    if (!transaction) transaction = std::make_unique<TransactionState>();
    return *transaction;
  }
  SubscriptionState& Subscriptions() {
    if (!subscriptions) subscriptions = std::make_unique<SubscriptionState>();
    return *subscriptions;
  }
  [[nodiscard]] bool in_transaction() const { return transaction && transaction->open; }
  [[nodiscard]] bool subscribed() const { return subscriptions && subscriptions->Any(); }
  // It is a replica's, which was sent the stream or is about to be.
  [[nodiscard]] bool follows() const { return replica && replica->following; }
  // Its command waits and was not served yet: what CLIENT LIST calls blocked.
  [[nodiscard]] bool blocked() const;
  // A watched key changed: EXEC will do nothing.
  [[nodiscard]] bool watch_failed() const {
    return transaction && transaction->flag && transaction->flag->dirty.load(std::memory_order_relaxed);
  }
  // Heap bytes of this structure and what it holds.
  [[nodiscard]] size_t allocated() const;
};

// Whether a client may be called so: printable ASCII without spaces, so that lists of clients can be split at them.
[[nodiscard]] bool IsClientName(std::string_view text);

}  // namespace pinion::command
