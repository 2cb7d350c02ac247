// What replicas say: SYNC, PSYNC, REPLCONF.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "base/numbers.h"
#include "command/args.h"
#include "command/context.h"
#include "repl/families.h"
#include "repl/source.h"
#include "resp/errors.h"

namespace pinion::repl {
namespace {

using command::Context;
using command::EqualsNoCase;
using command::ReplicaState;
namespace error = resp::error;

ReplicaState& StateOf(Context& ctx) {
  auto& state = ctx.session().replica;
  if (state == nullptr) state = std::make_unique<ReplicaState>();
  return *state;
}

// Nothing is replied but what the source sends, and nothing to one that follows already.
void Sync(Context& ctx) {
  if (StateOf(ctx).following) return;
  Source::Of(ctx).SyncFully(ctx, false);
}

void PSync(Context& ctx) {
  if (StateOf(ctx).following) return;
  if (ctx.argc() > 3) return ctx.reply().Error("ERR PSYNC FAILOVER can't be sent to a master.");
  const auto from = ParseInt64(ctx.arg(2));
  if (!from) return ctx.reply().Error(error::kNotInteger);
  std::string id(ctx.arg(1));
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::tolower(c); });
  Source& source = Source::Of(ctx);
  if (*from > 0 && source.Resume(ctx, id, static_cast<uint64_t>(*from))) return;
  if (!id.starts_with('?')) source.CountRefusedResumption();
  source.SyncFully(ctx, true);
}

enum class Told : uint8_t { kTaken, kSilently, kRefused };

// One option of REPLCONF. What says how far a replica is has no reply; kRefused: the error was replied.
Told TakeOption(Context& ctx, std::string_view option, std::string_view value) {
  const auto integer = [&](int64_t least, int64_t most) -> std::optional<int64_t> {
    const auto v = ParseInt64(value);
    if (v && *v >= least && *v <= most) return v;
    ctx.reply().Error(v ? fmt::format("ERR value is out of range, value must between {} and {}", least, most)
                        : std::string(error::kNotInteger));
    return std::nullopt;
  };
  ReplicaState& state = StateOf(ctx);
  if (EqualsNoCase(option, "listening-port")) {
    const auto port = integer(0, 65535);
    if (!port) return Told::kRefused;
    state.listening_port = static_cast<int>(*port);
  } else if (EqualsNoCase(option, "ip-address")) {
    constexpr size_t kLongestAddress = 255;
    if (value.size() > kLongestAddress) {
      ctx.reply().Error(
          fmt::format("ERR REPLCONF ip-address provided by replica instance is too long: {} bytes", value.size()));
      return Told::kRefused;
    }
    state.address = value;
  } else if (EqualsNoCase(option, "capa")) {
    state.resumes |= EqualsNoCase(value, "psync2");
    state.reads_to_mark |= EqualsNoCase(value, "eof");  // others are no use here
  } else if (EqualsNoCase(option, "ack")) {
    const auto offset = ParseInt64(value);
    if (state.following && offset && *offset >= 0) Source::Of(ctx).Acknowledge(ctx, static_cast<uint64_t>(*offset));
    return Told::kSilently;
  } else if (EqualsNoCase(option, "getack")) {
    return Told::kSilently;  // what is acknowledged to a source is not its own
  } else if (EqualsNoCase(option, "rdb-only")) {
    const auto yes = integer(0, 1);
    if (!yes) return Told::kRefused;
    state.rdb_only = *yes != 0;
  } else {
    ctx.reply().Error(fmt::format("ERR Unrecognized REPLCONF option: {}", error::UpToNul(option)));
    return Told::kRefused;
  }
  return Told::kTaken;
}

void ReplConf(Context& ctx) {
  if (ctx.argc() % 2 == 0) return ctx.reply().Error(error::kSyntax);
  for (size_t i = 1; i < ctx.argc(); i += 2) {
    if (TakeOption(ctx, ctx.arg(i), ctx.arg(i + 1)) != Told::kTaken) return;
  }
  ctx.reply().Ok();
}

using namespace command;
constexpr uint64_t kBegins = kNoAsyncLoading | kAdmin | kNoMulti | kNoScript | kAlone;
constexpr CommandRow kSyncRows[] = {
    {"PSYNC", -3, kBegins, {}, PSync},
    {"REPLCONF", -1, kAdmin | kNoScript | kLoading | kStale | kAllowBusy, {}, ReplConf},
    {"SYNC", 1, kBegins, {}, Sync},
};

}  // namespace

const command::Family kSyncFamily = {"server", 0, kSyncRows};

}  // namespace pinion::repl
