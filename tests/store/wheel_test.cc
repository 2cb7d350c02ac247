// The timing wheel against a sorted model: exactness, budgets, phases, far deadlines and clocks that go back.
#include "store/wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "tests/store/store_test_util.h"

namespace pinion::store {
namespace {

constexpr UnixMillis kWheelStart = 1'750'000'000'123;
constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();
const std::vector<uint64_t> kPhases = {0, 1, 4096, 0xFFFF'FFFFull << 12, 12345ull << 12, 999'999'999};

// A wheel that owns its entries, beside the sorted model of what it should hold.
class Deadlines {
 public:
  Deadlines(UnixMillis now, uint64_t phase) : wheel(now, phase), now_(now) {}

  Entry* Insert(UnixMillis deadline) {
    EntryPtr made = MakeEntry("k", "", deadline);
    Entry* e = made.get();
    const UnixMillis at = wheel.Insert(e, now_);
    EXPECT_LE(at, std::max(deadline, now_ + static_cast<UnixMillis>(Wheel::kSetBack)));
    EXPECT_LE(wheel.NextEvent(), at);
    where_[e] = model.emplace(deadline, std::move(made));
    order_at_[e] = order_.size();
    order_.push_back(e);
    return e;
  }
  EntryPtr Forget(Entry* e) {
    const auto it = where_.at(e);
    EntryPtr owned = std::move(it->second);
    model.erase(it);
    where_.erase(e);
    const size_t at = order_at_.at(e);
    order_at_.erase(e);
    if (at + 1 != order_.size()) {
      order_[at] = order_.back();
      order_at_[order_[at]] = at;
    }
    order_.pop_back();
    return owned;
  }
  void Remove(Entry* e) {
    wheel.Remove(e);
    EXPECT_EQ(e->wheel_position(), Entry::kNotInWheel);
    Forget(e);
  }
  void SetTime(UnixMillis now) { now_ = now; }
  Entry* Any(Random* random) { return order_[random->Below(order_.size())]; }

  // Advances to `now` with one call; nothing may come out early.
  size_t AdvanceOnce(UnixMillis now, size_t budget = kNoLimit) {
    now_ = now;
    return wheel.Advance(now, budget, [&](Entry* e) {
      ASSERT_LE(e->deadline(), now);
      ASSERT_EQ(e->wheel_position(), Entry::kNotInWheel);
      ++expired;
      Forget(e);  // deletes it
    });
  }
  // The same until the wheel says that it is done; nothing due may stay.
  void AdvanceFully(UnixMillis now, size_t budget = kNoLimit) {
    while (AdvanceOnce(now, budget) >= budget) {
    }
    ASSERT_TRUE(model.empty() || model.begin()->first > now);
    ASSERT_EQ(wheel.size(), model.size());
    ASSERT_TRUE(wheel.NextEvent() > now || now == kForever);
    ASSERT_LE(wheel.NextEvent(), model.empty() ? kForever : model.begin()->first);
  }

  Wheel wheel;
  std::multimap<UnixMillis, EntryPtr> model;
  size_t expired = 0;

 private:
  UnixMillis now_;
  std::unordered_map<Entry*, std::multimap<UnixMillis, EntryPtr>::iterator> where_;
  std::unordered_map<Entry*, size_t> order_at_;
  std::vector<Entry*> order_;
};

// Times from now of all magnitudes: 2^0 to 2^bits.
int64_t AnyMagnitude(Random* random, unsigned bits) {
  const uint64_t n = random->Below(bits + 1);
  return n == 0 ? 0 : static_cast<int64_t>(random->Next() >> (64 - n));
}

TEST(WheelTest, AnEmptyWheelWaitsForNothing) {
  Wheel w(kWheelStart, 4096);
  EXPECT_EQ(w.NextEvent(), kForever);
  EXPECT_EQ(w.Advance(kWheelStart + 1'000'000'000, 10, [](Entry*) { FAIL(); }), 0u);
  EXPECT_EQ(w.NextEvent(), kForever);
  EXPECT_EQ(w.size(), 0u);
}

TEST(WheelTest, EachDeadlineExpiresInItsOwnMillisecond) {
  for (const uint64_t phase : kPhases) {
    Deadlines d(kWheelStart, phase);
    for (int64_t after = 1; after < 10'000; after += 1 + after / 50) d.Insert(kWheelStart + after);
    const size_t all = d.model.size();
    for (UnixMillis now = kWheelStart; !d.model.empty(); ++now) {
      d.AdvanceFully(now);
      if (HasFatalFailure()) return;
    }
    EXPECT_EQ(d.expired, all);
  }
}

struct Mix {
  const char* name;
  unsigned deadline_bits;  // how far ahead deadlines go, as a power of two
  unsigned step_bits;      // how far time goes at a step
  size_t most;             // entries
};
class WheelModelTest : public testing::TestWithParam<Mix> {};

TEST_P(WheelModelTest, AgreesWithTheModel) {
  const Mix& mix = GetParam();
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed * 77 + mix.deadline_bits);
    UnixMillis now = kWheelStart + static_cast<int64_t>(random.Below(1 << 30));
    Deadlines d(now, kPhases[seed % kPhases.size()] + (seed >= 15 ? random.Below(1ull << 44) : 0));
    for (int step = 0; step < 1500; ++step) {
      for (uint64_t i = random.Below(6); i > 0 && d.model.size() < mix.most; --i) {
        const int64_t ahead = AnyMagnitude(&random, mix.deadline_bits);
        switch (random.Below(10)) {
          case 0: d.Insert(ahead < now ? now - ahead : 0); break;
          case 1: d.Insert(now); break;
          default: d.Insert(ahead > kForever - now ? kForever : now + ahead);
        }
      }
      if (!d.model.empty() && random.Below(3) == 0) d.Remove(d.Any(&random));
      if (random.Below(4) == 0) {
        d.AdvanceFully(now);
      } else {
        // Interrupted early, so that inserts and removals meet a half-spread wheel.
        d.AdvanceOnce(now, 1 + random.Below(4));
      }
      if (HasFatalFailure()) FAIL() << "seed " << seed << " step " << step;
      now += AnyMagnitude(&random, mix.step_bits);
      if (now < 0 || now > kForever / 2) break;
    }
    d.AdvanceFully(now, 7);
    while (!d.model.empty() && !HasFatalFailure()) d.AdvanceFully(d.model.begin()->first);
    EXPECT_EQ(d.wheel.NextEvent(), kForever);
  }
}
INSTANTIATE_TEST_SUITE_P(Mixes, WheelModelTest,
                         testing::Values(Mix{"near", 7, 4, 200}, Mix{"seconds", 13, 10, 500},
                                         Mix{"minutes", 18, 15, 500}, Mix{"days", 28, 24, 500},
                                         Mix{"years", 40, 34, 300}, Mix{"ages", 63, 50, 300},
                                         Mix{"idle", 20, 21, 20}, Mix{"crowded", 10, 2, 5000}),
                         [](const auto& info) { return info.param.name; });

TEST(WheelTest, DeadlinesInThePastAreDueAtOnce) {
  for (const uint64_t phase : kPhases) {
    for (const UnixMillis past : {kWheelStart, kWheelStart - 1, UnixMillis{1}, UnixMillis{0}, UnixMillis{-2},
                                  std::numeric_limits<int64_t>::min()}) {
      Deadlines d(kWheelStart, phase);
      d.Insert(past);
      EXPECT_LE(d.wheel.NextEvent(), kWheelStart);
      d.AdvanceFully(kWheelStart);
      EXPECT_EQ(d.expired, 1u) << past;
    }
  }
}

TEST(WheelTest, TheFarthestDeadlineIsReachedInOneStepALevel) {
  for (const uint64_t phase : kPhases) {
    for (const UnixMillis deadline :
         {kWheelStart + 1, kWheelStart + 64, kWheelStart + 3'600'000, kWheelStart + 86'400'000,
          kWheelStart + 31'536'000'000,
          UnixMillis{1} << 45, UnixMillis{1} << 62, kForever - 1, kForever}) {
      Deadlines d(kWheelStart, phase);
      d.Insert(deadline);
      int wakes = 0;
      UnixMillis last = kWheelStart;
      while (!d.model.empty()) {
        const UnixMillis next = d.wheel.NextEvent();
        ASSERT_GT(next, last);
        ASSERT_LE(next, deadline);
        last = next;
        d.AdvanceFully(next);
        ASSERT_LE(++wakes, 11) << deadline;
      }
    }
  }
}

TEST(WheelTest, AnIdleWheelIsNotWokenBeforeItsFirstDeadlineIsNear) {
  // One deadline a second ahead, put off again and again, as a busy session key does.
  Deadlines d(kWheelStart, 4096);
  Entry* e = d.Insert(kWheelStart + 1000);
  int wakes = 0;
  for (UnixMillis now = kWheelStart; now < kWheelStart + 100'000; now += 10) {
    while (d.wheel.NextEvent() <= now) {
      d.AdvanceFully(now);
      ++wakes;
    }
    d.Remove(e);
    e = d.Insert(now + 1000);
  }
  EXPECT_LE(wakes, 110);
  EXPECT_EQ(d.expired, 0u);
}

TEST(WheelTest, AMillionKeysOnOneTickAllExpireAndGiveTheirMemoryBack) {
  std::vector<EntryPtr> entries;
  Wheel w(kWheelStart, 4096);
  const size_t empty = w.bytes();
  for (int i = 0; i < 1'000'000; ++i) {
    entries.push_back(MakeEntry("k", "", kWheelStart + 5000));
    w.Insert(entries.back().get(), kWheelStart);
  }
  EXPECT_LT(w.bytes(), 1'000'000u * 11 + 10'000);
  size_t expired = 0;
  w.Advance(kWheelStart + 4999, kNoLimit, [&](Entry*) { ++expired; });
  EXPECT_EQ(expired, 0u);
  size_t calls = 0;
  while (w.NextEvent() <= kWheelStart + 5000) {
    EXPECT_LE(w.Advance(kWheelStart + 5000, 1000, [&](Entry*) { ++expired; }), 1000u);
    ++calls;
  }
  EXPECT_EQ(expired, 1'000'000u);
  EXPECT_LE(calls, 1'000'000u * 3 / 1000);
  EXPECT_EQ(w.size(), 0u);
  EXPECT_LT(w.bytes(), empty + 10'000);  // the levels stay
}

TEST(WheelTest, BudgetBoundsWhatOneCallDoes) {
  Deadlines d(kWheelStart, 0);
  for (int i = 0; i < 5000; ++i) d.Insert(kWheelStart + 1'000'000 + i % 50);
  for (const size_t budget : {1u, 10u, 64u}) {
    const size_t before = d.expired;
    EXPECT_EQ(d.AdvanceOnce(kWheelStart + 2'000'000, budget), budget);
    EXPECT_LE(d.expired - before, budget);
  }
  d.AdvanceFully(kWheelStart + 2'000'000, 64);
  EXPECT_EQ(d.expired, 5000u);
}

TEST(WheelTest, ASmallStepBackOfTheClockExpiresNothingEarly) {
  Deadlines d(kWheelStart, 0);
  d.Insert(kWheelStart + 100);
  d.AdvanceFully(kWheelStart + 50);
  EXPECT_EQ(d.AdvanceOnce(kWheelStart, 10), 0u);
  Entry* e = d.Insert(kWheelStart + 20);  // before the wheel's own time, but ahead of the clock
  EXPECT_EQ(d.AdvanceOnce(kWheelStart + 10, 10), 0u);
  EXPECT_EQ(d.expired, 0u);
  d.Remove(e);
  d.Insert(kWheelStart + 30);
  d.AdvanceFully(kWheelStart + 51);
  EXPECT_EQ(d.expired, 1u);
  d.AdvanceFully(kWheelStart + 100);
  EXPECT_EQ(d.expired, 2u);
}

TEST(WheelTest, AWheelGoesBackWithAClockThatIsSetBack) {
  for (const uint64_t phase : kPhases) {
    for (const bool through_insert : {true, false}) {
      Random random(phase);
      Deadlines d(kWheelStart, phase);
      for (int i = 0; i < 3000; ++i) d.Insert(kWheelStart + AnyMagnitude(&random, 30));
      d.AdvanceFully(kWheelStart + 5000);
      if (phase == 4096) {
        // Left with a full slot half expired,
        for (int i = 0; i < 100; ++i) d.Insert(kWheelStart + 5001);
        const size_t expired = d.expired;
        while (d.expired == expired) d.AdvanceOnce(kWheelStart + 5001, 1);
      } else {
        d.AdvanceOnce(kWheelStart + 1'000'000, 10);  // or half spread.
      }
      const UnixMillis back = kWheelStart - 3'600'000;
      d.SetTime(back);
      if (through_insert) {
        d.Insert(back + 10);
        EXPECT_LE(d.wheel.NextEvent(), back + 10);
      }
      const size_t before = d.expired;
      d.AdvanceFully(back, 100);
      EXPECT_EQ(d.expired, before);
      for (int i = 0; i < 300; ++i) d.Insert(back + AnyMagnitude(&random, 20));
      UnixMillis now = back;
      while (!d.model.empty() && !HasFatalFailure()) {
        if (random.Below(2) == 0) d.Remove(d.Any(&random));
        now += AnyMagnitude(&random, 22);
        d.AdvanceFully(now, 50);
      }
      EXPECT_EQ(d.wheel.size(), 0u);
    }
  }
}

TEST(WheelTest, SamplesEveryEntryEquallyOftenWhereverItStands) {
  constexpr int kEntries = 60, kDraws = 60'000;
  Deadlines d(kWheelStart, 0);
  Random random(8);
  std::unordered_map<const Entry*, int> counts;
  EXPECT_EQ(d.wheel.Sample(random), nullptr);
  for (int i = 0; i < kEntries / 3; ++i) {
    counts[d.Insert(kWheelStart - 5)] = 0;                // due
    counts[d.Insert(kWheelStart + 1 + i)] = 0;            // in the lowest level
    counts[d.Insert(kWheelStart + (int64_t{1} << i))] = 0;  // in any
  }
  for (int i = 0; i < kDraws; ++i) ++counts.at(d.wheel.Sample(random));
  for (const auto& [e, n] : counts) EXPECT_NEAR(n, kDraws / kEntries, 190);  // six standard deviations
}

TEST(WheelTest, ADeadlineInTheWheelCostsLittleMoreThanAWord) {
  Random random(2);
  std::vector<EntryPtr> entries;
  Wheel w(kWheelStart, 0);
  for (int i = 0; i < 100'000; ++i) {
    entries.push_back(MakeEntry("k", "", kWheelStart + static_cast<int64_t>(random.Below(3'600'000))));
    w.Insert(entries.back().get(), kWheelStart);
  }
  // With the entry's own nine bytes: at most twenty in all.
  EXPECT_LE(static_cast<double>(w.bytes()) / 100'000, 11.0);
}

}  // namespace
}  // namespace pinion::store
