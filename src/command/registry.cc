// Building the registry from rows, and the look-ups that are not hot.
#include "command/registry.h"

#include <algorithm>
#include <stdexcept>

#include "base/ascii.h"

namespace pinion::command {
namespace {

// The categories a command has by its flags, as Redis derives them.
uint32_t ImpliedCategories(const CommandRow& row) {
  uint32_t c = row.categories;
  if (row.flags & kWrite) c |= kCatWrite;
  if ((row.flags & kRead) && !(c & kCatScripting)) c |= kCatRead;
  if (row.flags & kAdmin) c |= kCatAdmin | kCatDangerous;
  if (row.flags & kPubSub) c |= kCatPubSub;
  if (row.flags & kBlocking) c |= kCatBlocking;
  c |= row.flags & kFast ? kCatFast : kCatSlow;
  return c;
}

std::unique_ptr<Command> MakeCommand(const CommandRow& row, const Family& family, const Command* parent,
                                     size_t* next_id) {
  auto c = std::make_unique<Command>();
  c->row = &row;
  c->parent = parent;
  c->name = ToLower(row.name);
  c->full_name = parent ? parent->name + "|" + c->name : c->name;
  c->group = family.group;
  c->id = static_cast<uint32_t>((*next_id)++);
  c->flags = row.flags;
  c->arity = row.arity;
  c->handler = row.handler;
  c->categories = ImpliedCategories(row);
  if (row.subcommands.empty()) c->categories |= family.category;
  if (row.keys.size() == 1 && row.keys[0].begin == KeySpec::Begin::kIndex &&
      row.keys[0].find == KeySpec::Find::kRange && row.keys[0].limit == 0 && !(row.keys[0].flags & kKeyNotKey)) {
    c->first_key = row.keys[0].index;
    c->last_key = row.keys[0].last < 0 ? row.keys[0].last : row.keys[0].index + row.keys[0].last;
    c->key_step = row.keys[0].step;
  }
  for (const CommandRow& sub : row.subcommands) c->subcommands.push_back(MakeCommand(sub, family, c.get(), next_id));
  return c;
}

}  // namespace

std::string ToLower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), LowerAscii);
  return out;
}

std::string ToUpper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

bool EqualsNoCase(std::string_view text, std::string_view other) {
  return text.size() == other.size() &&
         std::equal(text.begin(), text.end(), other.begin(),
                    [](char a, char b) { return LowerAscii(a) == LowerAscii(b); });
}

const Command* Command::FindSubcommand(std::string_view sub_name) const {
  for (const auto& s : subcommands) {
    if (EqualsNoCase(sub_name, s->name)) return s.get();
  }
  return nullptr;
}

Registry::Registry(std::span<const Family> families) {
  for (const Family& family : families) {
    for (const CommandRow& row : family.rows) commands_.push_back(MakeCommand(row, family, nullptr, &id_count_));
  }
  std::sort(commands_.begin(), commands_.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  for (size_t i = 1; i < commands_.size(); ++i) {
    if (commands_[i]->name == commands_[i - 1]->name) throw std::logic_error("two rows for " + commands_[i]->name);
  }
  Reindex();
}

void Registry::Reindex() {
  slots_.fill(Slot());
  long_names_.clear();
  for (const auto& c : commands_) {
    const auto renamed = renamed_.find(c->name);
    const std::string& name = renamed == renamed_.end() ? c->name : renamed->second;
    if (!name.empty()) Index(name, c.get());
  }
}

void Registry::Index(std::string_view name, const Command* c) {
  if (name.size() > sizeof(Folded) || name.empty() || name.back() == '\0') {
    long_names_[ToLower(name)] = c;
    return;
  }
  const Folded f = Fold(name);
  size_t i = SlotOf(f);
  while (slots_[i].command != nullptr) i = (i + 1) % kSlots;
  slots_[i] = {f, c};
}

const Command* Registry::FindLong(std::string_view name) const {
  const auto it = long_names_.find(ToLower(name));
  return it == long_names_.end() ? nullptr : it->second;
}

const Command* Registry::FindFull(std::string_view full_name) const {
  const size_t bar = full_name.find('|');
  const Command* c = Find(full_name.substr(0, bar));
  if (c == nullptr || bar == std::string_view::npos) return c;
  return c->FindSubcommand(full_name.substr(bar + 1));
}

const Command* Registry::FindOriginal(std::string_view full_name) const {
  const size_t bar = full_name.find('|');
  const std::string name = ToLower(full_name.substr(0, bar));
  const auto at = std::lower_bound(commands_.begin(), commands_.end(), name,
                                   [](const auto& c, const std::string& n) { return c->name < n; });
  if (at == commands_.end() || (*at)->name != name) return nullptr;
  return bar == std::string_view::npos ? at->get() : (*at)->FindSubcommand(full_name.substr(bar + 1));
}

bool Registry::Rename(std::string_view from, std::string_view to) {
  const Command* c = Find(from);
  if (c == nullptr || (!to.empty() && Find(to) != nullptr)) return false;
  renamed_[c->name] = ToLower(to);
  Reindex();
  return true;
}

}  // namespace pinion::command
