// Tests of finding commands by name, and of what is derived from their rows.
#include "command/registry.h"

#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/command/nothing.h"

namespace pinion::command {
namespace {

constexpr CommandRow kRegisteredSubcommands[] = {
    {"LIST", -2, kAdmin, {}, Nothing},
    {"ID", 2, kNoScript, {}, Nothing},
};
constexpr KeySpec kChannel[] = {Range(1, 0, 1, kKeyNotKey)};
constexpr CommandRow kRegisteredRows[] = {
    {"GET", 2, kRead | kFast, kReadKey, Nothing},
    {"SET", -3, kWrite, kReadUpdateKey, Nothing},
    {"DEL", -2, kWrite, kDeleteKey, Nothing},
    {"EIGHTCHR", 1, 0, {}, Nothing},
    {"SIXTEENCHARACTER", 1, 0, {}, Nothing},
    {"LONGERTHANSIXTEENCHARACTERS", 1, 0, {}, Nothing},
    {"CLIENT", -2, 0, {}, nullptr, 0, kRegisteredSubcommands},
    {"SPUBLISH", 3, kPubSub, kChannel, Nothing},
};
constexpr Family kRegisteredFamilies[] = {{"things", kCatString, kRegisteredRows}};

TEST(Registry, FindsNamesOfAnyLengthInAnyCase) {
  const Registry registry(kRegisteredFamilies);
  for (const char* name : {"get", "GET", "gEt", "eightchr", "EightChr", "sixteencharacter", "SIXTEENCHARACTER",
                           "longerthansixteencharacters", "LONGERthanSIXTEENcharacters"}) {
    ASSERT_NE(registry.Find(name), nullptr) << name;
    EXPECT_EQ(registry.Find(name)->name, ToLower(name));
  }
}

TEST(Registry, DoesNotFindWhatOnlyResemblesAName) {
  const Registry registry(kRegisteredFamilies);
  using namespace std::string_view_literals;
  // The byte 0x20 below a letter, or above one, is another character; a NUL at the end is one as well.
  for (std::string_view name : {""sv, "ge"sv, "gett"sv, "get\0"sv, "get "sv, "\xE7"
                                                                           "et"sv,
                                "eightch\x12"sv, "eightchr\0"sv, "g\0t"sv, "longerthansixteencharacter"sv}) {
    EXPECT_EQ(registry.Find(name), nullptr) << name;
  }
}

TEST(Registry, NumbersEveryCommandAndSubcommandOnce) {
  const Registry registry(kRegisteredFamilies);
  std::vector<bool> seen(registry.id_count());
  registry.ForEach([&](const Command& c) {
    ASSERT_LT(c.id, seen.size());
    EXPECT_FALSE(seen[c.id]) << c.full_name;
    seen[c.id] = true;
  });
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true),
            static_cast<long>(std::size(kRegisteredRows) + std::size(kRegisteredSubcommands)));
}

TEST(Registry, FindsSubcommandsByFullName) {
  const Registry registry(kRegisteredFamilies);
  const Command* list = registry.FindFull("CLIENT|List");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->full_name, "client|list");
  EXPECT_EQ(list->parent, registry.Find("client"));
  EXPECT_EQ(registry.FindFull("client|nosuch"), nullptr);
  EXPECT_EQ(registry.FindFull("get|list"), nullptr);
  EXPECT_EQ(registry.FindFull("get"), registry.Find("get"));
}

TEST(Registry, ArityCountsTheName) {
  const Registry registry(kRegisteredFamilies);
  EXPECT_TRUE(registry.Find("get")->FitsArity(2));
  EXPECT_FALSE(registry.Find("get")->FitsArity(3));
  EXPECT_FALSE(registry.Find("set")->FitsArity(2));
  EXPECT_TRUE(registry.Find("set")->FitsArity(9));
}

TEST(Registry, DerivesCategoriesFromFlagsAndFamily) {
  const Registry registry(kRegisteredFamilies);
  EXPECT_EQ(registry.Find("get")->categories, kCatRead | kCatFast | kCatString);
  EXPECT_EQ(registry.Find("set")->categories, kCatWrite | kCatSlow | kCatString);
  EXPECT_EQ(registry.FindFull("client|list")->categories, kCatAdmin | kCatDangerous | kCatSlow | kCatString);
  EXPECT_EQ(registry.Find("client")->categories, static_cast<uint32_t>(kCatSlow));
}

TEST(Registry, TakesOnlyPlainKeyLayoutsApart) {
  const Registry registry(kRegisteredFamilies);
  EXPECT_EQ(registry.Find("get")->first_key, 1);
  EXPECT_EQ(registry.Find("get")->last_key, 1);
  EXPECT_EQ(registry.Find("spublish")->first_key, 0);
  EXPECT_EQ(registry.Find("eightchr")->first_key, 0);
}

TEST(Registry, RenamesAndRemoves) {
  Registry registry(kRegisteredFamilies);
  EXPECT_TRUE(registry.Rename("GET", "Fetch"));
  EXPECT_EQ(registry.Find("get"), nullptr);
  ASSERT_NE(registry.Find("FETCH"), nullptr);
  EXPECT_EQ(registry.Find("fetch")->name, "get");
  EXPECT_FALSE(registry.Rename("set", "fetch")) << "the name is taken";
  EXPECT_FALSE(registry.Rename("nosuch", "other"));
  EXPECT_TRUE(registry.Rename("del", ""));
  EXPECT_EQ(registry.Find("del"), nullptr);
  EXPECT_TRUE(registry.Rename("set", "averyverylongnameforacommand"));
  EXPECT_NE(registry.Find("AVERYverylongnameforacommand"), nullptr);
}

TEST(Registry, RefusesTwoRowsOfOneName) {
  constexpr CommandRow kTwice[] = {{"GET", 2, 0, {}, Nothing}, {"GET", 2, 0, {}, Nothing}};
  const Family families[] = {{"things", 0, kTwice}};
  EXPECT_THROW(Registry{families}, std::logic_error);
}

}  // namespace
}  // namespace pinion::command
