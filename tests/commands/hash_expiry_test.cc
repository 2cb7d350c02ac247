// Fields go at their deadlines: promptly, unseen afterwards, announced, and with their hash when they were the
// last.
#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "tests/commands/hash_test_util.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::Le;
using ::testing::SizeIs;

class HashExpiryTest : public HashTest {
 protected:
  // Milliseconds in which a command sets a deadline even on a busy machine and under a sanitizer.
  static constexpr int64_t kSoon = 60;

  // Until the deadline has passed.
  static void WaitUntil(int64_t unix_millis) {
    while (NowMillis() <= unix_millis) std::this_thread::sleep_for(milliseconds(1));
  }
  // Until no key is left, for a while at most.
  void WaitUntilEmpty() {
    Reply size;
    for (int i = 0; i < 1'000; ++i) {
      size = Do("DBSIZE");
      if (size.integer == 0) return;
      std::this_thread::sleep_for(milliseconds(10));
    }
    ADD_FAILURE() << size.integer << " keys are left";
  }

  // Sets so many fields f0, f1... with 1 as their value.
  void Fill(const std::string& key, int fields) {
    std::vector<std::string> args = {"HSET", key};
    for (int i = 0; i < fields; ++i) {
      args.push_back("f" + std::to_string(i));
      args.push_back("1");
    }
    EXPECT_THAT(client().Command(args), IsInt(fields));
  }
  // Gives fields from f`from` to f`to` this deadline.
  void Expire(const std::string& key, int64_t deadline, int from, int to) {
    std::vector<std::string> args = {"HPEXPIREAT", key, std::to_string(deadline), "FIELDS",
                                     std::to_string(to - from)};
    for (int i = from; i < to; ++i) args.push_back("f" + std::to_string(i));
    const Reply reply = client().Command(args);
    ASSERT_EQ(reply.elements.size(), static_cast<size_t>(to - from));
    for (const Reply& one : reply.elements) ASSERT_EQ(one.integer, 1);
  }

  // A subscriber to the key-space events of every key.
  RespClient Subscribe() {
    EXPECT_THAT(Do("CONFIG", "SET", "notify-keyspace-events", "EA"), IsOk());
    RespClient subscriber = Connect();
    EXPECT_THAT(subscriber.Command("PSUBSCRIBE", "__keyevent@0__:*"), HasElements(SizeIs(3)));
    return subscriber;
  }
  // The next event as "set k".
  static std::string NextEvent(RespClient& subscriber) {
    const Reply message = subscriber.ReadReply();
    if (message.elements.size() != 4) return "(none)";
    const std::string& channel = message.elements[2].text;
    return channel.substr(channel.rfind(':') + 1) + " " + message.elements[3].text;
  }
};

TEST_F(HashExpiryTest, TheEventComesWithinMilliseconds) {
  RespClient subscriber = Subscribe();
  WithBothForms([&] {
    // The best of some tries: this machine may be busy with other tests.
    int64_t least = INT64_MAX;
    for (int tries = 0; tries < 10 && least > 10; ++tries) {
      Fill("h", 2);
      const int64_t deadline = NowMillis() + kSoon;
      Expire("h", deadline, 0, 1);
      std::string event;
      do {
        event = NextEvent(subscriber);
      } while (event == "hset h" || event == "hexpire h");
      const int64_t lag = NowMillis() - deadline;
      EXPECT_EQ(event, "hexpired h");
      EXPECT_GE(lag, 0);
      least = std::min(least, lag);
      EXPECT_THAT(Do("HGETALL", "h"), IsArray("f1", "1"));
      Do("DEL", "h");
      EXPECT_EQ(NextEvent(subscriber), "del h");
    }
    EXPECT_LE(least, 10);
  });
}

TEST_F(HashExpiryTest, TheHashGoesWithItsLastField) {
  WithBothForms([&] {
    EXPECT_THAT(EventsOf([&] {
                  Fill("h", 2);
                  const int64_t deadline = NowMillis() + kSoon;
                  Expire("h", deadline, 0, 1);
                  Expire("h", deadline + 10, 1, 2);
                  WaitUntil(deadline + 10);
                  EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));
                  std::this_thread::sleep_for(milliseconds(20));
                }),
                ElementsAre("hset h", "hexpire h", "hexpire h", "hexpired h", "hexpired h", "del h"));
    EXPECT_THAT(Do("DBSIZE"), IsInt(0));
  });
}

TEST_F(HashExpiryTest, NobodyNeedsToAskForADueHashToGo) {
  WithBothForms([&] {
    Fill("h", 3);
    Expire("h", NowMillis() + kSoon, 0, 3);
    WaitUntilEmpty();
  });
}

// What is due is not seen, even while nothing is removed on its own.
TEST_F(HashExpiryTest, ADueFieldIsNotSeen) {
  WithBothForms([&] {
    EXPECT_THAT(Do("DEBUG", "SET-ACTIVE-EXPIRE", 0), IsOk());
    const std::map<std::vector<std::string>, ReplyMatcher> reads = {
        {{"HGET", "h", "f0"}, IsNil()},
        {{"HMGET", "h", "f0", "f2"}, IsArray(IsNil(), "1")},
        {{"HEXISTS", "h", "f0"}, IsInt(0)},
        {{"HSTRLEN", "h", "f0"}, IsInt(0)},
        {{"HLEN", "h"}, IsInt(1)},
        {{"HGETALL", "h"}, IsArray("f2", "1")},
        {{"HKEYS", "h"}, IsArray("f2")},
        {{"HVALS", "h"}, IsArray("1")},
        {{"HRANDFIELD", "h"}, IsBulk("f2")},
        {{"HRANDFIELD", "h", "5"}, IsArray("f2")},
        {{"HSCAN", "h", "0"}, IsArray("0", IsArray("f2", "1"))},
        {{"HTTL", "h", "FIELDS", "2", "f0", "f2"}, IsArray(-2, -1)},
        {{"HPERSIST", "h", "FIELDS", "1", "f0"}, IsArray(-2)},
        {{"HEXPIRE", "h", "100", "FIELDS", "1", "f0"}, IsArray(-2)},
        {{"HGETEX", "h", "PERSIST", "FIELDS", "1", "f0"}, IsArray(IsNil())},
        {{"HGETDEL", "h", "FIELDS", "1", "f0"}, IsArray(IsNil())},
        {{"HDEL", "h", "f0", "f1"}, IsInt(0)},
        {{"HSETNX", "h", "f0", "x"}, IsInt(1)},
        {{"HSET", "h", "f0", "x"}, IsInt(1)},
        {{"HINCRBY", "h", "f0", "5"}, IsInt(5)},
        {{"HINCRBYFLOAT", "h", "f0", "2.5"}, IsBulk("2.5")},
        {{"HSETEX", "h", "FXX", "FIELDS", "1", "f0", "x"}, IsInt(0)},
        {{"HSETEX", "h", "FNX", "FIELDS", "1", "f0", "x"}, IsInt(1)},
    };
    for (const auto& [command, expected] : reads) {
      Do("DEL", "h");
      Fill("h", 3);
      const int64_t deadline = NowMillis() + kSoon;
      Expire("h", deadline, 0, 2);
      WaitUntil(deadline);
      EXPECT_THAT(client().Command(command), expected) << command[0];
    }
    EXPECT_THAT(Do("DEBUG", "SET-ACTIVE-EXPIRE", 1), IsOk());
  });
}

TEST_F(HashExpiryTest, AFieldThatTakesADueOnesPlaceHasNoDeadline) {
  WithBothForms([&] {
    EXPECT_THAT(Do("DEBUG", "SET-ACTIVE-EXPIRE", 0), IsOk());
    Fill("h", 3);
    const int64_t deadline = NowMillis() + kSoon;
    Expire("h", deadline, 0, 2);
    WaitUntil(deadline);
    EXPECT_THAT(Do("HINCRBY", "h", "f0", 5), IsInt(5));
    EXPECT_THAT(Do("HSETEX", "h", "KEEPTTL", "FIELDS", 1, "f1", "x"), IsInt(1));
    EXPECT_THAT(Do("HTTL", "h", "FIELDS", 2, "f0", "f1"), IsArray(-1, -1));
    EXPECT_THAT(Do("DEBUG", "SET-ACTIVE-EXPIRE", 1), IsOk());
    Do("DEL", "h");
  });
}

TEST_F(HashExpiryTest, AHashOfDueFieldsAloneIsNotThere) {
  WithBothForms([&] {
    EXPECT_THAT(Do("DEBUG", "SET-ACTIVE-EXPIRE", 0), IsOk());
    const std::map<std::vector<std::string>, ReplyMatcher> reads = {
        {{"EXISTS", "h"}, IsInt(0)},       {{"TYPE", "h"}, IsStatus("none")},   {{"HLEN", "h"}, IsInt(0)},
        {{"HRANDFIELD", "h"}, IsNil()},    {{"HGETALL", "h"}, IsArray()},       {{"TTL", "h"}, IsInt(-2)},
        {{"DEL", "h"}, IsInt(0)},          {{"GET", "h"}, IsNil()},             {{"SETNX", "h", "text"}, IsInt(1)},
        {{"HSETEX", "h", "NX", "FIELDS", "1", "a", "1"}, IsInt(1)},
        {{"RENAME", "h", "g"}, IsError("ERR no such key")},
        {{"COPY", "h", "g"}, IsInt(0)},
        {{"OBJECT", "ENCODING", "h"}, IsNil()},
    };
    for (const auto& [command, expected] : reads) {
      Do("DEL", "h");
      Fill("h", 2);
      const int64_t deadline = NowMillis() + kSoon;
      Expire("h", deadline, 0, 2);
      WaitUntil(deadline);
      EXPECT_THAT(client().Command(command), expected) << command[0];
    }
    EXPECT_THAT(Do("DEBUG", "SET-ACTIVE-EXPIRE", 1), IsOk());
  });
}

TEST_F(HashExpiryTest, ThousandsOfFieldsGoAtOnce) {
  constexpr int kFields = 20'000;
  constexpr int kTimeToSet = 2'000;  // ms; under a sanitizer a busy machine takes long
  Fill("h", kFields);
  const int64_t deadline = NowMillis() + kTimeToSet;
  Expire("h", deadline, 0, kFields - 1);
  EXPECT_THAT(Do("HLEN", "h"), IsInt(kFields));
  WaitUntil(deadline);
  EXPECT_THAT(Do("HLEN", "h"), IsInt(1));
  EXPECT_THAT(Do("HGETALL", "h"), IsArray("f19999", "1"));

  Do("DEL", "h");
  Fill("h", kFields);
  Expire("h", NowMillis() + kTimeToSet, 0, kFields);
  WaitUntilEmpty();
}

TEST_F(HashExpiryTest, ManySmallHashesGoAtOnce) {
  constexpr int kHashes = 3'000;
  const int64_t deadline = NowMillis() + 2'000;
  for (int i = 0; i < kHashes; ++i) {
    client().Send("HSETEX", "h" + std::to_string(i), "PXAT", deadline, "FIELDS", 2, "a", "1", "b", "2");
  }
  for (int i = 0; i < kHashes; ++i) ASSERT_THAT(client().ReadReply(), IsInt(1));
  WaitUntilEmpty();
}

TEST_F(HashExpiryTest, DeadlinesFollowAHashThatIsRenamedOrCopied) {
  WithBothForms([&] {
    Fill("h", 2);
    const int64_t deadline = NowMillis() + kSoon;
    Expire("h", deadline, 0, 1);
    Do("COPY", "h", "copy");
    Do("RENAME", "h", "renamed");
    WaitUntil(deadline);
    std::this_thread::sleep_for(milliseconds(20));
    for (const char* key : {"renamed", "copy"}) EXPECT_THAT(Do("HGETALL", key), IsArray("f1", "1")) << key;
    Do("FLUSHALL");
  });
}

TEST_F(HashExpiryTest, WhatBecomesOfADeadlineThatWasChanged) {
  WithBothForms([&] {
    Fill("h", 6);
    const int64_t deadline = NowMillis() + kSoon;
    Expire("h", deadline, 0, 6);
    EXPECT_THAT(Do("HPERSIST", "h", "FIELDS", 1, "f0"), IsArray(1));
    EXPECT_THAT(Do("HSET", "h", "f1", "2"), IsInt(0));
    EXPECT_THAT(Do("HINCRBY", "h", "f2", 1), IsInt(2));
    EXPECT_THAT(Do("HPEXPIREAT", "h", deadline + 60, "FIELDS", 1, "f3"), IsArray(1));
    EXPECT_THAT(Do("HDEL", "h", "f4"), IsInt(1));
    EXPECT_THAT(Do("HPEXPIREAT", "h", deadline - 20, "FIELDS", 1, "f5"), IsArray(1));
    WaitUntil(deadline - 20);
    EXPECT_THAT(Do("HEXISTS", "h", "f5"), IsInt(0));
    EXPECT_THAT(Do("HEXISTS", "h", "f2"), IsInt(NowMillis() < deadline ? 1 : 0));
    WaitUntil(deadline);
    EXPECT_THAT(Do("HEXISTS", "h", "f2"), IsInt(0));
    EXPECT_THAT(Do("HKEYS", "h"), IsUnorderedArray("f0", "f1", "f3"));
    WaitUntil(deadline + 60);
    EXPECT_THAT(Do("HKEYS", "h"), IsUnorderedArray("f0", "f1"));
    Do("DEL", "h");
  });
}

TEST_F(HashExpiryTest, AKeysDeadlineAndItsFieldsDoNotDisturbEachOther) {
  WithBothForms([&] {
    Fill("h", 2);
    int64_t now = NowMillis();
    Expire("h", now + 30, 0, 1);
    EXPECT_THAT(Do("PEXPIREAT", "h", now + 100), IsInt(1));
    WaitUntil(now + 30);
    EXPECT_THAT(Do("HGETALL", "h"), IsArray("f1", "1"));
    EXPECT_THAT(Do("PTTL", "h"), IsInt(AllOf(Gt(0), Le(70))));
    WaitUntil(now + 100);
    EXPECT_THAT(Do("EXISTS", "h"), IsInt(0));

    Fill("h", 2);
    now = NowMillis();
    Expire("h", now + 60, 0, 1);
    EXPECT_THAT(Do("PEXPIREAT", "h", now + 30), IsInt(1));
    EXPECT_THAT(Do("PERSIST", "h"), IsInt(1));
    WaitUntil(now + 60);
    EXPECT_THAT(Do("HGETALL", "h"), IsArray("f1", "1"));
    EXPECT_THAT(Do("PEXPIRE", "h", 20), IsInt(1));
    EXPECT_THAT(Do("HEXPIRE", "h", 100, "FIELDS", 1, "f1"), IsArray(1));
    std::this_thread::sleep_for(milliseconds(40));
    EXPECT_THAT(Do("DBSIZE"), IsInt(0));
  });
}

TEST_F(HashExpiryTest, AHashThatWasReplacedLeavesNothingBehind) {
  WithBothForms([&] {
    EXPECT_THAT(EventsOf([&] {
                  for (const char* key : {"set", "del", "emptied", "flushed"}) {
                    Fill(key, 1);
                    Expire(key, NowMillis() + kSoon, 0, 1);
                  }
                  Do("CONFIG", "SET", "notify-keyspace-events", "Ehgx");
                  Do("SET", "set", "text");
                  Do("DEL", "del");
                  Do("HDEL", "emptied", "f0");
                  Do("FLUSHALL");
                  Fill("flushed", 1);
                  std::this_thread::sleep_for(milliseconds(kSoon + 20));
                }),
                ::testing::Not(::testing::Contains(::testing::StartsWith("hexpired"))));
    EXPECT_THAT(Do("HLEN", "flushed"), IsInt(1));
    Do("DEL", "flushed");
  });
}

TEST_F(HashExpiryTest, UsedMemoryReturns) {
  const auto used = [&] {
    const std::string info = Do("INFO", "memory").text;
    const size_t at = info.find("used_memory_dataset:");
    return at == std::string::npos ? -1 : std::stoll(info.substr(at + 20));
  };
  WithBothForms([&] {
    const int64_t before = used();
    ASSERT_GE(before, 0);
    Fill("h", 5'000);
    EXPECT_GT(used(), before + 5'000 * 10);
    Expire("h", NowMillis() + 1'000, 0, 5'000);
    WaitUntilEmpty();
    EXPECT_LT(used(), before + 50'000);
  });
}

}  // namespace
}  // namespace pinion::test
