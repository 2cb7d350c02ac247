// HSET, HGET, HDEL and the other plain commands of hashes, HINCRBY and HINCRBYFLOAT, over a connection.
#include "tests/commands/hash_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST_F(HashTest, HSetCountsNewFieldsAndHGetReadsThem) {
  WithBothForms([&] {
    EXPECT_THAT(Do("HSET", "h", "a", "1", "b", "two"), IsInt(2));
    EXPECT_THAT(Do("HSET", "h", "b", "2", "c", "", "c", "3"), IsInt(1));
    EXPECT_THAT(Do("HGET", "h", "b"), IsBulk("2"));
    EXPECT_THAT(Do("HGET", "h", "c"), IsBulk("3"));
    EXPECT_THAT(Do("HGET", "h", "none"), IsNil());
    EXPECT_THAT(Do("HGET", "none", "a"), IsNil());
    EXPECT_THAT(Do("HMGET", "h", "a", "none", "c", "a"), IsArray("1", IsNil(), "3", "1"));
    EXPECT_THAT(Do("HMGET", "none", "a", "b"), IsArray(IsNil(), IsNil()));
    EXPECT_THAT(Do("HLEN", "h"), IsInt(3));
    EXPECT_THAT(Do("HLEN", "none"), IsInt(0));
  });
}

TEST_F(HashTest, PairsMustBeWhole) {
  EXPECT_THAT(Do("HSET", "h", "a", "1", "b"), IsError("ERR wrong number of arguments for 'hset' command"));
  EXPECT_THAT(Do("HMSET", "h", "a", "1", "b"), IsError("ERR wrong number of arguments for 'hmset' command"));
  EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
  EXPECT_THAT(Do("HMSET", "h", "a", "1", "b", "2"), IsOk());
}

TEST_F(HashTest, HSetNxSetsOnlyNewFields) {
  WithBothForms([&] {
    EXPECT_THAT(Do("HSETNX", "h", "a", "1"), IsInt(1));
    EXPECT_THAT(Do("HSETNX", "h", "a", "2"), IsInt(0));
    EXPECT_THAT(Do("HGET", "h", "a"), IsBulk("1"));
  });
}

TEST_F(HashTest, HDelRemovesFieldsAndTheHashWithTheLast) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "2", "c", "3");
    EXPECT_THAT(Do("HDEL", "h", "a", "none", "a", "b"), IsInt(2));
    EXPECT_THAT(Do("HGETALL", "h"), IsArray("c", "3"));
    EXPECT_THAT(Do("HDEL", "h", "c", "c"), IsInt(1));
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
    EXPECT_THAT(Do("HDEL", "h", "c"), IsInt(0));
  });
}

TEST_F(HashTest, FieldsAndValuesAreTold) {
  WithBothForms([&] {
    Do("HSET", "h", "field", "-1234", "n", "");
    EXPECT_THAT(Do("HEXISTS", "h", "n"), IsInt(1));
    EXPECT_THAT(Do("HEXISTS", "h", "m"), IsInt(0));
    EXPECT_THAT(Do("HEXISTS", "none", "n"), IsInt(0));
    EXPECT_THAT(Do("HSTRLEN", "h", "field"), IsInt(5));
    EXPECT_THAT(Do("HSTRLEN", "h", "n"), IsInt(0));
    EXPECT_THAT(Do("HSTRLEN", "h", "none"), IsInt(0));
    EXPECT_THAT(Do("HSTRLEN", "none", "n"), IsInt(0));
    EXPECT_THAT(Do("HKEYS", "h"), IsUnorderedArray("field", "n"));
    EXPECT_THAT(Do("HVALS", "h"), IsUnorderedArray("-1234", ""));
    for (const char* command : {"HKEYS", "HVALS", "HGETALL"}) EXPECT_THAT(Do(command, "none"), IsArray());
  });
}

TEST_F(HashTest, InResp3HGetAllIsAMap) {
  RespClient c = Connect(3);
  c.Command("HSET", "h", "a", "1", "b", "2");
  EXPECT_THAT(c.Command("HGETALL", "h"), IsMap("a", "1", "b", "2"));
  EXPECT_THAT(c.Command("HGETALL", "none"), IsMap());
  EXPECT_THAT(c.Command("HKEYS", "h"), IsArray("a", "b"));
  EXPECT_THAT(c.Command("HVALS", "h"), IsArray("1", "2"));
  EXPECT_THAT(c.Command("HGET", "h", "c"), IsNil());
}

TEST_F(HashTest, EncodingFollowsTheLimits) {
  EXPECT_THAT(Do("CONFIG", "SET", "hash-max-listpack-entries", "3", "hash-max-listpack-value", "5"), IsOk());
  Do("HSET", "h", "a", "12345", "b", "2", "c", "3");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "h"), IsBulk("listpack"));
  Do("HSET", "h", "d", "4");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "h"), IsBulk("hashtable"));
  Do("HDEL", "h", "b", "c", "d");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "h"), IsBulk("hashtable"));
  Do("HSET", "value", "a", "123456");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "value"), IsBulk("hashtable"));
  Do("HSET", "field", "123456", "a");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "field"), IsBulk("hashtable"));
  Do("HINCRBY", "number", "a", "123456");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "number"), IsBulk("hashtable"));
  Do("HSET", "twice", "a", "1", "a", "2", "a", "3", "a", "4");  // as many as four may be meant
  EXPECT_THAT(Do("OBJECT", "ENCODING", "twice"), IsBulk("hashtable"));
}

TEST_F(HashTest, LongValuesComeAsTheyWere) {
  for (const size_t length : {4096, 4097, 20'000, 3'000'000}) {
    const std::string value(length, 'v');
    EXPECT_THAT(Do("HSET", "h", "f", value), IsInt(length == 4096 ? 1 : 0));
    EXPECT_THAT(Do("HGET", "h", "f"), IsBulk(value));
    EXPECT_THAT(Do("HSTRLEN", "h", "f"), IsInt(static_cast<int64_t>(length)));
  }
  client().Send("HGETDEL", "h", "FIELDS", 1, "f");  // the reply outlives the value
  client().Send("EXISTS", "h");
  EXPECT_THAT(client().ReadReply(), IsArray(std::string(3'000'000, 'v')));
  EXPECT_THAT(client().ReadReply(), IsInt(0));
}

TEST_F(HashTest, HIncrByCountsInAField) {
  WithBothForms([&] {
    EXPECT_THAT(Do("HINCRBY", "h", "n", 5), IsInt(5));
    EXPECT_THAT(Do("HINCRBY", "h", "n", -7), IsInt(-2));
    EXPECT_THAT(Do("HGET", "h", "n"), IsBulk("-2"));
    Do("HSET", "h", "max", "9223372036854775807", "text", "abc", "space", " 1", "zero", "01");
    EXPECT_THAT(Do("HINCRBY", "h", "max", 1), IsError("ERR increment or decrement would overflow"));
    EXPECT_THAT(Do("HINCRBY", "h", "max", -1), IsInt(9223372036854775806));
    for (const char* field : {"text", "space", "zero"}) {
      EXPECT_THAT(Do("HINCRBY", "h", field, 1), IsError("ERR hash value is not an integer")) << field;
    }
    EXPECT_THAT(Do("HINCRBY", "h", "n", "1.5"), IsError(kNotAnInteger));
    EXPECT_THAT(Do("HINCRBY", "new", "n", "x"), IsError(kNotAnInteger));
    EXPECT_THAT(Do("EXISTS", "new"), IsInt(0));
  });
}

TEST_F(HashTest, HIncrByFloatCountsInAField) {
  WithBothForms([&] {
    EXPECT_THAT(Do("HINCRBYFLOAT", "h", "n", "10.5"), IsBulk("10.5"));
    EXPECT_THAT(Do("HINCRBYFLOAT", "h", "n", "-0.5"), IsBulk("10"));
    EXPECT_THAT(Do("HINCRBY", "h", "n", 1), IsInt(11));
    Do("HSET", "h", "text", "abc", "large", "1e4932");
    EXPECT_THAT(Do("HINCRBYFLOAT", "h", "text", "1"), IsError("ERR hash value is not a float"));
    EXPECT_THAT(Do("HINCRBYFLOAT", "h", "large", "1e4932"),
                IsError("ERR increment would produce NaN or Infinity"));
    EXPECT_THAT(Do("HINCRBYFLOAT", "h", "n", "x"), IsError(kNotAFloat));
    for (const char* increment : {"inf", "-inf"}) {
      EXPECT_THAT(Do("HINCRBYFLOAT", "h", "n", increment), IsError("ERR value is NaN or Infinity")) << increment;
    }
    EXPECT_THAT(Do("HINCRBYFLOAT", "new", "n", "x"), IsError(kNotAFloat));
    EXPECT_THAT(Do("EXISTS", "new"), IsInt(0));
  });
}

TEST_F(HashTest, OtherTypesAreRefusedUnchanged) {
  Do("SET", "s", "text");
  const std::vector<std::vector<std::string>> commands = {
      {"HSET", "s", "a", "1"},       {"HMSET", "s", "a", "1"},        {"HSETNX", "s", "a", "1"},
      {"HGET", "s", "a"},            {"HMGET", "s", "a"},             {"HDEL", "s", "a"},
      {"HEXISTS", "s", "a"},         {"HLEN", "s"},                   {"HSTRLEN", "s", "a"},
      {"HGETALL", "s"},              {"HKEYS", "s"},                  {"HVALS", "s"},
      {"HINCRBY", "s", "a", "1"},    {"HINCRBYFLOAT", "s", "a", "1"}, {"HRANDFIELD", "s"},
      {"HRANDFIELD", "s", "2"},      {"HSCAN", "s", "0"},             {"HEXPIRE", "s", "9", "FIELDS", "1", "a"},
      {"HTTL", "s", "FIELDS", "1", "a"},         {"HPERSIST", "s", "FIELDS", "1", "a"},
      {"HGETEX", "s", "FIELDS", "1", "a"},       {"HGETDEL", "s", "FIELDS", "1", "a"},
      {"HSETEX", "s", "FIELDS", "1", "a", "1"}};
  for (const auto& command : commands) {
    EXPECT_THAT(client().Command(command), IsError(kWrongTypeError)) << command[0];
  }
  EXPECT_THAT(Do("GET", "s"), IsBulk("text"));
  Do("HSET", "h", "a", "1");
  EXPECT_THAT(Do("GET", "h"), IsError(kWrongTypeError));
}

TEST_F(HashTest, ChangesAreAnnounced) {
  WithBothForms([&] {
    EXPECT_THAT(EventsOf([&] {
                  Do("HSET", "h", "a", "1", "b", "2");
                  Do("HMSET", "h", "a", "1");
                  Do("HSETNX", "h", "a", "2");
                  Do("HSETNX", "h", "c", "2");
                  Do("HINCRBY", "h", "a", 1);
                  Do("HINCRBYFLOAT", "h", "a", 1);
                  Do("HDEL", "h", "none");
                  Do("HDEL", "h", "a");
                  Do("HDEL", "h", "b", "c");
                }),
                ElementsAre("hset h", "hset h", "hset h", "hincrby h", "hincrbyfloat h", "hdel h", "hdel h",
                            "del h"));
  });
}

TEST_F(HashTest, AHashIsCopiedRenamedAndOverwrittenWhole) {
  WithBothForms([&] {
    Do("HSET", "h", "a", "1", "b", "2");
    EXPECT_THAT(Do("COPY", "h", "copy"), IsInt(1));
    Do("HSET", "h", "a", "9");
    EXPECT_THAT(Do("HGET", "copy", "a"), IsBulk("1"));
    EXPECT_THAT(Do("RENAME", "copy", "renamed"), IsOk());
    EXPECT_THAT(Do("HGETALL", "renamed"), HasElements(SizeIs(4)));
    EXPECT_THAT(Do("SET", "renamed", "text"), IsOk());
    EXPECT_THAT(Do("GET", "renamed"), IsBulk("text"));
    EXPECT_THAT(Do("TYPE", "h"), IsStatus("hash"));
  });
}

TEST_F(HashTest, AWatchedHashThatChangesStopsATransaction) {
  Do("HSET", "h", "a", "1");
  RespClient other = Connect();
  Do("WATCH", "h");
  EXPECT_THAT(other.Command("HSETNX", "h", "a", "2"), IsInt(0));
  Do("MULTI");
  Do("HLEN", "h");
  EXPECT_THAT(Do("EXEC"), IsArray(1));
  Do("WATCH", "h");
  EXPECT_THAT(other.Command("HDEL", "h", "a"), IsInt(1));
  Do("MULTI");
  Do("HLEN", "h");
  EXPECT_THAT(Do("EXEC"), IsNil());
}

}  // namespace
}  // namespace pinion::test
