// Many clients on many loops that push, wait, time out, move on, hang up, are unblocked and killed: no element is lost
// or doubled.
#include <array>
#include <atomic>
#include <map>
#include <mutex>

#include "tests/integration/blocking_test_util.h"

namespace pinion::test {
namespace {

using std::chrono::milliseconds;

class BlockingStressTest : public BlockingTest {
 protected:
  void Configure(Options& options) override { options.Set("threads", "8"); }

  static constexpr int kQueues = 5, kConsumers = 20;
  static std::string Queue(int i) { return "queue:" + std::to_string(i % kQueues); }

  void Taken(const std::string& element) {
    std::lock_guard lock(mutex_);
    ++taken_[element];
  }
  // One waits again and again, in one of several ways, until everything was taken. What it moves on stays in the game.
  void Consume(int who) {
    RespClient c = Connect();
    consumers_[who] = c.Command("CLIENT", "ID").integer;
    for (int i = who; !done_; ++i) {
      Reply r;
      switch (i % 5) {
        case 0:
          r = c.Command("BLPOP", Queue(i), Queue(i + 1), "0.02");
          if (r.elements.size() == 2) Taken(r.elements[1].text);
          break;
        case 1:
          r = c.Command("BRPOP", Queue(i), Queue(i + 2), Queue(i + 3), "0.003");
          if (r.elements.size() == 2) Taken(r.elements[1].text);
          break;
        case 2:
          r = c.Command("BLMOVE", Queue(i), Queue(i * 3 + 1), "LEFT", "RIGHT", "0.01");
          break;
        case 3:
          r = c.Command("BLMPOP", "0.01", 2, Queue(i), Queue(i + 1), "LEFT", "COUNT", 3);
          if (r.elements.size() == 2) {
            for (const Reply& e : r.elements[1].elements) Taken(e.text);
          }
          break;
        default:
          r = c.Command("BRPOPLPUSH", Queue(i + 1), Queue(i), "0.002");
          break;
      }
      ASSERT_NE(r.kind, Reply::Kind::kNothing);
      if (r.kind == Reply::Kind::kError) {
        ASSERT_TRUE(r.text.starts_with("UNBLOCKED ")) << r.text;
      }
    }
  }
  // Waits and hangs up or is killed; a move takes nothing away.
  void HangUp(int who) {
    RespClient killer = Connect();
    for (int i = 0; !done_; ++i) {
      RespClient c = Connect();
      const int64_t id = c.Command("CLIENT", "ID").integer;
      c.Send("BLMOVE", Queue(who), Queue(who + 1), "LEFT", "RIGHT", 0);
      std::this_thread::sleep_for(milliseconds(who));
      if (i % 2) killer.Command("CLIENT", "KILL", "ID", id);
    }
  }
  void Unblock() {
    RespClient c = Connect();
    for (size_t i = 0; !done_; ++i) {
      c.Command("CLIENT", "UNBLOCK", consumers_[i % kConsumers].load(), i % 3 ? "TIMEOUT" : "ERROR");
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  void Produce(int who, int elements) {
    RespClient c = Connect();
    for (int i = 0; i < elements; ++i) {
      const std::string element = std::to_string(who) + ":" + std::to_string(i);
      if (i % 7 == 0) {
        c.Command("MULTI");
        c.Command("RPUSH", Queue(i), element);
        c.Command("INCR", "count");
        EXPECT_EQ(c.Command("EXEC").elements.size(), 2u);
      } else {
        EXPECT_EQ(c.Command(i % 2 ? "RPUSH" : "LPUSH", Queue(i + who), element).kind, Reply::Kind::kInteger);
      }
    }
  }
  size_t taken() {
    std::lock_guard lock(mutex_);
    return taken_.size();
  }

  std::mutex mutex_;
  std::map<std::string, int> taken_;
  std::array<std::atomic<int64_t>, kConsumers> consumers_{};  // their clients' ids
  std::atomic<bool> done_{false};
};

TEST_F(BlockingStressTest, EveryElementIsTakenOnce) {
  constexpr int kProducers = 4, kEach = 1500;
  std::vector<std::thread> threads;
  for (int i = 0; i < kConsumers; ++i) threads.emplace_back([this, i] { Consume(i); });
  for (int i = 1; i <= 2; ++i) threads.emplace_back([this, i] { HangUp(i); });
  threads.emplace_back([this] { Unblock(); });
  std::vector<std::thread> producers;
  for (int i = 0; i < kProducers; ++i) producers.emplace_back([this, i] { Produce(i, kEach); });
  for (auto& t : producers) t.join();
  for (int i = 0; i < 400 && taken() < kProducers * kEach; ++i) std::this_thread::sleep_for(milliseconds(50));
  done_ = true;
  for (auto& t : threads) t.join();
  EXPECT_EQ(taken_.size(), static_cast<size_t>(kProducers * kEach));
  for (const auto& [element, times] : taken_) EXPECT_EQ(times, 1) << element;
  auto c = Connect();
  EXPECT_THAT(c.Command("DEL", "count"), IsInt(1));
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
  EXPECT_TRUE(Wait(c, 0));
  EXPECT_EQ(Info(c, "total_blocking_keys"), 0);
}

}  // namespace
}  // namespace pinion::test
