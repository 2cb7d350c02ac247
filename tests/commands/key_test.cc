// DEL, EXISTS, TYPE, TOUCH, RENAME, COPY, MOVE and their kin.
#include <string>

#include "tests/support/server_fixture.h"

namespace pinion::test {
namespace {

constexpr char kNoSuchKey[] = "ERR no such key";
constexpr char kSame[] = "ERR source and destination objects are the same";
constexpr char kDbRange[] = "ERR DB index is out of range";

class KeyTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
};

TEST_F(KeyTest, DelAndUnlinkCountTheKeysTheyRemoveOnce) {
  auto c = Connect();
  for (const char* command : {"DEL", "UNLINK"}) {
    EXPECT_THAT(c.Command("MSET", "a", 1, "b", 2, "c", 3), IsOk());
    EXPECT_THAT(c.Command(command, "a", "b", "a", "none"), IsInt(2));
    EXPECT_THAT(c.Command("EXISTS", "a", "b", "c"), IsInt(1));
    EXPECT_THAT(c.Command(command, "c"), IsInt(1));
    EXPECT_THAT(c.Command(command), IsErrorStarting("ERR wrong number of arguments"));
  }
}

TEST_F(KeyTest, DelRemovesBigValuesAndThousandsOfKeys) {
  auto c = Connect();
  EXPECT_THAT(c.Command("DEBUG", "POPULATE", 5000, "k", 100), IsOk());
  EXPECT_THAT(c.Command("SET", "big", std::string(3 << 20, 'x')), IsOk());
  std::vector<std::string> request{"DEL", "big"};
  for (int i = 0; i < 5000; ++i) request.push_back("k:" + std::to_string(i));
  EXPECT_THAT(c.Command(request), IsInt(5001));
  EXPECT_THAT(c.Command("DBSIZE"), IsInt(0));
}

TEST_F(KeyTest, ExistsCountsAKeyAsOftenAsItIsNamed) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "x"), IsOk());
  EXPECT_THAT(c.Command("EXISTS", "a", "a", "none", "a"), IsInt(3));
  EXPECT_THAT(c.Command("EXISTS", "none"), IsInt(0));
}

TEST_F(KeyTest, TypeNamesTheTypeOrNone) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "x"), IsOk());
  EXPECT_THAT(c.Command("TYPE", "a"), IsStatus("string"));
  EXPECT_THAT(c.Command("TYPE", "none"), IsStatus("none"));
}

TEST_F(KeyTest, TouchCountsAndMakesKeysRecentlyUsed) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "x"), IsOk());
  EXPECT_THAT(c.Command("DEBUG", "SLEEP", "1.1"), IsOk());
  EXPECT_THAT(c.Command("EXISTS", "a"), IsInt(1));  // leaves the access clock
  EXPECT_THAT(c.Command("TTL", "a"), IsInt(-1));
  EXPECT_THAT(c.Command("TYPE", "a"), IsStatus("string"));
  EXPECT_THAT(c.Command("OBJECT", "IDLETIME", "a"), IsInt(::testing::Ge(1)));
  EXPECT_THAT(c.Command("TOUCH", "a", "none", "a"), IsInt(2));
  EXPECT_THAT(c.Command("OBJECT", "IDLETIME", "a"), IsInt(0));
}

TEST_F(KeyTest, RenameMovesValueAndDeadlineOverWhatIsThere) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "x", "PX", 100000), IsOk());
  EXPECT_THAT(c.Command("SET", "b", "old"), IsOk());
  EXPECT_THAT(c.Command("RENAME", "a", "b"), IsOk());
  EXPECT_THAT(c.Command("EXISTS", "a"), IsInt(0));
  EXPECT_THAT(c.Command("GET", "b"), IsBulk("x"));
  EXPECT_THAT(c.Command("PTTL", "b"), IsInt(::testing::Gt(90000)));
  EXPECT_THAT(c.Command("SET", "c", "plain"), IsOk());
  EXPECT_THAT(c.Command("RENAME", "c", "b"), IsOk());
  EXPECT_THAT(c.Command("TTL", "b"), IsInt(-1));
}

TEST_F(KeyTest, RenameKeepsValuesOfEveryShape) {
  auto c = Connect();
  for (const std::string& value : {std::string("12345"), std::string("short"), std::string(300, 'm'),
                                   std::string(100'000, 'l')}) {
    EXPECT_THAT(c.Command("SET", "from", value), IsOk());
    const Reply encoding = c.Command("OBJECT", "ENCODING", "from");
    EXPECT_THAT(c.Command("RENAME", "from", "to"), IsOk());
    EXPECT_THAT(c.Command("GET", "to"), IsBulk(value));
    EXPECT_EQ(c.Command("OBJECT", "ENCODING", "to"), encoding);
  }
}

TEST_F(KeyTest, RenameOntoItselfNeedsTheKeyAndChangesNothing) {
  auto c = Connect();
  EXPECT_THAT(c.Command("RENAME", "a", "a"), IsError(kNoSuchKey));
  EXPECT_THAT(c.Command("RENAME", "a", "b"), IsError(kNoSuchKey));
  EXPECT_THAT(c.Command("RENAMENX", "a", "b"), IsError(kNoSuchKey));
  EXPECT_THAT(c.Command("SET", "a", "x"), IsOk());
  EXPECT_THAT(c.Command("RENAME", "a", "a"), IsOk());
  EXPECT_THAT(c.Command("RENAMENX", "a", "a"), IsInt(0));
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("x"));
}

TEST_F(KeyTest, RenameNxLeavesWhatIsThere) {
  auto c = Connect();
  EXPECT_THAT(c.Command("MSET", "a", "1x", "b", "2x"), IsOk());
  EXPECT_THAT(c.Command("RENAMENX", "a", "b"), IsInt(0));
  EXPECT_THAT(c.Command("MGET", "a", "b"), IsArray("1x", "2x"));
  EXPECT_THAT(c.Command("RENAMENX", "a", "c"), IsInt(1));
  EXPECT_THAT(c.Command("MGET", "a", "c"), IsArray(IsNil(), "1x"));
}

TEST_F(KeyTest, CopyKeepsTheDeadlineAndTheSource) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "x", "EX", 100), IsOk());
  EXPECT_THAT(c.Command("COPY", "a", "b"), IsInt(1));
  EXPECT_THAT(c.Command("COPY", "a", "b"), IsInt(0));
  EXPECT_THAT(c.Command("SET", "b", "other"), IsOk());
  EXPECT_THAT(c.Command("COPY", "a", "b", "replace"), IsInt(1));
  EXPECT_THAT(c.Command("MGET", "a", "b"), IsArray("x", "x"));
  EXPECT_THAT(c.Command("TTL", "b"), IsInt(::testing::Gt(90)));
  EXPECT_THAT(c.Command("COPY", "none", "b"), IsInt(0));
}

TEST_F(KeyTest, CopiesAreIndependent) {
  auto c = Connect();
  const std::string value(50'000, 'v');
  EXPECT_THAT(c.Command("SET", "a", value), IsOk());
  EXPECT_THAT(c.Command("COPY", "a", "b"), IsInt(1));
  EXPECT_THAT(c.Command("APPEND", "b", "!"), IsInt(50'001));
  EXPECT_THAT(c.Command("GET", "a"), IsBulk(value));
  EXPECT_THAT(c.Command("GET", "b"), IsBulk(value + "!"));
}

TEST_F(KeyTest, CopyIntoAnotherDatabase) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "x"), IsOk());
  EXPECT_THAT(c.Command("COPY", "a", "a", "DB", 3), IsInt(1));
  EXPECT_THAT(c.Command("COPY", "a", "a", "DB", 3), IsInt(0));
  EXPECT_THAT(c.Command("COPY", "a", "a", "DB", 3, "REPLACE"), IsInt(1));
  EXPECT_THAT(c.Command("SELECT", 3), IsOk());
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("x"));
}

TEST_F(KeyTest, CopyRefusesWhatMakesNoSense) {
  auto c = Connect();
  EXPECT_THAT(c.Command("COPY", "a", "a"), IsError(kSame));
  EXPECT_THAT(c.Command("COPY", "a", "a", "DB", 0), IsError(kSame));
  EXPECT_THAT(c.Command("COPY", "a", "b", "DB", 16), IsError(kDbRange));
  EXPECT_THAT(c.Command("COPY", "a", "b", "DB", -1), IsError(kDbRange));
  EXPECT_THAT(c.Command("COPY", "a", "b", "DB", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("COPY", "a", "b", "DB", 99999999999),
              IsError("ERR value is out of range, value must between -2147483648 and 2147483647"));
  EXPECT_THAT(c.Command("COPY", "a", "b", "DB"), IsError("ERR syntax error"));
  EXPECT_THAT(c.Command("COPY", "a", "b", "NOW"), IsError("ERR syntax error"));
}

TEST_F(KeyTest, MoveTakesAKeyToAnotherDatabaseUnlessItIsThere) {
  auto c = Connect();
  EXPECT_THAT(c.Command("SET", "a", "x", "EX", 100), IsOk());
  EXPECT_THAT(c.Command("MOVE", "a", 0), IsError(kSame));
  EXPECT_THAT(c.Command("MOVE", "a", 16), IsError(kDbRange));
  EXPECT_THAT(c.Command("MOVE", "a", "x"), IsError("ERR value is not an integer or out of range"));
  EXPECT_THAT(c.Command("MOVE", "none", 3), IsInt(0));
  EXPECT_THAT(c.Command("MOVE", "a", 3), IsInt(1));
  EXPECT_THAT(c.Command("EXISTS", "a"), IsInt(0));
  EXPECT_THAT(c.Command("SET", "a", "again"), IsOk());
  EXPECT_THAT(c.Command("MOVE", "a", 3), IsInt(0));
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("again"));
  EXPECT_THAT(c.Command("SELECT", 3), IsOk());
  EXPECT_THAT(c.Command("GET", "a"), IsBulk("x"));
  EXPECT_THAT(c.Command("TTL", "a"), IsInt(::testing::Gt(90)));
}

class KeyEventsTest : public ServerTest {
 protected:
  void Configure(Options& options) override { options.Set("notify-keyspace-events", "KEA"); }
};

TEST_F(KeyEventsTest, EveryChangeIsNamedInOrder) {
  auto listener = Connect(3);
  listener.Send("PSUBSCRIBE", "__keyspace@*__:*");
  ASSERT_THAT(listener.ReadPush(), IsPush("psubscribe", "__keyspace@*__:*", 1));
  auto c = Connect();
  c.Command("SET", "a", "x");
  c.Command("RENAME", "a", "b");
  c.Command("COPY", "b", "c");
  c.Command("MOVE", "c", 1);
  c.Command("EXPIRE", "b", 100);
  c.Command("PERSIST", "b");
  c.Command("EXPIRE", "b", -1);
  c.Command("SET", "d", "x");
  c.Command("UNLINK", "d", "d");
  const std::pair<const char*, const char*> expected[] = {
      {"0__:a", "set"},    {"0__:a", "rename_from"}, {"0__:b", "rename_to"}, {"0__:c", "copy_to"},
      {"0__:c", "move_from"}, {"1__:c", "move_to"},  {"0__:b", "expire"},    {"0__:b", "persist"},
      {"0__:b", "del"},    {"0__:d", "set"},         {"0__:d", "del"}};
  for (const auto& [key, event] : expected) {
    EXPECT_THAT(listener.ReadPush(),
                IsPush("pmessage", "__keyspace@*__:*", std::string("__keyspace@") + key, event));
  }
}

}  // namespace
}  // namespace pinion::test
