// The dispatcher's part in reading the append-only file: a command as it was told, without admission and accounting.
#include "command/dispatcher.h"
#include "command/registry.h"
#include "command/script_scope.h"

namespace pinion::command {

bool Dispatcher::Replay(Worker& worker, Session& session, std::span<const std::string_view> args,
                        resp::ReplyWriter& reply) {
  const Command* c = services_.registry.FindCall(args);
  // Effects have the names of the rows, whatever rename-command did.
  if (c == nullptr) c = services_.registry.FindOriginal(ToLower(args[0]));
  if (c == nullptr || c->handler == nullptr || !c->FitsArity(args.size())) return false;
  worker.keys.clear();
  CollectKeys(worker, *c, args);
  // As in a transaction, in which nothing waits.
  Context ctx(services_, worker, session, *c, args, worker.keys, reply, /*in_exec=*/true);
  if (!c->Has(kInterpreter)) {
    c->handler(ctx);
    return true;
  }
  const ScriptScope scope(services_, worker);
  c->handler(ctx);
  return true;
}

}  // namespace pinion::command
