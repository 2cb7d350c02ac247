// Running a handler so that the journal learns what it did.
#pragma once

#include "command/context.h"

namespace pinion::command {

// From now on, or no more, the listener is told of what all workers do. REQUIRES: the gate is held exclusively, or no
// loop runs.
void Listen(Services& services, Listener who, Journal* journal);

// The handler as a unit of effects, or as a part of the one that runs. A command that visits shards one at a time is
// none: what expires on its way stands for itself.
void RunJournaled(Context& ctx);

// Every run of a handler. REQUIRES: the shards of its keys are locked.
inline void RunHandler(Context& ctx) {
  if (ctx.journaled()) [[unlikely]] return RunJournaled(ctx);
  ctx.command().handler(ctx);
}

}  // namespace pinion::command
