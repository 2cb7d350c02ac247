// How the journal is told that a key was deleted.
#pragma once

#include <atomic>
#include <string_view>

#include "command/context.h"
#include "config/config.h"

namespace pinion::command {

// DEL, or UNLINK where the option asks for it: what takes long to free may be freed in the background.
inline std::string_view DeletionWord(const std::atomic<bool>& lazy) {
  return lazy.load(std::memory_order_relaxed) ? "UNLINK" : "DEL";
}

// For a key that was deleted because the deadline it was given has come.
inline void NameExpiry(Context& ctx) {
  if (ctx.journaled()) {
    ctx.Effect(DeletionWord(ctx.services().config.settings().lazyfree_lazy_expire), ctx.key().text);
  }
}

}  // namespace pinion::command
