// The ACL categories of commands by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pinion::command {

struct CategoryName {
  uint32_t bit;  // one of Category
  std::string_view name;
};

// All, in the order ACL CAT lists them.
[[nodiscard]] std::span<const CategoryName> Categories();
// The bit of a category's name in any case ("string"), or 0.
[[nodiscard]] uint32_t CategoryOf(std::string_view name);

}  // namespace pinion::command
