// What the list commands share: limits, ends by name, and elements as replies.
#pragma once

#include <atomic>
#include <string_view>

#include "command/args.h"
#include "command/context.h"
#include "config/config.h"
#include "store/keyspace.h"
#include "types/list.h"

namespace pinion::commands {

inline types::ListLimit LimitOfLists(command::Context& ctx) {
  return types::ListLimit(
      ctx.services().config.settings().list_max_listpack_size.load(std::memory_order_relaxed),
      ctx.services().keyspace.settings().large_list_element.load(std::memory_order_relaxed));
}

// LEFT or RIGHT.
inline types::ListEnd NextListEnd(command::ArgReader& args) {
  if (args.Accept("LEFT")) return types::ListEnd::kHead;
  if (!args.Accept("RIGHT")) args.Fail(resp::error::kSyntax);
  return types::ListEnd::kTail;
}

// The event of pushing at, or popping from, an end.
inline std::string_view PushEvent(types::ListEnd end) { return end == types::ListEnd::kHead ? "lpush" : "rpush"; }
inline std::string_view PopEvent(types::ListEnd end) { return end == types::ListEnd::kHead ? "lpop" : "rpop"; }

inline void ReplyElement(resp::ReplyWriter& reply, const types::ListpackItem& item) {
  char scratch[kMaxInt64Text];
  reply.Bulk(item.View(scratch));
}

// Replies with an array of the elements from `index` on. REQUIRES: index + count <= list.size().
void ReplyElements(resp::ReplyWriter& reply, const types::List& list, size_t index, size_t count);
// The same for `count` elements from an end on, the outermost first.
void ReplyElementsFrom(resp::ReplyWriter& reply, const types::List& list, types::ListEnd end, size_t count);

}  // namespace pinion::commands
