// The gate's sides meet in a store-then-load on each side, ordered by sequential consistency.
#include "store/gate.h"

#include <chrono>

namespace pinion::store {
namespace {

// How long guests may keep a busy script from going on.
constexpr auto kReception = std::chrono::milliseconds(20);

}  // namespace

struct alignas(64) Gate::Cell final : LockWait {
  std::atomic<State> state{kOutside};
  bool guest = false;   // of its own thread
  Gate* gate = nullptr;

  void Begin() override { gate->Step(*this, kWaitsForShard); }
  void Look() override {
    if (gate->busy()) GiveUp();
  }
  [[nodiscard]] bool End() override {
    state.store(kInside, std::memory_order_seq_cst);
    if (!gate->upgraded_.load(std::memory_order_seq_cst)) [[likely]] return true;
    gate->Step(*this, kWaitsForShard);
    return false;
  }
  void AwaitTurn() override {
    {
      std::unique_lock lock(gate->mutex_);
      gate->changed_.wait(lock, [this] { return !gate->upgraded_.load() || gate->busy(); });
    }
    if (gate->busy()) GiveUp();
  }

 private:
  [[noreturn]] void GiveUp() {
    gate->Step(*this, kOutside);
    throw ScriptBusy();
  }
};

Gate::Gate(size_t participants) : n_(participants), cells_(std::make_unique<Cell[]>(participants)) {
  for (size_t i = 0; i < n_; ++i) cells_[i].gate = this;
}

Gate::~Gate() = default;

// Whoever closes the gate counts itself in closed_ and then looks at the cells; here a cell changes and then closed_ is
// looked at: one of the two sees the other.
void Gate::Step(Cell& cell, State to) {
  cell.state.store(to, std::memory_order_seq_cst);
  if (closed_.load(std::memory_order_seq_cst) == 0) [[likely]] return;
  { std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

Gate::Side Gate::Enter(size_t participant) {
  Cell& cell = cells_[participant];
  LockWait::Use(&cell);
  cell.state.store(kInside, std::memory_order_seq_cst);
  if (closed_.load(std::memory_order_seq_cst) == 0) [[likely]] return Side::kShared;
  return EnterSlow(cell);
}

Gate::Side Gate::EnterSlow(Cell& cell) {
  for (;;) {
    Step(cell, kOutside);
    {
      std::unique_lock lock(mutex_);
      ++guests_waiting_;
      changed_.wait(lock, [this] {
        return closed_.load() == 0 || (busy() && guests_welcome_ && !guest_inside_);
      });
      --guests_waiting_;
      if (busy() && guests_welcome_) {
        guest_inside_ = cell.guest = true;
        return Side::kGuest;
      }
    }
    changed_.notify_all();  // one fewer waits
    cell.state.store(kInside, std::memory_order_seq_cst);
    if (closed_.load(std::memory_order_seq_cst) == 0) return Side::kShared;
  }
}

void Gate::Leave(size_t participant) {
  Cell& cell = cells_[participant];
  LockWait::Use(nullptr);
  if (cell.guest) [[unlikely]] {
    std::lock_guard lock(mutex_);
    guest_inside_ = cell.guest = false;
  }
  Step(cell, kOutside);
}

void Gate::StepAside(size_t participant) {
  Leave(participant);
  if (Enter(participant) == Side::kShared) return;
  Leave(participant);
  throw ScriptBusy();
}

bool Gate::AllOutside() const {
  for (size_t i = 0; i < n_; ++i) {
    if (cells_[i].state.load(std::memory_order_seq_cst) != kOutside) return false;
  }
  return true;
}

void Gate::BeginExclusive(size_t participant) {
  Step(cells_[participant], kOutside);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !exclusive_ || busy(); });
  if (busy()) throw ScriptBusy();
  exclusive_ = true;
  closed_.fetch_add(1, std::memory_order_seq_cst);
  changed_.wait(lock, [this] { return AllOutside() || busy(); });
  if (!busy()) return;
  exclusive_ = false;
  closed_.fetch_sub(1, std::memory_order_seq_cst);
  lock.unlock();
  changed_.notify_all();
  throw ScriptBusy();
}

void Gate::EndExclusive(size_t participant) {
  cells_[participant].state.store(kInside, std::memory_order_seq_cst);
  UnlockOutside();
}

void Gate::LockOutside() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !exclusive_; });
  exclusive_ = true;
  closed_.fetch_add(1, std::memory_order_seq_cst);
  changed_.wait(lock, [this] { return AllOutside(); });
}

void Gate::UnlockOutside() {
  {
    std::lock_guard lock(mutex_);
    exclusive_ = false;
    closed_.fetch_sub(1, std::memory_order_seq_cst);
  }
  changed_.notify_all();
}

void Gate::Upgrade(size_t participant) {
  std::unique_lock lock(mutex_);
  closed_.fetch_add(1, std::memory_order_seq_cst);
  upgraded_.store(true, std::memory_order_seq_cst);
  changed_.wait(lock, [&] {
    for (size_t i = 0; i < n_; ++i) {
      if (i != participant && cells_[i].state.load(std::memory_order_seq_cst) == kInside) return false;
    }
    return true;
  });
}

void Gate::Downgrade() {
  {
    std::lock_guard lock(mutex_);
    upgraded_.store(false, std::memory_order_seq_cst);
    closed_.fetch_sub(1, std::memory_order_seq_cst);
  }
  changed_.notify_all();
}

void Gate::BeginBusy() {
  {
    std::lock_guard lock(mutex_);
    busy_.store(true, std::memory_order_seq_cst);
  }
  changed_.notify_all();
}

void Gate::EndBusy() {
  {
    std::lock_guard lock(mutex_);
    busy_.store(false, std::memory_order_seq_cst);
  }
  changed_.notify_all();
}

void Gate::ReceiveGuests() {
  std::unique_lock lock(mutex_);
  if (guests_waiting_ == 0) return;
  guests_welcome_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, kReception, [this] {
    return (guests_waiting_ == 0 || !guests_welcome_) && !guest_inside_;
  });
  guests_welcome_ = false;
  changed_.wait(lock, [this] { return !guest_inside_; });
}

void Gate::DismissGuests() {
  std::lock_guard lock(mutex_);
  guests_welcome_ = false;
}

}  // namespace pinion::store
