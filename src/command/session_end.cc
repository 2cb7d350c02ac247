// The dispatcher's part in the end of sessions: what they watched, subscribed to, tracked and waited for.
#include <string>
#include <utility>

#include "command/blocked_clients.h"
#include "command/dispatcher.h"
#include "command/pubsub.h"
#include "command/replication.h"
#include "command/tracking.h"
#include "store/keyspace.h"

namespace pinion::command {

void Dispatcher::Unwatch(Worker& worker, Session& session, bool locked) {
  TransactionState* t = session.transaction.get();
  if (t == nullptr) return;
  for (const auto& w : t->watched) {
    const store::Key key = services_.keyspace.MakeKey(w.key);
    Insist(worker, [&] {
      store::MaybeLock lock(services_.keyspace.shard(key.shard).mutex, locked || worker.alone);
      services_.keyspace.Unwatch(key, w.db, t->flag);
    });
  }
  t->watched.clear();
  t->flag.reset();
}

void Dispatcher::ResetSession(Worker& worker, Session& session) {
  blocked_.Abandon(worker, session);
  Unwatch(worker, session, worker.alone);
  session.transaction.reset();
  if (session.subscriptions) {
    for (const auto& n : session.subscriptions->channels) {
      services_.pubsub.Unsubscribe(PubSub::Kind::kChannel, n, session);
    }
    for (const auto& n : session.subscriptions->patterns) {
      services_.pubsub.Unsubscribe(PubSub::Kind::kPattern, n, session);
    }
    for (const auto& n : session.subscriptions->shard_channels) {
      services_.pubsub.Unsubscribe(PubSub::Kind::kShardChannel, n, session);
    }
    session.subscriptions.reset();
  }
  if (session.monitor) {
    services_.pubsub.RemoveMonitor(session);
    session.monitor = false;
  }
  services_.tracking.Disable(session);
  if (session.replica != nullptr) {
    if (services_.replication != nullptr) services_.replication->Forget(session);
    session.replica.reset();
  }
  session.worker.inbox.Forget(session.id);
}

void Dispatcher::EndSession(Worker& worker, Session& session) {
  ResetSession(worker, session);
  services_.tracking.Forget(session);
  session.worker.stats.session_bytes.Add(-std::exchange(session.counted_bytes, 0));
}

}  // namespace pinion::command
