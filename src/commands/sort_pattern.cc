// How SORT's patterns are taken apart and looked up.
#include "commands/sort_pattern.h"

#include <array>

#include "base/numbers.h"
#include "resp/errors.h"
#include "store/database.h"
#include "types/hash.h"

namespace pinion::commands {

SortPattern::SortPattern(std::string_view text) : is_element_(text == "#") {
  const size_t asterisk = resp::error::UpToNul(text).find('*');
  has_asterisk_ = asterisk != std::string_view::npos;
  if (!has_asterisk_) return;
  before_ = text.substr(0, asterisk);
  after_ = text.substr(asterisk + 1);
  constexpr std::string_view kArrow = "->";
  const size_t arrow = resp::error::UpToNul(after_).find(kArrow);
  // An arrow at the very end belongs to the key.
  if (arrow == std::string_view::npos || resp::error::UpToNul(after_).size() == arrow + kArrow.size()) return;
  field_ = after_.substr(arrow + kArrow.size());
  after_ = after_.substr(0, arrow);
}

std::optional<std::string> SortPattern::Lookup(command::Context& ctx, std::string_view element) const {
  if (is_element_) return std::string(element);
  if (!has_asterisk_) return std::nullopt;
  std::string name;
  name.reserve(before_.size() + element.size() + after_.size());
  name.append(before_).append(element).append(after_);
  const store::Entry* e = ctx.db().Read(ctx.db().keyspace().MakeKey(name));
  if (e == nullptr) return std::nullopt;
  std::array<char, kMaxInt64Text> scratch;
  if (!field_) {
    if (!e->is_string()) return std::nullopt;
    return std::string(e->StringView(scratch.data()));
  }
  if (e->type() != store::ValueType::kHash) return std::nullopt;
  const types::Borrowed<types::Hash> hash(e->pointer());
  const auto value = hash->Get(*field_);
  if (!value) return std::nullopt;
  return std::string(value->View(scratch.data()));
}

}  // namespace pinion::commands
