// What the hash commands share: limits of the compact form, and fields and values as replies.
#pragma once

#include "command/context.h"
#include "config/config.h"
#include "resp/reply_writer.h"
#include "types/hash.h"

namespace pinion::commands {

[[nodiscard]] inline types::HashLimits HashLimitsOf(command::Context& ctx) {
  const auto& settings = ctx.services().config.settings();
  return {static_cast<size_t>(settings.hash_max_listpack_entries.load(std::memory_order_relaxed)),
          static_cast<size_t>(settings.hash_max_listpack_value.load(std::memory_order_relaxed))};
}

inline void ReplyText(resp::ReplyWriter& reply, const types::HashText& text) {
  if (text.is_integer()) return reply.BulkInteger(text.integer());
  if (text.shareable()) return reply.BulkBlob(text.Share());
  reply.Bulk(text.View(nullptr));
}

inline void ReplyText(resp::ReplyWriter& reply, const std::optional<types::HashText>& text) {
  if (!text) return reply.Null();
  ReplyText(reply, *text);
}

}  // namespace pinion::commands
