// A small notation for commands' arguments, and its reader.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pinion::admin {

// One argument as COMMAND DOCS describes it.
struct Argument {
  std::string name;
  std::string type;   // string, key, integer, double, pattern, unix-time, pure-token, oneof, block
  std::string token;  // literal word before it, or the word itself for a pure token
  bool optional = false;
  bool multiple = false;
  bool multiple_token = false;
  std::vector<Argument> children;  // of oneof and block
};

// Reads a notation like
//     key:key value [condition=NX|XX] [GET] [expiration=EX seconds:integer|PX
//     milliseconds:integer|KEEPTTL]
//   name         a string; name:type for another type
//   TOKEN        the word itself; before a lower-case name or a group it is that one's token
//   name'x'      the literal x, a token that is no word
//   [ ... ]      optional; < ... > the same but required. Alternatives separated by | make a oneof,
//   several arguments in a row a block; label=       before the first alternative names the group;
//   else it takes the name of its first member x ...        may be repeated; x ...+ may be repeated
//   with its token
// nullopt for text that is not in this notation.
[[nodiscard]] std::optional<std::vector<Argument>> ParseSyntax(std::string_view syntax);

}  // namespace pinion::admin
