// The patterns of SORT's BY and GET: from an element to the value of a key, or of a hash's field, named after it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "command/context.h"

namespace pinion::commands {

// "weight_*" is the string at the key that has the element in place of the first asterisk, "object_*->name" the field
// of the hash at such a key, and "#" the element itself. A pattern without an asterisk names nothing.
class SortPattern {
 public:
  explicit SortPattern(std::string_view text);

  [[nodiscard]] bool is_element() const { return is_element_; }
  [[nodiscard]] bool has_asterisk() const { return has_asterisk_; }
  // The value for an element; nothing when the key or field is absent or holds another type. Looks the key up as any
  // read does. REQUIRES: the command runs alone.
  [[nodiscard]] std::optional<std::string> Lookup(command::Context& ctx, std::string_view element) const;

 private:
  bool is_element_;
  bool has_asterisk_;
  std::string_view before_, after_;        // the key's name, but for the element
  std::optional<std::string_view> field_;
};

}  // namespace pinion::commands
