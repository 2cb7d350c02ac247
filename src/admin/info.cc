// INFO: the state of the server as text.
#include <algorithm>
#include <array>

#include "admin/families.h"
#include "admin/info_sections.h"
#include "command/context.h"

namespace pinion::admin {
namespace {

using command::Context;
using command::EqualsNoCase;

enum class Shown { kByDefault, kWithAll, kByName };

struct Section {
  std::string_view name;
  void (*write)(InfoText&);
  Shown shown = Shown::kByDefault;
};

// In the order of the text.
constexpr std::array kSections = {
    Section{"server", InfoServer},
    Section{"clients", InfoClients},
    Section{"memory", InfoMemory},
    Section{"persistence", InfoPersistence},
    Section{"stats", InfoStats},
    Section{"replication", InfoReplication},
    Section{"cpu", InfoCpu},
    Section{"modules", InfoModules},
    Section{"commandstats", InfoCommandStats, Shown::kWithAll},
    Section{"errorstats", InfoErrorStats},
    Section{"latencystats", InfoLatencyStats, Shown::kWithAll},
    Section{"cluster", InfoCluster},
    Section{"keyspace", InfoKeyspace},
    Section{"debug", InfoDebug, Shown::kByName},
};

// Whether the argument asks for the section, by name or by a word for many.
bool Asks(std::string_view word, const Section& s) {
  if (EqualsNoCase(word, "all") || EqualsNoCase(word, "everything")) return s.shown != Shown::kByName;
  if (EqualsNoCase(word, "default")) return s.shown == Shown::kByDefault;
  return EqualsNoCase(word, s.name);
}

void Info(Context& ctx) {
  const auto words = ctx.args().subspan(1);
  InfoText out(ctx);
  for (const Section& s : kSections) {
    const auto asks = [&](std::string_view word) { return Asks(word, s); };
    const bool wanted =
        words.empty() ? s.shown == Shown::kByDefault : std::any_of(words.begin(), words.end(), asks);
    if (wanted) s.write(out);
  }
  ctx.reply().Verbatim("txt", out.text());
}

using namespace command;
constexpr CommandRow kInfoRows[] = {
    {"INFO", -1, kLoading | kStale | kSentinel | kLocksItself, {}, Info, kCatDangerous},
};

}  // namespace

const command::Family kInfoFamily = {"server", 0, kInfoRows};

}  // namespace pinion::admin
