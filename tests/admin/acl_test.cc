// Tests of ACL, and of what users are let do, through a server.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class AclCommandTest : public ServerTest {
 protected:
  // A connection of its own that is this user's, whose password is pw.
  RespClient As(const std::string& user, int resp = 2) {
    RespClient c = Connect(resp);
    EXPECT_THAT(c.Command("AUTH", user, "pw"), IsOk());
    return c;
  }
};

TEST_F(AclCommandTest, ListUsersAndWhoAmI) {
  auto c = Connect();
  EXPECT_THAT(c.Command("ACL", "WHOAMI"), IsBulk("default"));
  EXPECT_THAT(c.Command("ACL", "SETUSER", "bob", "+get", "~a"), IsOk());
  EXPECT_THAT(c.Command("ACL", "USERS"), IsArray("bob", "default"));
  EXPECT_THAT(c.Command("ACL", "LIST"), IsArray("user bob off sanitize-payload ~a resetchannels -@all +get",
                                                "user default on nopass sanitize-payload ~* &* +@all"));
  EXPECT_THAT(c.Command("ACL", "DELUSER", "bob", "nosuch"), IsInt(1));
  EXPECT_THAT(c.Command("ACL", "DELUSER", "default"), IsError("ERR The 'default' user cannot be removed"));
  EXPECT_THAT(c.Command("ACL", "HELP"), HasElements(Contains(IsStatus("WHOAMI"))));
}

TEST_F(AclCommandTest, GetUserTellsOfRootAndSelectors) {
  for (const int resp : {2, 3}) {
    auto c = Connect(resp);
    EXPECT_THAT(c.Command("ACL", "GETUSER", "nosuch"), IsNil());
    ASSERT_THAT(c.Command("ACL", "SETUSER", "eve", "reset", "on", "nopass", "~a", "%R~b", "&c", "+get", "(+@read ~x)"),
                IsOk());
    const Reply user = c.Command("ACL", "GETUSER", "eve");
    ASSERT_THAT(user, HasElements(SizeIs(12)));
    EXPECT_THAT(user.elements[1], HasElements(SizeIs(3)));
    EXPECT_EQ(user.kind, resp == 3 ? Reply::Kind::kMap : Reply::Kind::kArray);
    EXPECT_EQ(user.elements[1].kind, resp == 3 ? Reply::Kind::kSet : Reply::Kind::kArray);
    EXPECT_THAT(user.elements[3], IsArray());
    EXPECT_THAT(user.elements[5], IsBulk("-@all +get"));
    EXPECT_THAT(user.elements[7], IsBulk("~a %R~b"));
    EXPECT_THAT(user.elements[9], IsBulk("&c"));
    ASSERT_THAT(user.elements[11], HasElements(SizeIs(1)));
    EXPECT_THAT(user.elements[11].elements[0].elements[1], IsBulk("-@all +@read"));
  }
}

TEST_F(AclCommandTest, SetUserTakesAllRulesOrNone) {
  auto c = Connect();
  EXPECT_THAT(c.Command("ACL", "SETUSER", "a", "on", "bad"),
              IsError("ERR Error in ACL SETUSER modifier 'bad': Syntax error"));
  EXPECT_THAT(c.Command("ACL", "GETUSER", "a"), IsNil());
  EXPECT_THAT(c.Command("ACL", "SETUSER", "a b"), IsError("ERR Usernames can't contain spaces or null characters"));
}

TEST_F(AclCommandTest, WhatIsNotAllowedIsRefused) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+get", "+set", "+publish", "+subscribe",
                            "+psubscribe", "+spublish", "~a*", "&x*"),
              IsOk());
  for (const int resp : {2, 3}) {
    auto c = Connect(resp);
    ASSERT_THAT(c.Command("AUTH", "bob", "pw"), IsOk());
    EXPECT_THAT(c.Command("SET", "a1", "v"), IsOk());
    EXPECT_THAT(c.Command("GET", "b"), IsError("NOPERM No permissions to access a key"));
    EXPECT_THAT(c.Command("DEL", "a1"), IsError("NOPERM User bob has no permissions to run the 'del' command"));
    EXPECT_THAT(c.Command("ACL", "LIST"), IsError("NOPERM User bob has no permissions to run the 'acl|list' command"));
    EXPECT_THAT(c.Command("PUBLISH", "x1", "m"), IsInt(0));
    EXPECT_THAT(c.Command("PUBLISH", "y", "m"), IsError("NOPERM No permissions to access a channel"));
    EXPECT_THAT(c.Command("SPUBLISH", "y", "m"), IsError("NOPERM No permissions to access a channel"));
    EXPECT_THAT(c.Command("SUBSCRIBE", "x1", "y"), IsError("NOPERM No permissions to access a channel"));
    EXPECT_THAT(c.Command("PSUBSCRIBE", "xy*"), IsError("NOPERM No permissions to access a channel"));
  }
}

TEST_F(AclCommandTest, ChangesHoldForTheNextCommandOfEveryClient) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+@all", "~*", "&*"), IsOk());
  std::vector<RespClient> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(As("bob"));
  for (auto& c : clients) EXPECT_THAT(c.Command("GET", "k"), IsNil());
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "-get"), IsOk());
  for (auto& c : clients) EXPECT_THAT(c.Command("GET", "k"), IsErrorStarting("NOPERM User bob"));
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "+get"), IsOk());
  for (auto& c : clients) EXPECT_THAT(c.Command("GET", "k"), IsNil());
}

TEST_F(AclCommandTest, ClientsOfADeletedUserAreClosed) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+@all", "~*"), IsOk());
  auto other = As("bob");
  EXPECT_THAT(admin.Command("ACL", "DELUSER", "bob"), IsInt(1));
  EXPECT_THAT(other.Command("PING"), IsNothing());
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "eve", "on", ">pw", "+@all", "~*"), IsOk());
  auto self = As("eve");
  EXPECT_THAT(self.Command("ACL", "DELUSER", "eve"), IsInt(1));
  EXPECT_THAT(self.Command("PING"), IsNothing());
}

TEST_F(AclCommandTest, SubscribersWhoLoseAChannelAreClosed) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+@all", "~*", "&a", "&b"), IsOk());
  auto a = As("bob", 3), b = As("bob", 3);
  a.Send("SUBSCRIBE", "a");
  b.Send("SUBSCRIBE", "b");
  (void)a.ReadPush();
  (void)b.ReadPush();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "resetchannels", "&a"), IsOk());
  EXPECT_THAT(a.Command("ACL", "WHOAMI"), IsBulk("bob"));
  EXPECT_THAT(b.Command("ACL", "WHOAMI"), IsNothing());
}

TEST_F(AclCommandTest, ExecAndScriptsAskAgain) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+@all", "~a", "-acl"), IsOk());
  auto c = As("bob");
  (void)c.Command("MULTI");
  (void)c.Command("SET", "a", "1");
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "-set"), IsOk());
  const Reply done = c.Command("EXEC");
  ASSERT_THAT(done, HasElements(SizeIs(1)));
  EXPECT_THAT(done.elements[0], IsErrorStarting("NOPERM ACLs rules changed between the moment"));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('get', 'b')", 0),
              IsErrorStarting("ERR ACL failure in script: No permissions to access a key"));
  EXPECT_THAT(c.Command("EVAL", "return redis.acl_check_cmd('get', KEYS[1])", 1, "a"), IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "return redis.acl_check_cmd('get', KEYS[1])", 0), IsErrorStarting("ERR"));
  EXPECT_THAT(c.Command("EVAL", "return redis.acl_check_cmd('get', 'b')", 0), IsNil());
  const Reply log = admin.Command("ACL", "LOG");
  ASSERT_THAT(log, HasElements(SizeIs(2)));
  EXPECT_THAT(log.elements[0].elements[5], IsBulk("lua"));
  EXPECT_THAT(log.elements[1].elements[5], IsBulk("multi"));
}

TEST_F(AclCommandTest, ABlockedCommandIsAskedAboutAgainWhenServed) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+@all", "~*"), IsOk());
  auto c = As("bob");
  c.Send("BLPOP", "k", 0);
  for (int i = 0; i < 1000 && admin.Command("CLIENT", "LIST").text.find("flags=b") == std::string::npos; ++i) {
  }
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "resetkeys"), IsOk());
  ASSERT_THAT(admin.Command("RPUSH", "k", "v"), IsInt(1));
  EXPECT_THAT(c.ReadReply(), IsError("NOPERM No permissions to access a key"));
  EXPECT_THAT(admin.Command("LLEN", "k"), IsInt(1));
}

TEST_F(AclCommandTest, PatternsOfSortNeedAllKeys) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+sort", "~l"), IsOk());
  auto c = As("bob");
  EXPECT_THAT(c.Command("SORT", "l"), IsArray());
  EXPECT_THAT(c.Command("SORT", "l", "BY", "w_*"), IsErrorStarting("ERR BY option of SORT denied"));
  EXPECT_THAT(c.Command("SORT", "l", "GET", "w_*"), IsErrorStarting("ERR GET option of SORT denied"));
}

TEST_F(AclCommandTest, DryRunTellsWithoutRunning) {
  auto c = Connect();
  ASSERT_THAT(c.Command("ACL", "SETUSER", "bob", "+set", "~a"), IsOk());
  EXPECT_THAT(c.Command("ACL", "DRYRUN", "bob", "set", "a", "v"), IsOk());
  EXPECT_THAT(c.Command("GET", "a"), IsNil());
  EXPECT_THAT(c.Command("ACL", "DRYRUN", "bob", "set", "b", "v"),
              IsBulk("User bob has no permissions to access the 'b' key"));
  EXPECT_THAT(c.Command("ACL", "DRYRUN", "bob", "get", "a"),
              IsBulk("User bob has no permissions to run the 'get' command"));
  EXPECT_THAT(c.Command("ACL", "DRYRUN", "eve", "get", "a"), IsError("ERR User 'eve' not found"));
  EXPECT_THAT(c.Command("ACL", "DRYRUN", "bob", "nosuch"), IsError("ERR Command 'nosuch' not found"));
  EXPECT_THAT(c.Command("ACL", "DRYRUN", "bob", "get"), IsError("ERR wrong number of arguments for 'get' command"));
}

TEST_F(AclCommandTest, CatListsCategoriesAndTheirCommands) {
  auto c = Connect();
  EXPECT_THAT(c.Command("ACL", "CAT"), HasElements(AllOf(SizeIs(21), Contains(IsBulk("scripting")))));
  EXPECT_THAT(c.Command("ACL", "CAT", "Transaction"), IsArray("discard", "exec", "multi", "unwatch", "watch"));
  EXPECT_THAT(c.Command("ACL", "CAT", "nosuch"), IsError("ERR Unknown category 'nosuch'"));
  EXPECT_THAT(c.Command("ACL", "CAT", "a", "b"), IsErrorStarting("ERR unknown subcommand"));
}

TEST_F(AclCommandTest, GenPassMakesUpAsManyBitsAsAskedFor) {
  auto c = Connect();
  const Reply first = c.Command("ACL", "GENPASS");
  EXPECT_THAT(first, IsBulk(SizeIs(64)));
  EXPECT_NE(c.Command("ACL", "GENPASS").text, first.text);
  EXPECT_THAT(c.Command("ACL", "GENPASS", 5), IsBulk(SizeIs(2)));
  EXPECT_THAT(c.Command("ACL", "GENPASS", 4096), IsBulk(SizeIs(1024)));
  for (const int bits : {0, -1, 4097}) {
    EXPECT_THAT(c.Command("ACL", "GENPASS", bits), IsErrorStarting("ERR ACL GENPASS"));
  }
}

TEST_F(AclCommandTest, TheLogTellsWhatWasRefusedToWhom) {
  auto c = Connect();
  for (const int resp : {2, 3}) {
    auto d = Connect(resp);
    EXPECT_THAT(d.Command("ACL", "LOG", "RESET"), IsOk());
    EXPECT_THAT(c.Command("AUTH", "nosuch", "x"), IsErrorStarting("WRONGPASS"));
    EXPECT_THAT(c.Command("AUTH", "nosuch", "x"), IsErrorStarting("WRONGPASS"));
    const Reply log = d.Command("ACL", "LOG");
    ASSERT_THAT(log, HasElements(SizeIs(1)));
    const std::vector<Reply>& fields = log.elements[0].elements;
    ASSERT_EQ(fields.size(), 20u);
    EXPECT_THAT(fields[1], IsInt(2));
    EXPECT_THAT(fields[3], IsBulk("auth"));
    EXPECT_THAT(fields[5], IsBulk("toplevel"));
    EXPECT_THAT(fields[7], IsBulk("AUTH"));
    EXPECT_THAT(fields[9], IsBulk("nosuch"));
    EXPECT_THAT(fields[13], IsBulk(HasSubstr("cmd=auth user=default")));
    EXPECT_THAT(fields[19], IsInt(Ge(1'600'000'000'000)));
  }
  EXPECT_THAT(c.Command("ACL", "LOG", 0), IsArray());
  EXPECT_THAT(c.Command("ACL", "LOG", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("CONFIG", "SET", "acllog-max-len", 0), IsOk());
  (void)c.Command("AUTH", "nosuch", "x");
  EXPECT_THAT(c.Command("ACL", "LOG"), IsArray());
  EXPECT_THAT(c.Command("INFO", "stats").text, HasSubstr("acl_access_denied_auth:5\r\n"));
}

TEST_F(AclCommandTest, RequirepassIsTheDefaultUsersPassword) {
  auto c = Connect();
  EXPECT_THAT(c.Command("AUTH", "x"), IsErrorStarting("ERR AUTH <password> called without any password"));
  EXPECT_THAT(c.Command("CONFIG", "SET", "requirepass", "x"), IsOk());
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
  auto d = Connect();
  EXPECT_THAT(d.Command("PING"), IsErrorStarting("NOAUTH"));
  EXPECT_THAT(d.Command("AUTH", "y"), IsErrorStarting("WRONGPASS"));
  EXPECT_THAT(d.Command("HELLO", 3, "AUTH", "default", "x"), testing::_);
  EXPECT_THAT(d.Command("PING"), IsStatus("PONG"));
  EXPECT_THAT(c.Command("ACL", "SETUSER", "default", "off"), IsOk());
  EXPECT_THAT(d.Command("RESET"), IsStatus("RESET"));
  EXPECT_THAT(d.Command("PING"), IsErrorStarting("NOAUTH"));
  EXPECT_THAT(d.Command("AUTH", "x"), IsErrorStarting("WRONGPASS"));
}

TEST_F(AclCommandTest, ClientsAreListedAndKilledByUser) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "on", ">pw", "+@all"), IsOk());
  auto c = As("bob");
  EXPECT_THAT(c.Command("CLIENT", "INFO").text, HasSubstr(" user=bob "));
  EXPECT_THAT(admin.Command("CLIENT", "KILL", "USER", "nosuch"), IsError("ERR No such user 'nosuch'"));
  EXPECT_THAT(admin.Command("CLIENT", "KILL", "USER", "bob"), IsInt(1));
  EXPECT_THAT(c.Command("PING"), IsNothing());
}

TEST_F(AclCommandTest, LoadAndSaveNeedAFile) {
  auto c = Connect();
  EXPECT_THAT(c.Command("ACL", "LOAD"), IsErrorStarting("ERR This Redis instance is not configured to use an ACL file."));
  EXPECT_THAT(c.Command("ACL", "SAVE"), IsErrorStarting("ERR This Redis instance is not configured to use an ACL file."));
}

// Users come from a file.
class AclFileTest : public AclCommandTest {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "acl_test_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    Write("user bob on >pw +@all ~*\n");
    AclCommandTest::SetUp();
  }
  void TearDown() override {
    AclCommandTest::TearDown();
    std::filesystem::remove_all(directory_);
  }
  void Configure(Options& options) override { options.Set("aclfile", Path()); }
  [[nodiscard]] std::string Path() const { return directory_ / "users.acl"; }
  void Write(const std::string& text) { std::ofstream(Path()) << text; }
  [[nodiscard]] std::string Text() const {
    std::stringstream text;
    text << std::ifstream(Path()).rdbuf();
    return text.str();
  }
  std::filesystem::path directory_;
};

TEST_F(AclFileTest, IsReadAtTheStartAndWhenAskedFor) {
  auto admin = Connect();
  auto bob = As("bob");
  Write("user bob on >pw +get\nuser default on nopass +@all ~* &*\n");
  EXPECT_THAT(admin.Command("ACL", "LOAD"), IsOk());
  EXPECT_THAT(bob.Command("GET", "x"), IsError("NOPERM No permissions to access a key"));
  Write("user bob on bad\n");
  EXPECT_THAT(admin.Command("ACL", "LOAD"), IsErrorStarting("ERR " + Path() + ":1: Syntax error. WARNING: ACL errors"));
  Write("user default on nopass +@all ~*\n");
  EXPECT_THAT(admin.Command("ACL", "LOAD"), IsOk());
  EXPECT_THAT(bob.Command("GET", "x"), IsNothing());
}

TEST_F(AclFileTest, IsWrittenWhenAskedFor) {
  auto admin = Connect();
  ASSERT_THAT(admin.Command("ACL", "SETUSER", "bob", "reset", "+get"), IsOk());
  EXPECT_THAT(admin.Command("ACL", "SAVE"), IsOk());
  EXPECT_EQ(Text(), "user bob off sanitize-payload resetchannels -@all +get\n"
                    "user default on nopass sanitize-payload ~* &* +@all\n");
}

TEST(AclAtStart, RefusesUsersThatAreWrong) {
  const auto failure = [](auto... directives) -> std::string {
    Options options;
    options.Set("port", "0").Set("bind", "127.0.0.1").Set("loglevel", "warning");
    (options.Set(directives.first, directives.second), ...);
    try {
      Server::Start(options)->Stop();
      return "";
    } catch (const std::exception& e) {
      return e.what();
    }
  };
  using Directive = std::pair<const char*, const char*>;
  EXPECT_EQ(failure(Directive("user", "bob on +get")), "");
  EXPECT_THAT(failure(Directive("user", "bob on bad")), HasSubstr("Error in user declaration 'bad': Syntax error"));
  EXPECT_THAT(failure(Directive("user", "bob on"), Directive("aclfile", "nosuch.acl")), HasSubstr("not in both"));
  EXPECT_THAT(failure(Directive("aclfile", "nosuch.acl")), HasSubstr("Error loading ACLs, opening file 'nosuch.acl'"));
}

}  // namespace
}  // namespace pinion::test
