// What the set commands share: limits of the encodings and replies of members.
#pragma once

#include <atomic>
#include <vector>

#include "command/context.h"
#include "config/config.h"
#include "config/settings.h"
#include "types/set.h"

namespace pinion::commands {

[[nodiscard]] inline types::SetLimits SetLimitsOf(command::Context& ctx) {
  const auto& s = ctx.services().config.settings();
  const auto get = [](const auto& v) { return static_cast<size_t>(v.load(std::memory_order_relaxed)); };
  return {get(s.set_max_intset_entries), get(s.set_max_listpack_entries), get(s.set_max_listpack_value)};
}

// A member of a set, or an element of any listpack, as a bulk string.
inline void ReplyItem(resp::ReplyWriter& reply, const types::ListpackItem& item) {
  if (item.is_integer) {
    reply.BulkInteger(item.integer);
  } else {
    reply.Bulk(item.text);
  }
}

// All members as a set.
inline void ReplyMembers(resp::ReplyWriter& reply, types::SetView set) {
  reply.Set(set.size());
  set.ForEach([&reply](const types::ListpackItem& member) { ReplyItem(reply, member); });
}

}  // namespace pinion::commands
