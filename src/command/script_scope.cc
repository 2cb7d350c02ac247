// From one of many to alone, and back.
#include "command/script_scope.h"

#include <algorithm>

#include "command/dispatcher.h"
#include "command/script_turn.h"
#include "store/gate.h"

namespace pinion::command {

ScriptScope::ScriptScope(Services& services, Worker& worker) : services_(services), worker_(worker) {
  services_.dispatcher->TakeScriptTurn(worker_);
  worker_.script = this;
}

ScriptScope::~ScriptScope() {
  worker_.script = nullptr;
  if (services_.gate.busy()) services_.gate.EndBusy();
  if (upgraded_) {
    worker_.alone = false;
    services_.gate.Downgrade();
  }
  const bool in_batch = worker_.client != 0;  // whose end gives it back
  if (upgraded_ || !in_batch) services_.dispatcher->GiveScriptTurn(worker_);
}

bool ScriptScope::Covers(uint32_t shard) const {
  if (worker_.alone) return true;
  if (shards_ == nullptr) return false;
  // Most scripts have a key or two.
  if (shards_->size() <= 4) return std::find(shards_->begin(), shards_->end(), shard) != shards_->end();
  return std::binary_search(shards_->begin(), shards_->end(), shard);
}

void ScriptScope::BecomeAlone() {
  if (worker_.alone) return;
  services_.gate.Upgrade(worker_.index);
  upgraded_ = true;
  worker_.alone = true;
}

void ScriptScope::BecomeBusy() {
  services_.gate.BeginBusy();
  services_.dispatcher->script_turn().NoteBusy();
  BecomeAlone();
}

}  // namespace pinion::command
