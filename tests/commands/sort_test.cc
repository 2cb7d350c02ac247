// SORT and SORT_RO over a connection.
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class SortTest : public StringTest {
 protected:
  void SetUp() override {
    StringTest::SetUp();
    Do("RPUSH", "list", 3, 1, 10, 2);
    Do("SADD", "set", 3, 1, 10, 2);
    Do("ZADD", "zset", 5, 3, 4, 1, 3, 10, 2, 2);
    Do("MSET", "w_1", 40, "w_2", 30, "w_3", 20, "w_10", 10);
    for (const int i : {1, 2, 3}) Do("HSET", "h_" + std::to_string(i), "f", 5 - i, "name", "n" + std::to_string(i));
  }
};

TEST_F(SortTest, NumbersAreSortedByValueAndTextsByBytes) {
  for (const char* key : {"list", "set", "zset"}) {
    EXPECT_THAT(Do("SORT", key), IsArray("1", "2", "3", "10")) << key;
    EXPECT_THAT(Do("SORT_RO", key), IsArray("1", "2", "3", "10")) << key;
    EXPECT_THAT(Do("SORT", key, "DESC"), IsArray("10", "3", "2", "1")) << key;
    EXPECT_THAT(Do("SORT", key, "ALPHA"), IsArray("1", "10", "2", "3")) << key;
    EXPECT_THAT(Do("SORT", key, "ALPHA", "DESC"), IsArray("3", "2", "10", "1")) << key;
    EXPECT_THAT(Do("SORT", key, "DESC", "ASC"), IsArray("1", "2", "3", "10")) << key;
  }
  Do("RPUSH", "mixed", "1.5", "-inf", "0x10", "1e1", "", "+inf");
  EXPECT_THAT(Do("SORT", "mixed"), IsArray("-inf", "", "1.5", "1e1", "0x10", "+inf"));
  EXPECT_THAT(Do("SORT", "absent"), IsArray());
}

TEST_F(SortTest, EqualScoresAreInOrderOfTheTexts) {
  Do("RPUSH", "equal", "1.0", "1", "01", "1.00", "1");
  EXPECT_THAT(Do("SORT", "equal"), IsArray("01", "1", "1", "1.0", "1.00"));
  EXPECT_THAT(Do("SORT", "equal", "DESC"), IsArray("1.00", "1.0", "1", "1", "01"));
}

TEST_F(SortTest, LimitCutsTheSortedElements) {
  const auto limited = [this](const char* skip, const char* most) {
    return Do("SORT", "list", "LIMIT", skip, most);
  };
  EXPECT_THAT(limited("1", "2"), IsArray("2", "3"));
  EXPECT_THAT(limited("-5", "2"), IsArray("1", "2"));
  EXPECT_THAT(limited("2", "-1"), IsArray("3", "10"));
  EXPECT_THAT(limited("2", "100"), IsArray("3", "10"));
  EXPECT_THAT(limited("4", "1"), IsArray());
  EXPECT_THAT(limited("0", "0"), IsArray());
  EXPECT_THAT(limited("9223372036854775807", "9223372036854775807"), IsArray());
  EXPECT_THAT(limited("0", "9223372036854775807"), IsArray("1", "2", "3", "10"));
}

TEST_F(SortTest, ByLooksWeightsUp) {
  EXPECT_THAT(Do("SORT", "list", "BY", "w_*"), IsArray("10", "3", "2", "1"));
  EXPECT_THAT(Do("SORT", "list", "BY", "h_*->f"), IsArray("10", "3", "2", "1"));  // no weight counts as 0
  EXPECT_THAT(Do("SORT", "list", "BY", "h_*->name", "ALPHA"), IsArray("10", "1", "2", "3"));
  EXPECT_THAT(Do("SORT", "list", "BY", "h_*->name", "ALPHA", "DESC"), IsArray("3", "2", "1", "10"));
  EXPECT_THAT(Do("SORT", "list", "BY", "none_*"), IsArray("1", "10", "2", "3"));
  EXPECT_THAT(Do("SORT", "list", "BY", "list*"), IsArray("1", "10", "2", "3"));
  // A key that ends in an arrow has no field.
  Do("MSET", "w_1->", 3, "w_2->", 2, "w_3->", 1, "w_10->", 0);
  EXPECT_THAT(Do("SORT", "list", "BY", "w_*->"), IsArray("10", "3", "2", "1"));
}

TEST_F(SortTest, ByWithoutAnAsteriskKeepsTheOrderOfTheKey) {
  EXPECT_THAT(Do("SORT", "list", "BY", "nosort"), IsArray("3", "1", "10", "2"));
  EXPECT_THAT(Do("SORT", "list", "BY", "nosort", "DESC"), IsArray("2", "10", "1", "3"));
  EXPECT_THAT(Do("SORT", "list", "BY", "nosort", "LIMIT", 1, 2), IsArray("1", "10"));
  EXPECT_THAT(Do("SORT", "list", "BY", "nosort", "DESC", "LIMIT", 1, 2), IsArray("10", "1"));
  EXPECT_THAT(Do("SORT", "zset", "BY", "nosort"), IsArray("2", "10", "1", "3"));
  EXPECT_THAT(Do("SORT", "zset", "BY", "nosort", "DESC"), IsArray("3", "1", "10", "2"));
  EXPECT_THAT(Do("SORT", "zset", "BY", "nosort", "LIMIT", 1, 2), IsArray("10", "1"));
  EXPECT_THAT(Do("SORT", "zset", "BY", "nosort", "DESC", "LIMIT", 1, 2), IsArray("1", "10"));
  EXPECT_THAT(Do("SORT", "set", "BY", "nosort"), IsUnorderedArray("1", "2", "3", "10"));
  EXPECT_THAT(Do("SORT", "list", "BY", "nosort", "LIMIT", 9, 1), IsArray());
  // What is stored is in order whatever the set's is.
  EXPECT_THAT(Do("SORT", "set", "BY", "nosort", "STORE", "d"), IsInt(4));
  EXPECT_THAT(Do("LRANGE", "d", 0, -1), IsArray("1", "10", "2", "3"));
}

TEST_F(SortTest, GetRepliesValuesInPlaceOfElements) {
  EXPECT_THAT(Do("SORT", "list", "GET", "w_*"), IsArray("40", "30", "20", "10"));
  EXPECT_THAT(Do("SORT", "list", "LIMIT", 0, 2, "GET", "#", "GET", "h_*->name", "GET", "h_*->none"),
              IsArray("1", "n1", IsNil(), "2", "n2", IsNil()));
  EXPECT_THAT(Do("SORT", "list", "LIMIT", 0, 1, "GET", "nothing", "GET", "h_*", "GET", "w_*->f", "GET", "#"),
              IsArray(IsNil(), IsNil(), IsNil(), "1"));
  RespClient c = Connect(3);
  EXPECT_THAT(c.Command("SORT_RO", "list", "LIMIT", 3, 1, "GET", "h_*->f", "GET", "#"), IsArray(IsNil(), "10"));
}

TEST_F(SortTest, StoreMakesAList) {
  Do("SET", "d", "text", "EX", 100);
  EXPECT_THAT(Do("SORT", "list", "STORE", "d"), IsInt(4));
  EXPECT_THAT(Do("LRANGE", "d", 0, -1), IsArray("1", "2", "3", "10"));
  EXPECT_THAT(Do("TTL", "d"), IsInt(-1));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "d"), IsBulk("listpack"));
  EXPECT_THAT(Do("SORT", "list", "GET", "#", "GET", "h_*->name", "STORE", "list"), IsInt(8));
  EXPECT_THAT(Do("LRANGE", "list", 0, -1), IsArray("1", "n1", "2", "n2", "3", "n3", "10", ""));
  EXPECT_THAT(Do("SORT", "absent", "STORE", "d"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "d"), IsInt(0));
  EXPECT_THAT(EventsOf([this] {
                Do("SORT", "set", "STORE", "d");
                Do("SORT", "absent", "STORE", "d");
                Do("SORT", "absent", "STORE", "d");
              }),
              ElementsAre("sortstore d", "del d"));
}

TEST_F(SortTest, WhatCannotBeSortedIsRefused) {
  EXPECT_THAT(Do("SORT", "w_1"), IsErrorStarting("WRONGTYPE "));
  EXPECT_THAT(Do("SORT", "h_1", "STORE", "d"), IsErrorStarting("WRONGTYPE "));
  Do("RPUSH", "texts", "a", "1");
  constexpr const char* kNotScores = "ERR One or more scores can't be converted into double";
  EXPECT_THAT(Do("SORT", "texts"), IsError(kNotScores));
  EXPECT_THAT(Do("SORT", "texts", "STORE", "d"), IsError(kNotScores));
  for (const char* number : {"1 ", "nan", "1e999", "1e-999", "1x"}) {
    Do("DEL", "texts");
    Do("RPUSH", "texts", 1, number);
    EXPECT_THAT(Do("SORT", "texts"), IsError(kNotScores)) << number;
    EXPECT_THAT(Do("SORT", "texts", "ALPHA"), HasElements(SizeIs(2)));
    EXPECT_THAT(Do("SORT", "texts", "BY", "nosort"), IsArray("1", number));
  }
  EXPECT_THAT(Do("SORT", "list", "BY", "h_*->name"), IsError(kNotScores));
  for (const char* options : {"LIMIT 1", "LIMIT", "BY", "GET", "STORE", "nonsense"}) {
    client().SendRaw(std::string("SORT list ") + options + "\r\n");
    EXPECT_THAT(client().ReadReply(), IsError(kSyntaxError)) << options;
  }
  EXPECT_THAT(Do("SORT", "list", "LIMIT", "x", 1), IsError(kNotAnInteger));
  EXPECT_THAT(Do("SORT", "list", "LIMIT", 1, "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("SORT_RO", "list", "STORE", "d"), IsError(kSyntaxError));
  EXPECT_THAT(Do("EXISTS", "d"), IsInt(0));
}

TEST_F(SortTest, TheKeyToStoreAtIsAKeyOfTheCommand) {
  EXPECT_THAT(Do("COMMAND", "GETKEYS", "SORT", "list", "STORE", "d"), IsArray("list", "d"));
  EXPECT_THAT(Do("COMMAND", "GETKEYS", "SORT", "list", "STORE", "x", "GET", "STORE", "STORE", "d"),
              IsArray("list", "d"));
  EXPECT_THAT(Do("COMMAND", "GETKEYS", "SORT", "list", "BY", "STORE", "LIMIT", 0, "STORE", "ALPHA"), IsArray("list"));
  EXPECT_THAT(Do("COMMAND", "GETKEYS", "SORT_RO", "list"), IsArray("list"));
  EXPECT_THAT(Do("SORT", "list", "STORE", "x", "STORE", "d"), IsInt(4));
  EXPECT_THAT(Do("EXISTS", "x"), IsInt(0));
  EXPECT_THAT(Do("LLEN", "d"), IsInt(4));
}

TEST_F(SortTest, PatternsWorkInsideTransactions) {
  Do("MULTI");
  Do("SET", "w_10", 100);
  Do("SORT", "list", "BY", "w_*", "GET", "#", "GET", "w_*", "LIMIT", 2, 2);
  Do("SORT", "list", "BY", "w_*", "STORE", "d");
  EXPECT_THAT(Do("EXEC"), IsArray(IsOk(), IsArray("1", "40", "10", "100"), 4));
  EXPECT_THAT(Do("LRANGE", "d", 0, -1), IsArray("3", "2", "1", "10"));
}

// Patterns touch keys of any shard while others change them.
TEST_F(SortTest, PatternsMeetWritersOfOtherKeys) {
  std::vector<RespClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(Connect());
  std::vector<std::thread> writers;
  for (RespClient& c : clients) {
    writers.emplace_back([&c] {
      for (int i = 0; i < 300; ++i) {
        c.Command("SET", "w_" + std::to_string(i % 12), std::string(static_cast<size_t>(i % 7) + 1, '7'));
        c.Command("HSET", "h_" + std::to_string(i % 12), "f", i, "name", std::string(static_cast<size_t>(i), 'n'));
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(Do("SORT", "list", "BY", "w_*", "GET", "h_*->name"), HasElements(SizeIs(4)));
    EXPECT_THAT(Do("SORT", "list", "BY", "h_*->f", "STORE", "d"), IsInt(4));
  }
  for (std::thread& w : writers) w.join();
}

}  // namespace
}  // namespace pinion::test
