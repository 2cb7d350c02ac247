// CONFIG SET: checks, all-or-nothing, hooks.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "tests/config/memory_files.h"

namespace pinion::config {
namespace {

using testing::ElementsAre;

class ConfigSet : public testing::Test {
 protected:
  std::string Error(std::initializer_list<Config::NameValue> pairs, SetOrigin origin = {}) {
    const Config::Result result = config_.Set(pairs, origin);
    return result ? "" : result.error();
  }

  MemoryFiles files_;
  Config config_{files_};
};

TEST_F(ConfigSet, ChangesSeveralOptionsAtOnce) {
  ASSERT_TRUE(config_.Set({{"maxmemory", "10000001"}, {"REPL-backlog-size", "10000002"}, {"save", "3000 5"}}));
  EXPECT_EQ(config_.settings().maxmemory, 10000001);
  EXPECT_EQ(config_.Text("repl-backlog-size"), "10000002");
  EXPECT_EQ(config_.Text("save"), "3000 5");
}

TEST_F(ConfigSet, ReplacesSavePointsInsteadOfAddingThem) {
  ASSERT_TRUE(config_.Set({{"save", "1 1"}}));
  ASSERT_TRUE(config_.Set({{"save", "2 2"}}));
  EXPECT_EQ(config_.Text("save"), "2 2");
}

// Each text as redis-server 7.0.15 gives it.
TEST_F(ConfigSet, ExplainsWhatIsWrong) {
  struct Case {
    std::initializer_list<Config::NameValue> pairs;
    std::string_view error;
  };
  const Case cases[] = {
      {{{"nope", "1"}}, "ERR Unknown option or number of arguments for CONFIG SET - 'nope'"},
      {{{"maxmemory", "1"}, {"Nope", "1"}}, "ERR Unknown option or number of arguments for CONFIG SET - 'Nope'"},
      {{{"include", "x"}}, "ERR Unknown option or number of arguments for CONFIG SET - 'include'"},
      {{{"MAXMEMORY", "abc"}},
       "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value"},
      {{{"maxmemory", "1 mb"}},
       "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value"},
      {{{"maxmemory", "1"}, {"maxmemory", "2"}},
       "ERR CONFIG SET failed (possibly related to argument 'maxmemory') - duplicate parameter"},
      {{{"maxmemory", "1"}, {"MAXmemory", "2"}},
       "ERR CONFIG SET failed (possibly related to argument 'MAXmemory') - duplicate parameter"},
      {{{"Daemonize", "yes"}},
       "ERR CONFIG SET failed (possibly related to argument 'Daemonize') - can't set immutable config"},
      {{{"replicaof", "a b"}},
       "ERR CONFIG SET failed (possibly related to argument 'replicaof') - can't set immutable config"},
      {{{"dir", "/data"}},
       "ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config"},
      {{{"dbfilename", "a/b"}},
       "ERR CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config"},
      {{{"port", "70000"}},
       "ERR CONFIG SET failed (possibly related to argument 'port') - "
       "argument must be between 0 and 65535 inclusive"},
      {{{"timeout", "1 "}},
       "ERR CONFIG SET failed (possibly related to argument 'timeout') - "
       "argument couldn't be parsed into an integer"},
      {{{"hash-max-ziplist-entries", "x"}},
       "ERR CONFIG SET failed (possibly related to argument 'hash-max-ziplist-entries') - "
       "argument couldn't be parsed into an integer"},
      {{{"protected-mode", "maybe"}},
       "ERR CONFIG SET failed (possibly related to argument 'protected-mode') - argument must be 'yes' or 'no'"},
      {{{"maxmemory-policy", "foo"}},
       "ERR CONFIG SET failed (possibly related to argument 'maxmemory-policy') - argument(s) must be one of the "
       "following: volatile-lru, volatile-lfu, volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, "
       "allkeys-random, noeviction"},
      {{{"maxmemory", "1"}, {"maxmemory-clients", "200%"}, {"client-query-buffer-limit", "invalid"}},
       "ERR CONFIG SET failed (possibly related to argument 'maxmemory-clients') - "
       "percentage argument must be less or equal to 100"},
      {{{"save", " "}},
       "ERR CONFIG SET failed (possibly related to argument 'save') - Invalid save parameters"},
      {{{"client-output-buffer-limit", "normal 0 0 0 "}},
       "ERR CONFIG SET failed (possibly related to argument 'client-output-buffer-limit') - "
       "Wrong number of arguments in buffer limit configuration."},
      {{{"latency-tracking-info-percentiles", "50  99"}},
       "ERR CONFIG SET failed (possibly related to argument 'latency-tracking-info-percentiles') - "
       "Invalid latency-tracking-info-percentiles parameters"},
      {{{"activedefrag", "yes"}},
       "ERR CONFIG SET failed (possibly related to argument 'activedefrag') - "
       "activedefrag yes is not supported by this version of Pinion"},
  };
  for (const Case& c : cases) EXPECT_EQ(Error(c.pairs), c.error);
  EXPECT_EQ(config_.settings().maxmemory, 0);
}

TEST_F(ConfigSet, TakesAnOptionAndItsAliasTogetherAndTheLaterWins) {
  ASSERT_TRUE(config_.Set({{"hash-max-listpack-entries", "1"}, {"hash-max-ziplist-entries", "2"}}));
  EXPECT_EQ(config_.settings().hash_max_listpack_entries, 2);
}

TEST_F(ConfigSet, AllowsProtectedOptionsWhenTold) {
  ASSERT_TRUE(config_.LoadLine("enable-protected-configs local"));
  EXPECT_EQ(Error({{"dbfilename", "x.rdb"}}),
            "ERR CONFIG SET failed (possibly related to argument 'dbfilename') - can't set protected config");
  EXPECT_EQ(Error({{"dbfilename", "x.rdb"}}, {.local = true}), "");
  ASSERT_TRUE(config_.LoadLine("enable-protected-configs yes"));
  EXPECT_EQ(Error({{"dbfilename", "y.rdb"}}), "");
}

TEST_F(ConfigSet, RefusesSomeOptionsWhileLoading) {
  EXPECT_EQ(Error({{"appendonly", "no"}}, {.loading = true}), "LOADING Redis is loading the dataset in memory");
  EXPECT_EQ(Error({{"loglevel", "debug"}}, {.loading = true}), "");
}

TEST_F(ConfigSet, LeavesTheDirectoryWhenAnotherOptionFails) {
  ASSERT_TRUE(config_.LoadLine("enable-protected-configs yes"));
  EXPECT_NE(Error({{"dir", "/data"}, {"port", "x"}}), "");
  EXPECT_EQ(files_.directory, "/work");
  EXPECT_EQ(config_.Text("dir"), "/work");
  EXPECT_EQ(Error({{"dir", "/data"}, {"port", "1"}}), "");
  EXPECT_EQ(files_.directory, "/data");
}

TEST_F(ConfigSet, RunsHooksAfterAllNewValuesAreInPlace) {
  std::vector<int64_t> seen;
  config_.OnChange({"maxmemory"}, [&]() -> Config::Result {
    seen = {config_.settings().maxmemory, config_.settings().timeout};
    return {};
  });
  ASSERT_TRUE(config_.Set({{"maxmemory", "5"}, {"timeout", "6"}}));
  EXPECT_THAT(seen, ElementsAre(5, 6));
}

TEST_F(ConfigSet, RunsAHookOnceAndOnlyForChanges) {
  int listening = 0;
  int tls = 0;
  config_.OnChange({"port", "bind"}, [&]() -> Config::Result { return ++listening, Config::Result(); });
  config_.OnChange({"tls-cert-file"}, [&]() -> Config::Result { return ++tls, Config::Result(); });
  ASSERT_TRUE(config_.Set({{"port", "1"}, {"bind", "127.0.0.1"}}));
  EXPECT_EQ(listening, 1);
  ASSERT_TRUE(config_.Set({{"port", "1"}, {"timeout", "9"}}));
  EXPECT_EQ(listening, 1);
  // The file may have another content under the same name.
  ASSERT_TRUE(config_.Set({{"tls-cert-file", ""}}));
  EXPECT_EQ(tls, 1);
}

TEST_F(ConfigSet, RunsEveryHookOfAnOption) {
  std::string order;
  config_.OnChange({"port"}, [&]() -> Config::Result { return order += 'a', Config::Result(); });
  config_.OnChange({"port"}, [&]() -> Config::Result { return order += 'b', Config::Result(); });
  ASSERT_TRUE(config_.Set({{"port", "1"}}));
  EXPECT_EQ(order, "ab");
}

TEST_F(ConfigSet, PutsEverythingBackWhenAHookFails) {
  ASSERT_TRUE(config_.LoadText("enable-protected-configs yes\nmaxmemory 7\n"));
  std::vector<std::string> calls;
  config_.OnChange({"maxmemory"}, [&]() -> Config::Result {
    calls.push_back("maxmemory " + config_.Text("maxmemory"));
    return {};
  });
  config_.OnChange({"port"}, [&]() -> Config::Result {
    calls.push_back("port " + config_.Text("port"));
    if (config_.settings().port == 1) return tl::unexpected(std::string("Unable to listen on this port"));
    return {};
  });
  config_.OnChange({"timeout"}, [&]() -> Config::Result { return calls.push_back("timeout"), Config::Result(); });
  EXPECT_EQ(Error({{"maxmemory", "8"}, {"dir", "/data"}, {"port", "1"}, {"timeout", "3"}}),
            "ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port");
  EXPECT_THAT(calls, ElementsAre("maxmemory 8", "port 1", "maxmemory 7", "port 6379"));
  EXPECT_EQ(config_.settings().maxmemory, 7);
  EXPECT_EQ(config_.settings().port, 6379);
  EXPECT_EQ(config_.settings().timeout, 0);
  EXPECT_EQ(config_.Text("dir"), "/work");
  EXPECT_EQ(files_.directory, "/work");
}

TEST_F(ConfigSet, OmitsAReasonThatAHookDoesNotGive) {
  config_.OnChange({"port"}, []() -> Config::Result { return tl::unexpected(std::string()); });
  EXPECT_EQ(Error({{"port", "1"}}), "ERR CONFIG SET failed (possibly related to argument 'port')");
}

TEST_F(ConfigSet, AdjustsImmutableOptionsForStartUp) {
  EXPECT_TRUE(config_.Adjust("databases", "3"));
  EXPECT_EQ(config_.settings().databases, 3);
  EXPECT_EQ(config_.Adjust("databases", "0").error(), "argument must be between 1 and 2147483647 inclusive");
  EXPECT_EQ(config_.Adjust("nope", "0").error(), "unknown option 'nope'");
}

TEST_F(ConfigSet, TakesBackEveryValueItShows) {
  ASSERT_TRUE(config_.LoadText("enable-protected-configs yes\nmaxmemory 3gb\nmaxmemory-clients 7%\nsave 1 2 3 4\n"
                               "notify-keyspace-events KAn\nbind 127.0.0.1 ::1\nshutdown-on-sigint force save\n"
                               "requirepass \"x \\\"y\\\"\"\nclient-output-buffer-limit pubsub 1 2 3\n"));
  for (const OptionName& name : AllOptionNames()) {
    if (name.option->Has(kImmutable)) continue;
    const std::string before = config_.Text(name.name);
    EXPECT_EQ(Error({{name.name, before}}), "") << name.name;
    EXPECT_EQ(config_.Text(name.name), before) << name.name;
  }
}

TEST_F(ConfigSet, ShowsOtherThreadsAllOfASetOrNothing) {
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) {
      const std::string value = std::to_string(i);
      ASSERT_TRUE(config_.Set({{"timeout", value}, {"masterauth", value}}));
    }
  });
  const std::vector<std::string_view> names = {"timeout", "masterauth"};
  for (int i = 0; i < 2000; ++i) {
    const auto pairs = config_.Get(names);
    if (!pairs[1].second.empty()) {
      EXPECT_EQ(pairs[0].second, pairs[1].second);
    }
    EXPECT_GE(config_.settings().timeout, 0);
  }
  writer.join();
}

}  // namespace
}  // namespace pinion::config
