// A small sorted list.
#include "store/eviction_pool.h"

#include <algorithm>

namespace pinion::store {

void EvictionPool::Offer(uint64_t score, uint32_t db, std::string_view key) {
  const auto same = std::find_if(kept_.begin(), kept_.end(),
                                 [&](const Candidate& c) { return c.db == db && c.key == key; });
  if (same != kept_.end()) {
    kept_.erase(same);
  } else if (kept_.size() == kSize) {
    if (score <= kept_.front().score) return;
    kept_.erase(kept_.begin());
  }
  const auto at = std::upper_bound(kept_.begin(), kept_.end(), score,
                                   [](uint64_t s, const Candidate& c) { return s < c.score; });
  kept_.insert(at, {score, db, std::string(key)});
}

std::optional<EvictionPool::Candidate> EvictionPool::TakeBest() {
  if (kept_.empty()) return {};
  Candidate best = std::move(kept_.back());
  kept_.pop_back();
  return best;
}

}  // namespace pinion::store
