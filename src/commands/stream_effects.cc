// XCLAIM and XGROUP SETID as effects.
#include "commands/stream_effects.h"

#include "types/stream_id.h"

namespace pinion::commands {

using command::Context;

void NameClaim(Context& ctx, const NamedGroup& g, const types::PendingEntry& entry) {
  if (!ctx.journaled()) return;
  ctx.Effect("XCLAIM", g.key, g.name, std::string_view(entry.consumer->name), "0", types::StreamIdString(entry.id),
             "TIME", entry.delivered_at, "RETRYCOUNT", entry.deliveries, "FORCE", "JUSTID", "LASTID",
             types::StreamIdString(g.group.last_delivered));
}

void NameGroupPlace(Context& ctx, const NamedGroup& g) {
  if (!ctx.journaled()) return;
  ctx.Effect("XGROUP", "SETID", g.key, g.name, types::StreamIdString(g.group.last_delivered), "ENTRIESREAD",
             g.group.entries_read);
}

}  // namespace pinion::commands
