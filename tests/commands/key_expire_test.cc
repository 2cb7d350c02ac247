// EXPIRE, TTL, EXPIRETIME, PERSIST and their kin.
#include <chrono>
#include <string>
#include <thread>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::Le;

class KeyExpireTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
};

int64_t NowMillis() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

TEST_F(KeyExpireTest, EveryCommandSetsADeadlineInItsUnit) {
  auto c = Connect();
  const int64_t now = NowMillis();
  const std::pair<const char*, int64_t> commands[] = {
      {"EXPIRE", 100}, {"PEXPIRE", 100'000}, {"EXPIREAT", now / 1000 + 100}, {"PEXPIREAT", now + 100'000}};
  for (const auto& [command, time] : commands) {
    EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
    EXPECT_THAT(c.Command(command, "k", time), IsInt(1)) << command;
    EXPECT_THAT(c.Command("TTL", "k"), IsInt(AllOf(Ge(98), Le(100)))) << command;
    EXPECT_THAT(c.Command("PTTL", "k"), IsInt(AllOf(Gt(98'000), Le(100'000)))) << command;
    EXPECT_THAT(c.Command("EXPIRETIME", "k"), IsInt(AllOf(Ge(now / 1000 + 99), Le(now / 1000 + 105)))) << command;
    EXPECT_THAT(c.Command("PEXPIRETIME", "k"), IsInt(AllOf(Ge(now + 98'000), Le(now + 105'000)))) << command;
    EXPECT_THAT(c.Command(command, "none", time), IsInt(0)) << command;
  }
}

TEST_F(KeyExpireTest, TtlCommandsTellNoKeyFromNoDeadline) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  for (const char* command : {"TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"}) {
    EXPECT_THAT(c.Command(command, "k"), IsInt(-1)) << command;
    EXPECT_THAT(c.Command(command, "none"), IsInt(-2)) << command;
  }
}

TEST_F(KeyExpireTest, SecondsAreRoundedToTheNearest) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  EXPECT_THAT(c.Command("PEXPIREAT", "k", 33'177'117'420'499), IsInt(1));
  EXPECT_THAT(c.Command("EXPIRETIME", "k"), IsInt(33'177'117'420));
  EXPECT_THAT(c.Command("PEXPIREAT", "k", 33'177'117'420'500), IsInt(1));
  EXPECT_THAT(c.Command("EXPIRETIME", "k"), IsInt(33'177'117'421));
  EXPECT_THAT(c.Command("PEXPIRETIME", "k"), IsInt(33'177'117'420'500));
}

TEST_F(KeyExpireTest, ConditionsCompareWithTheDeadlineThatIsThere) {
  auto c = Connect();
  struct Case {
    const char* condition;
    int64_t current;  // seconds; 0: none
    int64_t wanted;
    bool set;
  };
  constexpr Case kCases[] = {
      {"NX", 0, 200, true},   {"NX", 100, 200, false}, {"XX", 0, 200, false}, {"XX", 100, 200, true},
      {"GT", 0, 200, false},  {"GT", 100, 200, true},  {"GT", 200, 100, false},
      {"LT", 0, 200, true},   {"LT", 100, 200, false}, {"LT", 200, 100, true},
  };
  for (const Case& x : kCases) {
    EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
    if (x.current != 0) {
      EXPECT_THAT(c.Command("EXPIRE", "k", x.current), IsInt(1));
    }
    EXPECT_THAT(c.Command("EXPIRE", "k", x.wanted, x.condition), IsInt(x.set)) << x.condition << ' ' << x.current;
    const int64_t expected = x.set ? x.wanted : x.current == 0 ? -1 : x.current;
    EXPECT_THAT(c.Command("TTL", "k"), IsInt(AllOf(Ge(expected - 1), Le(expected)))) << x.condition << ' ' << x.current;
  }
  EXPECT_THAT(c.Command("EXPIRE", "k", 300, "xx", "gt"), IsInt(1));
  EXPECT_THAT(c.Command("EXPIRE", "k", 400, "xx", "lt"), IsInt(0));
}

TEST_F(KeyExpireTest, ConditionsThatContradictAreRefusedBeforeTheTimeIsRead) {
  auto c = Connect();
  constexpr char kNxWithOthers[] = "ERR NX and XX, GT or LT options at the same time are not compatible";
  EXPECT_THAT(c.Command("EXPIRE", "k", 1, "NX", "XX"), IsError(kNxWithOthers));
  EXPECT_THAT(c.Command("EXPIRE", "k", 1, "GT", "NX"), IsError(kNxWithOthers));
  EXPECT_THAT(c.Command("EXPIRE", "k", "x", "NX", "LT", "GT"), IsError(kNxWithOthers));
  EXPECT_THAT(c.Command("EXPIRE", "k", 1, "LT", "GT"),
              IsError("ERR GT and LT options at the same time are not compatible"));
  EXPECT_THAT(c.Command("EXPIRE", "k", "x", "soon"), IsError("ERR Unsupported option soon"));
}

TEST_F(KeyExpireTest, TimesThatDoNotFitAreRefused) {
  auto c = Connect();
  EXPECT_THAT(c.Command("EXPIRE", "k", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("EXPIRE", "k", "9223372036854775"), IsError("ERR invalid expire time in 'expire' command"));
  EXPECT_THAT(c.Command("EXPIRE", "k", "-9223372036854776"), IsError("ERR invalid expire time in 'expire' command"));
  EXPECT_THAT(c.Command("EXPIREAT", "k", "9223372036854776"), IsError("ERR invalid expire time in 'expireat' command"));
  EXPECT_THAT(c.Command("PEXPIRE", "k", "9223372036854775807"), IsError("ERR invalid expire time in 'pexpire' command"));
  EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
  EXPECT_THAT(c.Command("PEXPIREAT", "k", "9223372036854775807"), IsInt(1));
  EXPECT_THAT(c.Command("PEXPIRETIME", "k"), IsInt(INT64_MAX));
  EXPECT_THAT(c.Command("EXPIRETIME", "k"), IsInt(9'223'372'036'854'776));
  EXPECT_THAT(c.Command("GET", "k"), IsBulk("v"));
}

TEST_F(KeyExpireTest, ADeadlineThatHasPassedDeletesTheKey) {
  auto c = Connect();
  const std::pair<const char*, const char*> commands[] = {
      {"EXPIRE", "0"}, {"EXPIRE", "-1"}, {"PEXPIRE", "-5"}, {"EXPIREAT", "1"}, {"PEXPIREAT", "-1"}, {"EXPIREAT", "-100"},
      {"EXPIRE", "-9223372036854775"}};
  for (const auto& [command, time] : commands) {
    EXPECT_THAT(c.Command("SET", "k", "v"), IsOk());
    EXPECT_THAT(c.Command(command, "k", time), IsInt(1)) << command << ' ' << time;
    EXPECT_THAT(c.Command("EXISTS", "k"), IsInt(0)) << command << ' ' << time;
  }
}

TEST_F(KeyExpireTest, PersistRemovesADeadlineOnce) {
  auto c = Connect();
  EXPECT_THAT(c.Command("PERSIST", "none"), IsInt(0));
  EXPECT_THAT(c.Command("SET", "k", "v", "EX", 100), IsOk());
  EXPECT_THAT(c.Command("PERSIST", "k"), IsInt(1));
  EXPECT_THAT(c.Command("PERSIST", "k"), IsInt(0));
  EXPECT_THAT(c.Command("TTL", "k"), IsInt(-1));
}

TEST_F(KeyExpireTest, KeysAreGoneWhenTheirTimeHasComeWhetherAskedForOrNot) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MSET", "a", 1, "b", 2), IsOk());
  EXPECT_THAT(c.Command("PEXPIRE", "a", 20), IsInt(1));
  EXPECT_THAT(c.Command("PEXPIRE", "b", 100'000), IsInt(1));
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (c.Command("DBSIZE").integer != 1 && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(1));
  EXPECT_THAT(c.Command("EXISTS", "a", "b"), IsInt(1));
}

TEST_F(KeyExpireTest, NobodySeesAnExpiredKeyThatIsStillThere) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "SET-ACTIVE-EXPIRE", 0), IsOk());
  EXPECT_THAT(c.Command("SET", "k", "v", "PX", 5), IsOk());
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(1));  // as in Redis: counted until removed
  EXPECT_THAT(c.Command("KEYS", "*"), IsArray());
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(1));
  EXPECT_THAT(c.Command("SCAN", 0), IsArray("0", IsArray()));
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));  // SCAN removes what it finds expired
  EXPECT_THAT(c.Command("SET", "k", "v", "PX", 5), IsOk());
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_THAT(c.Command("RANDOMKEY"), IsNil());
  EXPECT_THAT(c.Command("SET", "k", "v", "PX", 5), IsOk());
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_THAT(c.Command("RENAME", "k", "l"), IsError("ERR no such key"));
  EXPECT_THAT(c.Command("DEBUG", "SET-ACTIVE-EXPIRE", 1), IsOk());
}

}  // namespace
}  // namespace pinion::test
