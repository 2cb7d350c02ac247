// The search goes forward through calls and returns; a return whose call has found no place yet takes it back.
#include "tests/support/linearizability.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace pinion::test {
namespace {

// Calls and returns in the order of time, as a doubly linked list: operations leave it when they have found their place
// and come back when the place was wrong.
class Search {
 public:
  Search(std::span<const Operation> history, std::string state) : state_(std::move(state)) {
    for (const Operation& o : history) operations_.push_back(&o);
    std::sort(operations_.begin(), operations_.end(),
              [](const Operation* a, const Operation* b) { return a->invoked < b->invoked; });
    std::vector<size_t> order(2 * history.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto when = [&](size_t e) { return e % 2 ? operations_[e / 2]->returned : operations_[e / 2]->invoked; };
    // Calls before returns of the same moment: then the two overlap, which is the weaker claim.
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return std::pair(when(a), a % 2) < std::pair(when(b), b % 2); });
    links_.resize(order.size() + 1);
    size_t last = head();
    for (size_t e : order) {
      links_[last].next = e;
      links_[e].previous = last;
      last = e;
    }
    links_[last].next = head();
    links_[head()].previous = last;
    placed_.assign(history.size(), '0');
  }

  bool Run() {
    size_t event = links_[head()].next;
    while (links_[head()].next != head()) {
      if (event % 2 == 0 && Place(event / 2)) {
        event = links_[head()].next;
      } else if (event % 2 == 0) {
        event = links_[event].next;
      } else {
        if (trail_.empty()) return false;
        event = links_[TakeBack()].next;
      }
    }
    return true;
  }

 private:
  struct Link { size_t previous, next; };
  struct Step { size_t operation; std::string state; };

  // Event 2i is the call of operation i, 2i + 1 its return.
  [[nodiscard]] size_t head() const { return 2 * operations_.size(); }

  void Remove(size_t event) {
    links_[links_[event].previous].next = links_[event].next;
    links_[links_[event].next].previous = links_[event].previous;
  }
  void Restore(size_t event) { links_[links_[event].previous].next = links_[links_[event].next].previous = event; }

  // The operation comes next, unless its reply forbids it or the same operations have led to the same state before.
  bool Place(size_t operation) {
    std::string state = state_;
    if (!operations_[operation]->apply(state)) return false;
    placed_[operation] = '1';
    if (!seen_.insert(Placed() + state).second) {
      placed_[operation] = '0';
      return false;
    }
    trail_.push_back({operation, std::move(state_)});
    state_ = std::move(state);
    Remove(2 * operation);
    Remove(2 * operation + 1);
    return true;
  }
  // The last one placed was not next after all. Its call.
  size_t TakeBack() {
    const size_t operation = trail_.back().operation;
    state_ = std::move(trail_.back().state);
    trail_.pop_back();
    placed_[operation] = '0';
    Restore(2 * operation + 1);
    Restore(2 * operation);
    return 2 * operation;
  }

  // What was placed, in few bytes: all before the first digit, none behind the last.
  [[nodiscard]] std::string Placed() const {
    const size_t first = std::min(placed_.find('0'), placed_.size()), last = placed_.rfind('1') + 1;
    return std::to_string(first) + ':' + (first < last ? placed_.substr(first, last - first) : "") + ':';
  }

  std::vector<const Operation*> operations_;  // by the moment of their call
  std::string state_;
  std::vector<Link> links_;
  std::string placed_;                    // a digit an operation
  std::vector<Step> trail_;               // the order so far, with the states before
  std::unordered_set<std::string> seen_;  // what was placed, and the state after it
};

}  // namespace

bool IsLinearizable(std::span<const Operation> history, std::string state) {
  return Search(history, std::move(state)).Run();
}

}  // namespace pinion::test
