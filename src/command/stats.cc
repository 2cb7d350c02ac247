// Counting errors by their first word.
#include "command/stats.h"

namespace pinion::command {
namespace {

// Past this many what scripts make up is counted together, as in Valkey 8.
constexpr size_t kMaxCodes = 128;

}  // namespace

void WorkerStats::CountError(std::string_view error, bool of_script) {
  std::string code(error.substr(0, error.find(' ')));
  std::lock_guard lock(errors_mutex_);
  if (of_script && errors_by_code_.size() >= kMaxCodes && !errors_by_code_.contains(code)) code = "ERRORSTATS_OVERFLOW";
  ++errors_by_code_[code];
}

void WorkerStats::Reset() {
  for (CommandStats& c : by_command) {
    for (Counter* n : {&c.calls, &c.rejected, &c.failed, &c.cycles}) n->Set(0);
    if (Histogram* h = c.latency.load(std::memory_order_relaxed)) h->Reset();
  }
  for (Counter* n : {&commands, &errors, &evicted_clients, &longest_batch, &most_requests}) n->Set(0);
  std::lock_guard lock(errors_mutex_);
  errors_by_code_.clear();
}

}  // namespace pinion::command
