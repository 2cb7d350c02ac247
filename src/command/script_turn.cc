// Taking turns, and not waiting for a script that is busy.
#include "command/script_turn.h"

#include "store/gate.h"

namespace pinion::command {

bool ScriptTurn::TryTake() {
  std::lock_guard lock(mutex_);
  if (taken_) return false;
  taken_ = true;
  return true;
}

bool ScriptTurn::Take() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.wait(lock, [this] { return !taken_ || gate_.busy(); });
  --waiting_;
  if (taken_) return false;
  taken_ = true;
  return true;
}

void ScriptTurn::Give() {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    taken_ = false;
    wake = waiting_ != 0;
  }
  if (wake) changed_.notify_all();
}

void ScriptTurn::AwaitFreeOrBusy() {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.wait(lock, [this] { return !taken_ || gate_.busy(); });
  --waiting_;
}

void ScriptTurn::NoteBusy() {
  { std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

}  // namespace pinion::command
