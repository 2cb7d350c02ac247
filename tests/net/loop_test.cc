// Loops: posting, the alarm, ticks, starting and stopping.
#include "net/loop.h"

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/harness.h"

namespace pinion::net::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Lt;

#if defined(PINION_SANITIZED)
constexpr bool kTimed = false;   // sanitizers are too slow for figures
#else
constexpr bool kTimed = true;
#endif

// A running loop without a listener.
struct Running {
  explicit Running(const Clock& clock = SystemClock()) : loop(0, clock, &handler) { loop.Start(); }
  ~Running() {
    loop.Stop();
    loop.Join();
  }
  TestHandler handler;
  Loop loop;
};

TEST(Loop, RunsPostedTasksInTheOrderOfEachThread) {
  constexpr int kThreads = 4, kTasks = 20'000;
  std::vector<std::vector<int>> seen(kThreads);
  std::atomic<int> done{0};
  Running running;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i) {
        running.loop.Post([&, t, i] {
          seen[t].push_back(i);
          ++done;
        });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(Eventually([&] { return done == kThreads * kTasks; }));
  for (const auto& numbers : seen) {
    for (int i = 0; i < kTasks; ++i) ASSERT_EQ(i, numbers[i]);
  }
}

TEST(Loop, KnowsItsOwnThread) {
  std::atomic<int> answer{-1};
  Running running;
  EXPECT_FALSE(running.loop.InLoopThread());
  running.loop.Post([&] { answer = running.loop.InLoopThread(); });
  EXPECT_TRUE(Eventually([&] { return answer == 1; }));
}

TEST(Loop, RunsTasksThatTasksPost) {
  std::atomic<int> depth{0};
  std::function<void()> again;
  Running running;
  again = [&] {
    if (++depth < 1000) running.loop.Post(again);
  };
  running.loop.Post(again);
  EXPECT_TRUE(Eventually([&] { return depth == 1000; }));
}

TEST(Loop, DestroysTasksPostedAfterItsEndUnrun) {
  TestHandler handler;
  Loop loop(0, SystemClock(), &handler);
  loop.Start();
  loop.Stop();
  loop.Join();
  auto held = std::make_shared<int>(1);
  bool ran = false;
  loop.Post([held, &ran] { ran = true; });
  EXPECT_EQ(1, held.use_count());
  EXPECT_FALSE(ran);
}

TEST(Loop, CanStopItself) {
  TestHandler handler;
  Loop loop(0, SystemClock(), &handler);
  loop.Start();
  loop.Post([&] { loop.Stop(); });
  loop.Join();
}

TEST(Loop, MayBeDestroyedWithoutHavingRun) {
  TestHandler handler;
  Loop loop(0, SystemClock(), &handler);
  loop.Post([] {});
  loop.WakeAt(1);
}

TEST(Loop, TicksAboutTenTimesASecond) {
  Running running;
  Sleep(1050);
  EXPECT_THAT(running.handler.ticks.load(), Ge(kTimed ? 8 : 1));
  EXPECT_THAT(running.handler.ticks.load(), Le(11));
}

TEST(Loop, CostsNoTimeWhileIdle) {
  Running running;
  const auto cpu = [] {
    rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1'000'000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
  };
  const auto before = cpu();
  Sleep(500);
  EXPECT_THAT(cpu() - before, Lt(kTimed ? 10'000 : 100'000));
}

// --- The alarm -------------------------------------------------------------------------------

TEST(LoopAlarm, RingsWithinAMillisecondOfItsTime) {
  std::atomic<UnixMillis> due{Loop::kNever};
  std::atomic<int64_t> rang_micros{0};
  Running running;
  running.loop.SetWakeCallback([&]() -> UnixMillis {
    const UnixMillis at = due;
    if (SystemClock().WallMillis() < at) return at;
    rang_micros = SystemClock().WallMicros();
    due = Loop::kNever;
    return Loop::kNever;
  });
  std::vector<int64_t> late;
  for (int i = 0; i < 40; ++i) {
    rang_micros = 0;
    const UnixMillis at = SystemClock().WallMillis() + 5 + i % 7;
    due = at;
    running.loop.WakeAt(at);
    ASSERT_TRUE(Eventually([&] { return rang_micros != 0; }));
    late.push_back(rang_micros - at * 1000);
    EXPECT_THAT(late.back(), Ge(0));
  }
  std::sort(late.begin(), late.end());
  if (kTimed) {
    EXPECT_THAT(late[late.size() / 2], Le(1000));
  }
}

TEST(LoopAlarm, IsBroughtForwardByAnEarlierTimeOnly) {
  std::atomic<int> rings{0};
  Running running;
  running.loop.SetWakeCallback([&]() -> UnixMillis {
    ++rings;
    return Loop::kNever;
  });
  ASSERT_TRUE(Eventually([&] { return rings == 1; }));  // armed at once
  const UnixMillis now = SystemClock().WallMillis();
  running.loop.WakeAt(now + 60'000);
  running.loop.WakeAt(now + 50);
  running.loop.WakeAt(now + 30'000);
  Sleep(20);
  EXPECT_EQ(1, rings);
  ASSERT_TRUE(Eventually([&] { return rings == 2; }));
  Sleep(250);
  EXPECT_EQ(2, rings);
}

TEST(LoopAlarm, SetBeforeTheStartRingsAtTheStart) {
  TestHandler handler;
  std::atomic<int> rings{0};
  Loop loop(0, SystemClock(), &handler);
  loop.SetWakeCallback([&] {
    ++rings;
    return Loop::kNever;
  });
  loop.Start();
  EXPECT_TRUE(Eventually([&] { return rings == 1; }));
  loop.Stop();
  loop.Join();
}

TEST(LoopAlarm, LetsRequestsThroughWhileWorkIsDueAllTheTime) {
  std::atomic<int> rings{0};
  std::atomic<bool> finished{false};
  TestServer server;
  server.loops[0]->SetWakeCallback([&]() -> UnixMillis {
    ++rings;
    return finished ? Loop::kNever : 0;
  });
  ASSERT_TRUE(Eventually([&] { return rings > 10; }));
  Client client(server.port());
  for (int i = 0; i < 200; ++i) client.Expect("PING\r\n", "+PONG\r\n");
  const int before = rings;
  EXPECT_TRUE(Eventually([&] { return rings > before + 10; }));
  finished = true;
}

TEST(LoopAlarm, NoticesAWallClockThatIsSetForward) {
  ManualClock clock(1'700'000'000'000'000);
  const UnixMillis at = clock.WallMillis() + 3'600'000;
  std::atomic<int> rings{0};
  Running running(clock);
  running.loop.SetWakeCallback([&]() -> UnixMillis {
    ++rings;
    return clock.WallMillis() < at ? at : Loop::kNever;
  });
  ASSERT_TRUE(Eventually([&] { return rings == 1; }));
  clock.AdvanceMillis(3'600'001);
  EXPECT_TRUE(Eventually([&] { return rings == 2; }));
}

TEST(LoopAlarm, MissesNoDeadlineThatManyThreadsSet) {
  std::mutex mutex;
  std::vector<UnixMillis> deadlines;
  std::atomic<int> missed{0}, served{0};
  Running running;
  running.loop.SetWakeCallback([&]() -> UnixMillis {
    std::lock_guard lock(mutex);
    const UnixMillis now = SystemClock().WallMillis();
    UnixMillis next = Loop::kNever;
    std::erase_if(deadlines, [&](UnixMillis at) {
      if (at <= now) {
        ++served;
        if (now - at > 90) ++missed;
        return true;
      }
      next = std::min(next, at);
      return false;
    });
    return next;
  });
  constexpr int kThreads = 3, kEach = 300;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const UnixMillis at = SystemClock().WallMillis() + (i * 7 + t) % 13;
        {
          std::lock_guard lock(mutex);
          deadlines.push_back(at);
        }
        running.loop.WakeAt(at);
        if (i % 3 == 0) Sleep(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(Eventually([&] { return served == kThreads * kEach; }));
  if (kTimed) {
    EXPECT_EQ(0, missed);
  }
}

// --- Stopping --------------------------------------------------------------------------------

TEST(LoopStop, ClosesEveryConnectionOnceWithTrafficGoingOn) {
  auto server = std::make_unique<TestServer>(TestServer::Options{.loops = 3});
  std::atomic<bool> finished{false};
  std::atomic<int64_t> replies{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, port = server->port()] {
      Client client(port);
      while (!finished) {
        client.Send("PING\r\nPING\r\n");
        const std::string got = client.Read(14);
        if (got.size() < 14) break;
        replies += 2;
      }
    });
  }
  ASSERT_TRUE(Eventually([&] { return server->handler.opened == 6 && replies > 600; }));
  server->Stop();
  finished = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(6, server->handler.opened);
  EXPECT_EQ(6, server->handler.closed);
}

TEST(LoopStop, SendsWhatSocketsTakeAndWaitsForNobodyLong) {
  TestServer server;
  Client reader(server.port());
  Client sleeper(server.port(), 4096);
  sleeper.Send("BIG 50000000\r\n");
  reader.Expect("PING\r\n", "+PONG\r\n");
  reader.Send("BIG 8000000\r\n");
  ASSERT_TRUE(Eventually([&] { return server.handler.requests == 3; }));
  std::string got;
  std::thread thread([&] { got = reader.ReadToEnd(); });
  const auto begin = std::chrono::steady_clock::now();
  server.Stop();
  EXPECT_THAT(std::chrono::steady_clock::now() - begin, Lt(milliseconds(kTimed ? 1500 : 5000)));
  thread.join();
  EXPECT_EQ(10u + 8'000'000 + 2, got.size());
  EXPECT_EQ(2, server.handler.closed);
}

TEST(LoopStop, ClosesConnectionsThatAreStalled) {
  TestServer server;
  Client client(server.port());
  client.Send("WAIT\r\n");
  EXPECT_TRUE(Eventually([&] { return server.Ask(server.handler.last_opened, [](Connection& c) { return c.stalled(); }); }));
  server.Stop();
  EXPECT_TRUE(client.AtEnd());
  EXPECT_EQ(1, server.handler.closed);
}

}  // namespace
}  // namespace pinion::net::testing
