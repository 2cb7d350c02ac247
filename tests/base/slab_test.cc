// The slab: blocks are apart, of the size asked for, go back to where they came from, and leave no memory behind.
#include "base/slab.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "base/random.h"

namespace pinion {
namespace {

struct Piece {
  unsigned char* at;
  size_t size;
  unsigned char mark;
};

Piece Take(size_t size, unsigned char mark) {
  auto* at = static_cast<unsigned char*>(Slab::Allocate(size));
  std::memset(at, mark, size);
  return {at, size, mark};
}

bool Intact(const Piece& p) {
  for (size_t i = 0; i < p.size; ++i) {
    if (p.at[i] != p.mark) return false;
  }
  return true;
}

TEST(SlabTest, BlocksAreAlignedAndHoldWhatIsWrittenToThem) {
  for (size_t size = 1; size <= 2 * Slab::kMaxSize; ++size) {
    std::vector<Piece> pieces;
    for (int i = 0; i < 40; ++i) pieces.push_back(Take(size, static_cast<unsigned char>(i)));
    for (const Piece& p : pieces) {
      ASSERT_EQ(reinterpret_cast<uintptr_t>(p.at) % 8, 0u);
      ASSERT_TRUE(Intact(p));
      Slab::Free(p.at, p.size);
    }
  }
}

TEST(SlabTest, PackedBlocksStandCloserAndHoldWhatIsWrittenToThem) {
  for (size_t size = 1; size <= 2 * Slab::kMaxSize; ++size) {
    std::vector<Piece> pieces;
    for (int i = 0; i < 40; ++i) {
      auto* at = static_cast<unsigned char*>(Slab::AllocatePacked(size));
      ASSERT_EQ(reinterpret_cast<uintptr_t>(at) % 4, 0u);
      std::memset(at, i, size);
      pieces.push_back({at, size, static_cast<unsigned char>(i)});
    }
    // Every other one goes and comes again, so that freed blocks are linked beside living ones.
    for (size_t i = 0; i < pieces.size(); i += 2) Slab::FreePacked(pieces[i].at, size);
    for (size_t i = 0; i < pieces.size(); i += 2) {
      pieces[i].at = static_cast<unsigned char*>(Slab::AllocatePacked(size));
      std::memset(pieces[i].at, pieces[i].mark, size);
    }
    for (const Piece& p : pieces) {
      ASSERT_TRUE(Intact(p)) << size;
      Slab::FreePacked(p.at, size);
    }
  }
}

TEST(SlabTest, RandomTakingAndGivingBackKeepsBlocksApart) {
  Random random(5);
  std::vector<Piece> pieces;
  for (int step = 0; step < 400'000; ++step) {
    const bool filling = step / 50'000 % 2 == 0;
    if (pieces.empty() || random.Below(10) < (filling ? 7 : 3)) {
      pieces.push_back(Take(1 + random.Below(random.Below(4) ? 120 : 700), static_cast<unsigned char>(step)));
      continue;
    }
    const size_t i = random.Below(pieces.size());
    ASSERT_TRUE(Intact(pieces[i])) << step;
    Slab::Free(pieces[i].at, pieces[i].size);
    pieces[i] = pieces.back();
    pieces.pop_back();
  }
  for (const Piece& p : pieces) {
    ASSERT_TRUE(Intact(p));
    Slab::Free(p.at, p.size);
  }
}

TEST(SlabTest, BlocksMayBeFreedByAnyThread) {
  constexpr int kThreads = 4, kRounds = 30'000;
  std::mutex mutex;
  std::vector<Piece> market;  // guarded by mutex
  std::atomic<int> broken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Random random(static_cast<uint64_t>(t));
      for (int i = 0; i < kRounds; ++i) {
        const Piece mine = Take(1 + random.Below(600), static_cast<unsigned char>(t * 50 + i % 50));
        Piece other;
        {
          const std::lock_guard lock(mutex);
          market.push_back(mine);
          if (market.size() < 500) continue;
          std::swap(market[random.Below(market.size())], market.back());
          other = market.back();
          market.pop_back();
        }
        if (!Intact(other)) ++broken;
        Slab::Free(other.at, other.size);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  for (const Piece& p : market) {
    if (!Intact(p)) ++broken;
    Slab::Free(p.at, p.size);
  }
  EXPECT_EQ(broken, 0);
}

#if !defined(PINION_SANITIZED)
TEST(SlabTest, AClassIsEightBytesWideAndFourForPackedRecords) {
  for (size_t size = 1; size <= Slab::kMaxSize; ++size) {
    EXPECT_GE(Slab::GoodSize(size), size);
    EXPECT_LT(Slab::GoodSize(size), size + 8);
    EXPECT_GE(Slab::PackedSize(size), size);
    EXPECT_LT(Slab::PackedSize(size), size + 4);
  }
}

TEST(SlabTest, ABlockGivenBackIsTheNextOneOfItsSize) {
  for (const size_t size : {8u, 87u, 96u, 512u}) {
    void* const block = Slab::Allocate(size);
    Slab::Free(block, size);
    void* const again = Slab::Allocate(Slab::GoodSize(size));
    EXPECT_EQ(again, block);
    Slab::Free(again, size);
  }
}
#endif

}  // namespace
}  // namespace pinion
