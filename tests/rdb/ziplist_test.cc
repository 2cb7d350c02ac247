// The compact lists of older versions, from their descriptions byte by byte.
#include "rdb/ziplist.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::rdb {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using types::ListpackItem;

std::string Low(uint64_t v, int bytes) {
  std::string out;
  for (; bytes > 0; --bytes, v >>= 8) out += static_cast<char>(v);
  return out;
}

// A ziplist of elements given as encoding and data.
std::string Ziplist(const std::vector<std::string>& elements) {
  std::string body;
  size_t before = 0, tail = 10;
  for (const std::string& e : elements) {
    tail = 10 + body.size();
    const std::string head = before < 254 ? Low(before, 1) : "\xFE" + Low(before, 4);
    body += head + e;
    before = head.size() + e.size();
  }
  return Low(body.size() + 11, 4) + Low(tail, 4) + Low(elements.size(), 2) + body + "\xFF";
}

using Walk = bool (*)(std::string_view, const std::function<bool(const ListpackItem&)>&);

std::vector<std::string> Texts(Walk walk, std::string_view bytes) {
  std::vector<std::string> texts;
  const bool good = walk(bytes, [&](const ListpackItem& item) {
    char scratch[kMaxInt64Text];
    texts.emplace_back(item.View(scratch));
    return true;
  });
  if (!good) texts.emplace_back("(corrupt)");
  return texts;
}

TEST(Ziplist, HoldsTextsOfAnyLength) {
  const std::string middle(300, 'm'), large(20'000, 'l');
  EXPECT_THAT(Texts(ForEachInZiplist, Ziplist({std::string("\x03", 1) + "abc", std::string(1, '\0'),
                                               "\x41\x2C" + middle, std::string("\x80\0\0\x4E\x20", 5) + large})),
              ElementsAre("abc", "", middle, large));
}

TEST(Ziplist, HoldsIntegersOfAnyWidth) {
  EXPECT_THAT(Texts(ForEachInZiplist,
                    Ziplist({"\xF1", "\xFD", "\xFE" + Low(0x80, 1), "\xC0" + Low(0x8000, 2), "\xF0" + Low(0x800000, 3),
                             "\xD0" + Low(0x80000000, 4), "\xE0" + Low(uint64_t{1} << 63, 8)})),
              ElementsAre("0", "12", "-128", "-32768", "-8388608", "-2147483648", "-9223372036854775808"));
}

TEST(Ziplist, IsNotTrusted) {
  const std::string good = Ziplist({std::string("\x03", 1) + "abc", "\xF5"});
  EXPECT_THAT(Texts(ForEachInZiplist, good), ElementsAre("abc", "4"));
  for (size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_EQ(Texts(ForEachInZiplist, good.substr(0, cut)).back(), "(corrupt)") << cut;
  }
  EXPECT_EQ(Texts(ForEachInZiplist, good + "x").back(), "(corrupt)");
  for (size_t at : {0, 4, 8, 10, 11, 15}) {  // size, tail, count, lengths
    std::string bad = good;
    ++bad[at];
    EXPECT_EQ(Texts(ForEachInZiplist, bad).back(), "(corrupt)") << at;
  }
}

TEST(Zipmap, HoldsPairsWithRoomBehindThem) {
  const std::string map = std::string("\x02", 1) + "\x01" + "f" + "\x02" + std::string("\x01", 1) + "vv" + "_" +
                          "\xFE" + Low(300, 4) + std::string(300, 'g') + std::string("\x00\x00", 2) + "\xFF";
  EXPECT_THAT(Texts(ForEachInZipmap, map), ElementsAre("f", "vv", std::string(300, 'g'), ""));
  EXPECT_THAT(Texts(ForEachInZipmap, std::string("\0\xFF", 2)), IsEmpty());
  for (size_t cut = 0; cut < map.size(); ++cut) {
    EXPECT_EQ(Texts(ForEachInZipmap, map.substr(0, cut)).back(), "(corrupt)") << cut;
  }
}

}  // namespace
}  // namespace pinion::rdb
