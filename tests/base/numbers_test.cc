// Tests of number text: what Redis accepts, refuses and prints.
#include "base/numbers.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include "base/random.h"

namespace pinion {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string Format(int64_t v) {
  char text[kMaxInt64Text];
  return std::string(text, FormatInt64(v, text));
}

TEST(ParseInt64, TakesCanonicalNumbers) {
  EXPECT_EQ(ParseInt64("0"), 0);
  EXPECT_EQ(ParseInt64("7"), 7);
  EXPECT_EQ(ParseInt64("-1"), -1);
  EXPECT_EQ(ParseInt64("10200"), 10200);
  EXPECT_EQ(ParseInt64("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseInt64("-9223372036854775808"), INT64_MIN);
}

TEST(ParseInt64, RefusesEverythingElse) {
  for (const char* text : {"",
                           "-",
                           "+1",
                           " 1",
                           "1 ",
                           "01",
                           "-01",
                           "-0",
                           "00",
                           "1.0",
                           "1e3",
                           "0x1",
                           "abc",
                           "1a",
                           "a1",
                           "--1",
                           "9223372036854775808",
                           "-9223372036854775809",
                           "18446744073709551615",
                           "18446744073709551616",
                           "99999999999999999999",
                           "99999999999999999999999999999999"}) {
    EXPECT_EQ(ParseInt64(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseInt64(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_EQ(ParseInt64(std::string_view("\0", 1)), std::nullopt);
}

TEST(ParseUint64, TakesAllSixtyFourBits) {
  EXPECT_EQ(ParseUint64("0"), 0u);
  EXPECT_EQ(ParseUint64("18446744073709551615"), UINT64_MAX);
  for (const char* text :
       {"", "-1", "-0", "+1", "01", "18446744073709551616", "99999999999999999999",
        "100000000000000000000", "1844674407370955161x", "x"}) {
    EXPECT_EQ(ParseUint64(text), std::nullopt) << text;
  }
}

TEST(FormatInt64, AgreesWithPrintfAndReadsBack) {
  Random random(1);
  for (int i = 0; i < 200'000; ++i) {
    const int64_t v = static_cast<int64_t>(random.Next()) >> random.Below(64);
    const std::string text = Format(v);
    ASSERT_EQ(text, std::to_string(v));
    ASSERT_EQ(ParseInt64(text), v);
  }
  for (uint64_t power = 1; power < 10'000'000'000'000'000'000u; power *= 10) {
    for (const uint64_t v : {power - 1, power, power + 1}) {
      char text[kMaxInt64Text];
      ASSERT_EQ(std::string(text, FormatUint64(v, text)), std::to_string(v));
      ASSERT_EQ(DecimalDigits(v), std::to_string(v).size());
    }
  }
  EXPECT_EQ(Format(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(Format(INT64_MAX), "9223372036854775807");
  char text[kMaxInt64Text];
  EXPECT_EQ(std::string(text, FormatUint64(UINT64_MAX, text)), "18446744073709551615");
}

TEST(ParseDouble, TakesWhatStrtodTakes) {
  EXPECT_EQ(ParseDouble("0"), 0.0);
  EXPECT_EQ(ParseDouble("3.0"), 3.0);
  EXPECT_EQ(ParseDouble("+5"), 5.0);
  EXPECT_EQ(ParseDouble(".5"), 0.5);
  EXPECT_EQ(ParseDouble("5."), 5.0);
  EXPECT_EQ(ParseDouble("-1.5e-7"), -1.5e-7);
  EXPECT_EQ(ParseDouble("1e5"), 1e5);
  EXPECT_EQ(ParseDouble("1e+17"), 1e17);
  EXPECT_EQ(ParseDouble("0x10"), 16.0);
  EXPECT_EQ(ParseDouble("0x1p3"), 8.0);
  EXPECT_EQ(ParseDouble("-0x1P3"), -8.0);
  EXPECT_EQ(ParseDouble("17179869184.5"), 17179869184.5);
  EXPECT_EQ(ParseDouble("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(ParseDouble("5e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(ParseDouble("1e-310"), 1e-310);
  EXPECT_EQ(ParseDouble("0.000"), 0.0);
  EXPECT_EQ(ParseDouble("0e999999"), 0.0);
  EXPECT_TRUE(std::signbit(ParseDouble("-0").value()));
  EXPECT_EQ(ParseDouble("1" + std::string(300, '0')), 1e300);
}

TEST(ParseDouble, TakesInfinitiesInAnyCase) {
  for (const char* text : {"inf", "INF", "+inf", "infinity", "INFINITY", "Infinity"}) {
    EXPECT_EQ(ParseDouble(text), kInfinity) << text;
    EXPECT_EQ(ParseLongDouble(text), static_cast<long double>(kInfinity)) << text;
  }
  EXPECT_EQ(ParseDouble("-inf"), -kInfinity);
  EXPECT_EQ(ParseDouble("-Infinity"), -kInfinity);
}

TEST(ParseDouble, RefusesWhatRedisRefuses) {
  for (const char* text :
       {"",    " ",    " 1",     "1 ",      "\t1", "\v1",   "1\n",    "abc",    "1a",
        "0x",  "1e",   "1e+",    ".",       "-",   "+",     "--1",    "+-1",    "nan",
        "NaN", "-nan", "nan(1)", "infinit", "1,5", "1e400", "-1e400", "1e-400", "0x1p5000"}) {
    EXPECT_EQ(ParseDouble(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDouble(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_EQ(ParseDouble(std::string_view("\0", 1)), std::nullopt);
}

TEST(ParseDouble, SeesOnlyItsOwnBytes) {
  const std::string text = "1234567";
  EXPECT_EQ(ParseDouble(std::string_view(text).substr(0, 3)), 123.0);
  EXPECT_EQ(ParseDouble(std::string_view("+1234567").substr(0, 3)), 12.0);
}

TEST(ParseLongDouble, KeepsMoreThanADouble) {
  EXPECT_EQ(ParseLongDouble("0.1"), 0.1L);
  EXPECT_EQ(ParseLongDouble("5.0e3"), 5000.0L);
  EXPECT_EQ(ParseLongDouble("0x10"), 16.0L);
  EXPECT_EQ(ParseLongDouble("1e4932"), 1e4932L);
  for (const char* text : {"", " 1", "1 ", "nan", "1e5000", "1e-5000", "abc", "1.2.3"}) {
    EXPECT_EQ(ParseLongDouble(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseLongDouble(std::string_view("1\0", 2)), std::nullopt);
}

TEST(ParseLongDouble, RefusesTextsFromFiveKibibytesOn) {
  EXPECT_EQ(ParseLongDouble("1." + std::string(5 * 1024 - 3, '0')), 1.0L);
  EXPECT_EQ(ParseLongDouble("1." + std::string(5 * 1024 - 2, '0')), std::nullopt);
}

TEST(FormatDouble, PrintsIntegersWithoutAPoint) {
  EXPECT_EQ(FormatDouble(0), "0");
  EXPECT_EQ(FormatDouble(-0.0), "-0");
  EXPECT_EQ(FormatDouble(3.0), "3");
  EXPECT_EQ(FormatDouble(-17), "-17");
  EXPECT_EQ(FormatDouble(2.5e15), "2500000000000000");
  EXPECT_EQ(FormatDouble(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(FormatDouble(72057594037927936.0), "72057594037927936");
  EXPECT_EQ(FormatDouble(1e16), "10000000000000000");
}

TEST(FormatDouble, PrintsTheFewestDigitsThatReadBack) {
  EXPECT_EQ(FormatDouble(0.1), "0.1");
  EXPECT_EQ(FormatDouble(-0.25), "-0.25");
  EXPECT_EQ(FormatDouble(17179869184.5), "17179869184.5");
  EXPECT_EQ(FormatDouble(1234567.891), "1234567.891");
  EXPECT_EQ(FormatDouble(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(FormatDouble(1.0 / 3), "0.3333333333333333");
}

TEST(FormatDouble, UsesAnExponentWherePrintfDoes) {
  EXPECT_EQ(FormatDouble(1e17), "1e+17");
  EXPECT_EQ(FormatDouble(1e20), "1e+20");
  EXPECT_EQ(FormatDouble(1e21), "1e+21");
  EXPECT_EQ(FormatDouble(123456789012345678.0), "1.2345678901234568e+17");
  EXPECT_EQ(FormatDouble(0.0001), "0.0001");
  EXPECT_EQ(FormatDouble(0.00012345), "0.00012345");
  EXPECT_EQ(FormatDouble(0.00001), "1e-05");
  EXPECT_EQ(FormatDouble(1e-7), "1e-07");
  EXPECT_EQ(FormatDouble(5e-324), "5e-324");
  EXPECT_EQ(FormatDouble(-1.7976931348623157e308), "-1.7976931348623157e+308");
}

TEST(FormatDouble, NamesTheSpecialValues) {
  EXPECT_EQ(FormatDouble(kInfinity), "inf");
  EXPECT_EQ(FormatDouble(-kInfinity), "-inf");
  EXPECT_EQ(FormatDouble(std::nan("")), "nan");
  EXPECT_EQ(FormatDouble(-std::nan("")), "nan");
}

TEST(FormatDouble, ReadsBackAndNeverIsLongerThanPrintfAndHasItsLayout) {
  Random random(3);
  for (int i = 0; i < 300'000; ++i) {
    double v;
    switch (random.Below(4)) {
      case 0:
        v = std::bit_cast<double>(random.Next());
        break;
      case 1:
        v = static_cast<double>(static_cast<int64_t>(random.Next()) >> random.Below(64));
        break;
      case 2:
        v = static_cast<double>(random.Below(1'000'000'000)) / 1000;
        break;
      default:
        v = (random.Unit() - 0.5) * std::pow(10, static_cast<double>(random.Below(40)) - 20);
        break;
    }
    if (!std::isfinite(v)) continue;
    const std::string text = FormatDouble(v);
    char reference[64];
    std::snprintf(reference, sizeof(reference), "%.17g", v);
    ASSERT_EQ(std::strtod(text.c_str(), nullptr), v) << text;
    ASSERT_EQ(ParseDouble(text), v) << text;
    ASSERT_LE(text.size(), std::string_view(reference).size()) << text << ' ' << reference;
    ASSERT_LT(text.size(), kMaxDoubleText);
    ASSERT_EQ(text.find('e') == std::string::npos,
              std::string_view(reference).find('e') == std::string_view::npos)
        << text << ' ' << reference;
    if (v == std::trunc(v) && std::fabs(v) < 1e17) {
      ASSERT_EQ(text, reference);
    }
  }
}

TEST(FormatLongDouble, PrintsAsIncrbyfloatReplies) {
  EXPECT_EQ(FormatLongDouble(3.0L), "3");
  EXPECT_EQ(FormatLongDouble(0.1L), "0.1");
  EXPECT_EQ(FormatLongDouble(10.5L), "10.5");
  EXPECT_EQ(FormatLongDouble(-3.3L), "-3.3");
  EXPECT_EQ(FormatLongDouble(1e21L), "1000000000000000000000");
  EXPECT_EQ(FormatLongDouble(1e-7L), "0.0000001");
  EXPECT_EQ(FormatLongDouble(1e-17L), "0.00000000000000001");
  EXPECT_EQ(FormatLongDouble(0), "0");
  EXPECT_EQ(FormatLongDouble(100), "100");
}

TEST(FormatLongDouble, NeverPrintsANegativeZero) {
  EXPECT_EQ(FormatLongDouble(-0.0L), "0");
  EXPECT_EQ(FormatLongDouble(-1e-30L), "0");
}

TEST(FormatLongDouble, PrintsTheGreatestNumbersInFull) {
  const std::string text = FormatLongDouble(1e4932L);
  EXPECT_EQ(text.size(), 4933u);
  EXPECT_EQ(text.substr(0, 2), "10");
  EXPECT_EQ(FormatLongDouble(-1e300L).size(), 302u);
}

TEST(FormatLongDouble, NamesTheSpecialValues) {
  EXPECT_EQ(FormatLongDouble(std::numeric_limits<long double>::infinity()), "inf");
  EXPECT_EQ(FormatLongDouble(-std::numeric_limits<long double>::infinity()), "-inf");
  EXPECT_EQ(FormatLongDouble(std::nanl("")), "nan");
}

TEST(ParseMemorySize, KnowsTheUnitsOfRedisConf) {
  EXPECT_EQ(ParseMemorySize("0"), 0u);
  EXPECT_EQ(ParseMemorySize("1024"), 1024u);
  EXPECT_EQ(ParseMemorySize("5b"), 5u);
  EXPECT_EQ(ParseMemorySize("1k"), 1000u);
  EXPECT_EQ(ParseMemorySize("1KB"), 1024u);
  EXPECT_EQ(ParseMemorySize("2m"), 2'000'000u);
  EXPECT_EQ(ParseMemorySize("2Mb"), 2u * 1024 * 1024);
  EXPECT_EQ(ParseMemorySize("3g"), 3'000'000'000u);
  EXPECT_EQ(ParseMemorySize("3gB"), 3ull * 1024 * 1024 * 1024);
  EXPECT_EQ(ParseMemorySize("18446744073709551615"), UINT64_MAX);
}

TEST(ParseMemorySize, RefusesWhatIsNoSize) {
  for (const char* text : {"", "-1", "kb", "1t", "1 kb", "1kbb", "1.5g", "x",
                           "18446744073709551616", "99999999999gb", "1bk"}) {
    EXPECT_EQ(ParseMemorySize(text), std::nullopt) << text;
  }
}

TEST(FormatBytesHuman, PicksTheUnit) {
  EXPECT_EQ(FormatBytesHuman(0), "0B");
  EXPECT_EQ(FormatBytesHuman(1023), "1023B");
  EXPECT_EQ(FormatBytesHuman(1024), "1.00K");
  EXPECT_EQ(FormatBytesHuman(1'572'864), "1.50M");
  EXPECT_EQ(FormatBytesHuman(1024 * 1024 - 1), "1024.00K");
  EXPECT_EQ(FormatBytesHuman(5ull << 30), "5.00G");
  EXPECT_EQ(FormatBytesHuman(5ull << 40), "5.00T");
  EXPECT_EQ(FormatBytesHuman(5ull << 50), "5.00P");
  EXPECT_EQ(FormatBytesHuman(1ull << 60), "1152921504606846976B");
}

}  // namespace
}  // namespace pinion
