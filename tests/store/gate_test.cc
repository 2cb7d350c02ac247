// The gate: whoever is alone is alone, everybody gets through, and what one side wrote the other sees.
#include "store/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
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

// Participants that read and write their own part, some of whom now and then want to be alone, and a thread that is
// none of them.
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

// A script's way to be alone: accounts in shards, transfers under two locks, scripts that lock one shard, change it,
// and then upgrade to change another.
TEST(GateTest, AScriptBecomesAloneBetweenWaitersForItsShard) {
  constexpr size_t kParticipants = 4;
  constexpr int kShards = 3, kRounds = 3000;
  Gate gate(kParticipants);
  struct Account {
    SmallMutex mutex;
    int64_t money = 1000;
  } accounts[kShards];
  std::mutex turn;   // one script at a time, waited for outside
  std::atomic<bool> broken{false};
  const auto sum = [&] { return accounts[0].money + accounts[1].money + accounts[2].money; };
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kParticipants; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        const size_t from = (t + static_cast<size_t>(i)) % kShards;
        const size_t to = (from + 1) % kShards;
        if (i % 8 == 0) {
          std::lock_guard lock(turn);
          gate.Enter(t);
          accounts[from].mutex.lock();
          accounts[from].money -= 7;
          gate.Upgrade(t);
          accounts[to].money += 7;
          if (sum() != 3000) broken = true;
          accounts[from].mutex.unlock();
          gate.Downgrade();
          gate.Leave(t);
          continue;
        }
        gate.Enter(t);
        accounts[from].mutex.lock();
        if (accounts[to].mutex.try_lock()) {
          accounts[from].money -= 1;
          accounts[to].money += 1;
          accounts[to].mutex.unlock();
        }
        accounts[from].mutex.unlock();
        if (i % 64 == 1) {
          gate.BeginExclusive(t);
          if (sum() != 3000) broken = true;
          gate.EndExclusive(t);
        }
        gate.Leave(t);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_FALSE(broken);
  EXPECT_EQ(sum(), 3000);
}

TEST(GateTest, ABusyScriptThrowsOutItsWaitersAndReceivesThemAsGuests) {
  Gate gate(4);
  SmallMutex shard;
  gate.Enter(0);
  shard.lock();
  std::atomic<int> thrown{0}, guests{0};
  std::atomic<bool> alone{true};
  const auto be_guest = [&](size_t participant) {
    // Until the script is alone one may still come in as before.
    while (gate.Enter(participant) == Gate::Side::kShared) gate.Leave(participant);
    EXPECT_TRUE(alone.exchange(false));
    ++guests;
    alone = true;
    gate.Leave(participant);
  };
  std::atomic<int> inside{0};
  std::thread for_shard([&] {
    EXPECT_EQ(gate.Enter(1), Gate::Side::kShared);
    ++inside;
    EXPECT_THROW(shard.lock(), ScriptBusy);
    ++thrown;
    be_guest(1);
  });
  while (inside < 1) {  // whoever wants to be alone keeps newcomers out
  }
  std::thread for_exclusion([&] {
    EXPECT_EQ(gate.Enter(2), Gate::Side::kShared);
    ++inside;
    EXPECT_THROW(gate.BeginExclusive(2), ScriptBusy);
    ++thrown;
    be_guest(2);
  });
  while (inside < 2) {
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  gate.BeginBusy();
  gate.Upgrade(0);
  std::thread newcomer([&] { be_guest(3); });
  while (guests < 3) gate.ReceiveGuests();
  EXPECT_EQ(thrown, 2);
  for (std::thread* t : {&for_shard, &for_exclusion, &newcomer}) t->join();
  gate.EndBusy();
  gate.Downgrade();
  shard.unlock();
  gate.Leave(0);
  EXPECT_EQ(gate.Enter(1), Gate::Side::kShared);
  gate.Leave(1);
}

}  // namespace
}  // namespace pinion::store
