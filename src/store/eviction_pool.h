// The best candidates for eviction that sampling has met so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pinion::store {

// A few samples an eviction would find the worst keys only by luck; keeping the best of all samples until they are
// evicted comes near to a true order. Not thread-safe: each thread has one.
class EvictionPool {
 public:
  static constexpr size_t kSize = 16;
  struct Candidate {
    uint64_t score;  // the highest goes first
    uint32_t db;
    std::string key;
  };

  // Keeps the candidate if there is room or it is better than the worst kept; a key that is kept already gets the new
  // score.
  void Offer(uint64_t score, uint32_t db, std::string_view key);
  [[nodiscard]] std::optional<Candidate> TakeBest();

  // Scores of another age are of another policy: they are forgotten.
  void SetAge(uint64_t age) {
    if (age_ == age) return;
    kept_.clear();
    age_ = age;
  }
  [[nodiscard]] size_t size() const { return kept_.size(); }

 private:
  std::vector<Candidate> kept_;  // ascending by score
  uint64_t age_ = 0;
};

}  // namespace pinion::store
