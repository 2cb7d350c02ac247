// CONFIG GET.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "tests/config/memory_files.h"

namespace pinion::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class ConfigGet : public testing::Test {
 protected:
  std::vector<std::pair<std::string, std::string>> Get(std::vector<std::string_view> patterns) const {
    return config_.Get(patterns);
  }

  MemoryFiles files_;
  Config config_{files_};
};

TEST_F(ConfigGet, GivesAnOptionByItsName) {
  EXPECT_THAT(Get({"maxmemory"}), ElementsAre(Pair("maxmemory", "0")));
  EXPECT_THAT(Get({"no-such-option"}), IsEmpty());
  EXPECT_THAT(Get({}), IsEmpty());
}

TEST_F(ConfigGet, SpellsAPlainNameAsTheClientDid) {
  EXPECT_THAT(Get({"MaxMemory"}), ElementsAre(Pair("MaxMemory", "0")));
}

TEST_F(ConfigGet, MatchesPatternsWithoutCase) {
  EXPECT_THAT(Get({"MAXMEMORY*"}),
              ElementsAre(Pair("maxmemory", "0"), Pair("maxmemory-clients", "0"),
                          Pair("maxmemory-eviction-tenacity", "10"), Pair("maxmemory-policy", "noeviction"),
                          Pair("maxmemory-samples", "5")));
  EXPECT_THAT(Get({"h[z]"}), ElementsAre(Pair("hz", "10")));
  EXPECT_THAT(Get({"por?"}), ElementsAre(Pair("port", "6379")));
}

TEST_F(ConfigGet, GivesEachNameOnce) {
  EXPECT_THAT(Get({"port", "PORT", "por?", "port"}), ElementsAre(Pair("port", "6379")));
}

TEST_F(ConfigGet, ShowsAnOptionUnderBothItsNames) {
  EXPECT_THAT(Get({"hash-max-*-entries"}),
              ElementsAre(Pair("hash-max-listpack-entries", "512"), Pair("hash-max-ziplist-entries", "512")));
  EXPECT_THAT(Get({"lua-time-limit"}), ElementsAre(Pair("lua-time-limit", "5000")));
}

TEST_F(ConfigGet, ShowsHiddenOptionsOnlyByExactName) {
  EXPECT_THAT(Get({"key-load-delay"}), ElementsAre(Pair("key-load-delay", "0")));
  EXPECT_THAT(Get({"key-load-*"}), IsEmpty());
}

TEST_F(ConfigGet, ShowsEveryOtherOptionForAStar) {
  const auto all = Get({"*"});
  const auto visible = std::count_if(AllOptionNames().begin(), AllOptionNames().end(),
                                     [](const OptionName& name) { return !name.option->Has(kHidden); });
  EXPECT_EQ(static_cast<ptrdiff_t>(all.size()), visible);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

// Each checked against redis-server 7.0.15.
TEST_F(ConfigGet, PrintsValuesAsRedisDoes) {
  struct Case {
    std::string_view line;
    std::string_view name;
    std::string_view value;
  };
  const Case cases[] = {
      {"", "bind", "* -::*"},
      {"bind", "bind", ""},
      {"bind ''", "bind", ""},
      {"bind 127.0.0.1 -::1", "bind", "127.0.0.1 -::1"},
      {"", "client-output-buffer-limit", "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"},
      {"", "save", ""},
      {"save 3600 1 300 100 60 10000", "save", "3600 1 300 100 60 10000"},
      {"", "oom-score-adj-values", "0 200 800"},
      {"oom-score-adj relative", "oom-score-adj", "yes"},
      {"", "unixsocketperm", "0"},
      {"unixsocketperm 0755", "unixsocketperm", "755"},
      {"", "latency-tracking-info-percentiles", "50 99 99.9"},
      {"latency-tracking-info-percentiles 0.0 99.99000", "latency-tracking-info-percentiles", "0 99.99"},
      {"latency-tracking-info-percentiles ''", "latency-tracking-info-percentiles", ""},
      {"", "notify-keyspace-events", ""},
      {"notify-keyspace-events KEA", "notify-keyspace-events", "AKE"},
      {"maxmemory-clients 50%", "maxmemory-clients", "50%"},
      {"maxmemory-clients 1kb", "maxmemory-clients", "1024"},
      {"maxmemory-clients 0%", "maxmemory-clients", "0"},
      {"shutdown-on-sigint force now save", "shutdown-on-sigint", "save now force"},
      {"shutdown-on-sigint default now", "shutdown-on-sigint", "now"},
      {"", "shutdown-on-sigterm", "default"},
      {"maxmemory-policy ALLKEYS-lru", "maxmemory-policy", "allkeys-lru"},
      {"", "dir", "/work"},
      {"", "replicaof", ""},
      {"", "slaveof", ""},
      {"", "proto-max-bulk-len", "536870912"},
  };
  for (const Case& c : cases) {
    MemoryFiles files;
    Config config(files);
    ASSERT_TRUE(config.LoadLine(c.line)) << c.line;
    EXPECT_EQ(config.Text(c.name), c.value) << c.name;
  }
}

TEST_F(ConfigGet, PublishesPercentagesAsNegativeNumbers) {
  ASSERT_TRUE(config_.LoadLine("maxmemory-clients 5%"));
  EXPECT_EQ(config_.settings().maxmemory_clients, -5);
}

TEST_F(ConfigGet, ConvertsLists) {
  ASSERT_TRUE(config_.LoadText("latency-tracking-info-percentiles 50 99.9\nsave 1 2\n"));
  EXPECT_THAT(config_.LatencyPercentiles(), ElementsAre(50, 99.9));
  EXPECT_THAT(config_.SavePoints(), ElementsAre(SavePoint{1, 2}));
  EXPECT_THAT(config_.BindAddresses(), ElementsAre("*", "-::*"));
}

}  // namespace
}  // namespace pinion::config
