// FUNCTION and FCALL.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class FunctionTest : public ServerTest {
 protected:
  static std::string Library(const std::string& name, const std::string& function, const std::string& body) {
    return "#!lua name=" + name + "\nredis.register_function('" + function + "', function(keys, args) " + body + " end)";
  }
};

TEST_F(FunctionTest, FunctionsAreLoadedAndCalled) {
  auto c = Connect();
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", Library("lib", "f", "return {keys[1], args[1]}")), IsBulk("lib"));
  EXPECT_THAT(c.Command("FCALL", "f", 1, "k", "a"), IsArray("k", "a"));
  EXPECT_THAT(c.Command("FCALL", "F", 0), IsArray());
  EXPECT_THAT(c.Command("FCALL", "g", 0), IsError("ERR Function not found"));
  EXPECT_THAT(c.Command("FCALL", "f", "x"), IsError("ERR Bad number of keys provided"));
  EXPECT_THAT(c.Command("FCALL", "f", 2, "k"), IsError("ERR Number of keys can't be greater than number of args"));
  EXPECT_THAT(c.Command("FCALL", "f", -1), IsError("ERR Number of keys can't be negative"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", Library("lib", "f", "return 1")), IsError("ERR Library 'lib' already exists"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", Library("other", "F", "return 1")),
              IsError("ERR Function F already exists"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "REPLACE", Library("lib", "f", "return 2")), IsBulk("lib"));
  EXPECT_THAT(c.Command("FCALL", "f", 0), IsInt(2));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "x", Library("lib", "f", "return 2")), IsError("ERR Unknown option given: x"));
  EXPECT_THAT(c.Command("FUNCTION", "DELETE", "lib"), IsOk());
  EXPECT_THAT(c.Command("FUNCTION", "DELETE", "lib"), IsError("ERR Library not found"));
  EXPECT_THAT(c.Command("FCALL", "f", 0), IsError("ERR Function not found"));
}

TEST_F(FunctionTest, WhatFailsToLoadChangesNothing) {
  auto c = Connect();
  c.Command("FUNCTION", "LOAD", Library("lib", "f", "return 1"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nbad code"),
              IsErrorStarting("ERR Error compiling function: user_function:2:"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nreturn 1"), IsError("ERR No functions registered"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nredis.register_function()"),
              IsErrorStarting("ERR Error registering functions: ERR wrong number of arguments"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nmath.random()"),
              matcher_detail::Text(Reply::Kind::kError, testing::HasSubstr("nonexistent global variable 'math'")));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nwhile true do end"),
              IsErrorStarting("ERR Error registering functions: ERR FUNCTION LOAD timeout"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "return 1"), IsError("ERR Missing library metadata"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "#!lua\nx"), IsError("ERR Library name was not given"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "#!lua name=a name=b\nx"),
              IsError("ERR Invalid metadata value, name argument was given multiple times"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "#!lua name=a-b\nx"), IsErrorStarting("ERR Library names can only contain"));
  EXPECT_THAT(c.Command("FUNCTION", "LOAD", "#!perl name=a\nx"), IsError("ERR Engine 'perl' not found"));
  EXPECT_THAT(c.Command("FCALL", "f", 0), IsInt(1));
}

TEST_F(FunctionTest, NamedArgumentsDescribeAFunction) {
  auto c = Connect(3);
  EXPECT_THAT(c.Command("FUNCTION", "LOAD",
                        "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 1 end, "
                        "description='what it does', flags={'no-writes', 'allow-stale'}}"),
              IsBulk("lib"));
  EXPECT_THAT(c.Command("FUNCTION", "LIST", "LIBRARYNAME", "l*", "WITHCODE"),
              IsArray(testing::AllOf(HasElements(testing::SizeIs(8)))));
  EXPECT_THAT(c.Command("FUNCTION", "LIST"),
              IsArray(IsMap("library_name", "lib", "engine", "LUA", "functions",
                            IsArray(IsMap("name", "f", "description", "what it does", "flags",
                                          IsSet(IsStatus("no-writes"), IsStatus("allow-stale")))))));
  EXPECT_THAT(c.Command("FUNCTION", "LIST", "LIBRARYNAME", "x*"), IsArray());
  EXPECT_THAT(c.Command("FUNCTION", "LIST", "x"), IsError("ERR Unknown argument x"));
  EXPECT_THAT(c.Command("FUNCTION", "LIST", "LIBRARYNAME"), IsError("ERR library name argument was not given"));
  EXPECT_THAT(c.Command("FCALL_RO", "f", 0), IsInt(1));
  for (const char* bad : {"{}", "{function_name='g'}", "{function_name={}, callback=print}", "{callback=1}",
                          "{function_name='g', callback=function() end, flags={'x'}}", "{function_name='g', x=1}", "1"}) {
    EXPECT_THAT(c.Command("FUNCTION", "LOAD", std::string("#!lua name=bad\nredis.register_function(") + bad + ")"),
                IsErrorStarting("ERR Error registering functions: "))
        << bad;
  }
}

TEST_F(FunctionTest, FlagsAreKept) {
  auto c = Connect();
  c.Command("FUNCTION", "LOAD", Library("lib", "w", "return redis.call('set','x','y')"));
  c.Command("FUNCTION", "LOAD",
            "#!lua name=ro\nredis.register_function{function_name='r', flags={'no-writes'}, "
            "callback=function() return redis.call('set','x','y') end}");
  EXPECT_THAT(c.Command("FCALL", "w", 0), IsOk());
  EXPECT_THAT(c.Command("FCALL_RO", "w", 0),
              IsError("ERR Can not execute a script with write flag using *_ro command."));
  EXPECT_THAT(c.Command("FCALL", "r", 0), IsErrorStarting("ERR Write commands are not allowed from read-only scripts."));
  EXPECT_THAT(c.Command("FCALL", "r", 0), matcher_detail::Text(Reply::Kind::kError, testing::HasSubstr(
                                              "script: r, on @user_function:2.")));
}

TEST_F(FunctionTest, DumpsAreRestored) {
  auto c = Connect();
  c.Command("FUNCTION", "LOAD", Library("one", "f", "return 1"));
  c.Command("FUNCTION", "LOAD", Library("two", "g", "return '" + std::string(20'000, 'x') + "'"));
  const std::string payload = c.Command("FUNCTION", "DUMP").text;
  EXPECT_THAT(c.Command("FUNCTION", "RESTORE", payload), IsError("ERR Library one already exists"));
  EXPECT_THAT(c.Command("FUNCTION", "RESTORE", payload, "REPLACE"), IsOk());
  EXPECT_THAT(c.Command("FUNCTION", "FLUSH"), IsOk());
  EXPECT_THAT(c.Command("FUNCTION", "LIST"), IsArray());
  EXPECT_THAT(c.Command("FUNCTION", "RESTORE", payload, "APPEND"), IsOk());
  EXPECT_THAT(c.Command("FCALL", "g", 0), IsBulk(testing::SizeIs(20'000)));
  c.Command("FUNCTION", "LOAD", "REPLACE", Library("one", "h", "return 1"));
  c.Command("FUNCTION", "LOAD", Library("three", "f", "return 3"));
  EXPECT_THAT(c.Command("FUNCTION", "RESTORE", payload, "REPLACE"), IsError("ERR Function f already exists"));
  EXPECT_THAT(c.Command("FCALL", "f", 0), IsInt(3));
  EXPECT_THAT(c.Command("FCALL", "h", 0), IsInt(1));
  EXPECT_THAT(c.Command("FUNCTION", "RESTORE", payload, "FLUSH"), IsOk());
  EXPECT_THAT(c.Command("FCALL", "f", 0), IsInt(1));
  EXPECT_THAT(c.Command("FCALL", "h", 0), IsError("ERR Function not found"));
  EXPECT_THAT(c.Command("FUNCTION", "RESTORE", payload.substr(1)),
              IsError("ERR DUMP payload version or checksum are wrong"));
  EXPECT_THAT(c.Command("FUNCTION", "RESTORE", payload, "LATER"), IsErrorStarting("ERR Wrong restore policy given"));
  EXPECT_THAT(c.Command("FUNCTION", "FLUSH", "later"), IsError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option"));
}

TEST_F(FunctionTest, AreCounted) {
  auto c = Connect(3);
  c.Command("FUNCTION", "LOAD", Library("one", "f", "return 1"));
  EXPECT_THAT(c.Command("FUNCTION", "STATS"),
              IsMap("running_script", IsNil(), "engines",
                    IsMap("LUA", IsMap("libraries_count", 1, "functions_count", 1))));
  EXPECT_THAT(c.Command("INFO", "memory").text, testing::HasSubstr("number_of_functions:1\r\n"));
  EXPECT_THAT(c.Command("FUNCTION", "KILL"), IsError("NOTBUSY No scripts in execution right now."));
  EXPECT_EQ(c.Command("FUNCTION", "HELP").kind, Reply::Kind::kArray);
}

}  // namespace
}  // namespace pinion::test
