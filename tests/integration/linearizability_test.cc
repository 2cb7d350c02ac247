// What clients on several loops see of one key, and of keys that transactions and scripts connect, could have happened
// one after the other.
#include "tests/support/linearizability.h"

#include <chrono>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class LinearizabilityTest : public ServerTest {
 protected:
  static constexpr int kClients = 8, kOperations = 250;
  using Apply = decltype(Operation::apply);

  void Configure(Options& options) override { options.Set("threads", "4"); }

  // Every client does `step` (its connection, a random number) again and again; the step says what the reply means.
  template <typename Step>
  void Record(Step step) {
    std::vector<std::thread> threads;
    for (uint32_t t = 0; t < kClients; ++t) {
      threads.emplace_back([&, t] {
        std::mt19937 random(t);
        RespClient c = Connect();
        for (int i = 0; i < kOperations; ++i) {
          const uint32_t roll = static_cast<uint32_t>(random());
          const int64_t invoked = Now();
          Apply apply = step(c, roll);
          const int64_t returned = Now();
          std::lock_guard lock(mutex_);
          history_.push_back({invoked, returned, std::move(apply)});
        }
      });
    }
    for (std::thread& t : threads) t.join();
  }

  std::vector<Operation> history_;

 private:
  static int64_t Now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
  std::mutex mutex_;
};

// The state is the key's value; empty: there is none.
TEST_F(LinearizabilityTest, OneKey) {
  using Kind = Reply::Kind;
  const auto saw = [](const Reply& reply, const std::string& state) {
    return state.empty() ? reply.kind == Kind::kNil : reply.kind == Kind::kBulk && reply.text == state;
  };
  Record([&](RespClient& c, uint32_t roll) -> std::function<bool(std::string&)> {
    const std::string value = std::to_string(roll >> 8);
    switch (roll % 8) {
      case 0:
      case 1:
        return [=, r = c.Command("GET", "k")](std::string& state) { return saw(r, state); };
      case 2:
        return [=, r = c.Command("SET", "k", value)](std::string& state) {
          state = value;
          return r.kind == Kind::kStatus;
        };
      case 3:
        return [=, r = c.Command("INCR", "k")](std::string& state) {
          state = std::to_string(std::atoll(state.c_str()) + 1);
          return r.kind == Kind::kInteger && state == std::to_string(r.integer);
        };
      case 4:
        return [=, r = c.Command("SET", "k", value, "GET")](std::string& state) {
          const bool right = saw(r, state);
          state = value;
          return right;
        };
      case 5:
        return [=, r = c.Command("GETDEL", "k")](std::string& state) {
          const bool right = saw(r, state);
          state.clear();
          return right;
        };
      case 6:
        return [=, r = c.Command("SET", "k", value, "NX")](std::string& state) {
          const bool set = state.empty();
          if (set) state = value;
          return r.kind == (set ? Kind::kStatus : Kind::kNil);
        };
      default:
        return [=, r = c.Command("EVAL", "local v = redis.call('GET',KEYS[1]) redis.call('SET',KEYS[1],ARGV[1]) return v", 1,
                                 "k", value)](std::string& state) {
          const bool right = saw(r, state);
          state = value;
          return right;
        };
    }
  });
  EXPECT_TRUE(IsLinearizable(history_, ""));
  history_.push_back({history_.back().returned + 1, INT64_MAX, [](std::string& state) { return state == "never"; }});
  EXPECT_FALSE(IsLinearizable(history_, ""));
}

// Three keys that hold numbers; the state has them one behind the other.
TEST_F(LinearizabilityTest, KeysThatTransactionsAndScriptsConnect) {
  using Kind = Reply::Kind;
  struct Keys {
    explicit Keys(const std::string& state) { std::sscanf(state.c_str(), "%ld %ld %ld", &n[0], &n[1], &n[2]); }
    [[nodiscard]] std::string Text() const {
      return std::to_string(n[0]) + ' ' + std::to_string(n[1]) + ' ' + std::to_string(n[2]);
    }
    long n[3] = {};
  };
  const auto sees_all = [](const Reply& reply, const std::string& state) {
    std::string seen;
    for (const Reply& r : reply.elements) seen += (seen.empty() ? "" : " ") + r.text;
    return seen == state;
  };
  const auto name = [](uint32_t i) { return "key:" + std::to_string(i % 3); };
  RespClient first = Connect();
  first.Command("MSET", name(0), 0, name(1), 0, name(2), 0);
  Record([&](RespClient& c, uint32_t roll) -> std::function<bool(std::string&)> {
    const uint32_t a = (roll >> 4) % 3, b = (a + 1 + (roll >> 8) % 2) % 3;
    const long n = roll >> 16;
    const auto copies = [=](const Reply& reply, std::string& state) {
      Keys keys(state);
      keys.n[b] = keys.n[a];
      state = keys.Text();
      return reply.kind == Kind::kInteger ? reply.integer == 1 : reply.text == std::to_string(keys.n[a]);
    };
    switch (roll % 8) {
      case 0: {
        for (const auto& command : {std::vector<std::string>{"MULTI"}, {"INCRBY", name(a), std::to_string(n)},
                                    {"DECRBY", name(b), std::to_string(n)}, {"EXEC"}}) {
          c.SendRaw(RespClient::Encode(command));
        }
        for (int i = 0; i < 3; ++i) c.ReadReply();
        return [=, r = c.ReadReply()](std::string& state) {
          Keys keys(state);
          keys.n[a] += n;
          keys.n[b] -= n;
          state = keys.Text();
          return r.elements.size() == 2 && r.elements[0].integer == keys.n[a] && r.elements[1].integer == keys.n[b];
        };
      }
      case 1:
        return [=, r = c.Command("MGET", name(0), name(1), name(2))](std::string& state) { return sees_all(r, state); };
      case 2:
        c.Command("MULTI");
        for (uint32_t i = 0; i < 3; ++i) c.Command("GET", name(i));
        return [=, r = c.Command("EXEC")](std::string& state) { return sees_all(r, state); };
      case 3:
        return [=, r = c.Command("MSET", name(a), n, name(b), n)](std::string& state) {
          Keys keys(state);
          keys.n[a] = keys.n[b] = n;
          state = keys.Text();
          return r.kind == Kind::kStatus;
        };
      case 4: {
        c.Command("WATCH", name(a));
        const std::string value = c.Command("GET", name(a)).text;
        c.Command("MULTI");
        c.Command("SET", name(b), value);
        const Reply done = c.Command("EXEC");
        if (done.kind == Kind::kNil) return [](std::string&) { return true; };
        const Reply seen{.kind = Kind::kBulk, .text = value};
        return [=](std::string& state) { return copies(seen, state); };
      }
      case 5:
        return [=, r = c.Command("COPY", name(a), name(b), "REPLACE")](std::string& state) { return copies(r, state); };
      case 6:  // beyond its declared key
        return [=, r = c.Command("EVAL", "local v = redis.call('GET',KEYS[1]) redis.call('SET',ARGV[1],v) return v", 1,
                                 name(a), name(b))](std::string& state) { return copies(r, state); };
      default:
        return [=, r = c.Command("EVAL_RO", "return redis.call('MGET', unpack(KEYS))", 3, name(0), name(1), name(2))](
                   std::string& state) { return sees_all(r, state); };
    }
  });
  EXPECT_TRUE(IsLinearizable(history_, "0 0 0"));
  history_.push_back({history_.back().returned + 1, INT64_MAX, [](std::string& state) { return state == "never"; }});
  EXPECT_FALSE(IsLinearizable(history_, "0 0 0"));
}

}  // namespace
}  // namespace pinion::test
