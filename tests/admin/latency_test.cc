// Tests of LATENCY.
#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class LatencyTest : public ServerTest {
 protected:
  void Configure(Options& options) override {
    options.Set("latency-monitor-threshold", "20").Set("enable-debug-command", "yes");
  }
};

TEST_F(LatencyTest, ASlowCommandIsASpike) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "SLEEP", "0.03"), IsOk());
  const auto at_least = IsInt(Ge(30));
  EXPECT_THAT(c.Command("LATENCY", "LATEST"),
              IsArray(IsArray("command", IsInt(Ge(1'600'000'000)), at_least, at_least)));
  EXPECT_THAT(c.Command("LATENCY", "HISTORY", "command"),
              IsArray(IsArray(IsInt(Ge(1'600'000'000)), at_least)));
  // How long a sleep of 30 ms really takes is the machine's affair: only the name and that there is a figure are fixed.
  EXPECT_THAT(c.Command("LATENCY", "GRAPH", "command"), IsBulk(StartsWith("command - high ")));
  EXPECT_THAT(c.Command("LATENCY", "DOCTOR"), IsBulk(HasSubstr("1. command: 1 latency spikes")));
  EXPECT_THAT(c.Command("LATENCY", "RESET", "fast-command"), IsInt(0));
  EXPECT_THAT(c.Command("LATENCY", "RESET", "command"), IsInt(1));
  EXPECT_THAT(c.Command("LATENCY", "LATEST"), IsArray());
}

TEST_F(LatencyTest, AnUnknownEventHasNoHistory) {
  auto c = Connect();
  EXPECT_THAT(c.Command("LATENCY", "HISTORY", "nosuch"), IsArray());
  EXPECT_THAT(c.Command("LATENCY", "GRAPH", "nosuch"),
              IsError("ERR No samples available for event 'nosuch'"));
  EXPECT_THAT(c.Command("LATENCY", "RESET"), IsInt(0));
}

TEST_F(LatencyTest, HistogramCountsCallsByDuration) {
  auto c = Connect();
  for (int i = 0; i < 3; ++i) (void)c.Command("SET", "k", i);
  const Reply histogram = c.Command("LATENCY", "HISTOGRAM", "set", "nosuch");
  ASSERT_THAT(histogram, HasElements(SizeIs(2)));
  const Reply* set = histogram.Find("set");
  ASSERT_NE(set, nullptr);
  EXPECT_THAT(*set->Find("calls"), IsInt(3));
  const Reply* buckets = set->Find("histogram_usec");
  ASSERT_NE(buckets, nullptr);
  ASSERT_GE(buckets->elements.size(), 2U);
  EXPECT_THAT(buckets->elements.back(), IsInt(3));
}

TEST_F(LatencyTest, HistogramOfAContainerShowsItsSubcommands) {
  auto c = Connect();
  (void)c.Command("CONFIG", "GET", "save");
  const Reply histogram = c.Command("LATENCY", "HISTOGRAM", "config");
  EXPECT_NE(histogram.Find("config|get"), nullptr);
  EXPECT_EQ(histogram.elements.size(), 2U);
}

TEST_F(LatencyTest, HistogramWithoutNamesShowsWhatRan) {
  auto c = Connect();
  EXPECT_THAT(c.Command("CONFIG", "RESETSTAT"), IsOk());
  (void)c.Command("SET", "k", "v");
  const Reply histogram = c.Command("LATENCY", "HISTOGRAM");
  EXPECT_NE(histogram.Find("set"), nullptr);
  EXPECT_EQ(histogram.Find("get"), nullptr);
}

}  // namespace
}  // namespace pinion::test
