// DEBUG.
#include <chrono>
#include <future>
#include <string>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class DebugTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
};

class NoDebugTest : public ServerTest {};

TEST_F(NoDebugTest, DebugIsForbiddenUnlessConfigured) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "SLEEP", 0), IsErrorStarting("ERR DEBUG command not allowed."));
}

TEST_F(DebugTest, ObjectTellsOfTheNodesOfAQuicklist) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "list-max-listpack-size", "4", "list-compress-depth", "1");
  for (int i = 0; i < 10; ++i) c.Command("RPUSH", "k", "element");
  EXPECT_THAT(c.Command("DEBUG", "OBJECT", "k").text,
              HasSubstr(" ql_nodes:3 ql_avg_node:3.33 ql_listpack_max:4 ql_compressed:1 ql_uncompressed_size:111"));
  c.Command("RPUSH", "small", "element");
  EXPECT_THAT(c.Command("DEBUG", "OBJECT", "small").text, Not(HasSubstr("ql_")));
}

TEST_F(DebugTest, NobodyIsServedDuringSleep) {
  auto sleeper = Connect(), other = Connect();
  const auto began = std::chrono::steady_clock::now();
  sleeper.Send("DEBUG", "SLEEP", "0.3");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(other.Command("PING"), IsStatus("PONG"));
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(290));
  EXPECT_THAT(sleeper.ReadReply(), IsOk());
  EXPECT_THAT(sleeper.Command("DEBUG", "SLEEP", "-1"), IsOk());
  EXPECT_THAT(sleeper.Command("DEBUG", "SLEEP", "x"), IsOk());
}

TEST_F(DebugTest, KeysExpireAfterASleepInTheSameBatch) {
  auto c = Connect();
  c.SendRaw(RespClient::Encode({"SET", "k", "v", "PX", "20"}) + RespClient::Encode({"DEBUG", "SLEEP", "0.05"}) +
            RespClient::Encode({"GET", "k"}));
  EXPECT_THAT(c.ReadReply(), IsOk());
  EXPECT_THAT(c.ReadReply(), IsOk());
  EXPECT_THAT(c.ReadReply(), IsNil());
}

TEST_F(DebugTest, ObjectDescribesAValueAsRedisDoes) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "OBJECT", "none"), IsError("ERR no such key"));
  struct Case { std::string value, encoding; size_t length; };
  const Case cases[] = {{"1", "int", 2}, {"1000", "int", 3}, {"100000", "int", 5}, {"10000000000", "int", 12},
                        {"hello", "embstr", 6}, {std::string(50, 'a'), "raw", 51}, {std::string(100, 'a'), "raw", 102},
                        {std::string(20'000, 'a'), "raw", 20'005}};
  for (const Case& x : cases) {
    EXPECT_THAT(c.Command("SET", "k", x.value), IsOk());
    const Reply reply = c.Command("DEBUG", "OBJECT", "k");
    EXPECT_EQ(reply.kind, Reply::Kind::kStatus);
    EXPECT_THAT(reply.text, MatchesRegex("Value at:0x[0-9a-f]+ refcount:[0-9]+ encoding:" + x.encoding +
                                         " serializedlength:" + std::to_string(x.length) +
                                         " lru:[0-9]+ lru_seconds_idle:[0-9]+"));
  }
}

TEST_F(DebugTest, DigestIsRedissAndIgnoresTheOrderOfWrites) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "DIGEST"), IsStatus(std::string(40, '0')));
  EXPECT_THAT(c.Command("SET", "a", "1"), IsOk());
  EXPECT_THAT(c.Command("SET", "b", "hello"), IsOk());
  EXPECT_THAT(c.Command("DEBUG", "DIGEST"), IsStatus("2539797405e828ad7a3aa48c536b3eaf2803a421"));
  EXPECT_THAT(c.Command("DEBUG", "DIGEST-VALUE", "a", "b", "none"),
              IsArray(IsStatus("b4fc66738120fba0b5aa500ab5c2bf89cea1c5da"),
                      IsStatus("36b23a1456b2dce2c3ed252c456761301dba8060"), IsStatus(std::string(40, '0'))));
  EXPECT_THAT(c.Command("DEL", "a"), IsInt(1));
  EXPECT_THAT(c.Command("SET", "a", "1"), IsOk());
  EXPECT_THAT(c.Command("DEBUG", "DIGEST"), IsStatus("2539797405e828ad7a3aa48c536b3eaf2803a421"));
  EXPECT_THAT(c.Command("EXPIRE", "a", 100), IsInt(1));
  const Reply with_deadline = c.Command("DEBUG", "DIGEST");
  EXPECT_NE(with_deadline.text, "2539797405e828ad7a3aa48c536b3eaf2803a421");
  EXPECT_THAT(c.Command("EXPIRE", "a", 200), IsInt(1));
  EXPECT_EQ(c.Command("DEBUG", "DIGEST"), with_deadline);
}

TEST_F(DebugTest, PopulateMakesKeysButLeavesThoseThatAreThere) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "key:1", "mine"), IsOk());
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 3), IsOk());
  EXPECT_THAT(c.Command("MGET", "key:0", "key:1", "key:2"), IsArray("value:0", "mine", "value:2"));
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 2, "p", 10), IsOk());
  EXPECT_THAT(c.Command("GET", "p:1"), IsBulk(std::string("value:1\0\0\0", 10)));
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 1, "q", 3), IsOk());
  EXPECT_THAT(c.Command("GET", "q:0"), IsBulk("val"));
  for (const char* bad : {"-1", "x"}) {
    EXPECT_THAT(c.Command("DEBUG", "POPULATE", bad), IsError("ERR value is out of range, must be positive"));
    EXPECT_THAT(c.Command("DEBUG", "POPULATE", 1, "p", bad), IsError("ERR value is out of range, must be positive"));
  }
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 1, "huge", "999999999999"),
              IsError("ERR string exceeds maximum allowed size (proto-max-bulk-len)"));
}

TEST_F(DebugTest, ProtocolShowsEveryTypeInResp3) {
  auto c = Connect(3);
  const auto protocol = [&](const char* type) { return c.Command("DEBUG", "PROTOCOL", type); };
  EXPECT_THAT(protocol("string"), IsBulk("Hello World"));
  EXPECT_THAT(protocol("integer"), IsInt(12345));
  EXPECT_THAT(protocol("double"), IsDouble(3.141));
  EXPECT_THAT(protocol("null"), IsNil());
  EXPECT_THAT(protocol("array"), IsArray(0, 1, 2));
  EXPECT_THAT(protocol("set"), IsSet(0, 1, 2));
  EXPECT_THAT(protocol("map"), IsMap(0, IsBool(false), 1, IsBool(true), 2, IsBool(false)));
  EXPECT_THAT(protocol("verbatim"), IsVerbatim("This is a verbatim\nstring"));
  EXPECT_THAT(protocol("true"), IsBool(true));
  EXPECT_THAT(protocol("false"), IsBool(false));
  EXPECT_THAT(protocol("bignum"), IsBigNumber("1234567999999999999999999999999999999"));
  const Reply attributed = protocol("attrib");
  EXPECT_THAT(attributed, IsBulk("Some real reply following the attribute"));
  EXPECT_EQ(attributed.attributes.size(), 2u);
  EXPECT_THAT(protocol("colour"), IsErrorStarting("ERR Wrong protocol type name."));
}

TEST_F(DebugTest, ProtocolPushArrivesAsAPush) {
  auto c = Connect(3);
  c.Send("DEBUG", "PROTOCOL", "push");
  EXPECT_THAT(c.ReadPush(), IsPush("server-cpu-usage", 42));
  EXPECT_THAT(c.ReadReply(), IsBulk("Some real reply following the push reply"));
}

TEST_F(DebugTest, ProtocolTranslatesForResp2) {
  auto c = Connect();
  const std::pair<const char*, ReplyMatcher> cases[] = {
      {"double", IsBulk("3.141")},     {"null", IsNil()},      {"set", IsArray(0, 1, 2)},
      {"map", IsArray(0, 0, 1, 1, 2, 0)}, {"true", IsInt(1)},  {"false", IsInt(0)},
      {"bignum", IsBulk("1234567999999999999999999999999999999")},
      {"attrib", IsBulk("Some real reply following the attribute")},
      {"verbatim", IsBulk("This is a verbatim\nstring")},
      {"push", IsError("ERR RESP2 is not supported by this command")}};
  for (const auto& [type, matcher] : cases) EXPECT_THAT(c.Command("DEBUG", "PROTOCOL", type), matcher) << type;
}

TEST_F(DebugTest, ErrorIsRepliedAsItIs) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "ERROR", "CODE what went wrong"), IsError("CODE what went wrong"));
}

TEST_F(DebugTest, HtStatsDescribeTablesAndWheels) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 100), IsOk());
  EXPECT_THAT(c.Command("EXPIRE", "key:1", 100), IsInt(1));
  EXPECT_THAT(c.Command("DEBUG", "HTSTATS", 0),
              IsBulk(::testing::AllOf(HasSubstr("[Dictionary HT]"), HasSubstr("number of elements: 100\n"),
                                      HasSubstr("[Expires HT]\n number of elements: 1\n"))));
  EXPECT_THAT(c.Command("DEBUG", "HTSTATS", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("DEBUG", "HTSTATS", 99), IsError("ERR Out of range database"));
  EXPECT_THAT(c.Command("DEBUG", "HTSTATS-KEY", "none"), IsError("ERR no such key"));
  EXPECT_THAT(c.Command("DEBUG", "HTSTATS-KEY", "key:1"), IsErrorStarting("ERR The value stored at the specified key"));
}

TEST_F(DebugTest, SwitchesOfAbsentMachineryAreAccepted) {
  auto c = Connect();
  for (const char* name : {"DICT-RESIZING", "PAUSE-CRON", "SET-DISABLE-DENY-SCRIPTS", "SET-ACTIVE-EXPIRE"}) {
    EXPECT_THAT(c.Command("DEBUG", name, 1), IsOk()) << name;
  }
  EXPECT_THAT(c.Command("DEBUG", "REPLYBUFFER", "RESIZING", 0), IsOk());
  for (const char* time : {"never", "reset", "100"}) {
    EXPECT_THAT(c.Command("DEBUG", "REPLYBUFFER", "PEAK-RESET-TIME", time), IsOk());
  }
  EXPECT_THAT(c.Command("DEBUG", "REPLYBUFFER", "PEAK-RESET-TIME", "soon"),
              IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("DEBUG", "REPLYBUFFER", "COLOUR", 1), IsErrorStarting("ERR unknown subcommand or wrong number"));
  EXPECT_THAT(c.Command("DEBUG", "LOG", "from a test"), IsOk());
}

TEST_F(DebugTest, NothingCrashesOrPretends) {
  auto c = Connect();
  for (const char* name : {"SEGFAULT", "PANIC", "ASSERT", "OOM", "RESTART", "CRASH-AND-RECOVER"}) {
    EXPECT_THAT(c.Command("DEBUG", name),
                IsError(std::string("ERR DEBUG ") + name + " is refused: this server does not crash on request"));
  }
  EXPECT_THAT(c.Command("DEBUG", "CHANGE-REPL-ID"), IsErrorStarting("ERR DEBUG CHANGE-REPL-ID needs replication"));
  EXPECT_THAT(c.Command("PING"), IsStatus("PONG"));
}

TEST_F(DebugTest, UnknownSubcommandsAndArgumentCountsAreRefusedAlike) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "nosuch"),
              IsError("ERR unknown subcommand or wrong number of arguments for 'nosuch'. Try DEBUG HELP."));
  EXPECT_THAT(c.Command("DEBUG", "sleep"),
              IsError("ERR unknown subcommand or wrong number of arguments for 'sleep'. Try DEBUG HELP."));
  EXPECT_THAT(c.Command("DEBUG", "HELP"), HasElements(::testing::SizeIs(::testing::Gt(10))));
}

TEST_F(DebugTest, ScriptsMayBeLetCallWhatTheyAreRefused) {
  auto c = Connect();
  const auto call = [&] { return c.Command("EVAL", "return redis.call('debug', 'protocol', 'integer')", 0); };
  EXPECT_THAT(call(), IsErrorStarting("ERR This Redis command is not allowed from script"));
  EXPECT_THAT(c.Command("DEBUG", "SET-DISABLE-DENY-SCRIPTS", 1), IsOk());
  EXPECT_THAT(call(), IsInt(12345));
  EXPECT_THAT(c.Command("DEBUG", "SET-DISABLE-DENY-SCRIPTS", 0), IsOk());
  EXPECT_THAT(call(), IsErrorStarting("ERR"));
}

}  // namespace
}  // namespace pinion::test
