// The dispatcher's part in the life of a blocked client: running its command again, and counting it when it ends.
#include <string>
#include <utility>

#include "base/clock.h"
#include "command/dispatcher.h"
#include "command/journaling.h"
#include "command/tracking.h"

namespace pinion::command {

bool Dispatcher::RunAgain(Worker& worker, const BlockedRequest& request, std::span<const uint32_t> held,
                          resp::ReplyWriter& reply) {
  const uint32_t errors_seen = std::exchange(worker.errors_seen, 0);
  const bool touch = std::exchange(worker.accessor.touch, !request.session.no_touch);
  const uint64_t began = ReadCycles();
  RepeatedRun run{request.wish, held};
  // Its user may have changed since it began to wait.
  const std::string refused =
      request.session.unrestricted ? "" : WhyRefused(worker, request.session, *request.command, request.args);
  if (!refused.empty()) [[unlikely]] {
    worker.stats.by_command[request.command->id].rejected.Add(1);
    reply.Error(refused);
    CountErrors(worker, reply);
  } else {
    Context ctx(services_, worker, request.session, *request.command, request.args, request.keys, reply, false, &run);
    const uint64_t running = std::exchange(worker.client, request.session.id);
    RunHandler(ctx);
    if (!run.found_nothing && request.session.tracking) services_.tracking.Remember(ctx, request.session);
    worker.client = running;
    if (!run.found_nothing) Count(worker, request.session, *request.command, request.args, began, reply);
  }
  worker.accessor.touch = touch;
  worker.errors_seen = errors_seen;
  return !run.found_nothing;
}

void Dispatcher::AccountEnded(Worker& worker, const BlockedRequest& request, std::string_view error) {
  CommandStats& s = worker.stats.by_command[request.command->id];
  s.calls.Add(1);
  worker.stats.commands.Add(1);
  ++request.session.commands;
  if (error.empty()) return;
  s.failed.Add(1);
  worker.stats.errors.Add(1);
  worker.stats.CountError(error);
}

}  // namespace pinion::command
