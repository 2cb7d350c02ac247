// Tests of the latency graph and report.
#include "admin/latency_report.h"

#include <gmock/gmock.h>

namespace pinion::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Series = command::LatencyMonitor::Series;

TEST(LatencyGraph, DrawsAColumnASampleAndItsAge) {
  const Series series = {{{1000, 10}, {1050, 80}, {1100, 45}}, 90};
  EXPECT_EQ(LatencyGraph("command", series, 1120),
            "command - high 80 ms, low 10 ms (all time high 90 ms)\n" + std::string(80, '-') +
                "\n" +
                " #\n"
                " #\n"
                " ##\n"
                "_##\n"
                "\n"
                "212\n"
                "mm0\n"
                "  s\n");
}

TEST(LatencyGraph, ShowsTheNewestThatFit) {
  Series series;
  for (int i = 0; i < 160; ++i) series.samples.push_back({i, i + 1});
  const std::string graph = LatencyGraph("e", series, 200);
  for (size_t at = 0, end; at < graph.size(); at = end + 1) {
    end = graph.find('\n', at);
    EXPECT_LE(end - at, 80U);
  }
}

TEST(LatencyReport, SaysHowToTurnTheMonitorOn) {
  EXPECT_THAT(LatencyReport({}, {}), HasSubstr("CONFIG SET latency-monitor-threshold"));
}

TEST(LatencyReport, IsCalmWhenNothingHappened) {
  EXPECT_THAT(LatencyReport({}, {.threshold_millis = 5}), HasSubstr("no latency spikes"));
}

TEST(LatencyReport, SumsUpEveryEventAndAdvises) {
  const std::map<std::string, Series> events = {{"command", {{{100, 10}, {120, 30}}, 50}}};
  const std::string report = LatencyReport(
      events, {.threshold_millis = 5, .slowlog_micros = 10'000, .slowlog_entries = 128});
  EXPECT_THAT(report, HasSubstr("1. command: 2 latency spikes (average 20ms, mean deviation 10ms, "
                                "period 10.00 sec). Worst all "
                                "time event 50ms."));
  EXPECT_THAT(report, HasSubstr("CONFIG SET slowlog-log-slower-than 5000"));
  EXPECT_THAT(report, HasSubstr("SLOWLOG GET"));
}

TEST(LatencyReport, AdvisesOnlyOnWhatHappened) {
  const std::map<std::string, Series> events = {{"fast-command", {{{100, 10}}, 10}}};
  const std::string report = LatencyReport(events, {.threshold_millis = 5, .slowlog_micros = -1});
  EXPECT_THAT(report, HasSubstr("redis-cli --intrinsic-latency"));
  EXPECT_THAT(report, Not(HasSubstr("SLOWLOG GET")));
}

TEST(LatencyReport, MissesTheSlowLogWhenItIsOff) {
  const std::map<std::string, Series> events = {{"command", {{{100, 10}}, 10}}};
  EXPECT_THAT(LatencyReport(events, {.threshold_millis = 5, .slowlog_micros = -1}),
              HasSubstr("The slow log is off"));
}

}  // namespace
}  // namespace pinion::admin
