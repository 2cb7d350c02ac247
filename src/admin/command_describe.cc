// Rows as COMMAND INFO shows them: flags, key positions, categories and key specifications by name.
#include "admin/command_describe.h"

#include <algorithm>
#include <limits>
#include <span>

#include "admin/command_docs.h"
#include "command/categories.h"

namespace pinion::admin {
namespace {

using namespace command;

struct BitName {
  uint64_t bit;
  std::string_view name;
};

// In the order of replies. Flags that are missing here are nobody's business.
constexpr BitName kFlagNames[] = {
    {kWrite, "write"},
    {kRead, "readonly"},
    {kDenyOom, "denyoom"},
    {kModule, "module"},
    {kAdmin, "admin"},
    {kPubSub, "pubsub"},
    {kNoScript, "noscript"},
    {kBlocking, "blocking"},
    {kLoading, "loading"},
    {kStale, "stale"},
    {kSkipMonitor, "skip_monitor"},
    {kSkipSlowlog, "skip_slowlog"},
    {kAsking, "asking"},
    {kFast, "fast"},
    {kNoAuth, "no_auth"},
    {kNoMandatoryKeys, "no_mandatory_keys"},
    {kNoAsyncLoading, "no_async_loading"},
    {kNoMulti, "no_multi"},
};
constexpr BitName kKeyFlagNames[] = {
    {kKeyRO, "RO"},
    {kKeyRW, "RW"},
    {kKeyOW, "OW"},
    {kKeyRM, "RM"},
    {kKeyAccess, "access"},
    {kKeyUpdate, "update"},
    {kKeyInsert, "insert"},
    {kKeyDelete, "delete"},
    {kKeyNotKey, "not_key"},
    {kKeyIncomplete, "incomplete"},
    {kKeyVariableFlags, "variable_flags"},
};

// A set of the names of the bits that are set.
template <typename Names>
void WriteNames(const Names& names, uint64_t bits, std::string_view prefix, resp::ReplyWriter& reply) {
  const auto n = std::count_if(std::begin(names), std::end(names), [&](const auto& b) { return (bits & b.bit) != 0; });
  reply.Set(static_cast<size_t>(n));
  for (const auto& b : names) {
    if (bits & b.bit) reply.Simple(std::string(prefix) + std::string(b.name));
  }
}

bool IsPlainRange(const KeySpec& s) {
  return s.begin == KeySpec::Begin::kIndex && s.find == KeySpec::Find::kRange;
}

void WriteFlags(const Command& c, resp::ReplyWriter& reply) {
  const bool movable = !std::all_of(c.row->keys.begin(), c.row->keys.end(), IsPlainRange);
  const bool busy = c.Has(kAllowBusy);
  size_t n = static_cast<size_t>(movable) + static_cast<size_t>(busy);
  for (const BitName& b : kFlagNames) n += c.Has(b.bit);
  reply.Set(n);
  for (const BitName& b : kFlagNames) {
    if (c.Has(b.bit)) reply.Simple(b.name);
  }
  if (movable) reply.Simple("movablekeys");
  if (busy) reply.Simple("allow_busy");
}

// First key, last key and step: the summary for clients older than key specifications. Adjacent
// ranges become one.
struct LegacyRange {
  int first = 0, last = 0, step = 0;
};
LegacyRange LegacyRangeOf(const Command& c) {
  const auto absolute_last = [](const KeySpec& s) {
    return s.last < 0 ? s.last : s.index + s.last;
  };
  const auto keys = c.row->keys;
  if (keys.size() == 1 && IsPlainRange(keys[0]))
    return {keys[0].index, absolute_last(keys[0]), keys[0].step};
  int first = std::numeric_limits<int>::max();
  uint32_t last = 0;  // unsigned, so that "to the end" is the greatest
  for (const KeySpec& s : keys) {
    if (!IsPlainRange(s)) continue;
    if (s.step != 1) return {};
    first = std::min(first, s.index);
    last = std::max(last, static_cast<uint32_t>(absolute_last(s)));
  }
  if (first == std::numeric_limits<int>::max()) return {};
  return {first, static_cast<int>(last), 1};
}

void WriteBegin(const KeySpec& s, resp::ReplyWriter& reply) {
  reply.Bulk("begin_search");
  reply.Map(2);
  reply.Bulk("type");
  switch (s.begin) {
    case KeySpec::Begin::kIndex:
      reply.Bulk("index");
      reply.Bulk("spec");
      reply.Map(1);
      reply.Bulk("index");
      reply.Integer(s.index);
      break;
    case KeySpec::Begin::kKeyword:
      reply.Bulk("keyword");
      reply.Bulk("spec");
      reply.Map(2);
      reply.Bulk("keyword");
      reply.Bulk(s.keyword);
      reply.Bulk("startfrom");
      reply.Integer(s.index);
      break;
    case KeySpec::Begin::kUnknown:
      reply.Bulk("unknown");
      reply.Bulk("spec");
      reply.Map(0);
      break;
  }
}

void WriteFind(const KeySpec& s, resp::ReplyWriter& reply) {
  const auto number = [&](std::string_view name, int v) {
    reply.Bulk(name);
    reply.Integer(v);
  };
  reply.Bulk("find_keys");
  reply.Map(2);
  reply.Bulk("type");
  switch (s.find) {
    case KeySpec::Find::kRange:
      reply.Bulk("range");
      reply.Bulk("spec");
      reply.Map(3);
      number("lastkey", s.last);
      number("keystep", s.step);
      number("limit", s.limit);
      break;
    case KeySpec::Find::kKeyNum:
      reply.Bulk("keynum");
      reply.Bulk("spec");
      reply.Map(3);
      number("keynumidx", s.key_num);
      number("firstkey", s.first);
      number("keystep", s.step);
      break;
    case KeySpec::Find::kUnknown:
      reply.Bulk("unknown");
      reply.Bulk("spec");
      reply.Map(0);
      break;
  }
}

void WriteKeySpec(const KeySpec& s, resp::ReplyWriter& reply) {
  reply.Map(3);
  reply.Bulk("flags");
  WriteKeyFlags(s.flags, reply);
  WriteBegin(s, reply);
  WriteFind(s, reply);
}

void WriteTips(const Command& c, resp::ReplyWriter& reply) {
  const CommandDoc* doc = FindDoc(c.full_name);
  const std::vector<std::string_view> tips =
      doc ? SplitTips(doc->tips) : std::vector<std::string_view>();
  reply.Set(tips.size());
  for (std::string_view t : tips) reply.Bulk(t);
}

}  // namespace

void WriteKeyFlags(uint32_t flags, resp::ReplyWriter& reply) {
  WriteNames(kKeyFlagNames, flags, "", reply);
}

void WriteCommandInfo(const Command& c, resp::ReplyWriter& reply) {
  const LegacyRange range = LegacyRangeOf(c);
  reply.Array(10);
  reply.Bulk(c.full_name);
  reply.Integer(c.arity);
  WriteFlags(c, reply);
  reply.Integer(range.first);
  reply.Integer(range.last);
  reply.Integer(range.step);
  WriteNames(Categories(), c.categories, "@", reply);
  WriteTips(c, reply);
  reply.Set(c.row->keys.size());
  for (const KeySpec& s : c.row->keys) WriteKeySpec(s, reply);
  if (c.subcommands.empty()) return reply.Set(0);
  reply.Array(c.subcommands.size());
  for (const auto& sub : c.subcommands) WriteCommandInfo(*sub, reply);
}

}  // namespace pinion::admin
