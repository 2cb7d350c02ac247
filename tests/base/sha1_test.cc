// SHA-1 against the standard's examples and every length around a block.
#include "base/sha1.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace pinion {
namespace {

TEST(Sha1, AgreesWithTheExamplesOfTheStandard) {
  EXPECT_EQ(ToHex(Sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(ToHex(Sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(ToHex(Sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(ToHex(Sha1(std::string(1'000'000, 'a'))), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, TellsTextsOfEveryLengthAroundABlockApart) {
  std::set<std::string> seen;
  for (size_t n = 0; n < 200; ++n) seen.insert(ToHex(Sha1(std::string(n, 'x'))));
  EXPECT_EQ(seen.size(), 200u);
}

TEST(Sha1, PadsAcrossTheBlockBoundaryAsTheStandardSays) {
  // 55 bytes are the most that share a block with the padding; 56 and 64 need another.
  EXPECT_EQ(ToHex(Sha1(std::string(55, 'a'))), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  EXPECT_EQ(ToHex(Sha1(std::string(56, 'a'))), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  EXPECT_EQ(ToHex(Sha1(std::string(64, 'a'))), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
}

}  // namespace
}  // namespace pinion
