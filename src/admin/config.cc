// CONFIG: reading, changing and writing options while the server runs.
#include "config/config.h"

#include "admin/families.h"
#include "command/args.h"
#include "command/context.h"
#include "command/help.h"
#include "command/replication.h"
#include "command/script_engine.h"
#include "command/services.h"
#include "resp/errors.h"

namespace pinion::admin {
namespace {

using command::Context;

void ConfigGet(Context& ctx) {
  const auto found = ctx.services().config.Get(ctx.args().subspan(2));
  ctx.reply().Map(found.size());
  for (const auto& [name, value] : found) {
    ctx.reply().Bulk(name);
    ctx.reply().Bulk(value);
  }
}

void ConfigSet(Context& ctx) {
  if (ctx.argc() % 2 != 0) return ctx.reply().Error(resp::error::kSyntax);
  std::vector<config::Config::NameValue> pairs;
  for (size_t i = 2; i < ctx.argc(); i += 2) {
    pairs.emplace_back(ctx.arg(i), ctx.arg(i + 1));
    if (config::Config::IsSensitive(ctx.arg(i))) ctx.HideArgument(i + 1);
  }
  const command::ClientLink& link = ctx.session().link;
  const auto set = ctx.services().config.Set(pairs, {.local = link.is_loopback() || link.is_unix()});
  if (!set) return ctx.reply().Error(set.error());
  ctx.reply().Ok();
}

void ConfigRewrite(Context& ctx) {
  const auto written = ctx.services().config.Rewrite();
  if (!written) return ctx.reply().Error(written.error());
  ctx.reply().Ok();
}

void ConfigResetStat(Context& ctx) {
  // Every counter has one writer; behind the closed gate that is this thread.
  for (const auto& w : ctx.services().workers) w->ResetStats();
  ctx.services().keyspace.reclaimer().ResetFreed();
  ctx.services().scripts->ResetStats();
  ctx.services().replication->ResetStats();
  ctx.services().host.ResetNetTotals();
  ctx.reply().Ok();
}

void ConfigHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "GET <pattern>",
      "    Return parameters matching the glob-like <pattern> and their values.",
      "SET <directive> <value>",
      "    Set the configuration <directive> to <value>.",
      "RESETSTAT",
      "    Reset statistics reported by the INFO command.",
      "REWRITE",
      "    Rewrite the configuration file.",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr CommandRow kConfigSubcommands[] = {
    {"GET", -3, kAdmin | kNoScript | kLoading | kStale, {}, ConfigGet},
    {"HELP", 2, kLoading | kStale, {}, ConfigHelp},
    {"RESETSTAT", 2, kAdmin | kNoScript | kLoading | kStale | kAlone, {}, ConfigResetStat},
    {"REWRITE", 2, kAdmin | kNoScript | kLoading | kStale, {}, ConfigRewrite},
    {"SET", -4, kAdmin | kNoScript | kLoading | kStale | kAlone, {}, ConfigSet},
};
constexpr CommandRow kConfigRows[] = {
    {"CONFIG", -2, 0, {}, nullptr, 0, kConfigSubcommands},
};

}  // namespace

const command::Family kConfigFamily = {"server", 0, kConfigRows};

}  // namespace pinion::admin
