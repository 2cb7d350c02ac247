// The dispatcher's part in ACL: asking a session's user whether it may make a call.
#include <fmt/format.h>

#include "command/acl_sessions.h"
#include "command/dispatcher.h"
#include "resp/errors.h"

namespace pinion::command {

std::optional<Denial> Dispatcher::CheckPermission(Worker& worker, const Session& session, const Session& client,
                                                  const Command& c, std::span<const std::string_view> args,
                                                  AclLogContext context) {
  const auto denial = session.user->Check(c, args);
  if (denial) {
    NoteDenial(services_, worker, client, denial->reason, context, DeniedObject(c, args, *denial),
               session.user->name());
  }
  return denial;
}

std::string Dispatcher::WhyRefused(Worker& worker, const Session& session, const Command& c,
                                   std::span<const std::string_view> args) {
  if (!session.authenticated && !c.Has(kNoAuth) && services_.acl.requires_authentication()) {
    return std::string(resp::error::kNoAuth);
  }
  const auto context = session.in_transaction() ? AclLogContext::kMulti : AclLogContext::kTopLevel;
  const auto denial = CheckPermission(worker, session, session, c, args, context);
  if (!denial) return {};
  return fmt::format("NOPERM {}", DescribeDenial(*session.user, c, args, *denial, false));
}

bool Dispatcher::MayRunQueued(Worker& worker, const Session& session, const QueuedCommand& queued,
                              resp::ReplyWriter& reply) {
  const auto denial =
      CheckPermission(worker, session, session, *queued.command, queued.views, AclLogContext::kMulti);
  if (!denial) return true;
  const std::string_view why =
      denial->reason == DenialReason::kCommand ? "no permission to execute the command or subcommand"
      : denial->reason == DenialReason::kKey   ? "no permission to touch the specified keys"
                             : "no permission to access one of the channels used as arguments to the command";
  reply.Error(fmt::format("NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC "
                          "call. This command is no longer allowed for the following reason: {}",
                          why));
  CountErrors(worker, reply);
  return false;
}

}  // namespace pinion::command
