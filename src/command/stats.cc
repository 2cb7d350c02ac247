// Counting errors by their first word.
#include "command/stats.h"

namespace pinion::command {
namespace {

// A client can make up error codes only through scripts; past this many the rest is counted together, as Redis does.
constexpr size_t kMaxCodes = 128;

}  // namespace

void WorkerStats::CountError(std::string_view error) {
  std::string code(error.substr(0, error.find(' ')));
  std::lock_guard lock(errors_mutex_);
  if (errors_by_code_.size() >= kMaxCodes && !errors_by_code_.contains(code)) code = "ERRORSTATS_OVERFLOW";
  ++errors_by_code_[code];
}

void WorkerStats::Reset() {
  for (CommandStats& c : by_command) {
    for (Counter* n : {&c.calls, &c.rejected, &c.failed, &c.cycles}) n->Set(0);
    if (Histogram* h = c.latency.load(std::memory_order_relaxed)) h->Reset();
  }
  for (Counter* n : {&commands, &errors, &evicted_clients}) n->Set(0);
  std::lock_guard lock(errors_mutex_);
  errors_by_code_.clear();
}

}  // namespace pinion::command
