// A reply as a value: what a test compares, the same for RESP2, RESP3 and hiredis.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinion::test {

struct Reply {
  enum class Kind {
    kNothing,    // no reply came in time, or the connection was closed; `text` says which
    kNil,        // "$-1", "*-1" or "_"
    kStatus,     // "+"
    kError,      // "-" or "!"
    kInteger,    // ":"
    kBulk,       // "$"
    kArray,      // "*"
    kMap,        // "%": keys and values alternate in `elements`
    kSet,        // "~"
    kPush,       // ">"
    kDouble,     // ","
    kBoolean,    // "#": `integer` is 0 or 1
    kBigNumber,  // "(": the digits are in `text`
    kVerbatim,   // "=": `text` without the format, which is in `format`
  };

  Kind kind = Kind::kNothing;
  std::string text;
  std::string format;
  int64_t integer = 0;
  double number = 0;
  std::vector<Reply> elements;
  std::vector<Reply> attributes;  // "|" before the reply: names and values alternate

  friend bool operator==(const Reply&, const Reply&) = default;

  // The element after the bulk string or status `name` in a map, or in the flat array that stands
  // for one in RESP2; null if absent.
  [[nodiscard]] const Reply* Find(std::string_view name) const;
};

// As redis-cli would show it, on one line; gtest prints replies with this.
std::ostream& operator<<(std::ostream& out, const Reply& reply);

}  // namespace pinion::test
