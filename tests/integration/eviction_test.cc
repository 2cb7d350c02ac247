// Tests of maxmemory and its policies through the whole server.
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

// A limit of 2 MiB, and four times as much to write.
class EvictionTest : public ServerTest {
 protected:
  static constexpr int kKeys = 8'000;
  static constexpr int64_t kLimit = 2 << 20;
  // What the limit may be passed by: the last write and what each loop has not told the others.
  static constexpr int64_t kSlack = 1 << 16;

  void Limit(RespClient& c, const std::string& policy) {
    EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory", kLimit, "maxmemory-policy", policy), IsOk());
  }
  // Writes key:0, key:1 ... with options of SET; returns how many were refused for want of memory.
  int Fill(RespClient& c, const std::string& option = "", const std::string& value = "") {
    const std::string text(1000, 'x');
    for (int i = 0; i < kKeys; ++i) {
      std::vector<std::string> set = {"SET", "key:" + std::to_string(i), text};
      if (!option.empty()) set.insert(set.end(), {option, value});
      c.SendRaw(RespClient::Encode(set));
    }
    int refused = 0;
    for (int i = 0; i < kKeys; ++i) {
      const Reply reply = c.ReadReply();
      if (reply.kind != Reply::Kind::kError) continue;
      EXPECT_EQ(reply.text, "OOM command not allowed when used memory > 'maxmemory'.");
      ++refused;
    }
    return refused;
  }
  // A line of INFO as a number.
  int64_t Info(RespClient& c, const std::string& name) {
    const std::string text = c.Command("INFO", "everything").text;
    const size_t at = text.find("\n" + name + ":");
    EXPECT_NE(at, std::string::npos) << name;
    return std::atoll(text.c_str() + at + name.size() + 2);
  }
  int64_t Keys(RespClient& c) { return c.Command("DBSIZE").integer; }
};

TEST_F(EvictionTest, WithoutEvictionWritesAreRefusedAndReadsAndDeletionsAreNot) {
  auto c = Connect();
  Limit(c, "noeviction");
  EXPECT_GT(Fill(c), kKeys / 2);
  EXPECT_EQ(Info(c, "evicted_keys"), 0);
  EXPECT_THAT(c.Command("STRLEN", "key:0"), IsInt(1000));
  EXPECT_THAT(c.Command("SADD", "s", "m"), IsErrorStarting("OOM "));
  EXPECT_THAT(c.Command("DEL", "key:0"), IsInt(1));
}

TEST_F(EvictionTest, AnyKeyGoesWhenAllMay) {
  for (const char* policy : {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
    auto c = Connect();
    c.Command("FLUSHALL");
    Limit(c, policy);
    EXPECT_EQ(Fill(c), 0) << policy;
    EXPECT_LT(Info(c, "used_memory_dataset"), kLimit + kSlack) << policy;
    EXPECT_GT(Keys(c), 1000) << policy;
    EXPECT_GT(Info(c, "evicted_keys"), kKeys / 2) << policy;
  }
}

TEST_F(EvictionTest, KeysWithoutDeadlineStayUnderAVolatilePolicy) {
  for (const char* policy : {"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"}) {
    auto c = Connect();
    c.Command("FLUSHALL");
    EXPECT_THAT(c.Command("SET", "persistent", "x"), IsOk());
    Limit(c, policy);
    EXPECT_EQ(Fill(c, "EX", "1000"), 0) << policy;
    EXPECT_THAT(c.Command("EXISTS", "persistent"), IsInt(1)) << policy;
  }
}

TEST_F(EvictionTest, EveryTypeIsEvicted) {
  auto c = Connect();
  Limit(c, "allkeys-random");
  for (int i = 0; i < 2'000; ++i) {
    const std::string n = std::to_string(i), text(600, 'y');
    c.Send("HSET", "hash:" + n, "field", text);
    c.Send("SADD", "set:" + n, text);
    c.Send("ZADD", "zset:" + n, i, text);
  }
  for (int i = 0; i < 6'000; ++i) EXPECT_THAT(c.ReadReply(), IsInt(1));
  EXPECT_LT(Info(c, "used_memory_dataset"), kLimit + kSlack);
  c.Command("CONFIG", "SET", "maxmemory", 0);
  c.Command("FLUSHALL");
  EXPECT_LT(Info(c, "used_memory_dataset"), kSlack);
}

TEST_F(EvictionTest, AnEvictedKeyIsAnnounced) {
  auto c = Connect();
  c.Command("CONFIG", "SET", "notify-keyspace-events", "Ee");
  auto s = Connect();
  s.Command("SUBSCRIBE", "__keyevent@0__:evicted");
  Limit(c, "allkeys-lru");
  Fill(c);
  EXPECT_EQ(s.ReadReply().elements[1].text, "__keyevent@0__:evicted");
}

TEST_F(EvictionTest, WritesThatSayLittleAndTakeMuchAreCountedAtOnce) {
  auto c = Connect();
  Limit(c, "noeviction");
  EXPECT_THAT(c.Command("SETRANGE", "big", 3 << 20, "x"), IsInt((3 << 20) + 1));
  EXPECT_THAT(c.Command("SET", "k", "v"), IsErrorStarting("OOM "));
  EXPECT_THAT(c.Command("DEL", "big"), IsInt(1));
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
}

TEST_F(EvictionTest, ATransactionThatMayWriteIsRefusedAsAWhole) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v"), IsQueued());
  auto other = Connect();
  other.Command("SETRANGE", "big", 3 << 20, "x");
  Limit(other, "noeviction");
  EXPECT_THAT(c.Command("EXEC"), IsError("EXECABORT Transaction discarded because of: OOM command not allowed when used "
                                         "memory > 'maxmemory'."));
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v"), IsErrorStarting("OOM "));
  EXPECT_THAT(c.Command("EXEC"), IsErrorStarting("EXECABORT "));
  EXPECT_THAT(c.Command("MULTI"), IsOk());
  EXPECT_THAT(c.Command("GET", "k"), IsQueued());
  EXPECT_THAT(c.Command("EXEC"), IsArray(IsNil()));
}

TEST_F(EvictionTest, AReadEvictsWhatIsTooMuch) {
  auto c = Connect();
  Fill(c);
  Limit(c, "allkeys-lru");
  for (int i = 0; i < 2000 && Info(c, "used_memory") > kLimit; ++i) c.Command("GET", "key:1");
  EXPECT_LE(Info(c, "used_memory"), kLimit);
  EXPECT_GT(Keys(c), 100);
}

TEST_F(EvictionTest, AnIdleServerGoesUnderItsLimit) {
  auto c = Connect();
  Fill(c);
  c.Command("CONFIG", "SET", "maxmemory-eviction-tenacity", 0);  // the questions below free one key each
  Limit(c, "allkeys-random");
  for (int i = 0; i < 100 && Info(c, "used_memory") > kLimit; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_LE(Info(c, "used_memory"), kLimit);
}

TEST_F(EvictionTest, ConnectionsCountAgainstTheLimit) {
  auto c = Connect();
  Fill(c);
  c.Command("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
  c.Command("CONFIG", "SET", "maxmemory", Info(c, "used_memory") + (1 << 20));
  const int64_t keys = Keys(c);
  auto greedy = Connect();
  greedy.SendRaw("*2\r\n$4\r\nECHO\r\n$4000000\r\n" + std::string(3'900'000, 'x'));
  for (int i = 0; i < 100 && Keys(c) == keys; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LT(Keys(c), keys);
}

// Clients that use too much memory.
class ClientEvictionTest : public EvictionTest {
 protected:
  // Requests cut short, so that the server keeps what came of them.
  static void Hoard(RespClient& c, size_t bytes) {
    c.SendRaw("*2\r\n$4\r\nECHO\r\n$" + std::to_string(bytes + 1) + "\r\n" + std::string(bytes, 'x'));
  }
  static bool Gone(RespClient& c) { return c.WaitForClose(std::chrono::milliseconds(2000)); }
};

TEST_F(ClientEvictionTest, TheLargestGo) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory-clients", 4 << 20), IsOk());
  auto small = Connect(), large = Connect();
  Hoard(small, 1 << 20);
  Hoard(large, 5 << 20);
  EXPECT_TRUE(Gone(large));
  EXPECT_EQ(Info(c, "evicted_clients"), 1);
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory-clients", 1 << 20), IsOk());
  EXPECT_TRUE(Gone(small));
  EXPECT_EQ(Info(c, "evicted_clients"), 2);
  EXPECT_THAT(c.Command("CONFIG", "RESETSTAT"), IsOk());
  EXPECT_EQ(Info(c, "evicted_clients"), 0);
}

TEST_F(ClientEvictionTest, AProtectedClientStays) {
  auto c = Connect(), guarded = Connect();
  EXPECT_THAT(guarded.Command("CLIENT", "NO-EVICT", "ON"), IsOk());
  EXPECT_THAT(c.Command("CLIENT", "NO-EVICT", "ON"), IsOk());
  Hoard(guarded, 5 << 20);
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory-clients", 1 << 20), IsOk());
  EXPECT_FALSE(guarded.WaitForClose(std::chrono::milliseconds(300)));
  EXPECT_EQ(Info(c, "evicted_clients"), 0);
}

TEST_F(ClientEvictionTest, ATransactionsQueueCountsAndAPercentageIsOfMaxmemory) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "SET", "maxmemory", 100 << 20, "maxmemory-clients", "2%"), IsOk());
  auto queueing = Connect();
  Reply last = queueing.Command("MULTI");
  for (int i = 0; i < 10 && last.kind != Reply::Kind::kNothing; ++i) {
    last = queueing.Command("SET", "k", std::string(400'000, 'x'));
  }
  EXPECT_EQ(last.kind, Reply::Kind::kNothing);
  EXPECT_EQ(Info(c, "evicted_clients"), 1);
}

}  // namespace
}  // namespace pinion::test
