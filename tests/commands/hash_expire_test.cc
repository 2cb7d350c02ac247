// HEXPIRE, HTTL, HPERSIST and their kin, HGETEX, HSETEX and HGETDEL over a connection.
#include <chrono>

#include "tests/commands/hash_test_util.h"

namespace pinion::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::Le;

// An array of one integer near `n`, which counts time down from a moment ago.
ReplyMatcher IsArrayOfNearly(int64_t n, int64_t slack) { return IsArray(IsInt(AllOf(Ge(n - slack), Le(n)))); }

constexpr int64_t kMaxDeadline = (int64_t{1} << 46) - 1;
constexpr const char* kMismatch = "ERR The `numfields` parameter must match the number of arguments";
constexpr const char* kNoFields = "ERR Mandatory argument FIELDS is missing or not at the right position";
constexpr const char* kNotPositive = "ERR Number of fields must be a positive integer";

TEST_F(HashTest, EveryCommandSetsDeadlinesInItsUnit) {
  WithBothForms([&] {
    const int64_t now = NowMillis();
    const std::pair<const char*, int64_t> commands[] = {
        {"HEXPIRE", 100}, {"HPEXPIRE", 100'000}, {"HEXPIREAT", now / 1000 + 100}, {"HPEXPIREAT", now + 100'000}};
    for (const auto& [command, time] : commands) {
      Do("HSET", "h", "a", "1", "b", "2");
      EXPECT_THAT(Do(command, "h", time, "FIELDS", 2, "a", "none"), IsArray(1, -2)) << command;
      EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(100, 2)) << command;
      EXPECT_THAT(Do("HPTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(100'000, 2'000)) << command;
      EXPECT_THAT(Do("HEXPIRETIME", "h", "FIELDS", 1, "a"), IsArrayOfNearly(now / 1000 + 105, 6)) << command;
      EXPECT_THAT(Do("HPEXPIRETIME", "h", "FIELDS", 1, "a"), IsArrayOfNearly(now + 105'000, 6'000)) << command;
      EXPECT_THAT(Do(command, "none", time, "FIELDS", 2, "a", "b"), IsArray(-2, -2)) << command;
    }
    for (const char* command : {"HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME"}) {
      EXPECT_THAT(Do(command, "h", "FIELDS", 2, "b", "none"), IsArray(-1, -2)) << command;
      EXPECT_THAT(Do(command, "none", "FIELDS", 2, "a", "b"), IsArray(-2, -2)) << command;
    }
  });
}

TEST_F(HashTest, SecondsAreRoundedUp) {
  Do("HSET", "h", "a", "1");
  EXPECT_THAT(Do("HPEXPIREAT", "h", 33'177'117'420'001, "FIELDS", 1, "a"), IsArray(1));
  EXPECT_THAT(Do("HEXPIRETIME", "h", "FIELDS", 1, "a"), IsArray(33'177'117'421));
  EXPECT_THAT(Do("HPEXPIREAT", "h", 33'177'117'420'000, "FIELDS", 1, "a"), IsArray(1));
  EXPECT_THAT(Do("HEXPIRETIME", "h", "FIELDS", 1, "a"), IsArray(33'177'117'420));
}

TEST_F(HashTest, ConditionsLookAtTheDeadlineThatIsThere) {
  WithBothForms([&] {
    Do("HSET", "h", "none", "", "some", "", "other", "");
    Do("HEXPIRE", "h", 100, "FIELDS", 2, "some", "other");
    EXPECT_THAT(Do("HEXPIRE", "h", 200, "XX", "FIELDS", 2, "none", "some"), IsArray(0, 1));
    EXPECT_THAT(Do("HEXPIRE", "h", 150, "GT", "FIELDS", 3, "none", "some", "other"), IsArray(0, 0, 1));
    EXPECT_THAT(Do("HEXPIRE", "h", 300, "lt", "fields", 2, "some", "other"), IsArray(0, 0));
    EXPECT_THAT(Do("HEXPIRE", "h", 50, "LT", "FIELDS", 2, "none", "some"), IsArray(1, 1));
    EXPECT_THAT(Do("HPERSIST", "h", "FIELDS", 1, "none"), IsArray(1));
    EXPECT_THAT(Do("HEXPIRE", "h", 70, "NX", "FIELDS", 2, "none", "some"), IsArray(1, 0));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "none"), IsArrayOfNearly(70, 2));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "some"), IsArrayOfNearly(50, 2));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "other"), IsArrayOfNearly(150, 2));
  });
}

TEST_F(HashTest, ATimeThatHasComeRemovesTheField) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5");
    Do("HEXPIRE", "h", 100, "FIELDS", 1, "e");
    EXPECT_THAT(Do("HEXPIREAT", "h", 1, "NX", "FIELDS", 4, "a", "none", "a", "e"), IsArray(2, -2, -2, 0));
    EXPECT_THAT(Do("HPEXPIREAT", "h", 1, "FIELDS", 1, "b"), IsArray(2));
    EXPECT_THAT(Do("HEXPIRE", "h", 0, "FIELDS", 1, "c"), IsArray(2));
    EXPECT_THAT(Do("HLEN", "h"), IsInt(2));
    EXPECT_THAT(Do("HPEXPIRE", "h", 0, "FIELDS", 3, "d", "e", "d"), IsArray(2, 2, -2));
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
  });
}

TEST_F(HashTest, BadTimesAreRefused) {
  Do("HSET", "h", "a", "1");
  for (const std::string command : {"hexpire", "hpexpire", "hexpireat", "hpexpireat"}) {
    const std::string invalid = "ERR invalid expire time in '" + command + "' command";
    EXPECT_THAT(Do(command, "h", -1, "FIELDS", 1, "a"), IsError("ERR invalid expire time, must be >= 0"));
    EXPECT_THAT(Do(command, "h", "x", "FIELDS", 1, "a"), IsError(kNotAnInteger));
    EXPECT_THAT(Do(command, "h", "9223372036854775807", "FIELDS", 1, "a"), IsError(invalid));
    EXPECT_THAT(Do(command, "h", kMaxDeadline + 1, "FIELDS", 1, "a"), IsError(invalid));
  }
  EXPECT_THAT(Do("HPEXPIREAT", "h", kMaxDeadline, "FIELDS", 1, "a"), IsArray(1));
  EXPECT_THAT(Do("HPEXPIRETIME", "h", "FIELDS", 1, "a"), IsArray(kMaxDeadline));
  EXPECT_THAT(Do("HEXPIREAT", "h", kMaxDeadline / 1000 + 1, "FIELDS", 1, "a"),
              IsError("ERR invalid expire time in 'hexpireat' command"));
}

TEST_F(HashTest, FieldListsMustBeWhole) {
  Do("HSET", "h", "a", "1", "b", "2");
  EXPECT_THAT(Do("HEXPIRE", "h", 9, "FIELDS", 0, "a"),
              IsError("ERR Parameter `numFields` should be greater than 0"));
  EXPECT_THAT(Do("HEXPIRE", "h", 9, "FIELDS", 2, "a"), IsError(kMismatch));
  EXPECT_THAT(Do("HEXPIRE", "h", 9, "FIELDS", 1, "a", "b"), IsError(kMismatch));
  EXPECT_THAT(Do("HEXPIRE", "h", 9, "FOO", "FIELDS", 1, "a"), IsError(kNoFields));
  EXPECT_THAT(Do("HEXPIRE", "h", 9, "NX", 1, "a"), IsError(kNoFields));
  EXPECT_THAT(Do("HEXPIRE", "h", 9, "NX", "XX", "FIELDS", 1, "a"), IsError(kNoFields));
  for (const char* command : {"HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME", "HPERSIST", "HGETEX", "HGETDEL"}) {
    EXPECT_THAT(Do(command, "h", "FIELDS", 0, "a"), IsError(kNotPositive)) << command;
    EXPECT_THAT(Do(command, "h", "FIELDS", "x", "a"), IsError(kNotPositive)) << command;
    EXPECT_THAT(Do(command, "h", "FIELDS", 2, "a"), IsError(kMismatch)) << command;
    EXPECT_THAT(Do(command, "h", "FIELDS", 1, "a", "b"), IsError(kMismatch)) << command;
    EXPECT_THAT(Do(command, "h", "FOO", 1, "a"), IsError(kNoFields)) << command;
    EXPECT_THAT(Do(command, "h", "FIELDS", 1), IsErrorStarting("ERR wrong number of arguments")) << command;
  }
  EXPECT_THAT(Do("HTTL", "h", "FIELDS", 2, "a", "b"), IsArray(-1, -1));
}

TEST_F(HashTest, HPersistRemovesDeadlines) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "2");
    Do("HEXPIRE", "h", 100, "FIELDS", 1, "a");
    EXPECT_THAT(Do("HPERSIST", "h", "FIELDS", 3, "a", "b", "none"), IsArray(1, -1, -2));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArray(-1));
    EXPECT_THAT(Do("HPERSIST", "none", "FIELDS", 1, "a"), IsArray(-2));
  });
}

TEST_F(HashTest, TheEncodingTellsThatASmallHashHasDeadlines) {
  Do("HSET", "h", "a", "1", "b", "2");
  Do("HEXPIRE", "h", 100, "FIELDS", 1, "a");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "h"), IsBulk("listpackex"));
  Do("HDEL", "h", "a");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "h"), IsBulk("listpack"));
}

TEST_F(HashTest, SettingAFieldDropsItsDeadlineAndCountingKeepsIt) {
  WithBothForms([&] {
    Do("HSET", "h", "set", "1", "incr", "1", "float", "1", "nx", "1", "mset", "1");
    Do("HEXPIRE", "h", 100, "FIELDS", 5, "set", "incr", "float", "nx", "mset");
    Do("HSET", "h", "set", "2");
    Do("HMSET", "h", "mset", "2");
    Do("HSETNX", "h", "nx", "2");
    Do("HINCRBY", "h", "incr", 1'000'000);
    Do("HINCRBYFLOAT", "h", "float", "0.123456789");
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 2, "set", "mset"), IsArray(-1, -1));
    for (const char* field : {"incr", "float", "nx"}) {
      EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, field), IsArrayOfNearly(100, 2)) << field;
    }
    EXPECT_THAT(Do("HMGET", "h", "incr", "float"), IsArray("1000001", "1.123456789"));
  });
}

TEST_F(HashTest, DeadlinesGoWithACopiedOrRenamedHash) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "2");
    Do("HEXPIRE", "h", 100, "FIELDS", 1, "a");
    Do("EXPIRE", "h", 1000);
    EXPECT_THAT(Do("COPY", "h", "copy"), IsInt(1));
    EXPECT_THAT(Do("HPERSIST", "h", "FIELDS", 1, "a"), IsArray(1));
    EXPECT_THAT(Do("RENAME", "copy", "renamed"), IsOk());
    EXPECT_THAT(Do("HTTL", "renamed", "FIELDS", 1, "a"), IsArrayOfNearly(100, 2));
    EXPECT_THAT(Do("HTTL", "renamed", "FIELDS", 1, "b"), IsArray(-1));
    EXPECT_THAT(Do("TTL", "renamed"), IsInt(AllOf(Gt(990), Le(1000))));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArray(-1));
  });
}

TEST_F(HashTest, DeadlinesCountInTheDigestOfAHash) {
  Do("HSET", "x", "a", "1", "b", "2");
  Do("HSET", "y", "b", "2", "a", "1");
  const std::string digest = Do("DEBUG", "DIGEST-VALUE", "x").elements[0].text;
  EXPECT_THAT(Do("DEBUG", "DIGEST-VALUE", "y"), IsArray(IsStatus(digest)));
  Do("HEXPIRE", "y", 100, "FIELDS", 1, "a");
  EXPECT_NE(Do("DEBUG", "DIGEST-VALUE", "y").elements[0].text, digest);
  Do("HPERSIST", "y", "FIELDS", 1, "a");
  MakeHashesLarge();
  Do("HSET", "y", "a", "1");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "y"), IsBulk("hashtable"));
  EXPECT_THAT(Do("DEBUG", "DIGEST-VALUE", "y"), IsArray(IsStatus(digest)));
}

TEST_F(HashTest, HGetExReadsAndSetsOrRemovesDeadlines) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "two", "c", "3");
    EXPECT_THAT(Do("HGETEX", "h", "FIELDS", 3, "a", "none", "b"), IsArray("1", IsNil(), "two"));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 2, "a", "b"), IsArray(-1, -1));
    const int64_t now = NowMillis();
    EXPECT_THAT(Do("HGETEX", "h", "EX", 100, "FIELDS", 2, "a", "none"), IsArray("1", IsNil()));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(100, 2));
    EXPECT_THAT(Do("HGETEX", "h", "px", 200'000, "FIELDS", 1, "a"), IsArray("1"));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(200, 2));
    EXPECT_THAT(Do("HGETEX", "h", "EXAT", now / 1000 + 300, "FIELDS", 1, "a"), IsArray("1"));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(300, 2));
    EXPECT_THAT(Do("HGETEX", "h", "PXAT", now + 400'000, "FIELDS", 1, "a"), IsArray("1"));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(400, 2));
    EXPECT_THAT(Do("HGETEX", "h", "PERSIST", "FIELDS", 2, "a", "b"), IsArray("1", "two"));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArray(-1));
    EXPECT_THAT(Do("HGETEX", "h", "PXAT", 1, "FIELDS", 3, "a", "a", "b"), IsArray("1", IsNil(), "two"));
    EXPECT_THAT(Do("HLEN", "h"), IsInt(1));
    EXPECT_THAT(Do("HGETEX", "h", "EX", 0, "FIELDS", 1, "c"), IsArray("3"));
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
    EXPECT_THAT(Do("HGETEX", "h", "EX", 10, "FIELDS", 2, "a", "b"), IsArray(IsNil(), IsNil()));
  });
}

TEST_F(HashTest, HGetExRefusesBadArguments) {
  Do("HSET", "h", "a", "1");
  EXPECT_THAT(Do("HGETEX", "h", "EX", "x", "FIELDS", 1, "a"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("HGETEX", "h", "PX", -1, "FIELDS", 1, "a"), IsError("ERR invalid expire time, must be >= 0"));
  EXPECT_THAT(Do("HGETEX", "h", "EX", kMaxDeadline, "FIELDS", 1, "a"),
              IsError("ERR invalid expire time in 'hgetex' command"));
  EXPECT_THAT(Do("HGETEX", "h", "PERSIST", 1, "FIELDS", 1, "a"), IsError(kNoFields));
  EXPECT_THAT(Do("HGETEX", "h", "KEEPTTL", "FIELDS", 1, "a"), IsError(kNoFields));
  EXPECT_THAT(Do("HGETEX", "h", "EX", 10, "PERSIST", "FIELDS", 1, "a"), IsError(kNoFields));
  EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArray(-1));
}

TEST_F(HashTest, HGetDelReadsAndRemoves) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "two", "c", "3");
    Do("HEXPIRE", "h", 100, "FIELDS", 1, "a");
    EXPECT_THAT(Do("HGETDEL", "h", "FIELDS", 3, "a", "none", "a"), IsArray("1", IsNil(), IsNil()));
    EXPECT_THAT(Do("HLEN", "h"), IsInt(2));
    EXPECT_THAT(Do("HGETDEL", "h", "FIELDS", 3, "c", "b", "a"), IsArray("3", "two", IsNil()));
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
    EXPECT_THAT(Do("HGETDEL", "h", "FIELDS", 1, "a"), IsArray(IsNil()));
  });
}

TEST_F(HashTest, HSetExSetsFieldsWithADeadline) {
  WithBothForms([&] {
    EXPECT_THAT(Do("HSETEX", "h", "FIELDS", 1, "a", "1"), IsInt(1));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArray(-1));
    EXPECT_THAT(Do("HSETEX", "h", "EX", 100, "FIELDS", 2, "a", "2", "b", "3"), IsInt(1));
    EXPECT_THAT(Do("HMGET", "h", "a", "b"), IsArray("2", "3"));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "b"), IsArrayOfNearly(100, 2));
    EXPECT_THAT(Do("HSETEX", "h", "KEEPTTL", "FIELDS", 2, "a", "4", "new", "5"), IsInt(1));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(100, 2));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "new"), IsArray(-1));
    EXPECT_THAT(Do("HSETEX", "h", "FIELDS", 1, "b", "6"), IsInt(1));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "b"), IsArray(-1));
    EXPECT_THAT(Do("HSETEX", "h", "pxat", NowMillis() + 300'000, "fields", 1, "b", "7"), IsInt(1));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "b"), IsArrayOfNearly(300, 2));
    EXPECT_THAT(Do("HSETEX", "h", "EXAT", 1, "FIELDS", 3, "a", "8", "b", "9", "new", "10"), IsInt(1));
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
    EXPECT_THAT(Do("HSETEX", "h", "PX", 0, "FIELDS", 1, "a", "1"), IsInt(1));
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
  });
}

TEST_F(HashTest, HSetExSetsAllFieldsOrNone) {
  WithBothForms([&] {
    EXPECT_THAT(Do("HSETEX", "h", "FXX", "FIELDS", 1, "a", "1"), IsInt(0));
    EXPECT_THAT(Do("HSETEX", "h", "XX", "FIELDS", 1, "a", "1"), IsInt(0));
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
    EXPECT_THAT(Do("HSETEX", "h", "NX", "FNX", "EX", 100, "FIELDS", 1, "a", "1"), IsInt(1));
    EXPECT_THAT(Do("HSETEX", "h", "NX", "FIELDS", 1, "z", "1"), IsInt(0));
    EXPECT_THAT(Do("HSETEX", "h", "FNX", "FIELDS", 2, "b", "1", "a", "2"), IsInt(0));
    EXPECT_THAT(Do("HSETEX", "h", "EX", 9, "FXX", "FIELDS", 2, "a", "2", "b", "1"), IsInt(0));
    EXPECT_THAT(Do("HGETALL", "h"), IsArray("a", "1"));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 1, "a"), IsArrayOfNearly(100, 2));
    EXPECT_THAT(Do("HSETEX", "h", "XX", "FXX", "FIELDS", 1, "a", "2"), IsInt(1));
    EXPECT_THAT(Do("HSETEX", "h", "FNX", "FIELDS", 2, "b", "1", "c", "2"), IsInt(1));
    EXPECT_THAT(Do("HLEN", "h"), IsInt(3));
  });
}

TEST_F(HashTest, HSetExRefusesBadArguments) {
  const char* const arity = "ERR wrong number of arguments for 'hsetex' command";
  for (const char* count : {"0", "-1", "x", "9223372036854775808"}) {
    EXPECT_THAT(Do("HSETEX", "h", "FIELDS", count, "a", "b"), IsError("ERR invalid number of fields")) << count;
  }
  EXPECT_THAT(Do("HSETEX", "h", "FIELDS", 2, "a", "1"), IsError(arity));
  EXPECT_THAT(Do("HSETEX", "h", "FIELDS", 2, "a", "1", "b"), IsError(arity));
  EXPECT_THAT(Do("HSETEX", "h", "FIELDS", 1, "a", "1", "FNX"), IsError(arity));
  EXPECT_THAT(Do("HSETEX", "h", "FIELDS", 1, "a", "1", "b", "2"), IsError(arity));
  EXPECT_THAT(Do("HSETEX", "h", "FNX", "EX", 10, "KEEP"), IsError("ERR unknown argument: KEEP"));
  EXPECT_THAT(Do("HSETEX", "h", "FNX", "EX", 10, "KEEPTTL"),
              IsError("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"));
  EXPECT_THAT(Do("HSETEX", "h", "FNX", "EX", 10, "XX"), IsError(arity));
  EXPECT_THAT(Do("HSETEX", "h", 1, "FIELDS", 1, "a", "1"), IsError("ERR unknown argument: 1"));
  EXPECT_THAT(Do("HSETEX", "h", "FXX", "FNX", "FIELDS", 1, "a", "1"),
              IsError("ERR Only one of FXX or FNX arguments can be specified"));
  EXPECT_THAT(Do("HSETEX", "h", "NX", "XX", "FIELDS", 1, "a", "1"),
              IsError("ERR Only one of XX or NX arguments can be specified"));
  EXPECT_THAT(Do("HSETEX", "h", "EX", "FIELDS", 1, "a", "1"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("HSETEX", "h", "EX", -1, "FIELDS", 1, "a", "1"), IsError("ERR invalid expire time, must be >= 0"));
  EXPECT_THAT(Do("HSETEX", "h", "PXAT", kMaxDeadline + 1, "FIELDS", 1, "a", "1"),
              IsError("ERR invalid expire time in 'hsetex' command"));
  EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
}

TEST_F(HashTest, ChangesOfDeadlinesAreAnnounced) {
  WithBothForms([&] {
    EXPECT_THAT(EventsOf([&] {
                  Do("HSET", "h", "a", "1", "b", "2", "c", "3");
                  Do("HEXPIRE", "h", 100, "FIELDS", 2, "a", "b");
                  Do("HEXPIRE", "h", 100, "FIELDS", 1, "none");
                  Do("HEXPIRE", "h", 100, "NX", "FIELDS", 1, "a");
                  Do("HPERSIST", "h", "FIELDS", 2, "a", "c");
                  Do("HPERSIST", "h", "FIELDS", 1, "c");
                  Do("HPEXPIREAT", "h", 1, "FIELDS", 1, "a");
                  Do("HPEXPIREAT", "h", 1, "FIELDS", 2, "b", "c");
                }),
                ElementsAre("hset h", "hexpire h", "hpersist h", "hdel h", "hdel h", "del h"));
    EXPECT_THAT(EventsOf([&] {
                  Do("HSETEX", "h", "FIELDS", 1, "a", "1");
                  Do("HSETEX", "h", "EX", 100, "FIELDS", 1, "b", "1");
                  Do("HSETEX", "h", "FNX", "FIELDS", 1, "b", "1");
                  Do("HGETEX", "h", "FIELDS", 1, "a");
                  Do("HGETEX", "h", "PERSIST", "FIELDS", 1, "a");
                  Do("HGETEX", "h", "PERSIST", "FIELDS", 1, "b");
                  Do("HGETEX", "h", "EX", 100, "FIELDS", 1, "a");
                  Do("HGETEX", "h", "EX", 0, "FIELDS", 1, "a");
                  Do("HGETDEL", "h", "FIELDS", 1, "none");
                  Do("HGETDEL", "h", "FIELDS", 1, "b");
                }),
                ElementsAre("hset h", "hset h", "hexpire h", "hpersist h", "hexpire h", "hdel h", "hdel h",
                            "del h"));
  });
}

}  // namespace
}  // namespace pinion::test
