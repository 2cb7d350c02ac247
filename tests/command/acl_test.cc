// Tests of users: reading rules, what they allow, how they are described, files of them, and the log.
#include "command/acl.h"

#include <initializer_list>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "tests/command/nothing.h"

namespace pinion::command {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr CommandRow kConfigRows[] = {
    {"GET", -3, kAdmin, {}, Nothing},
    {"SET", -4, kAdmin, {}, Nothing},
};
constexpr KeySpec kMoved[] = {Range(1, 0, 1, kKeyRW | kKeyAccess | kKeyDelete), Range(2, 0, 1, kKeyRW | kKeyInsert)};
constexpr CommandRow kAclRows[] = {
    {"GET", 2, kRead | kFast, kReadKey, Nothing},
    {"SET", -3, kWrite, kOverwriteKey, Nothing},
    {"APPEND", 3, kWrite, kReadUpdateKey, Nothing},
    {"EXISTS", -2, kRead, kPeekAllKeys, Nothing},
    {"MOVETO", 3, kWrite, kMoved, Nothing},
    {"SELECT", 2, kFast, {}, Nothing, kCatConnection},
    {"AUTH", -2, kNoAuth, {}, Nothing},
    {"CONFIG", -2, 0, {}, nullptr, 0, kConfigRows},
    {"SEND", 3, kPubSub, {}, Nothing, 0, {}, nullptr, nullptr, nullptr, {1}},
    {"HEAR", -2, kPubSub, {}, Nothing, 0, {}, nullptr, nullptr, nullptr, {1, true}},
    {"PHEAR", -2, kPubSub, {}, Nothing, 0, {}, nullptr, nullptr, nullptr, {1, true, ChannelArguments::Kind::kPattern}},
};
constexpr Family kAclFamilies[] = {{"things", kCatString, kAclRows}};

class AclTest : public ::testing::Test {
 protected:
  using Words = std::initializer_list<std::string_view>;

  // The error, or an empty text.
  std::string Set(Words rules, std::string_view name = "alice") {
    const auto set = acl_.SetUser(name, std::span(rules.begin(), rules.size()));
    return set ? "" : set.error();
  }
  // The rules that these rules come to.
  std::string Described(Words rules) {
    (void)Set({"reset"});
    EXPECT_EQ(Set(rules), "");
    return acl_.Find("alice")->Describe();
  }
  // What stands in the way of a call, or an empty text.
  std::string Denied(Words call) {
    const std::span args(call.begin(), call.size());
    const Command* const c = registry_.FindCall(args);
    const auto denial = acl_.Find("alice")->Check(*c, args);
    return denial ? DescribeDenial(*acl_.Find("alice"), *c, args, *denial, true) : "";
  }
  static std::string NoCommand(std::string_view name) {
    return "User alice has no permissions to run the '" + std::string(name) + "' command";
  }
  static std::string NoKey(std::string_view key) {
    return "User alice has no permissions to access the '" + std::string(key) + "' key";
  }
  static std::string NoChannel(std::string_view channel) {
    return "User alice has no permissions to access the '" + std::string(channel) + "' channel";
  }

  config::Config config_;
  Registry registry_{kAclFamilies};
  Acl acl_{registry_, config_.settings()};
};

TEST_F(AclTest, TheDefaultUserMayDoEverythingAndANewOneNothing) {
  EXPECT_THAT(acl_.Lines(), ElementsAre("user default on nopass sanitize-payload ~* &* +@all"));
  EXPECT_TRUE(acl_.default_user()->unrestricted());
  EXPECT_EQ(Described({}), "off sanitize-payload resetchannels -@all");
  EXPECT_EQ(Denied({"get", "k"}), NoCommand("get"));
  EXPECT_EQ(Denied({"auth", "x"}), "");
}

TEST_F(AclTest, AclPubsubDefaultGivesNewUsersAndSelectorsAllChannels) {
  ASSERT_TRUE(config_.Set({{"acl-pubsub-default", "allchannels"}}));
  EXPECT_EQ(Described({"resetchannels", "(+get)"}), "off sanitize-payload resetchannels -@all (&* -@all +get)");
  EXPECT_EQ(Described({"reset"}), "off sanitize-payload &* -@all");
}

TEST_F(AclTest, PasswordsAreKeptAsHashes) {
  const std::string hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(Described({"on", ">abc", ">abc", "#" + hash}),
            "on sanitize-payload #" + hash + " resetchannels -@all");
  EXPECT_TRUE(acl_.Find("alice")->Admits("abc"));
  EXPECT_FALSE(acl_.Find("alice")->Admits("abd"));
  EXPECT_EQ(Set({"off"}), "");
  EXPECT_FALSE(acl_.Find("alice")->Admits("abc"));
  EXPECT_EQ(Set({"on", "!" + hash}), "");
  EXPECT_FALSE(acl_.Find("alice")->Admits("abc"));
  EXPECT_EQ(Set({"nopass"}), "");
  EXPECT_TRUE(acl_.Find("alice")->Admits("whatever"));
  EXPECT_EQ(Set({"resetpass"}), "");
  EXPECT_FALSE(acl_.Find("alice")->Admits(""));
}

TEST_F(AclTest, CommandsComeBySingleOnesSubcommandsAndCategories) {
  EXPECT_EQ(Described({"~*", "+@read", "-exists", "+CONFIG|Get"}),
            "off sanitize-payload ~* resetchannels -@all +@read -exists +config|get");
  EXPECT_EQ(Denied({"get", "k"}), "");
  EXPECT_EQ(Denied({"exists", "k"}), NoCommand("exists"));
  EXPECT_EQ(Denied({"config", "get", "x"}), "");
  EXPECT_EQ(Denied({"config", "set", "x", "y"}), NoCommand("config|set"));
  EXPECT_EQ(Described({"+@all", "-config|set"}), "off sanitize-payload resetchannels +@all -config|set");
  EXPECT_EQ(Denied({"config", "set", "x", "y"}), NoCommand("config|set"));
  EXPECT_EQ(Denied({"config", "get", "x"}), "");
}

TEST_F(AclTest, ALaterRuleTakesThePlaceOfEarlierOnesAboutTheSame) {
  EXPECT_EQ(Described({"+get", "-get", "+get"}), "off sanitize-payload resetchannels -@all +get");
  EXPECT_EQ(Described({"+config|get", "+config|set", "-config"}), "off sanitize-payload resetchannels -@all -config");
  EXPECT_EQ(Described({"-@all", "+@read", "-@READ", "+get"}), "off sanitize-payload resetchannels -@all -@read +get");
  EXPECT_EQ(Described({"+get", "allcommands"}), "off sanitize-payload resetchannels +@all");
  EXPECT_EQ(Described({"+@all", "-get", "+get"}), "off sanitize-payload resetchannels +@all +get");
  EXPECT_EQ(Described({"+@all", "nocommands"}), "off sanitize-payload resetchannels -@all");
}

TEST_F(AclTest, AFirstArgumentMayBeAllowedAlone) {
  EXPECT_EQ(Described({"+select|0", "+SELECT|A"}), "off sanitize-payload resetchannels -@all +select|0 +select|a");
  EXPECT_EQ(Denied({"select", "0"}), "");
  EXPECT_EQ(Denied({"select", "a"}), "");
  EXPECT_EQ(Denied({"select", "1"}), NoCommand("select"));
  EXPECT_EQ(Set({"-select"}), "");
  EXPECT_EQ(Denied({"select", "0"}), NoCommand("select"));
}

TEST_F(AclTest, KeysMayBeForReadingOrForWriting) {
  EXPECT_EQ(Described({"+@all", "%R~r*", "%W~w*", "%RW~b*", "~a*", "%w~r1"}),
            "off sanitize-payload %R~r* %W~w* ~b* ~a* %W~r1 resetchannels +@all");
  EXPECT_EQ(Denied({"get", "r"}), "");
  EXPECT_EQ(Denied({"get", "w"}), NoKey("w"));
  EXPECT_EQ(Denied({"set", "w", "x"}), "");
  EXPECT_EQ(Denied({"set", "r", "x"}), NoKey("r"));
  EXPECT_EQ(Denied({"append", "w", "x"}), NoKey("w"));
  EXPECT_EQ(Denied({"append", "b", "x"}), "");
  EXPECT_EQ(Denied({"exists", "w", "r", "a"}), "");
  EXPECT_EQ(Denied({"exists", "w", "x"}), NoKey("x"));
  EXPECT_EQ(Denied({"moveto", "a", "w"}), "");
  EXPECT_EQ(Denied({"moveto", "a", "r"}), NoKey("r"));
  EXPECT_EQ(Set({"%W~r*"}), "");
  EXPECT_THAT(acl_.Find("alice")->Describe(), HasSubstr("~r* %W~w*"));
}

TEST_F(AclTest, ChannelsMatchByPatternAndPatternsByText) {
  EXPECT_EQ(Described({"+@all", "&news.*", "&x"}), "off sanitize-payload resetchannels &news.* &x +@all");
  EXPECT_EQ(Denied({"send", "news.a", "m"}), "");
  EXPECT_EQ(Denied({"send", "y", "m"}), NoChannel("y"));
  EXPECT_EQ(Denied({"send"}), "");  // of a script that only asks; arity is another's business
  EXPECT_EQ(Denied({"hear", "x", "news.b"}), "");
  EXPECT_EQ(Denied({"hear", "x", "news"}), NoChannel("news"));
  EXPECT_EQ(Denied({"phear", "news.*"}), "");
  EXPECT_EQ(Denied({"phear", "news.a*"}), NoChannel("news.a*"));
}

TEST_F(AclTest, OneSelectorMustAllowTheWholeCall) {
  EXPECT_EQ(Described({"+get", "~a", "(+set ~b)", "(+get", "~c)"}),
            "off sanitize-payload ~a resetchannels -@all +get (~b resetchannels -@all +set) "
            "(~c resetchannels -@all +get)");
  EXPECT_EQ(Denied({"get", "a"}), "");
  EXPECT_EQ(Denied({"get", "c"}), "");
  EXPECT_EQ(Denied({"set", "b", "x"}), "");
  EXPECT_EQ(Denied({"get", "b"}), NoKey("b"));
  EXPECT_EQ(Denied({"append", "b", "x"}), NoCommand("append"));
  EXPECT_EQ(Set({"clearselectors"}), "");
  EXPECT_EQ(Denied({"set", "b", "x"}), NoCommand("set"));
}

TEST_F(AclTest, WrongRulesAreToldAndChangeNothing) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"+nosuch", "Unknown command or category name in ACL"},
      {"-select|0", "Unknown command or category name in ACL"},
      {"+config|nosuch", "Unknown command or category name in ACL"},
      {"+config|get|x", "Allowing first-arg of a subcommand is not supported"},
      {"+@nosuch", "Unknown command or category name in ACL"},
      {"+select|", "Syntax error"},
      {"%~x", "Syntax error"},
      {"%RR~x", "Syntax error"},
      {"%", "Syntax error"},
      {"~a b", "Syntax error"},
      {"& ", "Syntax error"},
      {"gibberish", "Syntax error"},
      {"(on)", "Syntax error"},
      {"(+nosuch)", "Unknown command or category name in ACL"},
      {"<nosuch", "The password you are trying to remove from the user does not exist"},
      {"#abc", "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"},
  };
  for (const auto& [rule, error] : cases) {
    EXPECT_EQ(Set({"on", rule}), "Error in ACL SETUSER modifier '" + std::string(rule) + "': " + std::string(error));
  }
  EXPECT_EQ(acl_.Find("alice"), nullptr);
  EXPECT_THAT(Set({"~*", "~a"}), HasSubstr("Adding a pattern after the * pattern (or the 'allkeys' flag)"));
  EXPECT_THAT(Set({"&*", "&a"}), HasSubstr("Adding a pattern after the * pattern (or the 'allchannels' flag)"));
  EXPECT_EQ(Set({"on", "(~a", "+get"}), "Unmatched parenthesis in acl selector starting at '(~a'.");
}

TEST_F(AclTest, ADescriptionMakesTheSameUser) {
  const std::string text = Described({"on", ">x", "%R~a", "~b", "&c", "+@all", "-config|set", "(+select|1 ~*)"});
  ASSERT_TRUE(acl_.Load("users.acl", "user bob " + text + "\n"));
  EXPECT_EQ(acl_.Find("bob")->Describe(), text);
  EXPECT_EQ(acl_.Find("alice"), nullptr);
  EXPECT_NE(acl_.Find("default"), nullptr);
}

TEST_F(AclTest, AFileIsTakenAsAWholeOrNotAtAll) {
  const auto loaded = acl_.Load("f", "user a on\n\nnonsense\nuser a off\nuser b +nosuch bad worse\nuser c (+get\n");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error(),
            "f:3 should start with user keyword followed by the username. WARNING: Duplicate user 'a' found on line 4. "
            "f:5: Error in applying operation '+nosuch': Unknown command or category name in ACL. f:5: Syntax error. "
            "f:6: Unmatched parenthesis in selector definition."
            "WARNING: ACL errors detected, no change to the previously active ACL rules was performed");
  EXPECT_EQ(acl_.users().size(), 1u);
}

TEST_F(AclTest, DeclarationsOfConfigurationFilesAreChecked) {
  const auto declare = [this](std::vector<std::string> words) {
    const auto declared = acl_.Declare(words);
    return declared ? "" : declared.error();
  };
  EXPECT_EQ(declare({"alice", "on", "+get"}), "");
  EXPECT_THAT(declare({"alice", "on"}), HasSubstr("Duplicate user found"));
  EXPECT_EQ(declare({"default", "on", ">x"}), "");
  EXPECT_TRUE(acl_.requires_authentication());
  EXPECT_THAT(declare({"default", "on"}), HasSubstr("Duplicate user found"));
  EXPECT_EQ(declare({"bob", "bad"}), "Error in user declaration 'bad': Syntax error");
  EXPECT_EQ(declare({"a b"}), "Spaces not allowed in ACL usernames");
}

TEST_F(AclTest, RequirepassIsTheDefaultUsersPassword) {
  acl_.SetDefaultPassword("x");
  EXPECT_TRUE(acl_.requires_authentication());
  EXPECT_TRUE(acl_.default_user()->Admits("x"));
  EXPECT_FALSE(acl_.default_user()->Admits(""));
  acl_.SetDefaultPassword("");
  EXPECT_FALSE(acl_.requires_authentication());
}

TEST_F(AclTest, PatternsOfSortNeedAllKeysToBeReadable) {
  const std::string_view call[] = {"get", "a"};
  const auto& get = *registry_.Find("get");
  (void)Set({"+get", "~a", "%W~*"});
  EXPECT_FALSE(acl_.Find("alice")->MayReadAllKeysIn(get, call));
  (void)Set({"%R~*"});
  EXPECT_TRUE(acl_.Find("alice")->MayReadAllKeysIn(get, call));
}

AclLogEntry Refused(std::string object, UnixMillis now) {
  AclLogEntry e{DenialReason::kKey, AclLogContext::kTopLevel, std::move(object), "alice", "a client"};
  e.updated = now;
  return e;
}

TEST(AclLog, CountsTheSameThingWithinAMinuteAndKeepsTheNewestFirst) {
  AclLog log;
  log.Add(Refused("a", 1000), 10);
  log.Add(Refused("b", 2000), 10);
  log.Add(Refused("a", 3000), 10);
  auto entries = log.Newest(10);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].object, "a");
  EXPECT_EQ(entries[0].count, 2);
  EXPECT_EQ(entries[0].id, 0);
  EXPECT_EQ(entries[0].created, 1000);
  EXPECT_EQ(entries[0].updated, 3000);
  EXPECT_EQ(entries[1].id, 1);
  log.Add(Refused("a", 3000 + 60'001), 10);
  EXPECT_EQ(log.Newest(10).size(), 3u);
  EXPECT_EQ(log.Newest(1).size(), 1u);
}

TEST(AclLog, KeepsNoMoreThanItMay) {
  AclLog log;
  for (const char* object : {"a", "b", "c"}) log.Add(Refused(object, 1), 2);
  auto entries = log.Newest(10);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].object, "b");
  log.Add(Refused("c", 1), 0);
  EXPECT_TRUE(log.Newest(10).empty());
  log.Add(Refused("c", 1), 2);
  log.Reset();
  EXPECT_TRUE(log.Newest(10).empty());
}

}  // namespace
}  // namespace pinion::command
