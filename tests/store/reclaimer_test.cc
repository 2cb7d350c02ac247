// The reclaimer: jobs run in order, elsewhere, and none is lost.
#include "store/reclaimer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace pinion::store {
namespace {

TEST(ReclaimerTest, RunsJobsInOrderOnItsOwnThread) {
  Reclaimer r;
  std::vector<int> order;
  std::thread::id where;
  for (int i = 0; i < 1000; ++i) {
    r.Add([&, i] {
      order.push_back(i);
      where = std::this_thread::get_id();
    });
  }
  r.Drain();
  EXPECT_EQ(r.pending_objects(), 0u);
  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST(ReclaimerTest, DrainsAtOnceWhenNothingWasGiven) {
  Reclaimer r;
  r.Drain();
  EXPECT_EQ(r.pending_objects(), 0u);
}

TEST(ReclaimerTest, CountsWhatIsNotFinished) {
  Reclaimer r;
  std::atomic<bool> go{false};
  r.Add([&] { go.wait(false); });
  r.Add([] {});
  EXPECT_EQ(r.pending_objects(), 2u);
  go = true;
  go.notify_all();
  r.Drain();
  EXPECT_EQ(r.pending_objects(), 0u);
}

TEST(ReclaimerTest, CountsTheObjectsOfAJob) {
  Reclaimer r;
  std::atomic<bool> go{false};
  r.Add([&] { go.wait(false); }, 5);
  r.Add([] {}, 100);
  EXPECT_EQ(r.pending_objects(), 105u);
  EXPECT_EQ(r.freed_objects(), 0u);
  go = true;
  go.notify_all();
  r.Drain();
  EXPECT_EQ(r.pending_objects(), 0u);
  EXPECT_EQ(r.freed_objects(), 105u);
  r.ResetFreed();
  EXPECT_EQ(r.freed_objects(), 0u);
}

TEST(ReclaimerTest, FreesWhatAJobHoldsBeforeItCountsAsFinished) {
  Reclaimer r;
  const auto held = std::make_shared<int>(1);
  r.Add([held] {});
  r.Drain();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ReclaimerTest, FinishesEverythingBeforeItGoes) {
  std::atomic<int> done{0};
  {
    Reclaimer r;
    for (int i = 0; i < 100; ++i) {
      r.Add([&] {
        std::this_thread::yield();
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 100);
}

TEST(ReclaimerTest, TakesJobsFromManyThreads) {
  std::atomic<int> done{0};
  Reclaimer r;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) r.Add([&] { ++done; });
      r.Drain();
    });
  }
  for (std::thread& t : threads) t.join();
  r.Drain();
  EXPECT_EQ(done, 2000);
}

}  // namespace
}  // namespace pinion::store
