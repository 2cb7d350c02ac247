// The server's part in replication: ROLE, and why it can have no other: REPLICAOF, SLAVEOF, FAILOVER.
#include <string>

#include "command/args.h"
#include "command/context.h"
#include "command/replication.h"
#include "repl/families.h"

namespace pinion::repl {
namespace {

using command::Context;
using command::EqualsNoCase;

void Role(Context& ctx) {
  const auto status = ctx.services().replication->status();
  resp::ReplyWriter& reply = ctx.reply();
  reply.Array(3);
  reply.Bulk("master");
  reply.Integer(static_cast<int64_t>(status.offset));
  const auto mark = reply.Begin();
  size_t n = 0;
  for (const auto& replica : status.replicas) {
    if (replica.state != "online") continue;
    reply.Array(3);
    reply.Bulk(replica.address);
    reply.Bulk(std::to_string(replica.port));
    reply.Bulk(std::to_string(replica.offset));
    ++n;
  }
  reply.EndArray(mark, n);
}

// A server that follows nobody has nobody to leave.
void ReplicaOf(Context& ctx) {
  if (EqualsNoCase(ctx.arg(1), "NO") && EqualsNoCase(ctx.arg(2), "ONE")) return ctx.reply().Ok();
  ctx.reply().Error("ERR Pinion can be followed by replicas but cannot be one");
}

void Failover(Context& ctx) {
  if (ctx.argc() == 2 && EqualsNoCase(ctx.arg(1), "ABORT")) return ctx.reply().Error("ERR No failover in progress.");
  ctx.reply().Error("ERR FAILOVER is not supported: Pinion cannot become a replica");
}

using namespace command;
constexpr uint64_t kReplicaOfFlags = kNoAsyncLoading | kAdmin | kNoScript | kStale;
constexpr CommandRow kRoleRows[] = {
    {"FAILOVER", -1, kAdmin | kNoScript | kStale, {}, Failover},
    {"REPLICAOF", 3, kReplicaOfFlags, {}, ReplicaOf},
    {"ROLE", 1, kNoScript | kLoading | kStale | kFast | kSentinel, {}, Role, kCatAdmin | kCatDangerous},
    {"SLAVEOF", 3, kReplicaOfFlags, {}, ReplicaOf},
};

}  // namespace

const command::Family kRoleFamily = {"server", 0, kRoleRows};

}  // namespace pinion::repl
