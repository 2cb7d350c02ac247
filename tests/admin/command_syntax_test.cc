// Tests of the argument notation.
#include "admin/command_syntax.h"

#include <gtest/gtest.h>

namespace pinion::admin {
namespace {

std::string Show(const Argument& a) {
  std::string out = a.name + ":" + a.type;
  if (!a.token.empty()) out += "@" + a.token;
  if (a.optional) out += "?";
  if (a.multiple) out += a.multiple_token ? "++" : "+";
  if (a.children.empty()) return out;
  out += "(";
  for (const Argument& c : a.children) out += (&c == a.children.data() ? "" : " ") + Show(c);
  return out + ")";
}

std::string Show(std::string_view syntax) {
  const auto arguments = ParseSyntax(syntax);
  if (!arguments) return "malformed";
  std::string out;
  for (const Argument& a : *arguments) out += (out.empty() ? "" : " ") + Show(a);
  return out;
}

struct Case {
  std::string_view syntax, shown;
};

TEST(CommandSyntax, ReadsTheNotation) {
  constexpr Case kCases[] = {
      {"", ""},
      {"key:key value", "key:key value:string"},
      {"key:key ...", "key:key+"},
      {"[message]", "message:string?"},
      {"[GET]", "get:pure-token@GET?"},
      {"[MATCH pattern:pattern]", "pattern:pattern@MATCH?"},
      {"[condition=NX|XX]", "condition:oneof?(nx:pure-token@NX xx:pure-token@XX)"},
      {"[EX seconds:integer|PERSIST]",
       "seconds:oneof?(seconds:integer@EX persist:pure-token@PERSIST)"},
      {"<id=auto-id'*'|id>", "id:oneof(auto-id:pure-token@* id:string)"},
      {"[operator=equal'='|approximately'~']",
       "operator:oneof?(equal:pure-token@= approximately:pure-token@~)"},
      {"<data=key:key value> ...", "data:block+(key:key value:string)"},
      {"[LIMIT <limit=offset:integer count:integer>]",
       "limit:block@LIMIT?(offset:integer count:integer)"},
      {"[GET pattern:pattern ...+]", "pattern:pattern@GET?++"},
      {"[NOSAVE|SAVE] [NOW]",
       "nosave:oneof?(nosave:pure-token@NOSAVE save:pure-token@SAVE) now:pure-token@NOW?"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Show(c.syntax), c.shown) << c.syntax;
}

TEST(CommandSyntax, RefusesWhatIsNotInTheNotation) {
  for (std::string_view text : {"[", "a]", "[]", "<a", "[a|]", "|", "a > b", "a'"}) {
    EXPECT_FALSE(ParseSyntax(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace pinion::admin
