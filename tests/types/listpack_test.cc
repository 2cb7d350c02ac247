// Listpacks: the bytes of every encoding, a model test of every operation, and Validate against broken input.
#include "types/listpack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/slab.h"

namespace pinion::types {
namespace {

using Position = ListpackView::Position;
using ::testing::ElementsAre;

std::string TextAt(Position p) {
  char scratch[kMaxInt64Text];
  return std::string(ListpackView::Get(p).View(scratch));
}

std::vector<std::string> Contents(const ListpackView& l) {
  std::vector<std::string> all;
  for (Position p = l.First(); p != nullptr; p = l.Next(p)) all.push_back(TextAt(p));
  return all;
}

std::vector<std::string> ContentsBackwards(const ListpackView& l) {
  std::vector<std::string> all;
  for (Position p = l.Last(); p != nullptr; p = l.Prev(p)) all.push_back(TextAt(p));
  std::reverse(all.begin(), all.end());
  return all;
}

std::vector<uint8_t> Bytes(const ListpackView& l) { return {l.data(), l.data() + l.bytes()}; }

// The bytes of a listpack's only element.
std::vector<uint8_t> Element(const Listpack& l) { return {l.data() + 6, l.data() + l.bytes() - 1}; }
std::vector<uint8_t> Element(std::string_view text) {
  Listpack l;
  l.Append(text);
  return Element(l);
}

// Lengths and integers on both sides of every encoding's bounds, and texts that nearly read as integers.
std::vector<std::string> InterestingTexts() {
  std::vector<std::string> texts = {"", "a", "-", "-0", "00", "01", "+1", " 1", "1 ", "1.0", "9223372036854775808",
                                    "-9223372036854775809", "12345678901234567890", "123456789012345678901"};
  for (const size_t n : {62, 63, 64, 65, 124, 125, 126, 127, 128, 4094, 4095, 4096, 16380, 16381, 16383}) {
    texts.emplace_back(n, 'x');
  }
  for (const int bits : {7, 12, 15, 23, 31}) {
    for (const int64_t around : {-2, -1, 0, 1}) {
      texts.push_back(std::to_string((int64_t{1} << bits) + around));
      texts.push_back(std::to_string(-(int64_t{1} << bits) + around));
    }
  }
  texts.push_back(std::to_string(std::numeric_limits<int64_t>::max()));
  texts.push_back(std::to_string(std::numeric_limits<int64_t>::min()));
  return texts;
}

TEST(ListpackTest, AnEmptyOneHoldsNothing) {
  Listpack l;
  EXPECT_EQ(l.size(), 0u);
  EXPECT_TRUE(l.empty());
  EXPECT_EQ(l.bytes(), kListpackOverhead);
  EXPECT_EQ(l.AllocatedBytes(), 0u);
  EXPECT_EQ(l.First(), nullptr);
  EXPECT_EQ(l.Last(), nullptr);
  EXPECT_EQ(l.At(0), nullptr);
  EXPECT_EQ(l.At(-1), nullptr);
  EXPECT_EQ(l.Find(l.First(), "a"), nullptr);
  EXPECT_EQ(l.Erase(l.First(), 3), nullptr);
  EXPECT_EQ(l.EraseRange(0, 3), 0u);
  Listpack other;
  l.AppendAll(other);
  EXPECT_TRUE(Listpack::CopyOf(l).empty());
  EXPECT_EQ(l.data(), nullptr);
}

TEST(ListpackTest, ElementsAreEncodedAsTheFormatSays) {
  EXPECT_THAT(Element("0"), ElementsAre(0x00, 1));
  EXPECT_THAT(Element("127"), ElementsAre(0x7F, 1));
  EXPECT_THAT(Element("128"), ElementsAre(0xC0, 0x80, 2));
  EXPECT_THAT(Element("-1"), ElementsAre(0xDF, 0xFF, 2));
  EXPECT_THAT(Element("4095"), ElementsAre(0xCF, 0xFF, 2));
  EXPECT_THAT(Element("-4096"), ElementsAre(0xD0, 0x00, 2));
  EXPECT_THAT(Element("4096"), ElementsAre(0xF1, 0x00, 0x10, 3));
  EXPECT_THAT(Element("-4097"), ElementsAre(0xF1, 0xFF, 0xEF, 3));
  EXPECT_THAT(Element("32768"), ElementsAre(0xF2, 0x00, 0x80, 0x00, 4));
  EXPECT_THAT(Element("-8388608"), ElementsAre(0xF2, 0x00, 0x00, 0x80, 4));
  EXPECT_THAT(Element("8388608"), ElementsAre(0xF3, 0x00, 0x00, 0x80, 0x00, 5));
  EXPECT_THAT(Element("2147483648"), ElementsAre(0xF4, 0, 0, 0, 0x80, 0, 0, 0, 0, 9));
  EXPECT_THAT(Element("-9223372036854775808"), ElementsAre(0xF4, 0, 0, 0, 0, 0, 0, 0, 0x80, 9));
  EXPECT_THAT(Element(""), ElementsAre(0x80, 1));
  EXPECT_THAT(Element("ab"), ElementsAre(0x82, 'a', 'b', 3));
  EXPECT_THAT(Element("01"), ElementsAre(0x82, '0', '1', 3));

  std::vector<uint8_t> medium = Element(std::string(300, 'x'));
  ASSERT_EQ(medium.size(), 2u + 300 + 2);
  EXPECT_EQ(medium[0], 0xE1);
  EXPECT_EQ(medium[1], 300 - 256);
  EXPECT_EQ(medium[302], 302 >> 7);
  EXPECT_EQ(medium[303], 0x80 | (302 & 0x7F));

  std::vector<uint8_t> large = Element(std::string(70'000, 'x'));
  ASSERT_EQ(large.size(), 5u + 70'000 + 3);
  EXPECT_EQ(large[0], 0xF0);
  EXPECT_EQ(large[1] | large[2] << 8 | large[3] << 16 | large[4] << 24, 70'000);
}

TEST(ListpackTest, TheWholeBlockIsAsTheFormatSays) {
  Listpack l;
  l.Append("a");
  l.Append(5);
  EXPECT_THAT(Bytes(l), ElementsAre(12, 0, 0, 0, 2, 0, 0x81, 'a', 2, 5, 1, 0xFF));
}

// The width of a back length changes where the element's data is 128, 16383, 2097151 and 268435455 bytes.
TEST(ListpackTest, BackLengthsOfEveryWidthAreWalkedBothWays) {
  const std::vector<std::pair<size_t, size_t>> data_and_width = {
      {127, 1}, {128, 2}, {16'382, 2}, {16'383, 3}, {2'097'150, 3}, {2'097'151, 4}};
  for (const auto& [data, width] : data_and_width) {
    const size_t head = data - 2 <= 4095 ? 2 : 5;
    const std::string text(data - head, 'y');
    EXPECT_EQ(Listpack::ElementBytes(text), data + width);
    Listpack l;
    l.Append("before");
    l.Append(text);
    l.Append("after");
    ASSERT_EQ(l.bytes(), kListpackOverhead + Listpack::ElementBytes("before") + data + width +
                             Listpack::ElementBytes("after"));
    EXPECT_TRUE(ListpackView::Validate({l.data(), l.bytes()}));
    const Position p = l.Prev(l.Last());
    EXPECT_EQ(p, l.At(1));
    EXPECT_TRUE(ListpackView::Equals(p, text));
    EXPECT_EQ(TextAt(l.Prev(p)), "before");
  }
  constexpr size_t kFourBytesEnd = 268'435'455;
  const auto untouched = std::make_unique_for_overwrite<char[]>(kFourBytesEnd);
  for (const size_t data : {kFourBytesEnd - 1, kFourBytesEnd}) {
    const size_t width = data < kFourBytesEnd ? 4 : 5;
    EXPECT_EQ(Listpack::ElementBytes(std::string_view(untouched.get(), data - 5)), data + width);
  }
}

TEST(ListpackTest, EveryTextComesBackAndIsFound) {
  const std::vector<std::string> texts = InterestingTexts();
  Listpack l;
  for (const std::string& text : texts) {
    const size_t before = l.bytes();
    const Position p = l.Append(text);
    EXPECT_EQ(l.bytes() - before, Listpack::ElementBytes(text));
    EXPECT_EQ(TextAt(p), text);
    EXPECT_EQ(ListpackView::Get(p).is_integer, ParseInt64(text).has_value());
  }
  EXPECT_EQ(Contents(l), texts);
  EXPECT_EQ(ContentsBackwards(l), texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    const size_t first = static_cast<size_t>(std::find(texts.begin(), texts.end(), texts[i]) - texts.begin());
    EXPECT_EQ(l.Find(l.First(), texts[i]), l.At(static_cast<int64_t>(first))) << texts[i].substr(0, 30);
    for (size_t j = 0; j < texts.size(); ++j) {
      EXPECT_EQ(ListpackView::Equals(l.At(static_cast<int64_t>(i)), texts[j]), texts[i] == texts[j]);
    }
  }
  EXPECT_EQ(l.Find(l.First(), "b"), nullptr);
  EXPECT_EQ(l.Find(l.First(), "4711"), nullptr);
}

TEST(ListpackTest, FindPassesOverSkippedElements) {
  Listpack l;
  for (const char* text : {"f1", "v", "f2", "f1", "7", "f2", "v", "7", "odd"}) l.Append(std::string_view(text));
  const auto index = [&l](Position p) {
    int i = 0;
    for (Position q = l.First(); q != nullptr; q = l.Next(q), ++i) {
      if (q == p) return i;
    }
    return -1;
  };
  EXPECT_EQ(index(l.Find(l.First(), "f2", 1)), 2);
  EXPECT_EQ(index(l.Find(l.First(), "v", 1)), 6);
  EXPECT_EQ(index(l.Find(l.First(), "7", 1)), 4);
  EXPECT_EQ(index(l.Find(l.First(), "odd", 1)), 8);
  EXPECT_EQ(index(l.Find(l.At(1), "v", 0)), 1);
  EXPECT_EQ(index(l.Find(l.At(2), "f1", 2)), -1);
  EXPECT_EQ(index(l.Find(l.First(), "7", 2)), -1);
  EXPECT_EQ(l.Find(nullptr, "v"), nullptr);
}

// What somebody else encoded less tightly than need be is still the same text.
TEST(ListpackTest, RoomierEncodingsAreReadAndFound) {
  const std::vector<uint8_t> bytes = {
      38,   0,   0,   0,   5, 0,                    // the header
      0xF1, 7,   0,   3,                            // 7 as int16
      0x82, '1', '2', 3,                            // 12 as a string
      0xE0, 2,   'a', 'b', 4,                       // a short string as a medium one
      0xF0, 2,   0,   0,   0, 'c', 'd', 7,          // and as a long one
      0xF4, 3,   0,   0,   0, 0,   0,   0, 0, 9,    // 3 as int64
      0xFF};
  ASSERT_TRUE(ListpackView::Validate(bytes));
  const ListpackView l(bytes.data());
  EXPECT_THAT(Contents(l), ElementsAre("7", "12", "ab", "cd", "3"));
  EXPECT_EQ(ContentsBackwards(l), Contents(l));
  int64_t i = 0;
  for (const char* text : {"7", "12", "ab", "cd", "3"}) {
    EXPECT_EQ(l.Find(l.First(), text), l.At(i)) << text;
    EXPECT_TRUE(ListpackView::Equals(l.At(i), text)) << text;
    ++i;
  }
}

TEST(ListpackTest, BehavesAsAVectorOfStrings) {
  Random random(7);
  const std::vector<std::string> texts = InterestingTexts();
  const auto text = [&] {
    switch (random.Below(4)) {
      case 0: return texts[random.Below(texts.size())];
      case 1: return std::to_string(static_cast<int64_t>(random.Next() >> random.Below(64)) - 20);
      default: return std::string(random.Below(12), static_cast<char>('a' + random.Below(3)));
    }
  };
  Listpack l;
  std::vector<std::string> model;
  for (int step = 0; step < 6'000; ++step) {
    const std::string t = text();
    const auto v = ParseInt64(t);
    const auto n = static_cast<int64_t>(model.size());
    const auto i = static_cast<int64_t>(random.Below(model.size() + 1));
    const Position at = l.At(i);
    ASSERT_EQ(at == nullptr, i == n);
    Position put = nullptr;
    int64_t expected = -1;
    switch (random.Below(n > 60 ? 12 : 9)) {
      case 0:
        put = v ? l.Append(*v) : l.Append(t);
        model.push_back(t);
        expected = n;
        break;
      case 1:
        put = v ? l.Prepend(*v) : l.Prepend(t);
        model.insert(model.begin(), t);
        expected = 0;
        break;
      case 2:
      case 3:
        put = v && random.Below(2) ? l.InsertBefore(at, *v) : l.InsertBefore(at, t);
        model.insert(model.begin() + i, t);
        expected = i;
        break;
      case 4:
        if (i == n) continue;
        put = l.InsertAfter(at, t);
        model.insert(model.begin() + i + 1, t);
        expected = i + 1;
        break;
      case 5:
      case 6:
        if (i == n) continue;
        put = v && random.Below(2) ? l.Replace(at, *v) : l.Replace(at, t);
        model[static_cast<size_t>(i)] = t;
        expected = i;
        break;
      case 7: {
        Listpack more;
        for (uint64_t k = random.Below(3); k > 0; --k) {
          more.Append(t);
          model.push_back(t);
        }
        l.AppendAll(more);
        break;
      }
      case 8:
      case 9: {
        const size_t count = random.Below(4);
        const auto gone = std::min<int64_t>(static_cast<int64_t>(count), n - i);
        const Position next = l.Erase(at, count);
        model.erase(model.begin() + i, model.begin() + i + gone);
        ASSERT_EQ(next, i < static_cast<int64_t>(model.size()) ? l.At(i) : nullptr);
        break;
      }
      default: {
        const size_t count = random.Below(10);
        const auto gone = std::min<int64_t>(static_cast<int64_t>(count), n - i);
        // From the end now and then; index n has no negative name.
        const int64_t index = i < n && random.Below(2) ? i - n : i;
        ASSERT_EQ(l.EraseRange(index, count), static_cast<size_t>(gone));
        model.erase(model.begin() + i, model.begin() + i + gone);
      }
    }
    if (put != nullptr) {
      ASSERT_EQ(put, l.At(expected)) << step;
      ASSERT_EQ(TextAt(put), t) << step;
    }
    ASSERT_EQ(l.size(), model.size()) << step;
    ASSERT_EQ(l.empty(), model.empty());
    if (l.data() != nullptr) {
      ASSERT_TRUE(ListpackView::Validate({l.data(), l.bytes()})) << step;
    }
    if (!model.empty()) {
      const size_t pick = random.Below(model.size());
      ASSERT_EQ(TextAt(l.At(static_cast<int64_t>(pick))), model[pick]);
      const auto from_the_end = static_cast<int64_t>(pick) - static_cast<int64_t>(model.size());
      ASSERT_EQ(l.At(static_cast<int64_t>(pick)), l.At(from_the_end));
    }
    if (step % 16 == 0) {
      ASSERT_EQ(Contents(l), model) << step;
      ASSERT_EQ(ContentsBackwards(l), model) << step;
    }
  }
}

TEST(ListpackTest, ElementsMoveWithinIt) {
  Random random(9);
  Listpack l;
  std::vector<std::string> model = InterestingTexts();
  model.resize(40);  // of all lengths
  for (const std::string& text : model) l.Append(text);
  for (int step = 0; step < 2000; ++step) {
    const size_t count = 1 + random.Below(3);
    const size_t from = random.Below(model.size() - count + 1);
    const size_t before = from > 0 && random.Below(2) == 0
                              ? random.Below(from)
                              : from + count + random.Below(model.size() - from - count + 1);
    const Position to = l.Move(l.At(static_cast<int64_t>(from)), count, l.At(static_cast<int64_t>(before)));
    const auto first = model.begin() + static_cast<ptrdiff_t>(from);
    const auto end = first + static_cast<ptrdiff_t>(count);
    const auto target = model.begin() + static_cast<ptrdiff_t>(before);
    const auto moved = before < from ? (std::rotate(target, first, end), target) : std::rotate(first, end, target);
    ASSERT_EQ(Contents(l), model) << step;
    ASSERT_EQ(to, l.At(moved - model.begin())) << step;
    ASSERT_TRUE(ListpackView::Validate({l.data(), l.bytes()})) << step;
  }
}

TEST(ListpackTest, CopiesAndMovesAreWhole) {
  Listpack l;
  l.Append("a");
  l.Append("12");
  Listpack copy = Listpack::CopyOf(l);
  l.Replace(l.First(), "other");
  EXPECT_THAT(Contents(copy), ElementsAre("a", "12"));
  Listpack moved = std::move(copy);
  EXPECT_THAT(Contents(moved), ElementsAre("a", "12"));
  void* word = moved.Release();
  EXPECT_TRUE(moved.empty());
  EXPECT_THAT(Contents(Listpack::Adopt(word)), ElementsAre("a", "12"));
  EXPECT_EQ(l.AllocatedBytes(), Slab::GoodSize(l.bytes()));
  l.Clear();
  EXPECT_EQ(l.data(), nullptr);
  EXPECT_EQ(Listpack::Adopt(nullptr).size(), 0u);
}

// The header's count stops at 65535; from there on elements are counted by walking.
TEST(ListpackTest, ManyElementsAreCounted) {
  Listpack half;
  for (int i = 0; i < 16'384; ++i) half.Append(i % 100);
  Listpack l;
  for (int i = 0; i < 3; ++i) l.AppendAll(half);
  for (int i = 0; i < 16'381; ++i) l.Append(i % 100);
  EXPECT_EQ(l.size(), 65'533u);
  for (size_t n = 65'534; n <= 65'540; ++n) {
    l.Append("end");
    ASSERT_EQ(l.size(), n);
    ASSERT_TRUE(ListpackView::Validate({l.data(), l.bytes()}));
  }
  EXPECT_EQ(TextAt(l.At(-8)), std::to_string(16'380 % 100));
  EXPECT_EQ(TextAt(l.At(65'539)), "end");
  EXPECT_EQ(l.At(65'540), nullptr);
  EXPECT_EQ(l.At(-65'541), nullptr);
  EXPECT_EQ(l.At(-65'540), l.First());
  EXPECT_EQ(l.EraseRange(-65'540, 65'000), 65'000u);
  EXPECT_EQ(l.size(), 540u);
  EXPECT_EQ(l.EraseRange(100, 10'000), 440u);
  EXPECT_EQ(l.size(), 100u);
  Listpack many;
  for (int i = 0; i < 5; ++i) many.AppendAll(half);
  EXPECT_EQ(many.size(), 81'920u);
  Listpack all;
  all.AppendAll(many);
  EXPECT_EQ(all.size(), 81'920u);
}

TEST(ListpackTest, MemoryFollowsTheContents) {
  Listpack l;
  for (int i = 0; i < 2'000; ++i) {
    l.Append("value:" + std::to_string(i));
    ASSERT_EQ(l.AllocatedBytes(), Slab::GoodSize(l.bytes()));
  }
  l.EraseRange(0, 1'990);
  EXPECT_EQ(l.AllocatedBytes(), Slab::GoodSize(l.bytes()));
  EXPECT_LT(l.AllocatedBytes(), 200u);
  l.Erase(l.First(), 100);
  EXPECT_TRUE(l.empty());
  EXPECT_EQ(l.bytes(), kListpackOverhead);
}

// --- untrusted bytes --------------------------------------------------------------------------------------------

// Validates an exact copy, so that the address sanitizer sees every read past its end, and walks it when it passes.
bool ValidateAndWalk(const uint8_t* from, size_t size) {
  const auto copy = std::make_unique<uint8_t[]>(size);
  std::copy_n(from, size, copy.get());
  if (!ListpackView::Validate({copy.get(), size})) return false;
  const ListpackView l(copy.get());
  const std::vector<std::string> forward = Contents(l);
  EXPECT_EQ(forward, ContentsBackwards(l));
  EXPECT_EQ(l.size(), forward.size());
  for (const char* text : {"", "7", "ab", "a very long text that is not there, of more than sixty-three bytes"}) {
    const Position p = l.Find(l.First(), text, 1);
    EXPECT_TRUE(p == nullptr || ListpackView::Equals(p, text));
  }
  return true;
}

std::vector<uint8_t> OneOfEach() {
  Listpack l;
  for (const char* text : {"7", "-3", "4000", "-30000", "100000", "2000000000", "5000000000", "", "ab"}) {
    l.Append(std::string_view(text));
  }
  l.Append(std::string(130, 'm'));
  l.Append(std::string(4'100, 'l'));
  return Bytes(l);
}

TEST(ListpackValidateTest, EveryTruncationIsRefused) {
  const std::vector<uint8_t> bytes = OneOfEach();
  ASSERT_TRUE(ValidateAndWalk(bytes.data(), bytes.size()));
  for (size_t n = 0; n < bytes.size(); ++n) {
    ASSERT_FALSE(ValidateAndWalk(bytes.data(), n)) << n;
    // The same with a header and an end that agree with the shorter size.
    if (n < kListpackOverhead) continue;
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(n));
    cut[0] = static_cast<uint8_t>(n);
    cut[1] = static_cast<uint8_t>(n >> 8);
    cut[n - 1] = 0xFF;
    ASSERT_FALSE(ValidateAndWalk(cut.data(), n)) << n;
  }
}

TEST(ListpackValidateTest, EveryDamagedByteIsRefusedOrHarmless) {
  const std::vector<uint8_t> bytes = OneOfEach();
  for (size_t i = 0; i < bytes.size(); ++i) {
    // Inside the long texts any byte is as good as another.
    const bool in_text = i > 60 && bytes[i] == bytes[i - 1] && (bytes[i] == 'm' || bytes[i] == 'l');
    for (int flip = 1; flip < 256; flip += in_text ? 100 : 1) {
      std::vector<uint8_t> damaged = bytes;
      damaged[i] ^= static_cast<uint8_t>(flip);
      const bool valid = ValidateAndWalk(damaged.data(), damaged.size());
      ASSERT_FALSE(valid && i < kListpackOverhead - 1) << i << ' ' << flip;  // a damaged header
    }
  }
}

TEST(ListpackValidateTest, RefusesWhatIsNoListpack) {
  const auto valid = [](std::vector<uint8_t> bytes) { return ValidateAndWalk(bytes.data(), bytes.size()); };
  EXPECT_FALSE(valid({}));
  EXPECT_TRUE(valid({7, 0, 0, 0, 0, 0, 0xFF}));
  EXPECT_FALSE(valid({7, 0, 0, 0, 1, 0, 0xFF}));
  EXPECT_TRUE(valid({7, 0, 0, 0, 0xFF, 0xFF, 0xFF}));          // the count is left open
  EXPECT_FALSE(valid({8, 0, 0, 0, 0, 0, 0xFF, 0xFF}));         // ends early
  EXPECT_FALSE(valid({9, 0, 0, 0, 1, 0, 5, 2, 0xFF}));         // back length too long
  EXPECT_FALSE(valid({9, 0, 0, 0, 1, 0, 5, 0x81, 0xFF}));      // back length without a beginning
  EXPECT_FALSE(valid({9, 0, 0, 0, 1, 0, 0xF5, 1, 0xFF}));      // no such encoding
  EXPECT_FALSE(valid({9, 0, 0, 0, 1, 0, 0xBF, 1, 0xFF}));      // longer than the block
  EXPECT_FALSE(valid({9, 0, 0, 0, 1, 0, 0xF0, 0xFF, 0xFF}));   // its length lies past the end
  EXPECT_FALSE(valid({13, 0, 0, 0, 1, 0, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF}));
}

}  // namespace
}  // namespace pinion::types
