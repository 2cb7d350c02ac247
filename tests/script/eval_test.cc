// EVAL and its kin: values both ways, errors, the sandbox, the cache of scripts.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class EvalTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("busy-reply-threshold", "50"); }
};

TEST_F(EvalTest, ReturnsValuesInRedisTypes) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL", "return 3.99", 0), IsInt(3));
  EXPECT_THAT(c.Command("EVAL", "return 'x\\0y'", 0), IsBulk(std::string("x\0y", 3)));
  EXPECT_THAT(c.Command("EVAL", "return true", 0), IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "return false", 0), IsNil());
  EXPECT_THAT(c.Command("EVAL", "return {1,'a',{2},nil,5}", 0), IsArray(1, "a", IsArray(2)));
  EXPECT_THAT(c.Command("EVAL", "return {ok='fine'}", 0), IsStatus("fine"));
  EXPECT_THAT(c.Command("EVAL", "return {err='MY error'}", 0), IsError("MY error"));
  EXPECT_THAT(c.Command("EVAL", "return redis.error_reply('no code')", 0), IsError("no code"));
  EXPECT_THAT(c.Command("EVAL", "return redis.status_reply('yes')", 0), IsStatus("yes"));
  EXPECT_THAT(c.Command("EVAL", "return {KEYS[1],KEYS[2],ARGV[1],#ARGV}", 2, "a", "b", "c"), IsArray("a", "b", "c", 1));
  EXPECT_THAT(c.Command("EVAL", "return 1/0", 0), IsInt(std::numeric_limits<int64_t>::min()));
}

TEST_F(EvalTest, ReturnsRichTypesToEitherProtocol) {
  constexpr const char* kMap = "return {map={a=1}}";
  constexpr const char* kSet = "return {set={a=true}}";
  constexpr const char* kDouble = "return {double=1.5}";
  constexpr const char* kBig = "return {big_number='123\\r4'}";
  constexpr const char* kVerbatim = "return {verbatim_string={format='txt',string='hello'}}";
  auto two = Connect();
  EXPECT_THAT(two.Command("EVAL", kMap, 0), IsArray("a", 1));
  EXPECT_THAT(two.Command("EVAL", kSet, 0), IsArray("a"));
  EXPECT_THAT(two.Command("EVAL", kDouble, 0), IsBulk("1.5"));
  EXPECT_THAT(two.Command("EVAL", kBig, 0), IsBulk("123 4"));
  EXPECT_THAT(two.Command("EVAL", kVerbatim, 0), IsBulk("hello"));
  EXPECT_THAT(two.Command("EVAL", "redis.setresp(3) return true", 0), IsInt(1));
  EXPECT_THAT(two.Command("EVAL", "redis.setresp(3) return false", 0), IsInt(0));
  auto three = Connect(3);
  EXPECT_THAT(three.Command("EVAL", kMap, 0), IsMap("a", 1));
  EXPECT_THAT(three.Command("EVAL", kSet, 0), IsSet("a"));
  EXPECT_THAT(three.Command("EVAL", kDouble, 0), IsDouble(1.5));
  EXPECT_THAT(three.Command("EVAL", kBig, 0), IsBigNumber("123 4"));
  EXPECT_THAT(three.Command("EVAL", kVerbatim, 0), IsVerbatim("hello"));
  EXPECT_THAT(three.Command("EVAL", "redis.setresp(3) return true", 0), IsBool(true));
  EXPECT_THAT(three.Command("EVAL", "return true", 0), IsInt(1));
  EXPECT_THAT(three.Command("EVAL", "return nil", 0), IsNil());
}

TEST_F(EvalTest, SeesRepliesAsLuaValues) {
  auto c = Connect();
  c.Command("HSET", "h", "f", "v");
  EXPECT_THAT(c.Command("EVAL", "return type(redis.call('get','none'))", 0), IsBulk("boolean"));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('set','s','v').ok", 0), IsBulk("OK"));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('incr','n') + 1", 0), IsInt(2));
  EXPECT_THAT(c.Command("EVAL", "return redis.pcall('incr','s').err", 0),
              IsBulk("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('hgetall','h')", 0), IsArray("f", "v"));
  EXPECT_THAT(c.Command("EVAL", "redis.setresp(3) return redis.call('hgetall','h').map.f", 0), IsBulk("v"));
  EXPECT_THAT(c.Command("EVAL", "redis.setresp(3) return tostring(redis.call('get','none'))", 0), IsBulk("nil"));
  // Beyond what is sent by reference.
  c.Command("SET", "big", std::string(100'000, 'x'));
  EXPECT_THAT(c.Command("EVAL", "return #redis.call('get','big')", 0), IsInt(100'000));
}

TEST_F(EvalTest, WritesNumbersAsArgumentsWithoutLoss) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL", "return redis.call('echo', 9007199254740991)", 0), IsBulk("9007199254740991"));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('echo', 1e9)", 0), IsBulk("1000000000"));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('echo', 0.5)", 0), IsBulk("0.5"));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('mset', 'a', 1, 'b', 2.5).ok", 0), IsBulk("OK"));
  EXPECT_THAT(c.Command("GET", "b"), IsBulk("2.5"));
}

TEST_F(EvalTest, NamesTheScriptAndLineOfErrors) {
  auto c = Connect();
  const std::string at = " script: ";
  EXPECT_THAT(c.Command("EVAL", "return foo", 0),
              IsErrorStarting("ERR user_script:1: Script attempted to access nonexistent global variable 'foo'" + at));
  EXPECT_THAT(c.Command("EVAL", "\nerror('boo')", 0), IsErrorStarting("ERR user_script:2: boo" + at));
  EXPECT_THAT(c.Command("EVAL", "return redis.call('incr','s','x')", 0),
              IsErrorStarting("ERR Wrong number of args calling command from script" + at));
  EXPECT_THAT(c.Command("EVAL", "redis.call('nosuch')", 0),
              IsErrorStarting("ERR Unknown command called from script" + at));
  EXPECT_THAT(c.Command("EVAL", "redis.call('subscribe','x')", 0),
              IsErrorStarting("ERR This Redis command is not allowed from script" + at));
  EXPECT_THAT(c.Command("EVAL", "redis.call('get', {})", 0),
              IsErrorStarting("ERR Command arguments must be strings or integers" + at));
  EXPECT_THAT(c.Command("EVAL", "return 1 +", 0),
              IsErrorStarting("ERR Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'"));
  EXPECT_THAT(c.Command("EVAL", "\x1bLua", 0), IsErrorStarting("ERR Error compiling script"));
  EXPECT_THAT(c.Command("EVAL", "error()", 0), IsErrorStarting("ERR nil"));
  EXPECT_THAT(c.Command("EVAL", "error({})", 0), IsErrorStarting("ERR unknown error"));
  EXPECT_THAT(c.Command("EVAL", "return 1", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("EVAL", "return 1", 1), IsError("ERR Number of keys can't be greater than number of args"));
  EXPECT_THAT(c.Command("EVAL", "return 1", -1), IsError("ERR Number of keys can't be negative"));
}

TEST_F(EvalTest, PcallGivesTheTextOfAnError) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL", "return {pcall(function() return redis.call('get') end)}", 0),
              IsArray(IsNil(), "ERR Wrong number of args calling command from script"));
  EXPECT_THAT(c.Command("EVAL", "return {pcall(function(a) return a + 1 end, 2)}", 0), IsArray(1, 3));
  EXPECT_THAT(c.Command("EVAL", "return {pcall(function() error({err='E'}) end)}", 0), IsArray(IsNil(), "E"));
  EXPECT_THAT(c.Command("EVAL", "return select('#', pcall(function() error({err=cjson.null}) end))", 0), IsInt(3));
}

TEST_F(EvalTest, LetsNothingThatIsSharedBeChanged) {
  auto c = Connect();
  for (const char* script :
       {"a = 1", "redis = 1", "_G = {}", "redis.call = 1", "string.x = 1", "cjson.encode = nil", "setmetatable(_G, {})",
        "local g = getmetatable(_G) g.__index = {}", "rawset(redis, 'x', 1)", "table.insert(redis, 1)",
        "table.remove(redis)", "getmetatable('').__index = 1", "setfenv(0, {})", "rawset(_G, 'x', 1)",
        "setmetatable(redis, nil)", "redis.call = function() end"}) {
    EXPECT_THAT(c.Command("EVAL", script, 0), matcher_detail::Text(Reply::Kind::kError, testing::HasSubstr(
                                                  "Attempt to modify a readonly table")))
        << script;
  }
  EXPECT_THAT(c.Command("EVAL", "setfenv(1, {x=1}) return x", 0), IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "setfenv(1, {x=1}) return x", 0), IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "collectgarbage('stop') return redis.call('ping').ok", 0), IsBulk("PONG"));
}

TEST_F(EvalTest, GivesEachScriptItsOwnKeysAndArguments) {
  auto c = Connect();
  constexpr const char* kAll =
      "local n = 0 for _ in pairs(KEYS) do n = n + 1 end for _ in pairs(ARGV) do n = n + 1 end "
      "return {#KEYS, #ARGV, n, KEYS[1], KEYS.more == nil, getmetatable(ARGV) == nil}";
  const std::string scripts[] = {
      "return #KEYS + #ARGV",
      "KEYS[1] = nil KEYS[2] = 'two' KEYS[-1] = 'x' KEYS.more = 'y' ARGV[9] = 'z' return 1",
      "setmetatable(KEYS, {__index = function() return 'mine' end}) ARGV.more = KEYS return 1",
      "setmetatable(ARGV, {__newindex = error, __metatable = 'locked'}) return 1",
      "for i = 1, 100 do KEYS[i] = 'many' ARGV['a' .. i] = KEYS end return 1",
      "KEYS.more = ARGV ARGV.more = KEYS error('failed')",
      "return KEYS",
  };
  for (int i = 0; i < 3; ++i) {
    for (const std::string& script : scripts) {
      c.Command("EVAL", script, 3, "a", "b", "c", "d", "e");
      EXPECT_THAT(c.Command("EVAL", kAll, 1, "k", "x", "y"), IsArray(1, 2, 3, "k", 1, 1)) << script;
      EXPECT_THAT(c.Command("EVAL", "return {#KEYS, #ARGV, next(KEYS), next(ARGV)}", 0), IsArray(0, 0)) << script;
    }
  }
  std::vector<std::string> many{"EVAL", "return {#KEYS, KEYS[200], #ARGV}", "200"};
  for (int i = 1; i <= 200; ++i) many.push_back(std::to_string(i));
  EXPECT_THAT(c.Command(many), IsArray(200, "200", 0));
  EXPECT_THAT(c.Command("EVAL", kAll, 1, "k", "x", "y"), IsArray(1, 2, 3, "k", 1, 1));
}

TEST_F(EvalTest, ManyCallsLeaveNothingBehind) {
  auto c = Connect();
  const auto bytes = [&] {
    const std::string info = c.Command("INFO", "memory").text;
    return std::stoll(info.substr(info.find("used_memory_vm_eval:") + 20));
  };
  constexpr const char* kScript = "return redis.call('INCR', KEYS[1])";
  c.Command("EVAL", kScript, 1, "k");
  const int64_t before = bytes();
  for (int i = 0; i < 20; ++i) {
    std::string pipeline;
    for (int k = 0; k < 500; ++k) pipeline += RespClient::Encode({"EVAL", kScript, "1", "k"});
    c.SendRaw(pipeline);
    for (int k = 0; k < 500; ++k) ASSERT_THAT(c.ReadReply(), IsInt(2 + 500 * i + k));
  }
  EXPECT_LT(bytes(), before + 4096);
}

TEST_F(EvalTest, HasNoWayOut) {
  auto c = Connect();
  for (const char* name : {"print", "dofile", "loadfile", "require", "module", "package", "io", "debug"}) {
    EXPECT_THAT(c.Command("EVAL", std::string("return ") + name, 0),
                matcher_detail::Text(Reply::Kind::kError, testing::HasSubstr("nonexistent global variable")));
  }
  EXPECT_THAT(c.Command("EVAL", "return os.execute", 0), IsNil());
  EXPECT_THAT(c.Command("EVAL", "return type(os.clock())", 0), IsBulk("number"));
  EXPECT_THAT(c.Command("EVAL", "return loadstring(string.dump(function() return 1 end))", 0), IsNil());
  EXPECT_THAT(c.Command("EVAL", "local s = string.dump(function() return 1 end) return load(function() local t = s s = nil return t end)", 0), IsNil());
  EXPECT_THAT(c.Command("EVAL", "return loadstring('return 7')()", 0), IsInt(7));
  EXPECT_THAT(c.Command("EVAL", "local n = 0 for k, v in pairs(redis) do n = n + 1 end return n > 10", 0), IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "local _, t = pairs(redis) t.call = 1", 0), IsErrorStarting("ERR user_script:1: Attempt"));
}

TEST_F(EvalTest, SurvivesRecursionAndHugeReplies) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL", "local function f() return f() + 1 end return f()", 0),
              matcher_detail::Text(Reply::Kind::kError, testing::HasSubstr("stack overflow")));
  c.Send("EVAL", "local t = {} t[1] = t return t", 0);
  EXPECT_TRUE(c.ReadBytes(4).starts_with("*1\r\n"));
  auto d = Connect();
  EXPECT_THAT(d.Command("EVAL", "local t = {} for i = 1, 100000 do t[i] = i end return t", 0),
              HasElements(testing::SizeIs(100000)));
  EXPECT_THAT(d.Command("EVAL", "return redis.call('ping', unpack({1,2,3}))", 0), IsErrorStarting("ERR wrong number"));
  EXPECT_THAT(d.Command("EVAL", "return {unpack({1,2,3}, 1, 1e8)}", 0), IsErrorStarting("ERR user_script:1: too many"));
}

TEST_F(EvalTest, KeepsScriptsByTheirSha1) {
  auto c = Connect();
  const std::string sha = c.Command("SCRIPT", "LOAD", "return 'kept'").text;
  EXPECT_EQ(sha.size(), 40u);
  EXPECT_THAT(c.Command("EVALSHA", sha, 0), IsBulk("kept"));
  EXPECT_THAT(c.Command("EVALSHA_RO", sha, 0), IsBulk("kept"));
  std::string upper = sha;
  for (char& x : upper) x = static_cast<char>(std::toupper(x));
  EXPECT_THAT(c.Command("EVALSHA", upper, 0), IsBulk("kept"));
  EXPECT_THAT(c.Command("SCRIPT", "EXISTS", sha, "no"), IsArray(1, 0));
  EXPECT_THAT(c.Command("SCRIPT", "SHOW", sha), IsBulk("return 'kept'"));
  EXPECT_THAT(c.Command("SCRIPT", "SHOW", "x"), IsErrorStarting("NOSCRIPT"));
  EXPECT_THAT(c.Command("SCRIPT", "FLUSH", "later"), IsError("ERR SCRIPT FLUSH only support SYNC|ASYNC option"));
  EXPECT_THAT(c.Command("SCRIPT", "FLUSH", "ASYNC"), IsOk());
  EXPECT_THAT(c.Command("EVALSHA", sha, 0), IsError("NOSCRIPT No matching script. Please use EVAL."));
  EXPECT_THAT(c.Command("EVALSHA", "short", "x"), IsErrorStarting("NOSCRIPT"));
  EXPECT_THAT(c.Command("SCRIPT", "LOAD", "x x"), IsErrorStarting("ERR Error compiling script (new function)"));
  EXPECT_THAT(c.Command("SCRIPT", "DEBUG", "NO"), IsOk());
  EXPECT_THAT(c.Command("SCRIPT", "DEBUG", "YES"), IsErrorStarting("ERR SCRIPT DEBUG is not supported"));
  EXPECT_THAT(c.Command("SCRIPT", "KILL"), IsError("NOTBUSY No scripts in execution right now."));
  EXPECT_EQ(c.Command("SCRIPT", "HELP").kind, Reply::Kind::kArray);
}

TEST_F(EvalTest, LetsGoOfScriptsThatOnlyEvalBrought) {
  auto c = Connect();
  const std::string loaded = c.Command("SCRIPT", "LOAD", "return 'loaded'").text;
  const std::string first = c.Command("EVAL", "return redis.sha1hex('return 0')", 0).text;
  c.Command("EVAL", "return 0", 0);
  for (int i = 1; i <= 500; ++i) c.Command("EVAL", "return " + std::to_string(i), 0);
  EXPECT_THAT(c.Command("SCRIPT", "EXISTS", loaded, first), IsArray(1, 0));
  EXPECT_THAT(c.Command("INFO", "memory").text, testing::HasSubstr("number_of_cached_scripts:501\r\n"));
  EXPECT_THAT(c.Command("INFO", "stats").text, testing::HasSubstr("evicted_scripts:2\r\n"));
}

TEST_F(EvalTest, ReadOnlyScriptsMayNotWrite) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL_RO", "return redis.call('set','x','y')", 1, "x"),
              IsErrorStarting("ERR Write commands are not allowed from read-only scripts."));
  EXPECT_THAT(c.Command("EVAL", "#!lua flags=no-writes\nreturn redis.call('set','x','y')", 1, "x"),
              IsErrorStarting("ERR Write commands are not allowed from read-only scripts."));
  EXPECT_THAT(c.Command("EVAL_RO", "#!lua\nreturn 1", 0),
              IsError("ERR Can not execute a script with write flag using *_ro command."));
  EXPECT_THAT(c.Command("EVAL_RO", "return redis.call('get','x')", 1, "x"), IsNil());
  EXPECT_THAT(c.Command("EVAL", "#!lua flags=bad\nreturn 1", 0), IsError("ERR Unexpected flag in script shebang: bad"));
  EXPECT_THAT(c.Command("EVAL", "#!lua a=b\nreturn 1", 0), IsError("ERR Unknown lua shebang option: a=b"));
  EXPECT_THAT(c.Command("EVAL", "#!pascal\nreturn 1", 0), IsError("ERR Unexpected engine in script shebang: #!pascal"));
  EXPECT_THAT(c.Command("EVAL", "#!lua", 0), IsError("ERR Invalid script shebang"));
  EXPECT_THAT(c.Command("EVAL", "#!lua flags=allow-oom,no-cluster\nreturn 'ran'", 0), IsBulk("ran"));
  EXPECT_THAT(c.Command("EVAL", "#!lua flags=\nreturn 'ran'", 0), IsBulk("ran"));
}

TEST_F(EvalTest, RefusesWhatNeedsMemoryPastTheLimitUnlessAllowed) {
  auto c = Connect();
  c.Command("SET", "x", "1");
  c.Command("CONFIG", "SET", "maxmemory", "1");
  EXPECT_THAT(c.Command("EVAL", "return redis.call('set','x','y')", 1, "x"),
              IsErrorStarting("OOM command not allowed when used memory > 'maxmemory'."));
  EXPECT_THAT(c.Command("EVAL", "#!lua\nreturn 1", 0), IsErrorStarting("OOM"));
  c.Command("CONFIG", "SET", "maxmemory", "0");
  EXPECT_THAT(c.Command("EVAL", "return redis.call('set','x','y')", 1, "x"), IsOk());
}

TEST_F(EvalTest, RunsInItsCallersDatabaseAndTransaction) {
  auto c = Connect();
  c.Command("SELECT", 3);
  EXPECT_THAT(c.Command("EVAL", "redis.call('set','k','three') redis.call('select', 5) return redis.call('set','k','five')",
                        0), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("three"));
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("EVAL", "return redis.call('incr', KEYS[1])", 1, "n"), IsQueued());
  EXPECT_THAT(c.Command("EVAL", "return redis.call('incr', 'undeclared')", 0), IsQueued());
  EXPECT_THAT(c.Command("INCR", "n"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsArray(1, 1, 2));
  EXPECT_THAT(c.Command("EVAL", "redis.call('flushall') redis.call('set','a','b') return redis.call('dbsize')", 0),
              IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "redis.call('swapdb', 3, 1) return redis.call('keys','*')", 0), IsArray());
  EXPECT_THAT(c.Command("EVAL", "return redis.call('blpop','list',0)", 1, "list"), IsNil());
}

TEST_F(EvalTest, CountsErrorsOnceAndCommandsByName) {
  auto c = Connect();
  c.Command("CONFIG", "RESETSTAT");
  c.Command("EVAL", "return redis.call('select', 99)", 0);
  const std::string errors = c.Command("INFO", "errorstats").text;
  EXPECT_THAT(errors, testing::HasSubstr("errorstat_ERR:count=1"));
  const std::string commands = c.Command("INFO", "commandstats").text;
  EXPECT_THAT(commands, testing::ContainsRegex("cmdstat_select:calls=1.*rejected_calls=0,failed_calls=1"));
  EXPECT_THAT(commands, testing::ContainsRegex("cmdstat_eval:calls=1.*rejected_calls=0,failed_calls=1"));
}

TEST_F(EvalTest, HasRandomNumbersThatCanBeRepeated) {
  auto c = Connect();
  constexpr const char* kDraw = "math.randomseed(ARGV[1]) return tostring(math.random())";
  EXPECT_EQ(c.Command("EVAL", kDraw, 0, 10).text, c.Command("EVAL", kDraw, 0, 10).text);
  EXPECT_NE(c.Command("EVAL", kDraw, 0, 10).text, c.Command("EVAL", kDraw, 0, 11).text);
  EXPECT_THAT(c.Command("EVAL", "return math.random(3, 1)", 0),
              matcher_detail::Text(Reply::Kind::kError, testing::HasSubstr("interval is empty")));
}

TEST_F(EvalTest, SeesSetsInOrderAndTimeStandingStill) {
  auto c = Connect();
  c.Command("SADD", "s", "d", "b", "c", "a", "aa");
  EXPECT_THAT(c.Command("EVAL", "return redis.call('sort', KEYS[1], 'by', '_')", 1, "s"),
              IsArray("a", "aa", "b", "c", "d"));
  EXPECT_THAT(c.Command("EVAL",
                        "local first = redis.call('time') for i = 1, 300000 do end "
                        "local second = redis.call('time') return first[1] == second[1] and first[2] == second[2]",
                        0),
              IsInt(1));
}

TEST_F(EvalTest, ItsCommandsCountForItsCaller) {
  auto c = Connect();
  const auto count = [&c] {
    const std::string info = c.Command("CLIENT", "INFO").text;
    return std::stoi(info.substr(info.find("tot-cmds=") + 9));
  };
  const int before = count();
  c.Command("EVAL", "redis.call('ping') redis.call('ping')", 0);
  EXPECT_EQ(count(), before + 4);
}

TEST_F(EvalTest, OffersTheRestOfTheApi) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EVAL", "return redis.sha1hex('')", 0), IsBulk("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
  EXPECT_THAT(c.Command("EVAL", "return redis.REDIS_VERSION", 0), IsBulk("7.2.4"));
  EXPECT_THAT(c.Command("EVAL", "return redis.REDIS_VERSION_NUM", 0), IsInt(0x070204));
  EXPECT_THAT(c.Command("EVAL", "return redis.replicate_commands()", 0), IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "redis.set_repl(redis.REPL_ALL) return redis.breakpoint()", 0), IsNil());
  EXPECT_THAT(c.Command("EVAL", "redis.set_repl(9)", 0), IsErrorStarting("ERR Invalid replication flags."));
  EXPECT_THAT(c.Command("EVAL", "return redis.acl_check_cmd('get','x')", 0), IsInt(1));
  EXPECT_THAT(c.Command("EVAL", "return redis.acl_check_cmd('nosuch')", 0), IsErrorStarting("ERR Invalid command"));
  EXPECT_THAT(c.Command("EVAL", "redis.log(redis.LOG_DEBUG, 'hello')", 0), IsNil());
  EXPECT_THAT(c.Command("EVAL", "redis.log(9, 'hello')", 0), IsErrorStarting("ERR Invalid debug level."));
  EXPECT_THAT(c.Command("EVAL", "redis.setresp(4)", 0), IsErrorStarting("ERR RESP version must be 2 or 3."));
  EXPECT_THAT(c.Command("EVAL", "return server.call('ping')", 0), IsStatus("PONG"));
  EXPECT_THAT(c.Command("EVAL", "return redis.debug('x')", 0), IsNil());
}

TEST_F(EvalTest, WhatDeclaresNoWritesGoesOnWhileWritesArePaused) {
  auto c = Connect();
  c.Command("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end, "
                                "flags={'no-writes'}}");
  const std::string sha = c.Command("SCRIPT", "LOAD", "#!lua flags=no-writes\nreturn 2").text;
  EXPECT_THAT(c.Command("CLIENT", "PAUSE", 60'000, "WRITE"), IsOk());
  auto reader = Connect();
  EXPECT_THAT(reader.Command("EVAL", "#!lua flags=no-writes\nreturn 'new'", 0), IsBulk("new"));
  EXPECT_THAT(reader.Command("EVALSHA", sha, 0), IsInt(2));
  EXPECT_THAT(reader.Command("FCALL", "f", 0), IsInt(1));
  auto writer = Connect();
  writer.Send("EVAL", "return 3", 0);
  EXPECT_THAT(writer.ReadReply(std::chrono::milliseconds(50)), IsNothing());
  EXPECT_THAT(c.Command("CLIENT", "UNPAUSE"), IsOk());
  EXPECT_THAT(writer.ReadReply(), IsInt(3));
}

}  // namespace
}  // namespace pinion::test
