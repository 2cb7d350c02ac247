// Adding up workers' counters.
#include "admin/command_stats.h"

#include "base/clock.h"
#include "command/registry.h"

namespace pinion::admin {

CommandTotals TotalsOf(const command::Services& services, const command::Command& c) {
  CommandTotals t;
  int64_t cycles = 0;
  for (const auto& w : services.workers) {
    const command::CommandStats& s = w->stats.by_command[c.id];
    t.calls += s.calls.Get();
    t.rejected += s.rejected.Get();
    t.failed += s.failed.Get();
    cycles += s.cycles.Get();
  }
  t.micros = static_cast<int64_t>(static_cast<double>(cycles) * NanosPerCycle() / 1000);
  return t;
}

std::unique_ptr<Histogram> LatencyOf(const command::Services& services, const command::Command& c) {
  auto sum = std::make_unique<Histogram>();
  for (const auto& w : services.workers) {
    const Histogram* h = w->stats.by_command[c.id].latency.load(std::memory_order_acquire);
    if (h != nullptr) sum->Merge(*h);
  }
  return sum->count() == 0 ? nullptr : std::move(sum);
}

}  // namespace pinion::admin
