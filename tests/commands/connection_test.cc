// Tests of AUTH, ECHO, HELLO, PING, QUIT, RESET and SELECT.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ConnectionTest = ServerTest;

class PasswordTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("requirepass", "secret"); }
};

constexpr char kWrongPass[] = "WRONGPASS invalid username-password pair or user is disabled.";

TEST_F(ConnectionTest, PingAndEchoAnswer) {
  auto c = Connect();
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
  EXPECT_THAT(c.Command("PING", "a\r\nb"), IsBulk("a\r\nb"));
  EXPECT_THAT(c.Command("PING", "a", "b"), IsError("ERR wrong number of arguments for 'ping' command"));
  EXPECT_THAT(c.Command("ECHO", ""), IsBulk(""));
}

TEST_F(ConnectionTest, HelloGreetsInTheProtocolItAgrees) {
  auto c = Connect();
  EXPECT_THAT(c.Command("HELLO"),
              IsArray("server", "redis", "version", "7.2.4", "proto", 2, "id", IsInt(testing::Gt(0)), "mode",
                      "standalone", "role", "master", "modules", IsArray()));
  EXPECT_THAT(c.Command("HELLO", 3),
              IsMap("server", "redis", "version", "7.2.4", "proto", 3, "id", IsInt(testing::Gt(0)), "mode",
                    "standalone", "role", "master", "modules", IsArray()));
  EXPECT_THAT(c.Command("GET", "none"), IsNil());
  EXPECT_EQ(c.Command("HELLO", 2).kind, Reply::Kind::kArray);
}

TEST_F(ConnectionTest, HelloRefusesWhatItDoesNotKnow) {
  auto c = Connect();
  EXPECT_THAT(c.Command("HELLO", 4), IsError("NOPROTO unsupported protocol version"));
  EXPECT_THAT(c.Command("HELLO", "x"), IsError("ERR Protocol version is not an integer or out of range"));
  EXPECT_THAT(c.Command("HELLO", 3, "WHAT"), IsError("ERR Syntax error in HELLO option 'WHAT'"));
  EXPECT_THAT(c.Command("HELLO", 3, "SETNAME"), IsError("ERR Syntax error in HELLO option 'SETNAME'"));
  EXPECT_THAT(c.Command("HELLO", 3, "SETNAME", "a b"),
              IsError("ERR Client names cannot contain spaces, newlines or special characters."));
  EXPECT_THAT(c.Command("HELLO", 3, "AUTH", "nobody", "x", "SETNAME", "me"), IsError(kWrongPass));
  EXPECT_THAT(c.Command("CLIENT", "GETNAME"), IsNil()) << "a HELLO that fails changes nothing";
  EXPECT_EQ(c.Command("HELLO").kind, Reply::Kind::kArray);
}

TEST_F(ConnectionTest, AuthWithoutAPasswordTakesAnyForTheDefaultUser) {
  auto c = Connect();
  EXPECT_THAT(c.Command("AUTH", "x"), IsErrorStarting("ERR AUTH <password> called without any password configured"));
  EXPECT_THAT(c.Command("AUTH", "default", "x"), IsOk());
  EXPECT_THAT(c.Command("AUTH", "nobody", "x"), IsError(kWrongPass));
  EXPECT_THAT(c.Command("AUTH", "a", "b", "c"), IsError("ERR syntax error"));
}

TEST_F(PasswordTest, NothingIsServedBeforeAuth) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "v"), IsError("NOAUTH Authentication required."));
  EXPECT_THAT(c.Command("HELLO", 3), IsErrorStarting("NOAUTH HELLO must be called with the client already"));
  for (const char* wrong : {"", "secre", "secret ", "Secret", "secretsecret"}) {
    EXPECT_THAT(c.Command("AUTH", wrong), IsError(kWrongPass)) << wrong;
  }
  EXPECT_THAT(c.Command("AUTH", "nobody", "secret"), IsError(kWrongPass));
  EXPECT_THAT(c.Command("AUTH", "secret"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsNil());
  EXPECT_THAT(c.Command("RESET"), IsStatus("RESET"));
  EXPECT_THAT(c.Command("GET", "k"), IsError("NOAUTH Authentication required."));
}

TEST_F(PasswordTest, HelloMayBringThePassword) {
  auto c = Connect();
  EXPECT_EQ(c.Command("HELLO", 3, "AUTH", "default", "secret", "SETNAME", "me").kind, Reply::Kind::kMap);
  EXPECT_THAT(c.Command("CLIENT", "GETNAME"), IsBulk("me"));
}

TEST_F(PasswordTest, APasswordThatIsTakenAwayLetsEverybodyIn) {
  auto admin = Connect();
  auto stranger = Connect();
  EXPECT_THAT(admin.Command("AUTH", "secret"), IsOk());
  EXPECT_THAT(admin.Command("CONFIG", "SET", "requirepass", ""), IsOk());
  EXPECT_THAT(stranger.Command("PING"), IsStatus("PONG"));
}

TEST_F(ConnectionTest, SelectChoosesOneOfTheDatabases) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "zero"), IsOk());
  EXPECT_THAT(c.Command("SELECT", 15), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsNil());
  EXPECT_THAT(c.Command("SELECT", 16), IsError("ERR DB index is out of range"));
  EXPECT_THAT(c.Command("SELECT", -1), IsError("ERR DB index is out of range"));
  EXPECT_THAT(c.Command("SELECT", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("SELECT", 99999999999), IsErrorStarting("ERR value is out of range, value must between"));
  EXPECT_THAT(c.Command("SELECT", 0), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("zero"));
}

TEST_F(ConnectionTest, QuitAnswersAndClosesAndDropsWhatComesBehind) {
  auto c = Connect();
  auto other = Connect();
  c.SendRaw("QUIT\r\nSET k v\r\n");
  EXPECT_THAT(c.ReadReply(), IsOk());
  EXPECT_TRUE(c.WaitForClose());
  EXPECT_THAT(other.Command("EXISTS", "k"), IsInt(0));
}

TEST_F(ConnectionTest, QuitWorksInATransactionAndWhileSubscribed) {
  auto queueing = Connect();
  EXPECT_THAT(queueing.Command("MULTI"), IsOk());
  EXPECT_THAT(queueing.Command("QUIT"), IsOk());
  EXPECT_TRUE(queueing.WaitForClose());
  auto subscribed = Connect();
  EXPECT_THAT(subscribed.Command("SUBSCRIBE", "n"), IsArray("subscribe", "n", 1));
  EXPECT_THAT(subscribed.Command("QUIT"), IsOk());
  EXPECT_TRUE(subscribed.WaitForClose());
}

TEST_F(ConnectionTest, ResetMakesAConnectionNew) {
  auto c = Connect(3);
  auto other = Connect();
  EXPECT_THAT(c.Command("CLIENT", "SETNAME", "me"), IsOk());
  EXPECT_THAT(c.Command("SELECT", 3), IsOk());
  EXPECT_THAT(c.Command("WATCH", "k"), IsOk());
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  c.Send("RESET");
  EXPECT_THAT(c.ReadReply(), IsStatus("RESET"));
  EXPECT_THAT(c.Command("GET", "k"), IsNil());
  EXPECT_THAT(c.Command("EXEC"), IsError("ERR EXEC without MULTI"));
  EXPECT_THAT(c.Command("CLIENT", "GETNAME"), IsNil());
  const std::string info = c.Command("CLIENT", "INFO").text;
  EXPECT_THAT(info, testing::HasSubstr(" db=0 ")) << info;
  EXPECT_THAT(info, testing::HasSubstr(" resp=2 ")) << info;
  EXPECT_THAT(info, testing::HasSubstr(" watch=0 ")) << info;

  EXPECT_THAT(c.Command("SUBSCRIBE", "n"), IsArray("subscribe", "n", 1));
  EXPECT_THAT(c.Command("RESET"), IsStatus("RESET"));
  EXPECT_THAT(other.Command("PUBLISH", "n", "x"), IsInt(0));
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
}

TEST_F(ConnectionTest, ResetEndsSilence) {
  auto c = Connect();
  c.Send("CLIENT", "REPLY", "OFF");
  EXPECT_THAT(c.Command("RESET"), IsStatus("RESET"));
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
}

TEST_F(ConnectionTest, ABrowserIsHungUpOn) {
  auto c = Connect();
  for (const char* line : {"POST / HTTP/1.1\r\n", "Host: localhost\r\n"}) {
    auto browser = Connect();
    ASSERT_TRUE(browser.SendRaw(std::string(line) + "SET attacked yes\r\n"));
    EXPECT_EQ(browser.ReadBytes(1), "");
    EXPECT_TRUE(browser.WaitForClose());
  }
  EXPECT_THAT(c.Command("EXISTS", "attacked"), IsInt(0));
}

TEST_F(ConnectionTest, ResetIsSkippedWhenItIsTheNextCommand) {
  auto c = Connect();
  c.Send("CLIENT", "REPLY", "SKIP");
  c.Send("RESET");
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
  c.Send("CLIENT", "REPLY", "OFF");
  EXPECT_THAT(c.Command("RESET"), IsStatus("RESET"));
}

}  // namespace
}  // namespace pinion::test
