// Having the whole server to oneself.
#pragma once

#include "command/services.h"
#include "command/worker.h"
#include "store/gate.h"

namespace pinion::command {

// While it lives the gate is closed and the worker is alone behind it. REQUIRES: the worker is inside the gate, has no
// shard locked and is not alone yet. May throw store::ScriptBusy when made; the worker is then outside.
class Alone {
 public:
  Alone(Services& services, Worker& worker) : gate_(services.gate), worker_(worker) {
    gate_.BeginExclusive(worker_.index);
    worker_.alone = true;
  }
  ~Alone() {
    worker_.alone = false;
    gate_.EndExclusive(worker_.index);
  }
  Alone(const Alone&) = delete;
  Alone& operator=(const Alone&) = delete;

 private:
  store::Gate& gate_;
  Worker& worker_;
};

}  // namespace pinion::command
