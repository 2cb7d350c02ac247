// Tests that documentation and rows agree, and of COMMAND DOCS.
#include "admin/command_docs.h"

#include <set>

#include "admin/command_syntax.h"
#include "command/registry.h"
#include "server/families.h"
#include "tests/support/server_fixture.h"

namespace pinion::admin {
namespace {

using namespace test;
using ::testing::SizeIs;

TEST(CommandDocs, EveryRowIsDocumented) {
  const command::Registry registry(server::AllFamilies());
  registry.ForEach(
      [](const command::Command& c) { EXPECT_NE(FindDoc(c.full_name), nullptr) << c.full_name; });
}

TEST(CommandDocs, NothingElseIsDocumentedAndNothingTwice) {
  const command::Registry registry(server::AllFamilies());
  std::set<std::string_view> seen;
  for (const auto& table : AllDocs()) {
    for (const CommandDoc& d : table) {
      EXPECT_NE(registry.FindFull(d.name), nullptr) << d.name;
      EXPECT_TRUE(seen.insert(d.name).second) << d.name;
    }
  }
}

TEST(CommandDocs, EverySyntaxIsWellFormedAndEverySummaryASentence) {
  for (const auto& table : AllDocs()) {
    for (const CommandDoc& d : table) {
      EXPECT_TRUE(ParseSyntax(d.syntax).has_value()) << d.name << ": " << d.syntax;
      EXPECT_TRUE(d.summary.ends_with('.')) << d.name;
      EXPECT_FALSE(d.since.empty() || d.complexity.empty()) << d.name;
    }
  }
}

size_t CountKeys(const std::vector<Argument>& arguments) {
  size_t n = 0;
  for (const Argument& a : arguments) n += (a.type == "key") + CountKeys(a.children);
  return n;
}

TEST(CommandDocs, KeysAreDocumentedExactlyWhereRowsHaveThem) {
  const command::Registry registry(server::AllFamilies());
  registry.ForEach([](const command::Command& c) {
    const CommandDoc* doc = FindDoc(c.full_name);
    if (doc == nullptr) return;
    bool has_keys = false;
    for (const command::KeySpec& s : c.row->keys) has_keys |= !(s.flags & command::kKeyNotKey);
    EXPECT_EQ(CountKeys(ParseSyntax(doc->syntax).value_or(std::vector<Argument>())) > 0, has_keys)
        << c.full_name;
  });
}

using CommandDocsTest = ServerTest;

TEST_F(CommandDocsTest, DocsDescribesArgumentsForHints) {
  auto c = Connect();
  const Reply docs = c.Command("COMMAND", "DOCS", "get");
  ASSERT_THAT(docs, HasElements(SizeIs(2)));
  EXPECT_THAT(docs.elements[0], IsBulk("get"));
  const Reply& get = docs.elements[1];
  ASSERT_NE(get.Find("arguments"), nullptr);
  EXPECT_THAT(*get.Find("arguments"),
              IsArray(IsArray("name", "key", "type", "key", "key_spec_index", 0)));
  EXPECT_THAT(*get.Find("group"), IsBulk("string"));
}

TEST_F(CommandDocsTest, DocsNestsSubcommandsAndSkipsUnknownNames) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COMMAND", "DOCS", "nosuch", "get|x"), IsArray());
  const Reply docs = c.Command("COMMAND", "DOCS", "nosuch", "config");
  ASSERT_THAT(docs, HasElements(SizeIs(2)));
  const Reply* subcommands = docs.elements[1].Find("subcommands");
  ASSERT_NE(subcommands, nullptr);
  EXPECT_NE(subcommands->Find("config|get"), nullptr);
}

TEST_F(CommandDocsTest, DocsWithoutNamesCoversAllCommands) {
  auto c = Connect();
  const Reply count = c.Command("COMMAND", "COUNT");
  EXPECT_THAT(c.Command("COMMAND", "DOCS"),
              HasElements(SizeIs(2 * static_cast<size_t>(count.integer))));
}

TEST_F(CommandDocsTest, DocsNamesTheSuccessorOfADeprecatedCommand) {
  auto c = Connect();
  const Reply docs = c.Command("COMMAND", "DOCS", "getset");
  ASSERT_THAT(docs, HasElements(SizeIs(2)));
  EXPECT_THAT(*docs.elements[1].Find("doc_flags"), IsArray(IsStatus("deprecated")));
  EXPECT_THAT(*docs.elements[1].Find("deprecated_since"), IsBulk("6.2.0"));
}

}  // namespace
}  // namespace pinion::admin
