// What the string commands share: checking, reading and replying a key's string value.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/numbers.h"
#include "command/context.h"
#include "config/config.h"
#include "resp/errors.h"
#include "store/entry.h"

namespace pinion::commands {

// Replies a string value, however it is held. REQUIRES: e.is_string().
inline void ReplyString(resp::ReplyWriter& reply, const store::Entry& e) {
  switch (e.holding()) {
    case store::Holding::kInline: return reply.Bulk(e.inline_bytes());
    case store::Holding::kInteger: return reply.BulkInteger(e.integer());
    default: return reply.BulkBlob(e.blob());
  }
}

// Whether the entry is absent or a string; if not, the error was replied.
[[nodiscard]] inline bool CheckString(command::Context& ctx, const store::Entry* e) {
  if (e == nullptr || e->is_string()) [[likely]] return true;
  ctx.reply().Error(resp::error::kWrongType);
  return false;
}

// The bytes of a string value, "" for an absent one. The view dies with this object or the entry.
class StringBytes {
 public:
  // REQUIRES: e is null or a string.
  explicit StringBytes(const store::Entry* e) {
    if (e != nullptr) view_ = e->StringView(scratch_);
  }
  StringBytes(const StringBytes&) = delete;
  StringBytes& operator=(const StringBytes&) = delete;

  [[nodiscard]] std::string_view view() const { return view_; }

 private:
  char scratch_[kMaxInt64Text];
  std::string_view view_;
};

// The longest string a client may make.
[[nodiscard]] inline size_t MaxStringLength(command::Context& ctx) {
  return static_cast<size_t>(ctx.services().config.settings().proto_max_bulk_len.load(std::memory_order_relaxed));
}

// Whether a string may grow to `kept` and then `added` bytes; if not, the error was replied.
[[nodiscard]] inline bool CheckLength(command::Context& ctx, size_t kept, size_t added) {
  const size_t most = MaxStringLength(ctx);
  if (added <= most && kept <= most - added) return true;
  ctx.reply().Error(resp::error::kStringTooLong);
  return false;
}

}  // namespace pinion::commands
