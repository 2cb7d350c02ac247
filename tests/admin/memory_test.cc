// MEMORY and LOLWUT.
#include <string>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;

class MemoryTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
};

TEST_F(MemoryTest, UsageCountsKeyValueAndDeadline) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MEMORY", "USAGE", "none"), IsNil());
  for (size_t size : {10, 100, 1000, 100'000}) {
    EXPECT_THAT(c.Command("SET", "k", std::string(size, 'x')), IsOk());
    EXPECT_THAT(c.Command("MEMORY", "USAGE", "k"),
                IsInt(::testing::AllOf(Ge(static_cast<int64_t>(size)), Le(static_cast<int64_t>(size + size / 4 + 80)))));
  }
  const int64_t before = c.Command("MEMORY", "USAGE", "k").integer;
  EXPECT_THAT(c.Command("EXPIRE", "k", 100), IsInt(1));
  EXPECT_THAT(c.Command("MEMORY", "USAGE", "k", "SAMPLES", 0), IsInt(::testing::Gt(before)));
}

TEST_F(MemoryTest, UsageReadsItsOptionBeforeItLooks) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MEMORY", "USAGE", "none", "SAMPLES"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("MEMORY", "USAGE", "none", "SAMPLES", -1), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("MEMORY", "USAGE", "none", "SAMPLES", "x"),
              IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("MEMORY", "USAGE", "none", "SAMPLES", 5, "x"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("MEMORY", "USAGE", "none", "COLOUR", 5), IsError("ERR syntax error"));
}

TEST_F(MemoryTest, StatsAddUp) {
  auto c = Connect(3);
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 1000, "k", 1000), IsOk());
  EXPECT_THAT(c.Command("EXPIRE", "k:1", 100), IsInt(1));
  const Reply stats = c.Command("MEMORY", "STATS");
  ASSERT_EQ(stats.kind, Reply::Kind::kMap);
  const auto value = [&](const char* name) {
    const Reply* found = stats.Find(name);
    return found ? found->integer : -1;
  };
  EXPECT_EQ(value("keys.count"), 1000);
  EXPECT_GE(value("dataset.bytes"), 1'000'000);
  EXPECT_EQ(value("dataset.bytes") + value("overhead.total"), value("total.allocated"));
  EXPECT_GE(value("peak.allocated"), value("total.allocated"));
  EXPECT_GE(value("keys.bytes-per-key"), 1000);
  ASSERT_NE(stats.Find("db.0"), nullptr);
  EXPECT_GT(stats.Find("db.0")->Find("overhead.hashtable.main")->integer, 8 * 1000);
  EXPECT_GT(stats.Find("db.0")->Find("overhead.hashtable.expires")->integer, 0);
  EXPECT_EQ(stats.Find("db.1"), nullptr);
  EXPECT_EQ(stats.Find("fragmentation")->kind, Reply::Kind::kDouble);
}

TEST_F(MemoryTest, TheRestRepliesInItsForm) {
  auto c = Connect(3);
  EXPECT_THAT(c.Command("MEMORY", "DOCTOR"), IsVerbatim(HasSubstr("nearly empty")));
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 1000, "k", 10'000), IsOk());
  EXPECT_THAT(c.Command("MEMORY", "DOCTOR"), IsVerbatim(::testing::Not(HasSubstr("nearly empty"))));
  EXPECT_THAT(c.Command("MEMORY", "PURGE"), IsOk());
  EXPECT_THAT(c.Command("MEMORY", "MALLOC-STATS"), IsVerbatim(::testing::Not(::testing::IsEmpty())));
  EXPECT_THAT(c.Command("MEMORY", "HELP"), HasElements(::testing::SizeIs(14)));
  EXPECT_THAT(c.Command("MEMORY", "COLOUR"), IsError("ERR unknown subcommand 'COLOUR'. Try MEMORY HELP."));
}

TEST_F(MemoryTest, LolwutDrawsGearsThatMesh) {
  auto c = Connect(3);
  EXPECT_THAT(c.Command("LOLWUT"), IsVerbatim(HasSubstr("Pinion ver. ")));
  EXPECT_THAT(c.Command("LOLWUT", "VERSION", 5, 8, 12),
              IsVerbatim(HasSubstr("After 3 turns of the small one, and 2 of the large,")));
  EXPECT_THAT(c.Command("LOLWUT", 12, 8), IsVerbatim(HasSubstr("After 3 turns of the small one, and 2 of the large,")));
  EXPECT_THAT(c.Command("LOLWUT", "VERSION"), IsVerbatim(HasSubstr("Pinion ver. ")));
  EXPECT_THAT(c.Command("LOLWUT", "VERSION", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("LOLWUT", "many"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("LOLWUT", 8, 12, 3), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("LOLWUT", -1, 1'000'000), IsVerbatim(HasSubstr("Pinion ver. ")));
}

}  // namespace
}  // namespace pinion::test
