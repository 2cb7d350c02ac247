// GET, SET, SETNX, SETEX, PSETEX, GETSET, GETDEL, GETEX and STRLEN over a connection.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(StringTest, GetReturnsWhatSetStored) {
  const std::string binary("\0\r\n\xff", 4);
  for (const std::string& value : {std::string(), std::string("x"), std::string("-12"), std::string("012"), binary,
                                   std::string(255, 'a'), std::string(256, 'b'), std::string(4096, 'c'),
                                   std::string(4097, 'd'), std::string(1 << 20, 'e'),
                                   std::string("9223372036854775807"), std::string("9223372036854775808")}) {
    EXPECT_THAT(Do("SET", "k", value), IsOk());
    EXPECT_THAT(Do("GET", "k"), IsBulk(value));
    EXPECT_THAT(Do("STRLEN", "k"), IsInt(static_cast<int64_t>(value.size())));
  }
}

TEST_F(StringTest, AbsentKeyHasNoValueAndNoLength) {
  EXPECT_THAT(Do("GET", "k"), IsNil());
  EXPECT_THAT(Do("STRLEN", "k"), IsInt(0));
}

TEST_F(StringTest, SetNxAndXxLookAtWhetherTheKeyExists) {
  EXPECT_THAT(Do("SET", "k", "1", "XX"), IsNil());
  EXPECT_THAT(Do("SET", "k", "1", "nx"), IsOk());
  EXPECT_THAT(Do("SET", "k", "2", "NX"), IsNil());
  EXPECT_THAT(Do("SET", "k", "3", "xx"), IsOk());
  EXPECT_THAT(Do("GET", "k"), IsBulk("3"));
}

TEST_F(StringTest, SetGetReturnsTheOldValueWhetherItWasSetOrNot) {
  EXPECT_THAT(Do("SET", "k", "1", "GET"), IsNil());
  EXPECT_THAT(Do("SET", "k", "2", "GET"), IsBulk("1"));
  EXPECT_THAT(Do("SET", "k", "3", "NX", "GET"), IsBulk("2"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("2"));
  EXPECT_THAT(Do("SET", "new", "1", "XX", "GET"), IsNil());
  EXPECT_THAT(Do("GET", "new"), IsNil());
  EXPECT_THAT(Do("SET", "new", "1", "GET", "NX"), IsNil());
  EXPECT_THAT(Do("GET", "new"), IsBulk("1"));
}

TEST_F(StringTest, SetGetReturnsALargeOldValueUndamaged) {
  const std::string large(100'000, 'x');
  Do("SET", "k", large);
  EXPECT_THAT(Do("SET", "k", "small", "GET"), IsBulk(large));
}

TEST_F(StringTest, SetTakesADeadlineInEveryUnit) {
  const int64_t at = UnixSeconds() + 100;
  EXPECT_THAT(Do("SET", "k", "1", "EX", 100), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("SET", "k", "1", "PX", 50'000), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(50));
  EXPECT_THAT(Do("SET", "k", "1", "EXAT", at), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("SET", "k", "1", "pxat", (at + 100) * 1000), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(200));
}

TEST_F(StringTest, SetDropsTheDeadlineUnlessToldToKeepIt) {
  Do("SET", "k", "1", "EX", 100);
  EXPECT_THAT(Do("SET", "k", "2", "KEEPTTL"), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("SET", "k", "3"), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
  EXPECT_THAT(Do("SET", "k", "4", "KEEPTTL"), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
}

TEST_F(StringTest, SetWithADeadlineThatHasPassedLeavesNoKey) {
  Do("SET", "k", "1");
  EXPECT_THAT(Do("SET", "k", "2", "PXAT", 1), IsOk());
  EXPECT_THAT(Do("GET", "k"), IsNil());
}

TEST_F(StringTest, SetRefusesOptionsThatExcludeEachOther) {
  const std::vector<std::vector<std::string>> kConflicts = {
      {"NX", "XX"},           {"XX", "NX"},           {"EX", "10", "PX", "10"},     {"EX", "10", "KEEPTTL"},
      {"KEEPTTL", "EX", "1"}, {"EX"},                 {"PXAT"},                     {"PERSIST"},
      {"foo"},                {""},                   {"EXAT", "9", "PXAT", "9000"}, {"NX", "IFEQ", "1"},
      {"IFEQ", "1", "XX"},    {"IFEQ", "1", "IFNE", "1"}, {"IFEQ", "1", "IFEQ", "1"}, {"IFDEQ"},
  };
  Do("SET", "k", "old");
  for (const auto& options : kConflicts) {
    std::vector<std::string> command = {"SET", "k", "new"};
    command.insert(command.end(), options.begin(), options.end());
    EXPECT_THAT(client().Command(command), IsError(kSyntaxError)) << ::testing::PrintToString(options);
  }
  EXPECT_THAT(Do("GET", "k"), IsBulk("old"));
}

TEST_F(StringTest, SetAcceptsTheSameOptionTwiceAndTheLastTimeCounts) {
  EXPECT_THAT(Do("SET", "k", "1", "NX", "NX", "EX", 10, "EX", 100), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("SET", "k", "2", "KEEPTTL", "GET", "keepttl", "get"), IsBulk("1"));
}

TEST_F(StringTest, DeadlinesThatAreNoTimeAreRefusedWithTheCommandsName) {
  for (const char* time : {"0", "-1", "9223372036854775807", "9223372036854775"}) {
    EXPECT_THAT(Do("SET", "k", "1", "EX", time), IsError("ERR invalid expire time in 'set' command")) << time;
    EXPECT_THAT(Do("SETEX", "k", time, "1"), IsError("ERR invalid expire time in 'setex' command")) << time;
  }
  EXPECT_THAT(Do("PSETEX", "k", "9223372036854775807", "1"), IsError("ERR invalid expire time in 'psetex' command"));
  EXPECT_THAT(Do("SET", "k", "1", "PXAT", 0), IsError("ERR invalid expire time in 'set' command"));
  EXPECT_THAT(Do("SET", "k", "1", "EX", "soon"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("SETEX", "k", "1.5", "1"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("GET", "k"), IsNil());
  EXPECT_THAT(Do("SET", "k", "1", "PXAT", "9223372036854775807"), IsOk());
}

TEST_F(StringTest, SetComparesTheOldValue) {
  EXPECT_THAT(Do("SET", "k", "1", "IFEQ", ""), IsNil());
  EXPECT_THAT(Do("GET", "k"), IsNil());
  EXPECT_THAT(Do("SET", "k", "1", "IFNE", "1"), IsOk());
  EXPECT_THAT(Do("SET", "k", "2", "IFNE", "1"), IsNil());
  EXPECT_THAT(Do("SET", "k", "2", "ifeq", "1", "EX", 100), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("SET", "k", "3", "IFEQ", "1", "GET"), IsBulk("2"));
  EXPECT_THAT(Do("SET", "k", "3", "IFEQ", "2", "GET", "KEEPTTL"), IsBulk("2"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("3"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
}

TEST_F(StringTest, SetComparesTheOldValuesDigest) {
  constexpr const char* kHello = "9555e8555c62dcfd";
  EXPECT_THAT(Do("SET", "k", "x", "IFDEQ", kHello), IsNil());
  EXPECT_THAT(Do("SET", "k", "hello", "IFDNE", kHello), IsOk());
  EXPECT_THAT(Do("SET", "k", "x", "IFDNE", "9555E8555C62DCFD"), IsNil());
  EXPECT_THAT(Do("SET", "k", "x", "IFDEQ", "0000000000000000"), IsNil());
  EXPECT_THAT(Do("SET", "k", "x", "IFDEQ", "123"), IsError("ERR must be exactly 16 hexadecimal characters"));
  EXPECT_THAT(Do("SET", "k", "x", "IFDEQ", "9555E8555C62DCFD", "GET"), IsBulk("hello"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("x"));
}

TEST_F(StringTest, SetNxCommandRepliesWithANumber) {
  EXPECT_THAT(Do("SETNX", "k", "1"), IsInt(1));
  EXPECT_THAT(Do("SETNX", "k", "2"), IsInt(0));
  EXPECT_THAT(Do("GET", "k"), IsBulk("1"));
}

TEST_F(StringTest, SetExAndPSetExSetValueAndDeadline) {
  EXPECT_THAT(Do("SETEX", "k", 100, "1"), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("PSETEX", "k", 50'000, "2"), IsOk());
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(50));
  EXPECT_THAT(Do("GET", "k"), IsBulk("2"));
}

TEST_F(StringTest, GetSetReturnsTheOldValueAndDropsTheDeadline) {
  EXPECT_THAT(Do("GETSET", "k", "1"), IsNil());
  Do("EXPIRE", "k", 100);
  EXPECT_THAT(Do("GETSET", "k", "2"), IsBulk("1"));
  EXPECT_THAT(Do("GET", "k"), IsBulk("2"));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
}

TEST_F(StringTest, GetDelReturnsTheValueAndRemovesTheKey) {
  EXPECT_THAT(Do("GETDEL", "k"), IsNil());
  const std::string large(50'000, 'x');
  Do("SET", "k", large);
  EXPECT_THAT(Do("GETDEL", "k"), IsBulk(large));
  EXPECT_THAT(Do("GET", "k"), IsNil());
}

TEST_F(StringTest, GetExChangesOnlyTheDeadline) {
  Do("SET", "k", "v");
  EXPECT_THAT(Do("GETEX", "k"), IsBulk("v"));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
  EXPECT_THAT(Do("GETEX", "k", "EX", 100), IsBulk("v"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("GETEX", "k"), IsBulk("v"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  EXPECT_THAT(Do("GETEX", "k", "PX", 50'000), IsBulk("v"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(50));
  EXPECT_THAT(Do("GETEX", "k", "EXAT", UnixSeconds() + 200), IsBulk("v"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(200));
  EXPECT_THAT(Do("GETEX", "k", "PXAT", (UnixSeconds() + 300) * 1000), IsBulk("v"));
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(300));
  EXPECT_THAT(Do("GETEX", "k", "PERSIST"), IsBulk("v"));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
  EXPECT_THAT(Do("GETEX", "k", "EXAT", 1), IsBulk("v"));
  EXPECT_THAT(Do("GET", "k"), IsNil());
}

TEST_F(StringTest, GetExChecksSyntaxThenKeyThenTime) {
  EXPECT_THAT(Do("GETEX", "k", "EX"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GETEX", "k", "KEEPTTL"), IsError(kSyntaxError));
  EXPECT_THAT(Do("GETEX", "k", "PERSIST", "EX", 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("GETEX", "k", "EX", "abc"), IsNil());
  Do("SET", "k", "v");
  EXPECT_THAT(Do("GETEX", "k", "EX", "abc"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("GETEX", "k", "PX", 0), IsError("ERR invalid expire time in 'getex' command"));
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
}

TEST_F(StringTest, EveryChangeIsAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("SET", "k", "1");
                Do("SET", "k", "1", "EX", 100);
                Do("SET", "k", "1", "NX");
                Do("SETNX", "k", "1");
                Do("SETNX", "n", "1");
                Do("SETEX", "k", 100, "1");
                Do("GETEX", "k");
                Do("GETEX", "k", "PERSIST");
                Do("GETEX", "k", "PERSIST");
                Do("GETEX", "k", "EX", 100);
                Do("GETSET", "k", "1");
                Do("GETEX", "k", "PXAT", 1);
                Do("GETDEL", "n");
                Do("GETDEL", "n");
              }),
              ElementsAre("set k", "set k", "expire k", "set n", "set k", "expire k", "persist k", "expire k", "set k",
                          "del k", "del n"));
}

TEST_F(StringTest, ReadsAnnounceNothing) {
  Do("SET", "k", "1");
  EXPECT_THAT(EventsOf([&] {
                Do("GET", "k");
                Do("STRLEN", "k");
                Do("SET", "k", "2", "IFEQ", "9");
              }),
              IsEmpty());
}

TEST_F(StringTest, Resp3SendsNullsInTheirOwnForm) {
  RespClient c = Connect(3);
  c.SendRaw("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n");
  EXPECT_EQ(c.ReadBytes(3), "_\r\n");
}

}  // namespace
}  // namespace pinion::test
