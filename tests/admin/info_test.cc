// Tests of INFO.
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class InfoTest : public ServerTest {
 protected:
  // The value of "name:value" in a section; empty when the line is missing.
  std::string Field(const std::string& section, const std::string& name) {
    const std::string text = client().Command("INFO", section).text;
    const size_t at = text.find("\r\n" + name + ":");
    if (at == std::string::npos) return {};
    const size_t begin = at + name.size() + 3;
    return text.substr(begin, text.find("\r\n", begin) - begin);
  }
  int64_t Number(const std::string& section, const std::string& name) {
    return std::atoll(Field(section, name).c_str());
  }
  RespClient& client() {
    if (!client_) client_.emplace(Connect());
    return *client_;
  }

 private:
  std::optional<RespClient> client_;
};

TEST_F(InfoTest, SectionsAreShownAsAsked) {
  struct Case {
    std::vector<std::string> words;
    std::vector<std::string> shown, hidden;
  };
  const Case cases[] = {
      {{},
       {"# Server", "# Memory", "# Modules", "# Errorstats", "# Keyspace"},
       {"# Commandstats", "# Latencystats"}},
      {{"default"}, {"# Server", "# Errorstats"}, {"# Commandstats"}},
      {{"all"}, {"# Server", "# Commandstats", "# Latencystats"}, {}},
      {{"everything"}, {"# Server", "# Commandstats", "# Modules"}, {"# Debug"}},
      {{"debug"}, {"# Debug"}, {"# Server"}},
      {{"server"}, {"# Server"}, {"# Clients"}},
      {{"CPU", "cluster"}, {"# CPU", "# Cluster"}, {"# Server"}},
      {{"default", "commandstats"}, {"# Server", "# Commandstats"}, {"# Latencystats"}},
  };
  for (const Case& c : cases) {
    std::vector<std::string> command = {"INFO"};
    command.insert(command.end(), c.words.begin(), c.words.end());
    const std::string text = client().Command(command).text;
    for (const std::string& s : c.shown) EXPECT_THAT(text, HasSubstr(s + "\r\n"));
    for (const std::string& s : c.hidden) EXPECT_THAT(text, Not(HasSubstr(s)));
  }
}

TEST_F(InfoTest, AnUnknownSectionIsEmpty) {
  EXPECT_THAT(client().Command("INFO", "nosuch"), IsBulk(""));
}

TEST_F(InfoTest, SectionsAreSeparatedByAnEmptyLine) {
  EXPECT_THAT(client().Command("INFO", "modules", "cluster"),
              IsBulk("# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n"));
}

TEST_F(InfoTest, ServerTellsWhatRuns) {
  EXPECT_EQ(Field("server", "redis_mode"), "standalone");
  EXPECT_EQ(Field("server", "server_name"), "pinion");
  EXPECT_EQ(Number("server", "tcp_port"), port());
  EXPECT_EQ(Field("server", "run_id").size(), 40U);
  EXPECT_EQ(Number("server", "threads"), 2);
}

TEST_F(InfoTest, ClientsAreCounted) {
  auto other = Connect();
  EXPECT_THAT(other.Command("PING"), IsStatus("PONG"));
  EXPECT_EQ(Number("clients", "connected_clients"), 2);
  EXPECT_EQ(Number("stats", "total_connections_received"), 2);
}

TEST_F(InfoTest, MemoryGrowsWithTheKeyspaceAndAddsUp) {
  const int64_t before = Number("memory", "used_memory");
  (void)client().Command("SET", "k", std::string(100'000, 'x'));
  const int64_t after = Number("memory", "used_memory");
  EXPECT_GE(after, before + 100'000);
  EXPECT_GE(Number("memory", "used_memory_peak"), after);
  EXPECT_GE(Number("memory", "used_memory_dataset"), 100'000);
  EXPECT_GT(Number("memory", "used_memory_rss"), 0);
  EXPECT_EQ(Field("memory", "maxmemory_policy"), "noeviction");
  EXPECT_EQ(Field("memory", "mem_allocator"), "mimalloc");
}

TEST_F(InfoTest, StatsCountHitsMissesAndErrors) {
  (void)client().Command("SET", "k", "v");
  (void)client().Command("GET", "k");
  (void)client().Command("GET", "nosuch");
  (void)client().Command("GET");
  EXPECT_EQ(Number("stats", "keyspace_hits"), 1);
  EXPECT_EQ(Number("stats", "keyspace_misses"), 1);
  EXPECT_EQ(Number("stats", "total_error_replies"), 1);
  EXPECT_EQ(Number("stats", "rejected_connections"), 0);
  EXPECT_GE(Number("stats", "total_net_input_bytes"), 50);
  EXPECT_EQ(Field("stats", "expire_lag_p99_us"), "0");
}

TEST_F(InfoTest, CommandStatsTellCallsApartFromRefusals) {
  (void)client().Command("SET", "k", "v");
  (void)client().Command("SET", "k");
  EXPECT_THAT(Field("commandstats", "cmdstat_set"),
              ContainsRegex("^calls=1,usec=[0-9]+,usec_per_call=[0-9]+\\.[0-9][0-9],rejected_calls="
                            "1,failed_calls=0$"));
  EXPECT_THAT(Field("commandstats", "cmdstat_config|get"), "");
  (void)client().Command("CONFIG", "GET", "save");
  EXPECT_THAT(Field("commandstats", "cmdstat_config|get"), StartsWith("calls=1,"));
}

TEST_F(InfoTest, ErrorStatsCountByCode) {
  (void)client().Command("nosuch");
  (void)client().Command("GET");
  EXPECT_EQ(Field("errorstats", "errorstat_ERR"), "count=2");
}

TEST_F(InfoTest, LatencyStatsFollowTheConfiguredPercentiles) {
  (void)client().Command("SET", "k", "v");
  EXPECT_THAT(Field("latencystats", "latency_percentiles_usec_set"),
              ContainsRegex("^p50=[0-9.]+,p99=[0-9.]+,p99.9=[0-9.]+$"));
  EXPECT_THAT(client().Command("CONFIG", "SET", "latency-tracking-info-percentiles", "100"),
              IsOk());
  EXPECT_THAT(Field("latencystats", "latency_percentiles_usec_set"),
              ContainsRegex("^p100=[0-9.]+$"));
  EXPECT_THAT(client().Command("CONFIG", "SET", "latency-tracking", "no"), IsOk());
  EXPECT_EQ(Field("latencystats", "latency_percentiles_usec_set"), "");
}

TEST_F(InfoTest, KeyspaceListsDatabasesThatHoldKeys) {
  EXPECT_THAT(client().Command("INFO", "keyspace"), IsBulk("# Keyspace\r\n"));
  (void)client().Command("SET", "k", "v");
  EXPECT_EQ(Field("keyspace", "db0"), "keys=1,expires=0,avg_ttl=0");
  (void)client().Command("SET", "volatile", "v", "EX", 100);
  EXPECT_THAT(Field("keyspace", "db0"),
              ContainsRegex("^keys=2,expires=1,avg_ttl=(99[0-9][0-9][0-9]|100000)$"));
}

TEST_F(InfoTest, DeadlinesAtTheEndOfTimeHaveAnAverage) {
  auto c = Connect();
  for (const char* key : {"a", "b", "c"}) {
    EXPECT_THAT(c.Command("SET", key, "v"), IsOk());
    EXPECT_THAT(c.Command("PEXPIREAT", key, "9223372036854775807"), IsInt(1));
  }
  EXPECT_THAT(Field("keyspace", "db0"), ContainsRegex("^keys=3,expires=3,avg_ttl=922337[0-9]+$"));
}

TEST_F(InfoTest, ReplicationAndPersistenceAreThoseOfALoneServer) {
  EXPECT_EQ(Field("replication", "role"), "master");
  EXPECT_EQ(Number("replication", "connected_slaves"), 0);
  EXPECT_EQ(Field("persistence", "loading"), "0");
  EXPECT_EQ(Field("persistence", "aof_enabled"), "0");
}

TEST_F(InfoTest, ItsTextIsVerbatimInResp3) {
  auto c = Connect(3);
  EXPECT_THAT(c.Command("INFO", "cluster"), IsVerbatim("# Cluster\r\ncluster_enabled:0\r\n"));
}

TEST_F(InfoTest, EventLoopsAreMeasured) {
  const int64_t cycles = Number("stats", "eventloop_cycles");
  const int64_t busy = Number("stats", "eventloop_duration_sum");
  const int64_t commands = Number("stats", "eventloop_duration_cmd_sum");
  EXPECT_GT(cycles, 0);
  EXPECT_GT(busy, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  EXPECT_GT(Number("stats", "eventloop_cycles"), cycles);
  EXPECT_GT(Number("stats", "eventloop_duration_sum"), busy);
  EXPECT_GT(Number("stats", "eventloop_duration_cmd_sum"), commands);
  EXPECT_GT(Number("stats", "instantaneous_eventloop_cycles_per_sec"), 0);
}

TEST_F(InfoTest, DebugTellsOfTheLongestBatch) {
  const int64_t ticks = Number("debug", "eventloop_duration_cron_sum");
  std::string pings;
  for (int i = 0; i < 100; ++i) pings += "PING\r\n";
  ASSERT_TRUE(client().SendRaw(pings));
  for (int i = 0; i < 100; ++i) EXPECT_THAT(client().ReadReply(), IsStatus("PONG"));
  client().Command("EVAL", "local n = 0 for i = 1, 5000000 do n = n + i end", "0");
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  EXPECT_GT(Number("debug", "eventloop_cmd_per_cycle_max"), 1);
  EXPECT_GE(Number("debug", "eventloop_duration_max"), 1'000);
  EXPECT_GT(Number("debug", "eventloop_duration_cron_sum"), ticks);
}

TEST_F(InfoTest, RatesAreThoseOfTheLastMoments) {
  std::this_thread::sleep_for(std::chrono::milliseconds(250));  // until there is a sample before
  for (int i = 0; i < 100; ++i) client().Command("PING");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_GT(Number("stats", "instantaneous_ops_per_sec"), 10);
}

TEST_F(InfoTest, OnlyErrorsThatScriptsMakeUpAreCountedTogether) {
  for (int i = 0; i < 130; ++i) {
    client().Command("EVAL", "return redis.error_reply('E' .. ARGV[1] .. ' x')", "0", std::to_string(i));
  }
  EXPECT_EQ(Field("errorstats", "errorstat_ERRORSTATS_OVERFLOW"), "count=2");
  client().Command("SET", "a", "b", "c", "d");
  EXPECT_EQ(Field("errorstats", "errorstat_ERR"), "count=1");
}

}  // namespace
}  // namespace pinion::test
