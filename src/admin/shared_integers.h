// The reference count that OBJECT and DEBUG OBJECT show.
#pragma once

#include <cstdint>
#include <limits>

#include "command/context.h"
#include "config/config.h"

namespace pinion::admin {

// Redis keeps one object for each integer from 0 to 9999, whose count of references is the greatest int, unless
// eviction needs an access clock in every value. Values are never shared here, but clients may know the number.
[[nodiscard]] inline int64_t ShownRefCount(command::Context& ctx, const store::Entry& e) {
  constexpr int64_t kShared = 10'000;
  if (e.holding() != store::Holding::kInteger || e.integer() < 0 || e.integer() >= kShared) return 1;
  using config::MaxmemoryPolicy;
  const config::Settings& settings = ctx.services().config.settings();
  const MaxmemoryPolicy policy = settings.maxmemory_policy.load(std::memory_order_relaxed);
  const bool needs_clocks = policy == MaxmemoryPolicy::kVolatileLru || policy == MaxmemoryPolicy::kAllkeysLru ||
                            policy == MaxmemoryPolicy::kVolatileLfu || policy == MaxmemoryPolicy::kAllkeysLfu;
  if (settings.maxmemory.load(std::memory_order_relaxed) != 0 && needs_clocks) return 1;
  return std::numeric_limits<int32_t>::max();
}

}  // namespace pinion::admin
