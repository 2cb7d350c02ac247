// The letters of notify-keyspace-events.
#include "config/notify_flags.h"

#include <gtest/gtest.h>

namespace pinion::config {
namespace {

TEST(NotifyFlags, HaveTheDocumentedBits) {
  const std::string_view letters = "KEg$lshzxetmdn";
  for (size_t i = 0; i < letters.size(); ++i) {
    EXPECT_EQ(ParseNotifyFlags(letters.substr(i, 1)), uint32_t{1} << i) << letters[i];
  }
}

TEST(NotifyFlags, AStandsForAllButMissesAndNewKeys) {
  EXPECT_EQ(ParseNotifyFlags("A"), ParseNotifyFlags("g$lshzxetd"));
  EXPECT_EQ(*ParseNotifyFlags("A") & (kNotifyKeyMiss | kNotifyNew | kNotifyKeyspace | kNotifyKeyevent), 0u);
}

TEST(NotifyFlags, AreRefusedWhenALetterIsUnknown) {
  EXPECT_EQ(ParseNotifyFlags("AKEq"), std::nullopt);
  EXPECT_EQ(ParseNotifyFlags("K E"), std::nullopt);
}

TEST(NotifyFlags, PrintInRedissOrder) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},        {"KEA", "AKE"},     {"EKm$g", "g$KEm"},   {"gKmnE", "gnKEm"},
      {"EEEx", "xE"},  {"KAn", "AnK"},     {"dtexzhsl$g", "A"}, {"Kg$lshzxet", "g$lshzxetK"},
  };
  for (const auto& [letters, printed] : cases) {
    EXPECT_EQ(FormatNotifyFlags(*ParseNotifyFlags(letters)), printed) << letters;
  }
}

TEST(NotifyFlags, ReadBackAsTheyWereForEveryCombination) {
  for (uint32_t flags = 0; flags < 1 << 14; ++flags) ASSERT_EQ(ParseNotifyFlags(FormatNotifyFlags(flags)), flags);
}

}  // namespace
}  // namespace pinion::config
