// Scripts beside other traffic: nobody sees half of one, whether it keeps to its declared keys or strays.
#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

constexpr int kAccounts = 24;
constexpr int64_t kEach = 1000;
constexpr auto kRunTime = std::chrono::milliseconds(1500);

std::string Account(uint32_t i) { return "account:" + std::to_string(i % kAccounts); }

class IsolationTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("threads", "4"); }
  void SetUp() override {
    ServerTest::SetUp();
    auto c = Connect();
    for (int i = 0; i < kAccounts; ++i) c.Command("SET", Account(static_cast<uint32_t>(i)), kEach);
  }

  // Runs `work` (client, a number that changes) on its own connection until the time is over.
  template <typename F>
  void Start(F work) {
    threads_.emplace_back([this, work, seed = static_cast<uint32_t>(threads_.size()) * 7919] {
      auto c = Connect();
      for (uint32_t i = seed; !over_; ++i) {
        work(c, i * 2654435761u >> 8);
        ++rounds_;
      }
    });
  }
  // Lets them run; all of them have done something.
  void Finish() {
    std::this_thread::sleep_for(kRunTime);
    over_ = true;
    for (std::thread& t : threads_) t.join();
    EXPECT_GT(rounds_, static_cast<int>(threads_.size()));
    auto c = Connect();
    int64_t sum = 0;
    for (int i = 0; i < kAccounts; ++i) sum += std::stoll(c.Command("GET", Account(static_cast<uint32_t>(i))).text);
    EXPECT_EQ(sum, kAccounts * kEach);
  }

  std::atomic<bool> over_{false};
  std::atomic<int> rounds_{0};
  std::vector<std::thread> threads_;
};

// Takes from the declared key first, and gives to one that was not declared.
constexpr const char* kStrayingTransfer =
    "local n = redis.call('decrby', KEYS[1], ARGV[2]) "
    "redis.call('incrby', ARGV[1], ARGV[2]) return n";
constexpr const char* kTransfer =
    "redis.call('decrby', KEYS[1], ARGV[1]) redis.call('incrby', KEYS[2], ARGV[1]) return 1";
constexpr const char* kSum =
    "local sum = 0 for i = 0, ARGV[1] - 1 do sum = sum + redis.call('get', 'account:' .. i) end return sum";

TEST_F(IsolationTest, MoneyIsNeitherMadeNorLost) {
  for (int i = 0; i < 3; ++i) {
    Start([](RespClient& c, uint32_t r) { c.Command("EVAL", kStrayingTransfer, 1, Account(r), Account(r / 64), r % 9); });
    Start([](RespClient& c, uint32_t r) { c.Command("EVAL", kTransfer, 2, Account(r), Account(r / 64), r % 9); });
    Start([](RespClient& c, uint32_t r) {
      c.Command("MULTI");
      c.Command("DECRBY", Account(r), r % 9);
      c.Command("INCRBY", Account(r / 64), r % 9);
      EXPECT_EQ(c.Command("EXEC").elements.size(), 2u);
    });
  }
  std::vector<std::string> all = {"MGET"};
  for (int i = 0; i < kAccounts; ++i) all.push_back(Account(static_cast<uint32_t>(i)));
  Start([&all](RespClient& c, uint32_t) {
    int64_t sum = 0;
    for (const Reply& r : c.Command(all).elements) sum += std::stoll(r.text);
    EXPECT_EQ(sum, kAccounts * kEach);
  });
  Start([](RespClient& c, uint32_t) { EXPECT_THAT(c.Command("EVAL", kSum, 0, kAccounts), IsInt(kAccounts * kEach)); });
  // Ordinary work on the same keys, one at a time and alone.
  Start([](RespClient& c, uint32_t r) { c.Command("GET", Account(r)); });
  Start([](RespClient& c, uint32_t) { EXPECT_THAT(c.Command("DBSIZE"), IsInt(kAccounts)); });
  Start([](RespClient& c, uint32_t) { c.Command("CLIENT", "LIST"); });
  Finish();
}

// Scripts in a row keep the interpreter; whatever stands between them gives it back.
TEST_F(IsolationTest, PipelinesOfScriptsTakeTurns) {
  for (int i = 0; i < 4; ++i) {
    Start([](RespClient& c, uint32_t r) {
      const std::vector<std::string> straying = {"EVAL", kStrayingTransfer, "1", Account(r), Account(r / 64), "2"};
      const std::vector<std::vector<std::string>> requests = {
          {"EVAL", kTransfer, "2", Account(r), Account(r + 1), "1"},
          {"EVAL", kTransfer, "2", Account(r + 2), Account(r), "3"},
          {"EVAL", "return", "too many keys"},
          {"EVAL", kSum, "0", std::to_string(kAccounts)},
          straying,
          {"SCRIPT", "EXISTS", "none"},
          {"EVAL", kTransfer, "2", Account(r), Account(r + 1), "1"},
          {"MULTI"},
          {"EVAL", kTransfer, "2", Account(r), Account(r + 5), "1"},
          straying,
          {"EXEC"},
          {"EVAL", kTransfer, "2", Account(r), Account(r + 1), "1"},
          {"DBSIZE"},
          {"BLPOP", "nothing", "0.001"},
          {"EVAL", kTransfer, "2", Account(r), Account(r + 1), "1"},
          {"CONFIG", "SET", "maxclients", "1000"},
      };
      std::string pipeline;
      for (const auto& request : requests) pipeline += RespClient::Encode(request);
      c.SendRaw(pipeline);
      for (size_t k = 0; k < requests.size(); ++k) {
        const Reply reply = c.ReadReply();
        if (k == 3) {
          EXPECT_THAT(reply, IsInt(kAccounts * kEach));
        } else if (k == 2) {
          EXPECT_THAT(reply, IsError("ERR value is not an integer or out of range"));
        } else {
          EXPECT_TRUE(reply.kind != Reply::Kind::kNothing && reply.kind != Reply::Kind::kError) << k << reply.text;
        }
      }
    });
  }
  Finish();
}

TEST_F(IsolationTest, ATransactionWithAStrayingScriptIsOne) {
  for (int i = 0; i < 3; ++i) {
    Start([](RespClient& c, uint32_t r) {
      c.Command("MULTI");
      c.Command("DECRBY", Account(r), 5);
      c.Command("EVAL", "return redis.call('incrby', ARGV[1], 5)", 0, Account(r / 64));
      c.Command("EXEC");
    });
    Start([](RespClient& c, uint32_t) { EXPECT_THAT(c.Command("EVAL", kSum, 0, kAccounts), IsInt(kAccounts * kEach)); });
    Start([](RespClient& c, uint32_t r) {
      c.Command("WATCH", Account(r));
      const int64_t had = std::stoll(c.Command("GET", Account(r)).text);
      c.Command("MULTI");
      c.Command("SET", Account(r), had - 3);
      c.Command("INCRBY", "spare", 3);
      c.Command("INCRBY", "spare", -3);
      c.Command("INCRBY", Account(r), 3);
      c.Command("EXEC");
    });
  }
  Finish();
}

}  // namespace
}  // namespace pinion::test
