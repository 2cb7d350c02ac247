// The gate's two sides meet in a store-then-load on each side, ordered by sequential consistency.
#include "store/gate.h"

namespace pinion::store {

Gate::Gate(size_t participants) : n_(participants), cells_(std::make_unique<Cell[]>(participants)) {}

void Gate::Enter(size_t participant) {
  std::atomic<bool>& inside = cells_[participant].inside;
  for (;;) {
    inside.store(true, std::memory_order_seq_cst);
    if (!closed_.load(std::memory_order_seq_cst)) [[likely]] return;
    Leave(participant);
    closed_.wait(true, std::memory_order_acquire);
  }
}

void Gate::Leave(size_t participant) {
  std::atomic<bool>& inside = cells_[participant].inside;
  inside.store(false, std::memory_order_seq_cst);
  if (closed_.load(std::memory_order_seq_cst)) [[unlikely]] inside.notify_all();
}

void Gate::WaitUntilAlone() {
  closed_.store(true, std::memory_order_seq_cst);
  for (size_t i = 0; i < n_; ++i) cells_[i].inside.wait(true, std::memory_order_seq_cst);
}

void Gate::BeginExclusive(size_t participant) {
  Leave(participant);
  exclusive_.lock();
  WaitUntilAlone();
}

void Gate::EndExclusive(size_t participant) {
  cells_[participant].inside.store(true, std::memory_order_relaxed);
  UnlockOutside();
}

void Gate::LockOutside() {
  exclusive_.lock();
  WaitUntilAlone();
}

void Gate::UnlockOutside() {
  closed_.store(false, std::memory_order_seq_cst);
  closed_.notify_all();
  exclusive_.unlock();
}

}  // namespace pinion::store
