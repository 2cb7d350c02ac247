// CLIENT KILL: choosing clients by address, id, kind, user and age, and ending them on whichever loop they live.
#include "admin/client_kill.h"

#include <optional>

#include <fmt/format.h>

#include "admin/client_list.h"
#include "base/numbers.h"
#include "command/acl.h"
#include "command/clients.h"
#include "command/registry.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::Context;
using command::EqualsNoCase;
using command::Session;

// A filter that is not given lets everybody pass.
struct Filter {
  std::optional<uint64_t> id;
  std::optional<std::string_view> address, local_address, user;
  std::optional<ClientKind> kind;
  int64_t min_age = 0;  // seconds
  bool skip_me = true;

  [[nodiscard]] bool Matches(const Session& s, const Session& me, int64_t now_micros) const {
    if (skip_me && &s == &me) return false;
    if (id && s.id != *id) return false;
    if (address && s.link.peer() != *address) return false;
    if (local_address && s.link.local() != *local_address) return false;
    if (kind && KindOf(s) != *kind) return false;
    if (user && s.user->name() != *user) return false;
    return (now_micros - s.created_micros) / 1'000'000 >= min_age;
  }
};

// One filter word with its value. Replies the error and returns false when they do not fit.
bool ParseOption(Context& ctx, std::string_view word, std::string_view value, Filter* f) {
  const auto fail = [&](std::string_view error) {
    ctx.reply().Error(error);
    return false;
  };
  if (EqualsNoCase(word, "ID")) {
    const auto id = ParseInt64(value);
    if (!id || *id < 1) return fail("ERR client-id should be greater than 0");
    f->id = static_cast<uint64_t>(*id);
  } else if (EqualsNoCase(word, "MAXAGE")) {
    const auto age = ParseInt64(value);
    if (!age) return fail("ERR maxage is not an integer or out of range");
    if (*age < 1) return fail("ERR maxage should be greater than 0");
    f->min_age = *age;
  } else if (EqualsNoCase(word, "TYPE")) {
    f->kind = ParseClientKind(value);
    if (!f->kind) return fail(fmt::format("ERR Unknown client type '{}'", resp::error::UpToNul(value)));
  } else if (EqualsNoCase(word, "ADDR")) {
    f->address = value;
  } else if (EqualsNoCase(word, "LADDR")) {
    f->local_address = value;
  } else if (EqualsNoCase(word, "USER")) {
    if (!ctx.services().acl.Find(value)) {
      return fail(fmt::format("ERR No such user '{}'", resp::error::UpToNul(value)));
    }
    f->user = value;
  } else if (EqualsNoCase(word, "SKIPME") && (EqualsNoCase(value, "YES") || EqualsNoCase(value, "NO"))) {
    f->skip_me = EqualsNoCase(value, "YES");
  } else {
    return fail(resp::error::kSyntax);
  }
  return true;
}

size_t KillMatching(Context& ctx, const Filter& filter) {
  size_t killed = 0;
  for (Session* s : AllSessions(ctx)) {
    if (!filter.Matches(*s, ctx.session(), ctx.worker().now_micros)) continue;
    ++killed;
    if (s != &ctx.session()) {
      KillClient(ctx.services(), ctx.worker(), *s);
    } else {
      s->closing = true;
      s->link.CloseAfterReplies();
    }
  }
  return killed;
}

}  // namespace

void ClientKill(Context& ctx) {
  Filter filter;
  if (ctx.argc() == 3) {
    filter.address = ctx.arg(2);
    filter.skip_me = false;
    if (KillMatching(ctx, filter) == 0) return ctx.reply().Error("ERR No such client");
    return ctx.reply().Ok();
  }
  for (size_t i = 2; i < ctx.argc(); i += 2) {
    if (i + 1 == ctx.argc()) return ctx.reply().Error(resp::error::kSyntax);
    if (!ParseOption(ctx, ctx.arg(i), ctx.arg(i + 1), &filter)) return;
  }
  ctx.reply().Integer(static_cast<int64_t>(KillMatching(ctx, filter)));
}

}  // namespace pinion::admin
