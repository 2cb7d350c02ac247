// The gate: whoever is alone is alone, everybody gets through, and what one side wrote the other sees.
#include "store/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace pinion::store {
namespace {

TEST(GateTest, ParticipantsAreInsideTogether) {
  Gate gate(3);
  gate.Enter(0);
  gate.Enter(1);
  gate.Enter(2);
  gate.Leave(1);
  gate.Enter(1);
  for (size_t i = 0; i < 3; ++i) gate.Leave(i);
}

TEST(GateTest, TheOnlyParticipantBecomesAloneAtOnce) {
  Gate gate(1);
  for (int i = 0; i < 3; ++i) {
    gate.Enter(0);
    gate.BeginExclusive(0);
    gate.EndExclusive(0);
    gate.Leave(0);
    gate.LockOutside();
    gate.UnlockOutside();
  }
}

TEST(GateTest, BeingAloneWaitsForThoseInsideAndKeepsOthersOut) {
  Gate gate(2);
  std::atomic<int> stage{0};
  gate.Enter(0);
  std::thread outsider([&] {
    gate.LockOutside();
    stage = 1;
    while (stage != 2) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stage = 3;
    gate.UnlockOutside();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(stage, 0);  // participant 0 is still inside
  gate.Leave(0);
  while (stage != 1) std::this_thread::yield();
  stage = 2;
  gate.Enter(1);
  EXPECT_EQ(stage, 3);
  gate.Leave(1);
  outsider.join();
}

TEST(GateTest, AfterBeingAloneTheParticipantIsInside) {
  Gate gate(2);
  gate.Enter(0);
  gate.BeginExclusive(0);
  gate.EndExclusive(0);
  std::atomic<bool> alone{false};
  std::thread outsider([&] {
    gate.LockOutside();
    alone = true;
    gate.UnlockOutside();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(alone);
  gate.Leave(0);
  outsider.join();
  EXPECT_TRUE(alone);
}

// Participants that read and write their own part, some of whom now and then want to be alone, and a thread that is none of them.
TEST(GateTest, KeepsItsPromisesUnderStress) {
  constexpr size_t kParticipants = 4;
  constexpr int kRounds = 8000;
  Gate gate(kParticipants);
  int64_t parts[kParticipants] = {};  // each written by its participant inside, or by whoever is alone
  int64_t alone_count = 0;            // written by whoever is alone
  int64_t times_alone = 0;
  std::atomic<int> inside{0};
  std::atomic<bool> broken{false};
  const auto be_alone = [&] {
    if (inside.load() != 0) broken = true;
    for (int64_t& p : parts) ++p;
    ++alone_count;
    if (inside.load() != 0) broken = true;
  };
  std::vector<std::thread> threads;
  std::atomic<int64_t> wanted_alone{0};
  for (size_t t = 0; t < kParticipants; ++t) {
    threads.emplace_back([&, t] {
      int64_t seen = 0;
      for (int i = 0; i < kRounds; ++i) {
        gate.Enter(t);
        ++inside;
        ++parts[t];
        if (alone_count < seen) broken = true;
        seen = alone_count;
        --inside;
        if (i % 100 == static_cast<int>(t)) {
          gate.BeginExclusive(t);
          be_alone();
          ++wanted_alone;
          gate.EndExclusive(t);
          ++inside;
          ++parts[t];
          --inside;
        }
        gate.Leave(t);
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < 200; ++i) {
      gate.LockOutside();
      be_alone();
      ++wanted_alone;
      gate.UnlockOutside();
      std::this_thread::yield();
    }
  });
  for (std::thread& t : threads) t.join();
  times_alone = wanted_alone;
  EXPECT_FALSE(broken);
  EXPECT_EQ(alone_count, times_alone);
  for (const int64_t p : parts) EXPECT_EQ(p, kRounds + kRounds / 100 + times_alone);
}

}  // namespace
}  // namespace pinion::store
