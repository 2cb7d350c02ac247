// Tests of the shared byte string: sharing, growth and raw storage.
#include "base/blob.h"

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion {
namespace {

TEST(Blob, IsEmptyWhenDefaultMade) {
  const Blob blob;
  EXPECT_FALSE(blob);
  EXPECT_FALSE(blob.unique());
  EXPECT_EQ(blob.view(), "");
  EXPECT_EQ(blob.size(), 0u);
  EXPECT_EQ(blob.allocated(), 0u);
}

TEST(Blob, HoldsACopyOfItsBytes) {
  std::string source("with\0nul", 8);
  const Blob blob = Blob::CopyOf(source);
  source.assign(8, '-');
  EXPECT_EQ(blob.view(), std::string_view("with\0nul", 8));
  EXPECT_GE(blob.capacity(), 8u);
  EXPECT_GT(blob.allocated(), 8u);
}

TEST(Blob, OfNoBytesIsStillABlob) {
  const Blob blob = Blob::CopyOf({});
  EXPECT_TRUE(blob);
  EXPECT_TRUE(blob.unique());
  EXPECT_EQ(blob.size(), 0u);
}

TEST(Blob, HasTheCapacityAskedForAndNoMore) {
  EXPECT_GE(Blob::WithSize(10).capacity(), 10u);
  EXPECT_GE(Blob::WithSize(10, 100).capacity(), 100u);
  EXPECT_GE(Blob::WithSize(10, 5).capacity(), 10u);
}

TEST(Blob, RefusesASizeThatCannotBe) {
  EXPECT_THROW((void)Blob::WithSize(~size_t{0} - 8), std::bad_alloc);
  Blob blob = Blob::CopyOf("x");
  EXPECT_THROW(blob.Resize(~size_t{0} / 2 + 1), std::bad_alloc);
  EXPECT_EQ(blob.view(), "x");
}

TEST(Blob, IsSharedByItsCopies) {
  Blob a = Blob::CopyOf("value");
  EXPECT_TRUE(a.unique());
  {
    const Blob b = a;
    EXPECT_FALSE(a.unique());
    EXPECT_EQ(b.view().data(), a.view().data());
  }
  EXPECT_TRUE(a.unique());
  Blob c = std::move(a);
  EXPECT_FALSE(a);  // NOLINT: a moved-from handle is empty
  EXPECT_TRUE(c.unique());
  a = c;
  EXPECT_FALSE(c.unique());
  a = Blob();
  EXPECT_TRUE(c.unique());
}

TEST(Blob, SurvivesAssignmentToItself) {
  Blob a = Blob::CopyOf("value");
  Blob& same = a;
  a = same;
  EXPECT_EQ(a.view(), "value");
  EXPECT_TRUE(a.unique());
}

TEST(Blob, ResizeOfASharedOneLeavesTheOtherHandleAlone) {
  Blob a = Blob::CopyOf("value");
  const Blob b = a;
  a.Resize(3);
  a.data()[0] = 'V';
  EXPECT_EQ(a.view(), "Val");
  EXPECT_EQ(b.view(), "value");
  EXPECT_TRUE(a.unique());
  EXPECT_TRUE(b.unique());
}

TEST(Blob, ResizeOfASharedOneToItsOwnSizeMakesItUnique) {
  Blob a = Blob::CopyOf("value");
  const Blob b = a;
  a.Resize(5);
  EXPECT_TRUE(a.unique());
  EXPECT_EQ(a.view(), b.view());
}

TEST(Blob, ResizeOfAnEmptyHandleAllocates) {
  Blob blob;
  blob.Resize(4);
  ASSERT_EQ(blob.size(), 4u);
  blob.data()[3] = 'x';
  EXPECT_EQ(blob.view()[3], 'x');
}

TEST(Blob, GrowsByDoublingUpToAMebibyteOfSlack) {
  Blob blob = Blob::CopyOf("abc");
  blob.Resize(100);
  EXPECT_GE(blob.capacity(), 200u);
  EXPECT_EQ(blob.view().substr(0, 3), "abc");
  const char* const bytes = blob.view().data();
  blob.Resize(200);
  EXPECT_EQ(blob.view().data(), bytes) << "growth within the capacity must not move the bytes";
  blob.Resize(5'000'000);
  EXPECT_GE(blob.capacity(), 5'000'000u + 1024 * 1024);
  EXPECT_LT(blob.capacity(), 5'000'000u + 1024 * 1024 + 65'536);
  EXPECT_EQ(blob.view().substr(0, 3), "abc");
  blob.Resize(2);
  EXPECT_EQ(blob.view(), "ab");
}

TEST(Blob, GoesThroughARawWordAndBack) {
  Blob a = Blob::CopyOf("value");
  void* const word = a.Release();
  EXPECT_FALSE(a);
  const Blob b = Blob::Adopt(word);
  EXPECT_EQ(b.view(), "value");
  EXPECT_TRUE(b.unique());
}

TEST(Blob, BehavesAsAStringUnderRandomResizes) {
  Random random(7);
  Blob blob = Blob::CopyOf("");
  std::string model;
  std::vector<std::pair<Blob, std::string>> snapshots;
  for (int i = 0; i < 5000; ++i) {
    const size_t old_size = model.size();
    const size_t size = random.Below(4096);
    blob.Resize(size);
    model.resize(size);
    for (size_t at = std::min(old_size, size); at < size; ++at) {
      model[at] = static_cast<char>(random.Next());
      blob.data()[at] = model[at];
    }
    if (random.Below(4) == 0) snapshots.emplace_back(blob, model);
    if (snapshots.size() > 16) snapshots.erase(snapshots.begin());
    ASSERT_EQ(blob.view(), model);
  }
  for (const auto& [b, m] : snapshots) EXPECT_EQ(b.view(), m);
}

TEST(Blob, LargeOnesKeepTheirBytesWhenTheyGrow) {
  Blob blob = Blob::WithSize(3 << 20);
  std::memset(blob.data(), 'a', blob.size());
  for (const size_t size : {size_t{5} << 20, size_t{6} << 20, size_t{40} << 20}) {
    const size_t before = blob.size();
    blob.Resize(size);
    ASSERT_EQ(blob.size(), size);
    ASSERT_EQ(blob.view().substr(0, before).find_first_not_of('a'), std::string_view::npos);
    std::memset(blob.data() + before, 'a', size - before);
  }
  const Blob shared = blob;
  blob.Resize(41 << 20);
  EXPECT_EQ(shared.view(), blob.view().substr(0, shared.size()));
}

TEST(Blob, HandlesMayBeDroppedOnAnyThread) {
  Blob blob = Blob::CopyOf("shared");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([copy = blob] {
      for (int i = 0; i < 10'000; ++i) {
        const Blob another = copy;
        ASSERT_EQ(another.view(), "shared");
      }
    });
  }
  for (std::thread& t : threads) t.join();
  threads.clear();
  EXPECT_TRUE(blob.unique());
}

}  // namespace
}  // namespace pinion
