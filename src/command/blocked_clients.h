// Clients whose command found nothing and that wait for a key: who they are, how they are served, how a wait ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "command/registry.h"
#include "command/services.h"
#include "command/session.h"
#include "store/keyspace.h"
#include "store/waiter.h"

namespace pinion::command {

class Context;

// What a handler asks for when it finds nothing; see Context::Wait.
struct WaitOptions {
  store::Waiter::Wish wish;
  size_t keys = SIZE_MAX;            // so many of the request's keys are waited for, from the first on
  int64_t timeout_ms = 0;            // 0: for ever
  std::vector<std::string> args;     // to be run again with; empty: as they were sent
  std::string_view if_timeout;       // the reply when time is up; empty: a null array
  std::function<std::string()> at_timeout;  // the same, found out then, on the session's loop
};

// A command that waits. Made under the locks of its keys and constant from then on; its session outlives the wait.
struct BlockedRequest final : store::Waiter {
  BlockedRequest(uint64_t ticket_number, const Wish& what, Session& of) : Waiter(ticket_number, what), session(of) {}

  Session& session;
  const Command* command = nullptr;
  std::vector<std::string> texts;
  std::vector<std::string_view> args;    // of texts
  std::vector<store::Key> keys;          // of texts, in the order of the row's specifications
  size_t awaited = 0;                    // so many of them, from the first on
  uint32_t db = 0;
  UnixMillis deadline = INT64_MAX;
  std::string if_timeout;
  std::function<std::string()> at_timeout;
  std::shared_ptr<resp::DirectOutput> direct;  // may be null
};

// What a repeated run of a handler may look at, and whether it found nothing once more.
struct RepeatedRun {
  store::Waiter::Wish wish;
  std::span<const uint32_t> held;        // locked shards, unless the worker is alone
  bool found_nothing = false;
};

// The life of a wait. Context::Wait puts the request into its keys' queues while their shards are locked. A write that
// makes such a key ready notes it in the worker's accessor, and when the command, transaction or script is done, its
// locks still held, Serve runs the handlers of those who wait once more, first come first served, until one finds
// nothing. What a run replied goes through the inbox of the waiter's worker, and there the wait ends (Finish). Time,
// CLIENT UNBLOCK, CLIENT KILL and a hang-up end it as well: whoever claims the waiter first.
class BlockedClients {
 public:
  BlockedClients(Services& services, Dispatcher& dispatcher) : services_(services), dispatcher_(dispatcher) {}

  // The part of Context::Wait that registers. REQUIRES: the shards of the request's keys are held.
  void Block(Context& ctx, WaitOptions options);

  // Whether making one of these keys ready would want more shards than are held: somebody waits for it whose service
  // fills a key elsewhere. Then the command must run alone. REQUIRES: `held` are locked.
  [[nodiscard]] bool NeedsMoreThan(std::span<const uint32_t> held, std::span<const store::Key> keys, uint32_t db);

  // Serves who waits for the worker's ready keys, and for keys that become ready thereby. REQUIRES: the shards `held`
  // are locked, or the worker is alone. Keys for which that is too little stay noted: ServeAlone.
  void Serve(Worker& worker, std::span<const uint32_t> held);
  // The same behind the closed gate, for keys that became ready while too little was locked. REQUIRES: the worker is
  // inside the gate and has no shard locked.
  void ServeAlone(Worker& worker);

  // Sends the replies of those that the worker has served and that belong to other loops: at once if their sockets are
  // lent, and their loops do the rest. REQUIRES: the worker holds no shard's lock; what its commands have to tell
  // others beside is in their inboxes.
  void HandOver(Worker& worker);

  // Ends a wait on the session's loop: its reply goes out but for the `sent` bytes that have, its connection goes on.
  // No shard is locked, or the worker is alone. `request` has ended (Waiter::End).
  void Finish(Worker& worker, Session& session, const BlockedRequest& request, std::string_view reply, size_t sent = 0);
  // Ends waits whose time is up; returns when the next one's is (INT64_MAX: none). On the worker's loop, inside the
  // gate.
  UnixMillis FinishOverdue(Worker& worker);
  // CLIENT UNBLOCK: as if time were up, or with an error. False when the session does not wait. REQUIRES: `from` is
  // alone.
  bool Unblock(Worker& from, Session& session, bool with_error);
  // Ends a wait with this reply, if nothing else has ended it. On any loop, inside the gate.
  void Answer(Worker& from, const std::shared_ptr<BlockedRequest>& request, std::string_view reply);
  // The session ends without a reply. On its loop inside the gate, or by a worker that is alone. Locks shards itself
  // unless `worker` is alone.
  void Abandon(Worker& worker, Session& session);

 private:
  void ServeSoon(Worker& worker);
  bool ServeKey(Worker& worker, std::span<const uint32_t> held, const store::ReadyKey& ready);
  enum class Tried { kServed, kOver, kNothing, kOutOfReach };
  Tried Try(Worker& worker, std::span<const uint32_t> held, const std::shared_ptr<store::Waiter>& waiter);
  bool FeedsBeyond(std::span<const uint32_t> held, const store::Key& key, uint32_t db, int depth);
  void LeaveQueues(Worker& worker, const BlockedRequest& request);

  Services& services_;
  Dispatcher& dispatcher_;
};

}  // namespace pinion::command
