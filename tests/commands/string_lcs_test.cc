// LCS over a connection, against the plain dynamic programme.
#include <random>

#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

// Redis's choice among equally long subsequences, by the textbook table.
std::string PlainLcs(const std::string& a, const std::string& b) {
  std::vector<std::vector<int>> length(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      length[i][j] = a[i - 1] == b[j - 1] ? length[i - 1][j - 1] + 1 : std::max(length[i - 1][j], length[i][j - 1]);
    }
  }
  std::string result;
  for (size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      result.insert(result.begin(), a[i - 1]);
      --i;
      --j;
    } else if (length[i - 1][j] > length[i][j - 1]) {
      --i;
    } else {
      --j;
    }
  }
  return result;
}

TEST_F(StringTest, LcsFindsTheSubsequenceItsLengthAndItsPlaces) {
  Do("MSET", "a", "ohmytext", "b", "mynewtext");
  EXPECT_THAT(Do("LCS", "a", "b"), IsBulk("mytext"));
  EXPECT_THAT(Do("LCS", "a", "b", "LEN"), IsInt(6));
  EXPECT_THAT(Do("LCS", "a", "b", "IDX"),
              IsArray("matches", IsArray(IsArray(IsArray(4, 7), IsArray(5, 8)), IsArray(IsArray(2, 3), IsArray(0, 1))),
                      "len", 6));
  EXPECT_THAT(Do("LCS", "a", "b", "idx", "minmatchlen", 4, "withmatchlen"),
              IsArray("matches", IsArray(IsArray(IsArray(4, 7), IsArray(5, 8), 4)), "len", 6));
  EXPECT_THAT(Do("LCS", "a", "b", "IDX", "MINMATCHLEN", -5, "WITHMATCHLEN"),
              IsArray("matches",
                      IsArray(IsArray(IsArray(4, 7), IsArray(5, 8), 4), IsArray(IsArray(2, 3), IsArray(0, 1), 2)),
                      "len", 6));
}

TEST_F(StringTest, LcsIndexesAreAMapInResp3) {
  Do("MSET", "a", "abc", "b", "xbx");
  RespClient c = Connect(3);
  EXPECT_THAT(c.Command("LCS", "a", "b", "IDX"),
              IsMap("matches", IsArray(IsArray(IsArray(1, 1), IsArray(1, 1))), "len", 1));
}

TEST_F(StringTest, LcsOfAnAbsentKeyIsEmpty) {
  Do("SET", "a", "12");
  EXPECT_THAT(Do("LCS", "a", "none"), IsBulk(""));
  EXPECT_THAT(Do("LCS", "none", "a", "LEN"), IsInt(0));
  EXPECT_THAT(Do("LCS", "none", "none", "IDX"), IsArray("matches", IsArray(), "len", 0));
  EXPECT_THAT(Do("LCS", "a", "a"), IsBulk("12"));
}

TEST_F(StringTest, LcsAgreesWithThePlainTableOnRandomStrings) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const int letters = 1 + static_cast<int>(random() % 6);
    const auto make = [&](size_t most) {
      std::string s(random() % most, ' ');
      for (char& c : s) c = static_cast<char>('a' + random() % letters);
      return s;
    };
    const std::string a = make(200), b = make(300);
    Do("MSET", "a", a, "b", b);
    const std::string expected = PlainLcs(a, b);
    ASSERT_THAT(Do("LCS", "a", "b"), IsBulk(expected)) << a << " " << b;
    ASSERT_THAT(Do("LCS", "a", "b", "LEN"), IsInt(static_cast<int64_t>(expected.size())));
  }
}

TEST_F(StringTest, LcsRefusesWrongOptionsAndTablesTooBig) {
  Do("MSET", "a", "x", "b", "y");
  EXPECT_THAT(Do("LCS", "a", "b", "foo"), IsError(kSyntaxError));
  EXPECT_THAT(Do("LCS", "a", "b", "MINMATCHLEN"), IsError(kSyntaxError));
  EXPECT_THAT(Do("LCS", "a", "b", "MINMATCHLEN", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("LCS", "a", "b", "LEN", "IDX"),
              IsError("ERR If you want both the length and indexes, please just use IDX."));
  const std::string large(20'000, 'x');
  Do("MSET", "a", large, "b", large);
  EXPECT_THAT(Do("LCS", "a", "b", "LEN"),
              IsError("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"));
}

}  // namespace
}  // namespace pinion::test
