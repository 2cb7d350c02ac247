// Finding documentation and writing it as COMMAND DOCS does.
#include "admin/command_docs.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "admin/command_syntax.h"

namespace pinion::admin {
namespace {

// Counts down a command's key specifications as arguments of type "key" are met.
class KeySpecCounter {
 public:
  explicit KeySpecCounter(size_t specs) : specs_(specs) {}
  // The index of the specification that covers the next key argument; negative when there is none.
  int Next() { return next_ < specs_ ? static_cast<int>(next_++) : static_cast<int>(specs_) - 1; }

 private:
  size_t specs_, next_ = 0;
};

void WriteArguments(const std::vector<Argument>& arguments, KeySpecCounter* keys,
                    resp::ReplyWriter& reply);

void WriteArgument(const Argument& a, KeySpecCounter* keys, resp::ReplyWriter& reply) {
  const auto field = [&](std::string_view name, std::string_view value) {
    reply.Bulk(name);
    reply.Bulk(value);
  };
  const int key_spec = a.type == "key" ? keys->Next() : -1;
  const size_t flags = static_cast<size_t>(a.optional) + a.multiple + a.multiple_token;
  reply.Map(2 + (key_spec >= 0) + !a.token.empty() + (flags != 0) + !a.children.empty());
  field("name", a.name);
  field("type", a.type);
  if (key_spec >= 0) {
    reply.Bulk("key_spec_index");
    reply.Integer(key_spec);
  }
  if (!a.token.empty()) field("token", a.token);
  if (flags != 0) {
    reply.Bulk("flags");
    reply.Set(flags);
    if (a.optional) reply.Simple("optional");
    if (a.multiple) reply.Simple("multiple");
    if (a.multiple_token) reply.Simple("multiple_token");
  }
  if (!a.children.empty()) {
    reply.Bulk("arguments");
    WriteArguments(a.children, keys, reply);
  }
}

void WriteArguments(const std::vector<Argument>& arguments, KeySpecCounter* keys,
                    resp::ReplyWriter& reply) {
  reply.Array(arguments.size());
  for (const Argument& a : arguments) WriteArgument(a, keys, reply);
}

}  // namespace

std::span<const std::span<const CommandDoc>> AllDocs() {
  static const std::array kAll = {
      kStringDocs,
      kGenericDocs,
      kConnectionDocs,
      kPubSubDocs,
      kTransactionDocs,
      kServerDocs,
      kHashDocs,
      kListDocs,
      kBitmapDocs,
      kHyperLogLogDocs,
      kSetDocs,
      kSortedSetDocs,
      kStreamDocs,
      kGeoDocs,
      kScriptingDocs,
      kClusterDocs,
  };
  return kAll;
}

const CommandDoc* FindDoc(std::string_view full_name) {
  static const auto kByName = [] {
    std::unordered_map<std::string_view, const CommandDoc*> by_name;
    for (const auto& table : AllDocs()) {
      for (const CommandDoc& d : table) by_name.emplace(d.name, &d);
    }
    return by_name;
  }();
  const auto it = kByName.find(full_name);
  return it == kByName.end() ? nullptr : it->second;
}

std::vector<std::string_view> SplitTips(std::string_view tips) {
  std::vector<std::string_view> out;
  while (!tips.empty()) {
    const size_t space = std::min(tips.find(' '), tips.size());
    out.push_back(tips.substr(0, space));
    tips.remove_prefix(std::min(space + 1, tips.size()));
  }
  return out;
}

void WriteCommandDoc(const command::Command& c, resp::ReplyWriter& reply) {
  const CommandDoc* doc = FindDoc(c.full_name);
  const auto mark = reply.Begin();
  size_t fields = 0;
  const auto name = [&](std::string_view n) {
    reply.Bulk(n);
    ++fields;
  };
  const auto text = [&](std::string_view n, std::string_view value) {
    if (value.empty()) return;
    name(n);
    reply.Bulk(value);
  };
  if (doc != nullptr) {
    text("summary", doc->summary);
    text("since", doc->since);
  }
  text("group", c.group);
  if (doc != nullptr) {
    text("complexity", doc->complexity);
    if (!doc->replaced_by.empty()) {
      name("doc_flags");
      reply.Set(1);
      reply.Simple("deprecated");
      text("deprecated_since", doc->deprecated_since);
      text("replaced_by", doc->replaced_by);
    }
    if (const auto arguments = ParseSyntax(doc->syntax); arguments && !arguments->empty()) {
      name("arguments");
      KeySpecCounter keys(c.row->keys.size());
      WriteArguments(*arguments, &keys, reply);
    }
  }
  if (!c.subcommands.empty()) {
    name("subcommands");
    reply.Map(c.subcommands.size());
    for (const auto& sub : c.subcommands) {
      reply.Bulk(sub->full_name);
      WriteCommandDoc(*sub, reply);
    }
  }
  reply.EndMap(mark, fields);
}

}  // namespace pinion::admin
