// Queueing, serving and releasing blocked clients.
#include "command/blocked_clients.h"

#include <algorithm>
#include <utility>

#include "command/alone.h"
#include "command/context.h"
#include "command/dispatcher.h"
#include "command/keys.h"
#include "command/pubsub.h"
#include "resp/reply_writer.h"
#include "store/database.h"
#include "store/gate.h"

namespace pinion::command {
namespace {

// Deadlines further away than this are none.
constexpr int64_t kFarthestMillis = INT64_MAX / 2;

constexpr std::string_view kUnblocked = "UNBLOCKED client unblocked via CLIENT UNBLOCK";

bool Holds(const Worker& worker, std::span<const uint32_t> held, uint32_t shard) {
  return worker.alone || std::find(held.begin(), held.end(), shard) != held.end();
}

// Replies up to this size may be sent by the thread that makes them, whose own client waits meanwhile.
constexpr size_t kMostSentDirectly = 16 * 1024;

// Whether nothing but replies is ever sent to the session, so that none can overtake a message.
bool GetsOnlyReplies(const Session& s) {
  return !s.subscribed() && s.tracking == nullptr && !s.redirection_target && !s.monitor &&
         s.reply_mode == ReplyMode::kOn;
}

const BlockedRequest& RequestOf(const store::Waiter& w) { return static_cast<const BlockedRequest&>(w); }

std::string TimeoutReply(const BlockedRequest& request) {
  return request.at_timeout ? request.at_timeout() : request.if_timeout;
}

// Whether the reply of a command that waited is to be sent, as CLIENT REPLY was when it came.
bool TakesReply(Session& session) {
  if (session.reply_mode == ReplyMode::kOn) [[likely]] return true;
  if (session.reply_mode == ReplyMode::kSkipThis) session.reply_mode = ReplyMode::kOn;
  return false;
}

}  // namespace

bool Context::Wait(WaitOptions options) {
  if (in_exec_) return false;
  if (again_ != nullptr) {
    again_->found_nothing = true;
  } else {
    services_.blocked->Block(*this, std::move(options));
  }
  return true;
}

bool Context::MayServeAgain(const store::Key& key) {
  if (!Holds(worker_, again_->held, key.shard)) return false;
  if (again_->wish.when_gone) return true;
  const store::Entry* const e = db_.Peek(key);
  return e != nullptr && e->type() == again_->wish.type;
}

// --- beginning ----------------------------------------------------------------------------------------------

void BlockedClients::Block(Context& ctx, WaitOptions options) {
  Session& session = ctx.session();
  Worker& worker = session.worker;
  auto request = std::make_shared<BlockedRequest>(services_.keyspace.NextTicket(), options.wish, session);
  request->command = &ctx.command();
  request->texts = std::move(options.args);
  if (request->texts.empty()) request->texts.assign(ctx.args().begin(), ctx.args().end());
  request->args.assign(request->texts.begin(), request->texts.end());
  request->db = ctx.db().index();
  request->if_timeout = options.if_timeout;
  request->at_timeout = std::move(options.at_timeout);
  if (options.if_timeout.empty()) request->if_timeout = session.protocol == 2 ? "*-1\r\n" : "_\r\n";

  std::vector<KeyPosition> positions;
  FindKeys(*request->command, request->args, &positions);
  for (const KeyPosition& p : positions) {
    request->keys.push_back(services_.keyspace.MakeKey(request->args[p.argument]));
  }
  request->awaited = std::min(options.keys, request->keys.size());
  if (options.timeout_ms > 0 && options.timeout_ms < kFarthestMillis) {
    // Rounded up: a wait may last too long by less than a millisecond, never too short.
    request->deadline = (services_.clock.WallMicros() + 999) / 1000 + options.timeout_ms;
    worker.wait_deadlines.emplace(request->deadline, session.id);
    services_.loops.WakeAt(worker.index, request->deadline);
  }
  request->direct = session.link.Lend();
  session.waiting = request;
  for (size_t i = 0; i < request->awaited; ++i) services_.keyspace.WaitFor(request->keys[i], request->db, request);
}

// --- serving ------------------------------------------------------------------------------------------------

bool BlockedClients::NeedsMoreThan(std::span<const uint32_t> held, std::span<const store::Key> keys, uint32_t db) {
  constexpr int kLongestChain = 8;
  return std::any_of(keys.begin(), keys.end(), [&](const store::Key& key) {
    return services_.keyspace.shard(key.shard).feeders != 0 && FeedsBeyond(held, key, db, kLongestChain);
  });
}

// Follows chains: an element that comes to `key` may be passed on from key to key.
bool BlockedClients::FeedsBeyond(std::span<const uint32_t> held, const store::Key& key, uint32_t db, int depth) {
  const store::WaitQueue* const queue = services_.keyspace.FindWaiters(key, db);
  if (queue == nullptr || queue->feeders() == 0) return false;
  if (depth == 0) return true;
  for (const auto& [ticket, waiter] : queue->waiters()) {
    if (!waiter->wish.feeds || waiter->over()) continue;
    for (const store::Key& fed : RequestOf(*waiter).keys) {
      if (std::find(held.begin(), held.end(), fed.shard) == held.end()) return true;
      if (fed.text != key.text && FeedsBeyond(held, fed, db, depth - 1)) return true;
    }
  }
  return false;
}

void BlockedClients::Serve(Worker& worker, std::span<const uint32_t> held) {
  worker.now_micros = services_.clock.WallMicros();  // what made them ready may have taken long
  std::vector<store::ReadyKey>& ready = worker.accessor.ready;
  std::vector<store::ReadyKey> left;
  for (size_t i = 0; i < ready.size(); ++i) {
    store::ReadyKey key = std::move(ready[i]);  // more may be noted meanwhile
    if (!ServeKey(worker, held, key)) left.push_back(std::move(key));
  }
  ready = std::move(left);
}

// False when too little is held to serve everybody who could be served.
bool BlockedClients::ServeKey(Worker& worker, std::span<const uint32_t> held, const store::ReadyKey& ready) {
  store::Keyspace& keyspace = services_.keyspace;
  const store::Key key = keyspace.MakeKey(ready.key);
  if (!Holds(worker, held, key.shard)) return false;
  store::WaitQueue* const queue = keyspace.FindWaiters(key, ready.db);
  if (queue == nullptr) return true;
  store::Database db(keyspace, ready.db, worker.now(), worker.accessor);
  auto at = queue->waiters().begin();
  Tried tried = Tried::kNothing;
  while (at != queue->waiters().end() && tried != Tried::kOutOfReach) {
    // A key whose deadline has passed serves nobody, and is left to whoever reads it or to the wheel.
    const store::Entry* entry = db.Find(key);
    if (entry != nullptr && entry->has_deadline() && entry->deadline() <= db.now()) entry = nullptr;
    const store::Waiter::Wish& wish = at->second->wish;
    if (entry == nullptr && queue->when_gone() == 0) break;
    tried = Tried::kNothing;
    if (wish.when_gone || (entry != nullptr && entry->type() == wish.type)) tried = Try(worker, held, at->second);
    if (tried == Tried::kServed || tried == Tried::kOver) {
      at = keyspace.StopWaiting(key, *queue, at);
    } else {
      ++at;
    }
  }
  if (queue->empty()) keyspace.DropEmptyQueue(key, ready.db);
  return tried != Tried::kOutOfReach;
}

BlockedClients::Tried BlockedClients::Try(Worker& worker, std::span<const uint32_t> held,
                                          const std::shared_ptr<store::Waiter>& waiter) {
  const auto request = std::static_pointer_cast<BlockedRequest>(waiter);
  const auto out_of_reach = [&](const store::Key& key) { return !Holds(worker, held, key.shard); };
  if (request->wish.feeds && std::any_of(request->keys.begin(), request->keys.end(), out_of_reach)) {
    return Tried::kOutOfReach;
  }
  if (!request->Claim()) return Tried::kOver;
  resp::OutputBuffer out;
  resp::ReplyWriter reply(&out, request->session.protocol);
  if (!dispatcher_.RunAgain(worker, *request, held, reply)) {
    request->GiveBack();
    return Tried::kNothing;
  }
  std::string bytes;
  out.CopySince({}, &bytes);
  const Session& session = request->session;
  const size_t at = session.worker.index;
  const bool directly = request->direct != nullptr && at != worker.index && bytes.size() <= kMostSentDirectly &&
                        GetsOnlyReplies(session);
  Delivery delivery{session.id, Blob::CopyOf(bytes), request};
  request->End();  // from here on the session may go
  if (directly) {
    worker.handovers.push_back({at, std::move(delivery)});
    worker.inbox_touched = true;
  } else {
    services_.pubsub.Send(at, std::move(delivery), &worker);
  }
  return Tried::kServed;
}

void BlockedClients::HandOver(Worker& worker) {
  for (Handover& h : worker.handovers) h.reply.sent = h.reply.ends->direct->Send(h.reply.payload.view());
  for (Handover& h : worker.handovers) services_.pubsub.Send(h.worker, std::move(h.reply), &worker);
  worker.handovers.clear();
}

void BlockedClients::ServeAlone(Worker& worker) {
  if (services_.gate.busy()) return ServeSoon(worker);  // a script stands still, half done
  if (worker.alone) return Serve(worker, {});
  try {
    const Alone alone(services_, worker);
    Serve(worker, {});
  } catch (const store::ScriptBusy&) {
    dispatcher_.LeaveGate(worker);
    dispatcher_.EnterGate(worker);
    ServeSoon(worker);
  }
}

// They stay noted; the loop's next wake-up tries again.
void BlockedClients::ServeSoon(Worker& worker) {
  constexpr int64_t kSoonMillis = 50;
  services_.loops.WakeAt(worker.index, services_.clock.WallMillis() + kSoonMillis);
}

// --- ending -------------------------------------------------------------------------------------------------

void BlockedClients::LeaveQueues(Worker& worker, const BlockedRequest& request) {
  for (size_t i = 0; i < request.awaited; ++i) {
    const store::Key& key = request.keys[i];
    dispatcher_.Insist(worker, [&] {
      store::MaybeLock lock(services_.keyspace.shard(key.shard).mutex, worker.alone);
      services_.keyspace.StopWaiting(key, request.db, request.ticket);
    });
  }
  request.session.worker.wait_deadlines.erase({request.deadline, request.session.id});
}

void BlockedClients::Finish(Worker& worker, Session& session, const BlockedRequest& request, std::string_view reply,
                            size_t sent) {
  LeaveQueues(worker, request);
  session.waiting.reset();
  session.active_micros = services_.clock.WallMicros();
  if (sent != 0) {
    session.link.PushRest(sent, reply.substr(sent));
  } else if (TakesReply(session)) {
    session.link.Push().Append(reply);
  }
  session.link.Resume();
}

UnixMillis BlockedClients::FinishOverdue(Worker& worker) {
  const UnixMillis now = services_.clock.WallMillis();
  auto& deadlines = worker.wait_deadlines;
  while (!deadlines.empty() && deadlines.begin()->first <= now) {
    const uint64_t id = deadlines.begin()->second;
    deadlines.erase(deadlines.begin());
    const auto it = worker.sessions.find(id);
    if (it == worker.sessions.end() || it->second->waiting == nullptr) continue;
    const std::shared_ptr<BlockedRequest> request = it->second->waiting;
    if (!request->Claim()) continue;  // was served in time; its reply is on its way
    request->End();
    dispatcher_.AccountEnded(worker, *request, {});
    Finish(worker, *it->second, *request, TimeoutReply(*request));
  }
  return deadlines.empty() ? INT64_MAX : deadlines.begin()->first;
}

bool BlockedClients::Unblock(Worker& from, Session& session, bool with_error) {
  const std::shared_ptr<BlockedRequest> request = session.waiting;
  if (request == nullptr || !request->Claim()) return false;
  request->End();
  dispatcher_.AccountEnded(from, *request, with_error ? kUnblocked : std::string_view());
  const std::string reply = with_error ? "-" + std::string(kUnblocked) + "\r\n" : TimeoutReply(*request);
  services_.pubsub.Send(session.worker.index, Delivery{session.id, Blob::CopyOf(reply), request}, &from);
  return true;
}

void BlockedClients::Answer(Worker& from, const std::shared_ptr<BlockedRequest>& request, std::string_view reply) {
  if (!request->Claim()) return;
  dispatcher_.AccountEnded(from, *request, {});
  const size_t worker = request->session.worker.index;
  const uint64_t session = request->session.id;
  request->End();  // from here on the session may go
  services_.pubsub.Send(worker, Delivery{session, Blob::CopyOf(reply), request}, &from);
}

void BlockedClients::Abandon(Worker& worker, Session& session) {
  const std::shared_ptr<BlockedRequest> request = std::exchange(session.waiting, nullptr);
  if (request == nullptr) return;
  if (request->Claim()) request->End();
  LeaveQueues(worker, *request);
}

}  // namespace pinion::command
