// Lists in both encodings: against a deque of strings, and where one becomes the other.
#include "types/list.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/random.h"

namespace pinion::types {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

constexpr ListLimit kDefaultList(-2);

std::string Text(const ListpackItem& item) {
  char scratch[kMaxInt64Text];
  return std::string(item.View(scratch));
}

std::vector<std::string> Elements(const List& list) {
  std::vector<std::string> out;
  list.ForEach([&](const ListpackItem& item) { out.push_back(Text(item)); });
  return out;
}

std::vector<std::string> Backwards(const List& list) {
  std::vector<std::string> out;
  list.Walk(ListEnd::kTail, [&](const ListpackItem& item) {
    out.push_back(Text(item));
    return true;
  });
  return out;
}

std::vector<std::string> Range(const List& list, size_t index, size_t count) {
  std::vector<std::string> out;
  list.ForEachRun(index, count, [&](const ListRun& run) {
    if (run.first == nullptr) {
      out.emplace_back(run.plain);
      return;
    }
    const uint8_t* p = run.first;
    for (size_t i = 0; i < run.count; ++i, p += listpack_format::BytesOfElementAt(p)) {
      out.push_back(Text(ListpackView::Get(p)));
    }
    EXPECT_LE(static_cast<size_t>(p - run.first), run.bytes);
  });
  return out;
}

List Make(const std::vector<std::string>& elements, const ListLimit& limit = kDefaultList) {
  List list;
  for (const std::string& e : elements) list.Push(ListEnd::kTail, e, limit);
  return list;
}

std::vector<std::string> Numbered(size_t n, size_t bytes = 0) {
  std::vector<std::string> out;
  for (size_t i = 0; i < n; ++i) out.push_back("item:" + std::to_string(i) + std::string(bytes, '.'));
  return out;
}

// --- against a deque ----------------------------------------------------------------------------------------

// One list and its model; every step does the same to both.
class ListModel {
 public:
  ListModel(uint64_t seed, ListLimit limit, size_t most_bytes)
      : random_(seed), limit_(limit), most_bytes_(most_bytes) {}

  void Step() {
    const size_t n = model_.size();
    switch (random_.Below(n > 300 ? 14 : 11)) {
      case 0: case 1: case 2: return Push(ListEnd::kHead);
      case 3: case 4: case 5: return Push(ListEnd::kTail);
      case 6: return Insert();
      case 7: return n == 0 ? Push(ListEnd::kHead) : Set();
      case 8: return Remove();
      case 9: return Pop(random_.Below(2) == 0 ? ListEnd::kHead : ListEnd::kTail);
      case 10: return FindAll();
      default: return n == 0 ? Push(ListEnd::kTail) : Erase();
    }
  }

  void Check() const {
    ASSERT_EQ(list_.size(), model_.size());
    ASSERT_THAT(Elements(list_), ElementsAreArray(model_));
    ASSERT_TRUE(std::equal(model_.rbegin(), model_.rend(), Backwards(list_).begin()));
    for (size_t i = 0; i < model_.size(); i += 7) ASSERT_EQ(Text(list_.Get(i)), model_[i]);
    const List copy = list_.Clone();
    ASSERT_THAT(Elements(copy), ElementsAreArray(model_));
    ASSERT_EQ(copy.EncodingName(), list_.EncodingName());
  }

  List& list() { return list_; }

 private:
  std::string Element() {
    const uint64_t roll = random_.Below(20);
    if (roll < 8) return std::to_string(random_.Below(12));
    if (roll < 14) return std::string(1, static_cast<char>('a' + random_.Below(6)));
    if (roll < 16) return std::to_string(static_cast<int64_t>(random_.Next()) >> random_.Below(64));
    return std::string(random_.Below(roll == 19 ? most_bytes_ : 100), 'x');
  }
  size_t Place() { return random_.Below(model_.size()); }

  void Push(ListEnd end) {
    std::vector<std::string> elements(1 + random_.Below(3));
    for (std::string& e : elements) e = Element();
    list_.Push(end, std::vector<std::string_view>(elements.begin(), elements.end()), limit_);
    for (const std::string& e : elements) end == ListEnd::kHead ? model_.push_front(e) : model_.push_back(e);
  }
  void Insert() {
    const std::string pivot = Element(), element = Element();
    const bool behind = random_.Below(2) == 0;
    auto at = std::find(model_.begin(), model_.end(), pivot);
    ASSERT_EQ(list_.Insert(behind, pivot, element, limit_), at != model_.end());
    if (at != model_.end()) model_.insert(behind ? at + 1 : at, element);
  }
  void Set() {
    const size_t i = Place();
    model_[i] = Element();
    list_.Set(i, model_[i], limit_);
  }
  void Remove() {
    const std::string element = Element();
    const size_t most = random_.Below(4) == 0 ? model_.size() : 1 + random_.Below(4);
    const bool forward = random_.Below(2) == 0;
    size_t removed = 0;
    if (!forward) std::reverse(model_.begin(), model_.end());
    std::erase_if(model_, [&](const std::string& e) { return e == element && removed < most && ++removed != 0; });
    if (!forward) std::reverse(model_.begin(), model_.end());
    ASSERT_EQ(list_.EraseMatching(element, most, forward ? ListEnd::kHead : ListEnd::kTail, limit_), removed);
  }
  void Pop(ListEnd end) {
    const size_t n = std::min<size_t>(random_.Below(3), model_.size());
    list_.Pop(end, n, limit_);
    const auto count = static_cast<std::ptrdiff_t>(n);
    const auto from = end == ListEnd::kHead ? model_.begin() : model_.end() - count;
    model_.erase(from, from + count);
  }
  void Erase() {
    const size_t i = Place(), n = std::min(1 + random_.Below(80), model_.size() - i);
    ASSERT_THAT(Range(list_, i, n), ElementsAreArray(model_.begin() + static_cast<std::ptrdiff_t>(i),
                                                     model_.begin() + static_cast<std::ptrdiff_t>(i + n)));
    list_.Erase(i, n, limit_);
    const auto from = model_.begin() + static_cast<std::ptrdiff_t>(i);
    model_.erase(from, from + static_cast<std::ptrdiff_t>(n));
  }
  void FindAll() {
    const std::string element = Element();
    std::vector<uint64_t> expected, found;
    for (size_t i = 0; i < model_.size(); ++i) {
      if (model_[i] == element) expected.push_back(i);
    }
    list_.FindPositions({.element = element}, [&](uint64_t i) { found.push_back(i); });
    ASSERT_EQ(found, expected);
  }

  Random random_;
  const ListLimit limit_;
  const size_t most_bytes_;
  List list_;
  std::deque<std::string> model_;
};

class ListModelTest : public ::testing::TestWithParam<int64_t> {};

TEST_P(ListModelTest, AgreesWithADequeUnderRandomOperations) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    ListModel model(seed, ListLimit(GetParam(), seed == 2 ? 1 : 0), seed == 3 ? 9000 : 300);
    for (int i = 0; i < 1000; ++i) {
      model.Step();
      if (i % 50 == 0) model.Check();
      if (HasFatalFailure()) return;
    }
    model.Check();
  }
}

INSTANTIATE_TEST_SUITE_P(Limits, ListModelTest, ::testing::Values(-2, -1, -5, 1, 2, 3, 16, 128, 0));

// --- the limit ----------------------------------------------------------------------------------------------

TEST(ListLimitTest, ReadsTheOptionAsRedisDoes) {
  EXPECT_TRUE(ListLimit(-1).Exceeded(4097, 1));
  EXPECT_FALSE(ListLimit(-1).Exceeded(4096, 1'000'000));
  EXPECT_TRUE(ListLimit(-2).Exceeded(8193, 1));
  EXPECT_FALSE(ListLimit(-5).Exceeded(65536, 1));
  EXPECT_TRUE(ListLimit(-100).Exceeded(65537, 1));
  EXPECT_TRUE(ListLimit(std::numeric_limits<int64_t>::min()).Exceeded(65537, 1));
  EXPECT_FALSE(ListLimit(3).Exceeded(8192, 3));
  EXPECT_TRUE(ListLimit(3).Exceeded(8192, 4));
  EXPECT_TRUE(ListLimit(3).Exceeded(8193, 3));
  EXPECT_FALSE(ListLimit(0).Exceeded(100, 1));
  EXPECT_TRUE(ListLimit(0).Exceeded(100, 2));
}

// --- encodings ----------------------------------------------------------------------------------------------

TEST(ListTest, AnEmptyListHoldsNoMemory) {
  List list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.size(), 0u);
  EXPECT_EQ(list.AllocatedBytes(), 0u);
  EXPECT_EQ(list.CountAllocations(), 0u);
  EXPECT_EQ(list.EncodingName(), "listpack");
  EXPECT_EQ(list.Release(), nullptr);
}

TEST(ListTest, BecomesAQuicklistWhenItsBytesExceedTheLimitAndBackAtHalf) {
  // 7 bytes of listpack, and 102 + 1 for each element of 100.
  const std::string element(100, 'e');
  List list;
  while ((7 + list.size() * 103) + 100 <= 4096) {
    list.Push(ListEnd::kTail, element, ListLimit(-1));
    ASSERT_EQ(list.EncodingName(), "listpack");
  }
  list.Push(ListEnd::kTail, element, ListLimit(-1));
  EXPECT_EQ(list.EncodingName(), "quicklist");
  while (7 + (list.size() - 1) * 103 > 2048) {
    list.Pop(ListEnd::kTail, 1, ListLimit(-1));
    ASSERT_EQ(list.EncodingName(), "quicklist") << list.size();
  }
  list.Pop(ListEnd::kTail, 1, ListLimit(-1));
  EXPECT_EQ(list.EncodingName(), "listpack");
}

TEST(ListTest, BecomesAQuicklistWhenItsElementsExceedTheLimitAndBackAtHalf) {
  const ListLimit limit(10);
  List list = Make(Numbered(10), limit);
  EXPECT_EQ(list.EncodingName(), "listpack");
  list.Push(ListEnd::kHead, "one more", limit);
  EXPECT_EQ(list.EncodingName(), "quicklist");
  list.Erase(0, 5, limit);
  EXPECT_EQ(list.EncodingName(), "quicklist");
  list.Erase(0, 1, limit);
  EXPECT_EQ(list.EncodingName(), "listpack");
  EXPECT_THAT(Elements(list), ElementsAre("item:5", "item:6", "item:7", "item:8", "item:9"));
}

TEST(ListTest, AListOfSeveralNodesStaysAQuicklistHoweverFewElementsEachHas) {
  const ListLimit limit(4);
  List list = Make(Numbered(8), limit);
  EXPECT_EQ(list.EncodingName(), "quicklist");
  list.Erase(1, 6, limit);
  EXPECT_THAT(Elements(list), ElementsAre("item:0", "item:7"));
  EXPECT_EQ(list.EncodingName(), "quicklist");
  list.Pop(ListEnd::kTail, 1, limit);
  EXPECT_EQ(list.EncodingName(), "listpack");
}

TEST(ListTest, AllElementsOfOnePushAreJudgedTogether) {
  const std::string half(4090, 'h');
  List list;
  list.Push(ListEnd::kTail, std::vector<std::string_view>{half, half}, kDefaultList);
  EXPECT_EQ(list.EncodingName(), "listpack");
  List other;
  other.Push(ListEnd::kTail, std::vector<std::string_view>{half, half, "x", "y", "z", "123"}, kDefaultList);
  EXPECT_EQ(other.EncodingName(), "quicklist");
  EXPECT_EQ(other.size(), 6u);
}

TEST(ListTest, ALargeElementStandsAloneAndDoesNotLetTheListShrink) {
  const std::string large(10'000, 'L');
  List list = Make({"a", large, "b"});
  EXPECT_EQ(list.EncodingName(), "quicklist");
  EXPECT_THAT(Elements(list), ElementsAre("a", large, "b"));
  EXPECT_EQ(list.EraseMatching("a", 1, ListEnd::kHead, kDefaultList), 1u);
  EXPECT_EQ(list.EraseMatching("b", 1, ListEnd::kHead, kDefaultList), 1u);
  EXPECT_EQ(list.EncodingName(), "quicklist");
  list.Set(0, "small", kDefaultList);
  EXPECT_THAT(Elements(list), ElementsAre("small"));
  EXPECT_EQ(list.EncodingName(), "listpack");
}

TEST(ListTest, LargeElementsAreFoundReplacedAndRemoved) {
  const std::string large(20'000, 'L'), other(30'000, 'O');
  List list = Make(Numbered(1000));
  list.Set(500, large, kDefaultList);
  EXPECT_TRUE(list.Insert(true, "item:100", other, kDefaultList));
  EXPECT_TRUE(list.Insert(false, other, "before", kDefaultList));
  EXPECT_TRUE(list.Insert(true, other, "behind", kDefaultList));
  EXPECT_EQ(list.size(), 1003u);
  EXPECT_THAT(Range(list, 100, 5), ElementsAre("item:100", "before", other, "behind", "item:101"));
  EXPECT_EQ(Text(list.Get(503)), large);
  list.Set(503, other, kDefaultList);
  std::vector<uint64_t> found;
  list.FindPositions({.element = other}, [&](uint64_t i) { found.push_back(i); });
  EXPECT_THAT(found, ElementsAre(102, 503));
  EXPECT_EQ(list.EraseMatching(other, 10, ListEnd::kTail, kDefaultList), 2u);
  EXPECT_EQ(list.size(), 1001u);
}

TEST(ListTest, ReplacingByLongerElementsSplitsANodeBeforeItIsHuge) {
  const ListLimit limit(-5);
  List list = Make(std::vector<std::string>(20'000, "x"), limit);
  const std::string longer(60'000, 'y');
  for (size_t i = 0; i < 60; ++i) list.Set(i * 3, longer, limit);
  ASSERT_EQ(list.size(), 20'000u);
  for (size_t i = 0; i < 180; ++i) ASSERT_EQ(Text(list.Get(i)), i % 3 == 0 ? longer : "x") << i;
}

// --- searching ----------------------------------------------------------------------------------------------

std::vector<uint64_t> Positions(const List& list, const ListSearch& search) {
  std::vector<uint64_t> found;
  list.FindPositions(search, [&](uint64_t i) { found.push_back(i); });
  return found;
}

TEST(ListTest, FindsPositionsByRankFromEitherEndWithinBounds) {
  for (const int64_t limit : {-2, 2}) {
    const List list = Make({"a", "b", "c", "1", "2", "3", "c", "c"}, ListLimit(limit));
    EXPECT_THAT(Positions(list, {.element = "c"}), ElementsAre(2, 6, 7));
    EXPECT_THAT(Positions(list, {.element = "3"}), ElementsAre(5));
    EXPECT_THAT(Positions(list, {.element = "03"}), ElementsAre());
    EXPECT_THAT(Positions(list, {.element = "c", .from = ListEnd::kTail}), ElementsAre(7, 6, 2));
    EXPECT_THAT(Positions(list, {.element = "c", .rank = 2}), ElementsAre(6, 7));
    EXPECT_THAT(Positions(list, {.element = "c", .rank = 2, .most_matches = 1}), ElementsAre(6));
    EXPECT_THAT(Positions(list, {.element = "c", .from = ListEnd::kTail, .rank = 3}), ElementsAre(2));
    EXPECT_THAT(Positions(list, {.element = "c", .most_looked_at = 3}), ElementsAre(2));
    EXPECT_THAT(Positions(list, {.element = "c", .most_looked_at = 2}), ElementsAre());
    EXPECT_THAT(Positions(list, {.element = "c", .from = ListEnd::kTail, .most_looked_at = 2}), ElementsAre(7, 6));
  }
}

// --- memory -------------------------------------------------------------------------------------------------

TEST(ListTest, AMillionShortElementsCostLittleBesideTheirBytes) {
  List list;
  size_t payload = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::string e = "item:" + std::to_string(i);
    payload += e.size();
    list.Push(i % 2 == 0 ? ListEnd::kTail : ListEnd::kHead, e, kDefaultList);
  }
  EXPECT_EQ(list.size(), 1'000'000u);
  EXPECT_LT(list.AllocatedBytes(), payload + 2 * list.size() + list.size() / 5);
  EXPECT_LT(list.CountAllocations(), 2500u);
  EXPECT_EQ(Text(list.Get(0)), "item:999999");
  EXPECT_EQ(Text(list.Get(500'000)), "item:0");
  for (int i = 0; i < 499'900; ++i) list.Pop(ListEnd::kTail, 1, kDefaultList);
  list.Erase(0, 499'900, kDefaultList);
  EXPECT_EQ(list.size(), 200u);
  EXPECT_LT(list.AllocatedBytes(), 40'000u);
  EXPECT_THAT(Range(list, 99, 3), ElementsAre("item:1", "item:0", "item:2"));
}

}  // namespace
}  // namespace pinion::types
