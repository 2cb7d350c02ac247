// Tests of COMMAND and its subcommands.
#include <string>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using CommandTest = ServerTest;

TEST_F(CommandTest, InfoDescribesARow) {
  auto c = Connect();
  EXPECT_THAT(
      c.Command("COMMAND", "INFO", "get"),
      IsArray(IsArray(
          "get", 2, IsArray(IsStatus("readonly"), IsStatus("fast")), 1, 1, 1,
          IsArray(IsStatus("@read"), IsStatus("@string"), IsStatus("@fast")), IsArray(),
          IsArray(IsArray(
              "flags", IsArray(IsStatus("RO"), IsStatus("access")), "begin_search",
              IsArray("type", "index", "spec", IsArray("index", 1)), "find_keys",
              IsArray("type", "range", "spec", IsArray("lastkey", 0, "keystep", 1, "limit", 0)))),
          IsArray())));
}

TEST_F(CommandTest, InfoOfAnUnknownNameIsNil) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COMMAND", "INFO", "nosuch", "get|x", "config|get|x"),
              IsArray(IsNil(), IsNil(), IsNil()));
}

TEST_F(CommandTest, InfoKnowsSubcommandsAndTips) {
  auto c = Connect();
  EXPECT_THAT(
      c.Command("COMMAND", "INFO", "CONFIG|SET"),
      IsArray(IsArray(
          "config|set", -4,
          IsArray(IsStatus("admin"), IsStatus("noscript"), IsStatus("loading"), IsStatus("stale")),
          0, 0, 0, IsArray(IsStatus("@admin"), IsStatus("@slow"), IsStatus("@dangerous")),
          IsArray("request_policy:all_nodes", "response_policy:all_succeeded"), IsArray(),
          IsArray())));
}

TEST_F(CommandTest, CountInfoAndCommandAloneAgree) {
  auto c = Connect();
  const Reply count = c.Command("COMMAND", "COUNT");
  const auto as_many = HasElements(SizeIs(static_cast<size_t>(count.integer)));
  EXPECT_THAT(c.Command("COMMAND"), as_many);
  EXPECT_THAT(c.Command("COMMAND", "INFO"), as_many);
}

TEST_F(CommandTest, ListFiltersByPatternAndCategory) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COMMAND", "LIST"),
              HasElements(AllOf(Contains(IsBulk("get")), Contains(IsBulk("config|get")))));
  EXPECT_THAT(c.Command("COMMAND", "LIST", "FILTERBY", "PATTERN", "CONFIG|R*"),
              IsArray("config|resetstat", "config|rewrite"));
  EXPECT_THAT(c.Command("COMMAND", "LIST", "FILTERBY", "ACLCAT", "string"),
              HasElements(AllOf(Contains(IsBulk("get")), Not(Contains(IsBulk("config"))))));
  EXPECT_THAT(c.Command("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nosuch"), IsArray());
  EXPECT_THAT(c.Command("COMMAND", "LIST", "FILTERBY", "MODULE", "m"), IsArray());
}

TEST_F(CommandTest, ListRefusesOtherFilters) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COMMAND", "LIST", "FILTERBY", "NAME", "x"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("COMMAND", "LIST", "FILTERBY", "PATTERN"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("COMMAND", "LIST", "all"), IsError("ERR syntax error"));
}

TEST_F(CommandTest, GetKeysPicksKeysOutOfACall) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COMMAND", "GETKEYS", "set", "k", "v"), IsArray("k"));
  EXPECT_THAT(c.Command("COMMAND", "GETKEYSANDFLAGS", "get", "k"),
              IsArray(IsArray("k", IsArray(IsStatus("RO"), IsStatus("access")))));
}

TEST_F(CommandTest, GetKeysAndFlagsLooksAtTheOptions) {
  auto c = Connect();
  const auto flags = [&c](const std::vector<std::string>& call) {
    std::vector<std::string> args = {"COMMAND", "GETKEYSANDFLAGS"};
    args.insert(args.end(), call.begin(), call.end());
    return c.Command(args);
  };
  const auto is = [](const ReplyMatcher& names) { return IsArray(IsArray("k", names)); };
  const auto overwrites = is(IsArray(IsStatus("OW"), IsStatus("update")));
  const auto updates = is(IsUnorderedArray(IsStatus("RW"), IsStatus("access"), IsStatus("update")));
  EXPECT_THAT(flags({"SET", "k", "v"}), overwrites);
  EXPECT_THAT(flags({"SET", "k", "GET"}), overwrites);
  EXPECT_THAT(flags({"SET", "k", "v", "EX", "10", "get"}), updates);
  EXPECT_THAT(flags({"BITFIELD", "k", "INCRBY", "u8", "0", "1"}), updates);
  EXPECT_THAT(flags({"BITFIELD", "k", "GET", "u8"}), updates);
  EXPECT_THAT(flags({"BITFIELD", "k", "GET", "u8", "0"}), is(IsArray(IsStatus("RO"), IsStatus("access"))));
}

TEST_F(CommandTest, GetKeysSaysWhyThereAreNone) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COMMAND", "GETKEYS", "nosuch", "k"),
              IsError("ERR Invalid command specified"));
  EXPECT_THAT(c.Command("COMMAND", "GETKEYS", "config", "nosuch"),
              IsError("ERR Invalid command specified"));
  EXPECT_THAT(c.Command("COMMAND", "GETKEYS", "config", "get", "x"),
              IsError("ERR The command has no key arguments"));
  EXPECT_THAT(c.Command("COMMAND", "GETKEYS", "get", "a", "b"),
              IsError("ERR Invalid number of arguments specified for command"));
}

TEST_F(CommandTest, AnUnknownSubcommandIsRefused) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COMMAND", "nosuch"),
              IsError("ERR unknown subcommand 'nosuch'. Try COMMAND HELP."));
}

TEST_F(CommandTest, HelpListsTheSubcommandsOfEveryContainer) {
  auto c = Connect();
  const std::vector<std::string> calls[] = {{"COMMAND", "HELP"},
                                            {"CONFIG", "HELP"},
                                            {"LATENCY", "HELP"},
                                            {"MODULE", "HELP"},
                                            {"SLOWLOG", "HELP"}};
  for (const auto& call : calls) {
    const Reply help = c.Command(call);
    ASSERT_THAT(help, HasElements(Not(IsEmpty()))) << call[0];
    EXPECT_THAT(help.elements[0],
                IsStatus(call[0] + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    EXPECT_THAT(help.elements.back(), IsStatus("    Prints this help."));
  }
}

}  // namespace
}  // namespace pinion::test
