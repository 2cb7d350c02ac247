// Transactions: MULTI, EXEC, DISCARD, and WATCH for optimistic locking.
#include <algorithm>
#include <memory>

#include "command/context.h"
#include "command/dispatcher.h"
#include "commands/families.h"
#include "resp/errors.h"
#include "store/keyspace.h"

namespace pinion::commands {
namespace {

using command::Context;
using command::Session;
using command::TransactionState;

// Ends the transaction and forgets what was watched. `locked`: the shards of the watched keys are locked.
void EndTransaction(Context& ctx, bool locked) {
  ctx.services().dispatcher->Unwatch(ctx.worker(), ctx.session(), locked);
  ctx.session().transaction.reset();
}

// REQUIRES: the shards of the watched keys are locked.
bool WatchedKeysChanged(Context& ctx, const TransactionState& t) {
  if (ctx.session().watch_failed()) return true;
  store::Keyspace& keyspace = ctx.services().keyspace;
  return std::any_of(t.watched.begin(), t.watched.end(), [&](const TransactionState::Watched& w) {
    return keyspace.ExpiredSinceWatch(keyspace.MakeKey(w.key), w.db, t.flag, ctx.now());
  });
}

void Multi(Context& ctx) {
  ctx.session().Transaction().open = true;
  ctx.reply().Ok();
}

// The dispatcher has locked the shards of all queued commands and watched keys, or waits for nobody behind the gate.
void Exec(Context& ctx) {
  if (!ctx.session().in_transaction()) return ctx.reply().Error(resp::error::kExecWithoutMulti);
  const TransactionState& t = *ctx.session().transaction;
  if (t.failed) {
    EndTransaction(ctx, true);
    return ctx.reply().Error(resp::error::kExecAbort);
  }
  if (WatchedKeysChanged(ctx, t)) {
    EndTransaction(ctx, true);
    return ctx.reply().NullArray();
  }
  ctx.services().dispatcher->Unwatch(ctx.worker(), ctx.session(), true);
  ctx.reply().Array(t.queue.size());
  for (const command::QueuedCommand& queued : t.queue) ctx.services().dispatcher->RunQueued(ctx, queued);
  ctx.session().transaction.reset();
}

void Discard(Context& ctx) {
  if (!ctx.session().in_transaction()) return ctx.reply().Error(resp::error::kDiscardWithoutMulti);
  EndTransaction(ctx, false);
  ctx.reply().Ok();
}

bool IsWatched(const TransactionState& t, uint32_t db, std::string_view key) {
  return std::any_of(t.watched.begin(), t.watched.end(),
                     [&](const TransactionState::Watched& w) { return w.db == db && w.key == key; });
}

void Watch(Context& ctx) {
  Session& session = ctx.session();
  ctx.reply().Ok();
  if (session.watch_failed()) return;  // whatever comes, EXEC will do nothing
  TransactionState& t = session.Transaction();
  if (!t.flag) t.flag = std::make_shared<store::WatchFlag>();
  for (const store::Key& key : ctx.keys()) {
    if (IsWatched(t, session.db, key.text)) continue;
    ctx.services().keyspace.Watch(key, session.db, t.flag, ctx.now());
    t.watched.push_back({session.db, std::string(key.text)});
  }
}

void Unwatch(Context& ctx) {
  // Queued in a transaction it comes too late: EXEC has let go of the keys before.
  ctx.services().dispatcher->Unwatch(ctx.worker(), ctx.session(), ctx.alone() || ctx.in_exec());
  if (!ctx.session().in_transaction()) ctx.session().transaction.reset();
  ctx.reply().Ok();
}

using namespace command;
constexpr uint64_t kAlways = kNoScript | kLoading | kStale;
constexpr CommandRow kTransactionRows[] = {
    {"DISCARD", 1, kAlways | kFast | kAllowBusy | kNotQueued, {}, Discard},
    {"EXEC", 1, kAlways | kSkipSlowlog | kNotQueued | kLocksQueued, {}, Exec},
    {"MULTI", 1, kAlways | kFast | kNoMulti | kAllowBusy, {}, Multi},
    {"UNWATCH", 1, kAlways | kFast | kAllowBusy, {}, Unwatch},
    {"WATCH", -2, kAlways | kFast | kNoMulti | kAllowBusy, kPeekAllKeys, Watch},
};

}  // namespace

const command::Family kTransactionFamily = {"transactions", kCatTransaction, kTransactionRows};

}  // namespace pinion::commands
