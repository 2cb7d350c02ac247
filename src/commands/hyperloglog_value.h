// What the HyperLogLog commands share: checking a key's sketch and storing it.
#pragma once

#include <cstring>
#include <string_view>

#include "command/context.h"
#include "commands/string_value.h"
#include "store/database.h"
#include "types/hyperloglog.h"

namespace pinion::commands {

inline constexpr std::string_view kNotHll = "WRONGTYPE Key is not a valid HyperLogLog string value.";
inline constexpr std::string_view kCorruptHll = "INVALIDOBJ Corrupted HLL object detected";

// Whether the entry holds what looks like a sketch; if not, the error was replied.
[[nodiscard]] inline bool CheckHll(command::Context& ctx, const store::Entry& e) {
  if (!CheckString(ctx, &e)) return false;
  const StringBytes value(&e);
  if (!types::LooksLikeHll(value.view())) {
    ctx.reply().Error(kNotHll);
    return false;
  }
  if (!types::IsDenseHll(value.view()) && value.view().size() > types::kHllMaxSparseSize) {
    ctx.reply().Error(kCorruptHll);
    return false;
  }
  return true;
}

// Makes a sketch the key's value.
inline void StoreHll(store::WriteGuard& w, std::string_view sketch) {
  std::memcpy(w.EditString(sketch.size()), sketch.data(), sketch.size());
}

}  // namespace pinion::commands
