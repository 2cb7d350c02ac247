// Many clients at once on many loops: every family of commands beside transactions, expiry, flushes and killed clients,
// while two invariants hold. Most use under ThreadSanitizer; PINION_STRESS_SECONDS says for how long.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using std::chrono::steady_clock;

class StressTest : public ServerTest {
 protected:
  void Configure(Options& options) override {
    options.Set("threads", "8").Set("notify-keyspace-events", "KEA").Set("hash-max-listpack-entries", "8");
  }
  static steady_clock::time_point End() {
    const char* seconds = std::getenv("PINION_STRESS_SECONDS");
    return steady_clock::now() + std::chrono::seconds(seconds ? std::atoi(seconds) : 3);
  }
};

// Random commands of all families on a few keys. In a line, K is a key, D a second one, F a field or member, V a value,
// N a small number.
class Traffic {
 public:
  explicit Traffic(uint32_t seed) : random_(seed) {}

  std::vector<std::string> Next() {
    static const std::vector<std::string> lines = {
        "SET K V", "SET K V PX N", "GET K", "INCRBY K N", "APPEND K V", "GETRANGE K 0 N", "MSET K V D V", "MGET K D",
        "SETBIT K N 1", "BITCOUNT K", "BITOP OR K K D", "DEL K D", "UNLINK K", "EXPIRE K 1", "PEXPIRE K N", "PTTL K",
        "RENAME K D", "COPY K D REPLACE", "TYPE K", "OBJECT ENCODING K", "SCAN 0 COUNT 5", "RANDOMKEY", "DBSIZE",
        "HSET K F V F V", "HGETALL K", "HDEL K F", "HINCRBY K F N", "HPEXPIRE K N FIELDS 1 F", "HRANDFIELD K 3",
        "HSCAN K 0", "LPUSH K V V V", "RPUSH K V", "LPOP K N", "RPOP K", "LRANGE K 0 N", "LINSERT K BEFORE V V",
        "LTRIM K 0 N", "LMOVE K D LEFT RIGHT", "SADD K F F V", "SREM K F", "SPOP K N", "SMEMBERS K", "SINTERSTORE K K D",
        "SUNION K D", "SMOVE K D F", "ZADD K N F N V", "ZINCRBY K N F", "ZRANGE K 0 -1 WITHSCORES", "ZPOPMIN K N",
        "ZUNIONSTORE K 2 K D", "ZREMRANGEBYRANK K 0 N", "GEOADD K 1 2 F", "GEODIST K F F", "PFADD K F V", "PFMERGE K D",
        "PFCOUNT K D", "XADD K MAXLEN 20 * F V", "XRANGE K - +", "XGROUP CREATE K g 0 MKSTREAM",
        "XREADGROUP GROUP g c COUNT N STREAMS K >", "XAUTOCLAIM K g c 0 0", "XTRIM K MAXLEN N", "SORT K LIMIT 0 N ALPHA",
        "PUBLISH news V", "SUBSCRIBE news", "UNSUBSCRIBE", "WATCH K D", "MULTI", "EXEC", "DISCARD", "OBJECT FREQ K",
        "CLIENT LIST", "INFO", "CLIENT NO-TOUCH ON", "FLUSHDB", "SELECT 0", "SWAPDB 0 2", "DEBUG DIGEST-VALUE K",
        "MEMORY USAGE K", "HELLO 3", "HELLO 2", "RESET", "FLUSHALL", "BLPOP K D 0.005", "BRPOP D K 0.001",
        "BLMOVE K D LEFT RIGHT 0.005", "BLMPOP 0.002 2 K D LEFT COUNT N", "BZPOPMIN K D 0.002",
        "XREAD BLOCK 2 STREAMS K $", "CLIENT TRACKING ON", "CLIENT TRACKING ON BCAST PREFIX key:1", "CLIENT PAUSE 1 WRITE",
        // Of scripts the second and third go beyond the keys they declare.
        "EVAL return{redis.call('DEL',KEYS[1]),redis.call('RPUSH',KEYS[1],ARGV[1])} 1 K V",
        "EVAL return{redis.call('TYPE',KEYS[1]),redis.pcall('LPUSH',ARGV[1],1)} 1 K D",
        "EVAL return{redis.pcall('SADD',ARGV[1],1),redis.pcall('ZADD',ARGV[2],1,1)} 0 K D",
        "EVAL_RO return{redis.pcall('GET',KEYS[1]),redis.pcall('SMEMBERS',KEYS[2])} 2 K D", "SLOWLOG GET N"};
    std::vector<std::string> words(1);
    for (char c : lines[random_() % lines.size()]) {
      if (c == ' ') words.emplace_back();
      else words.back() += c;
    }
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i] == "K" || words[i] == "D") words[i] = "key:" + std::to_string(random_() % 24);
      if (words[i] == "F") words[i] = "field:" + std::to_string(random_() % 40);
      if (words[i] == "V") words[i] = std::string(random_() % 100, 'v');
      if (words[i] == "N") words[i] = std::to_string(random_() % 30);
    }
    return words;
  }
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

 private:
  std::mt19937 random_;
};

TEST_F(StressTest, EveryFamilyAtOnceIsAnsweredToTheEnd) {
  constexpr int kThreads = 8, kClients = 8;
  const auto end = End();
  std::atomic<uint64_t> pings{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Traffic traffic(static_cast<uint32_t>(t));
      std::vector<RespClient> clients;
      for (int i = 0; i < kClients; ++i) clients.push_back(Connect());
      while (steady_clock::now() < end) {
        RespClient& c = clients[traffic.Below(kClients)];
        std::string batch;
        for (uint32_t n = 1 + traffic.Below(16); n > 0; --n) batch += RespClient::Encode(traffic.Next());
        // What is behind QUIT's ilk, a subscription or a kill has its own number of replies; the last one is known.
        const std::string mark = "mark:" + std::to_string(traffic.Below(1'000'000'000));
        batch += RespClient::Encode({"DISCARD"}) + RespClient::Encode({"RESET"}) + RespClient::Encode({"ECHO", mark});
        c.SendRaw(batch);
        Reply reply;
        do reply = c.ReadReply();
        while (reply.kind != Reply::Kind::kNothing && reply.text != mark);
        if (reply.text == mark) {
          ++pings;
        } else {
          ASSERT_THAT(reply.text, ::testing::HasSubstr("closed"));  // killed: the only way to go unanswered
          c = Connect();
        }
      }
    });
  }
  std::thread killer([&] {
    RespClient c = Connect();
    const int64_t self = c.Command("CLIENT", "ID").integer;
    Traffic traffic(kThreads);
    while (steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const std::string list = c.Command("CLIENT", "LIST").text;
      const size_t line = list.find("id=", traffic.Below(static_cast<uint32_t>(list.size())));
      if (line == std::string::npos) continue;
      const int64_t id = std::atoll(list.c_str() + line + 3);
      if (id != self) c.Command("CLIENT", "KILL", "ID", id);
    }
  });
  for (std::thread& t : threads) t.join();
  killer.join();
  EXPECT_GT(pings, 100u);
}

// Transfers between accounts by scripts and by transactions that watch, or that do not; whoever adds the accounts up finds
// the same sum.
TEST_F(StressTest, TransfersKeepTheSum) {
  constexpr int kAccounts = 12, kEach = 1000;
  RespClient bank = Connect();
  const auto account = [](uint32_t i) { return "account:" + std::to_string(i); };
  std::vector<std::string> all = {"MGET"};
  for (int i = 0; i < kAccounts; ++i) {
    bank.Command("SET", account(i), kEach);
    all.push_back(account(i));
  }
  const auto end = End();
  std::atomic<uint64_t> made{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      Traffic traffic(t);
      RespClient c = Connect();
      while (steady_clock::now() < end) {
        const std::string from = account(traffic.Below(kAccounts)), to = account(traffic.Below(kAccounts));
        const uint32_t amount = traffic.Below(50);
        if (t % 3 == 0) {
          c.Send("MULTI");
          c.Send("DECRBY", from, amount);
          c.Send("INCRBY", to, amount);
          c.Send("EXEC");
          for (int i = 0; i < 3; ++i) c.ReadReply();
          made += c.ReadReply().kind == Reply::Kind::kArray;
        } else if (t % 3 == 1) {
          // The second account is declared, or found out by the script.
          const char* move = "redis.call('DECRBY',KEYS[1],ARGV[1]) return redis.call('INCRBY',KEYS[2] or ARGV[2],ARGV[1])";
          const Reply reply = traffic.Below(2) ? c.Command("EVAL", move, 2, from, to, amount)
                                               : c.Command("EVAL", move, 1, from, amount, to);
          made += reply.kind == Reply::Kind::kInteger;
        } else if (from != to) {
          c.Command("WATCH", from, to);
          const long left = std::atol(c.Command("GET", from).text.c_str()) - amount;
          const long got = std::atol(c.Command("GET", to).text.c_str()) + amount;
          c.Command("MULTI");
          c.Command("MSET", from, left, to, got);
          made += c.Command("EXEC").kind == Reply::Kind::kArray;
        }
      }
    });
  }
  while (steady_clock::now() < end) {
    long sum = 0;
    for (const Reply& r : bank.Command(all).elements) sum += std::atol(r.text.c_str());
    ASSERT_EQ(sum, kAccounts * kEach);
  }
  for (std::thread& t : threads) t.join();
  EXPECT_GT(made, 100u);
}

// Elements go from producers through two lists to consumers: each arrives once.
TEST_F(StressTest, QueuesLoseNothingAndDoubleNothing) {
  constexpr int kProducers = 3, kConsumers = 4;
  const auto end = End();
  std::atomic<int> producing{kProducers};
  std::atomic<int64_t> made{0};
  std::array<std::vector<std::string>, kConsumers> taken;
  std::vector<std::thread> threads;
  for (int t = 0; t < kProducers; ++t) {
    threads.emplace_back([&, t] {
      RespClient c = Connect();
      for (int i = 0; steady_clock::now() < end; ++i, ++made) {
        c.Command("LPUSH", "in", std::to_string(t) + ":" + std::to_string(i));
      }
      --producing;
    });
  }
  for (int t = 0; t < kConsumers; ++t) {
    threads.emplace_back([&, t] {
      RespClient c = Connect();
      for (;;) {
        const bool last = producing == 0;
        c.Command("LMOVE", "in", "out", "RIGHT", "LEFT");
        const Reply reply = t % 2 ? c.Command("RPOP", "out") : c.Command("LPOP", "out");
        if (reply.kind == Reply::Kind::kBulk) {
          taken[static_cast<size_t>(t)].push_back(reply.text);
        } else if (last && c.Command("EXISTS", "in", "out").integer == 0) {
          return;
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
  std::set<std::string> different;
  int64_t count = 0;
  for (const auto& some : taken) {
    different.insert(some.begin(), some.end());
    count += static_cast<int64_t>(some.size());
  }
  EXPECT_EQ(count, made);
  EXPECT_EQ(static_cast<int64_t>(different.size()), made);
}

}  // namespace
}  // namespace pinion::test
