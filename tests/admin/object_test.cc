// OBJECT: encodings, access clocks, reference counts.
#include <string>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

class ObjectTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
};

TEST_F(ObjectTest, EncodingFollowsValueAndHistory) {
  auto c = Connect();
  const std::pair<std::string, const char*> cases[] = {
      {"0", "int"}, {"-9223372036854775808", "int"}, {"9223372036854775808", "embstr"}, {"01", "embstr"}, {"", "embstr"},
      {std::string(44, 'x'), "embstr"}, {std::string(45, 'x'), "raw"}, {std::string(100'000, 'x'), "raw"}};
  for (const auto& [value, encoding] : cases) {
    EXPECT_THAT(c.Command("SET", "k", value), IsOk());
    EXPECT_THAT(c.Command("OBJECT", "ENCODING", "k"), IsBulk(encoding)) << value.substr(0, 50);
  }
  EXPECT_THAT(c.Command("SET", "k", "short"), IsOk());
  EXPECT_THAT(c.Command("APPEND", "k", "!"), IsInt(6));
  EXPECT_THAT(c.Command("OBJECT", "ENCODING", "k"), IsBulk("raw"));
}

TEST_F(ObjectTest, SmallIntegersLookShared) {
  auto c = Connect();
  const std::pair<const char*, int64_t> cases[] = {{"0", INT32_MAX}, {"9999", INT32_MAX}, {"10000", 1}, {"-1", 1}, {"x", 1}};
  for (const auto& [value, count] : cases) {
    EXPECT_THAT(c.Command("SET", "k", value), IsOk());
    EXPECT_THAT(c.Command("OBJECT", "REFCOUNT", "k"), IsInt(count)) << value;
  }
}

TEST_F(ObjectTest, IdleTimeCountsSecondsAndIsNotAnAccess) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  EXPECT_THAT(c.Command("OBJECT", "IDLETIME", "k"), IsInt(::testing::Le(1)));
  EXPECT_THAT(c.Command("DEBUG", "SLEEP", "1.1"), IsOk());
  EXPECT_THAT(c.Command("OBJECT", "IDLETIME", "k"), IsInt(::testing::Ge(1)));
  EXPECT_THAT(c.Command("OBJECT", "IDLETIME", "k"), IsInt(::testing::Ge(1)));
  EXPECT_THAT(c.Command("OBJECT", "FREQ", "k"), IsErrorStarting("ERR An LFU maxmemory policy is not selected"));
}

TEST_F(ObjectTest, MissingKeysAreNil) {
  auto c = Connect();
  for (const char* what : {"ENCODING", "FREQ", "IDLETIME", "REFCOUNT"}) {
    EXPECT_THAT(c.Command("OBJECT", what, "none"), IsNil()) << what;
    EXPECT_THAT(c.Command("OBJECT", what), IsErrorStarting("ERR wrong number of arguments for 'object|"));
  }
  EXPECT_THAT(c.Command("OBJECT", "COLOUR", "k"), IsError("ERR unknown subcommand 'COLOUR'. Try OBJECT HELP."));
  EXPECT_THAT(c.Command("OBJECT", "HELP"), HasElements(::testing::SizeIs(15)));
}

class LfuObjectTest : public ServerTest {
 protected:
  void Configure(Options& options) override {
    options.Set("maxmemory-policy", "allkeys-lfu").Set("lfu-log-factor", "0").Set("maxmemory", "100mb");
  }
};

TEST_F(LfuObjectTest, FrequencyGrowsWithUse) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "7"), IsOk());
  const int64_t before = c.Command("OBJECT", "FREQ", "k").integer;
  for (int i = 0; i < 20; ++i) EXPECT_THAT(c.Command("GET", "k"), IsBulk("7"));
  EXPECT_THAT(c.Command("OBJECT", "FREQ", "k"), IsInt(before + 20));
  EXPECT_THAT(c.Command("OBJECT", "IDLETIME", "k"), IsErrorStarting("ERR An LFU maxmemory policy is selected"));
  EXPECT_THAT(c.Command("OBJECT", "REFCOUNT", "k"), IsInt(1));  // eviction needs a clock in every value
}

}  // namespace
}  // namespace pinion::test
