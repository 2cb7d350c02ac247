// The set commands over a connection: members, random members, several sets at once.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr const char* kWrongTypeError = "WRONGTYPE Operation against a key holding the wrong kind of value";

class SetCommandTest : public StringTest {
 protected:
  // SADD of first .. last, as text behind `prefix`.
  void AddRange(const std::string& key, const std::string& prefix, int first, int last) {
    for (int i = first; i <= last; ++i) ASSERT_THAT(Do("SADD", key, prefix + std::to_string(i)), IsInt(1));
  }
  std::string EncodingOf(const std::string& key) { return Do("OBJECT", "ENCODING", key).text; }
  std::set<std::string> MembersOf(const std::string& key) { return Texts(Do("SMEMBERS", key)); }

  static std::set<std::string> Texts(const Reply& reply) {
    std::set<std::string> texts;
    for (const Reply& e : reply.elements) EXPECT_TRUE(texts.insert(e.text).second) << e.text << " comes twice";
    return texts;
  }
};

// --- member by member ----------------------------------------------------------------------------------------

TEST_F(SetCommandTest, MembersAreAddedFoundAndRemoved) {
  EXPECT_THAT(Do("SADD", "s", "a", "1", "a", ""), IsInt(3));
  EXPECT_THAT(Do("SADD", "s", "1", "b"), IsInt(1));
  EXPECT_THAT(Do("SCARD", "s"), IsInt(4));
  EXPECT_THAT(Do("SMEMBERS", "s"), IsUnorderedArray("a", "1", "", "b"));
  EXPECT_THAT(Do("SISMEMBER", "s", "a"), IsInt(1));
  EXPECT_THAT(Do("SISMEMBER", "s", "01"), IsInt(0));
  EXPECT_THAT(Do("SMISMEMBER", "s", "a", "x", "", "1"), IsArray(1, 0, 1, 1));
  EXPECT_THAT(Do("SREM", "s", "a", "x", "a"), IsInt(1));
  EXPECT_THAT(Do("TYPE", "s"), IsStatus("set"));
  EXPECT_THAT(Do("SREM", "s", "1", "", "b", "b"), IsInt(3));
  EXPECT_THAT(Do("EXISTS", "s"), IsInt(0));
}

TEST_F(SetCommandTest, AnAbsentKeyReadsAsAnEmptySet) {
  EXPECT_THAT(Do("SCARD", "s"), IsInt(0));
  EXPECT_THAT(Do("SMEMBERS", "s"), IsArray());
  EXPECT_THAT(Do("SISMEMBER", "s", "a"), IsInt(0));
  EXPECT_THAT(Do("SMISMEMBER", "s", "a", "b"), IsArray(0, 0));
  EXPECT_THAT(Do("SREM", "s", "a"), IsInt(0));
  EXPECT_THAT(Do("SMOVE", "s", "t", "a"), IsInt(0));
  EXPECT_THAT(Do("SPOP", "s"), IsNil());
  EXPECT_THAT(Do("SPOP", "s", 3), IsArray());
  EXPECT_THAT(Do("SRANDMEMBER", "s"), IsNil());
  EXPECT_THAT(Do("SRANDMEMBER", "s", -3), IsArray());
  EXPECT_THAT(Do("SSCAN", "s", 0, "NONSENSE"), IsArray("0", IsArray()));
  EXPECT_THAT(Do("DBSIZE"), IsInt(0));
}

TEST_F(SetCommandTest, AnotherTypeIsRefusedAndLeftAlone) {
  Do("SET", "k", "v");
  Do("SADD", "s", "a");
  for (const char* command : {"SADD k a", "SREM k a", "SISMEMBER k a", "SMISMEMBER k a", "SCARD k", "SMEMBERS k",
                              "SPOP k", "SPOP k 2", "SRANDMEMBER k", "SRANDMEMBER k 0", "SSCAN k 0", "SMOVE k s a",
                              "SMOVE s k a", "SMOVE s k x", "SINTER s k", "SINTER absent k", "SINTERCARD 2 s k",
                              "SUNION k", "SDIFF s k", "SINTERSTORE s k", "SUNIONSTORE s s k", "SDIFFSTORE s k"}) {
    client().SendRaw(std::string(command) + "\r\n");
    EXPECT_THAT(client().ReadReply(), IsError(kWrongTypeError)) << command;
  }
  EXPECT_THAT(Do("SMOVE", "absent", "k", "a"), IsInt(0));
  EXPECT_THAT(Do("GET", "k"), IsBulk("v"));
  EXPECT_THAT(Do("SMEMBERS", "s"), IsArray("a"));
}

TEST_F(SetCommandTest, SetsChangeTheirEncodingAtTheLimits) {
  AddRange("i", "", 1, 512);
  EXPECT_EQ(EncodingOf("i"), "intset");
  AddRange("i", "", 513, 513);
  EXPECT_EQ(EncodingOf("i"), "hashtable");
  AddRange("l", "m", 1, 128);
  EXPECT_EQ(EncodingOf("l"), "listpack");
  AddRange("l", "m", 129, 129);
  EXPECT_EQ(EncodingOf("l"), "hashtable");
  Do("SADD", "v", std::string(64, 'x'));
  EXPECT_EQ(EncodingOf("v"), "listpack");
  Do("SADD", "v", std::string(65, 'x'));
  EXPECT_EQ(EncodingOf("v"), "hashtable");
  Do("SADD", "m", 1, 2);
  EXPECT_EQ(EncodingOf("m"), "intset");
  Do("SADD", "m", "x");
  EXPECT_EQ(EncodingOf("m"), "listpack");
  EXPECT_THAT(Do("CONFIG", "SET", "set-max-intset-entries", 2), IsOk());
  EXPECT_THAT(Do("CONFIG", "SET", "set-max-listpack-entries", 3), IsOk());
  EXPECT_THAT(Do("CONFIG", "SET", "set-max-listpack-value", 4), IsOk());
  Do("SADD", "c", 1, 2, 3);
  EXPECT_EQ(EncodingOf("c"), "listpack");
  Do("SADD", "d", 1, 2, 3, 4);
  EXPECT_EQ(EncodingOf("d"), "hashtable");
  Do("SADD", "e", "vwxyz");
  EXPECT_EQ(EncodingOf("e"), "hashtable");
}

TEST_F(SetCommandTest, SMoveMovesBetweenSetsOfAnyEncoding) {
  for (const auto& [from, to] : {std::pair{0, 0}, {0, 200}, {200, 0}, {200, 200}}) {
    Do("FLUSHALL");
    Do("SADD", "from", "x", "y");
    if (from > 0) AddRange("from", "f", 1, from);
    if (to > 0) AddRange("to", "t", 1, to);
    EXPECT_THAT(Do("SMOVE", "from", "to", "x"), IsInt(1));
    EXPECT_THAT(Do("SISMEMBER", "from", "x"), IsInt(0));
    EXPECT_THAT(Do("SISMEMBER", "to", "x"), IsInt(1));
    EXPECT_THAT(Do("SMOVE", "from", "to", "x"), IsInt(0));
    EXPECT_THAT(Do("SCARD", "from"), IsInt(1 + from));
    EXPECT_THAT(Do("SCARD", "to"), IsInt(1 + to));
  }
  EXPECT_THAT(Do("SMOVE", "to", "to", "x"), IsInt(1));
  EXPECT_THAT(Do("SMOVE", "to", "to", "nothing"), IsInt(0));
  Do("DEL", "from", "to");
  Do("SADD", "from", 5);
  EXPECT_THAT(Do("SMOVE", "from", "to", 5), IsInt(1));
  EXPECT_EQ(EncodingOf("to"), "intset");
  EXPECT_THAT(Do("EXISTS", "from"), IsInt(0));
}

TEST_F(SetCommandTest, EventsAreNamedInOrder) {
  EXPECT_THAT(EventsOf([this] {
                Do("SADD", "s", "a", "b", "c", "d");
                Do("SADD", "s", "a");
                Do("SREM", "s", "x");
                Do("SREM", "s", "a");
                Do("SMOVE", "s", "t", "b");
                Do("SADD", "s", "b");
                Do("SMOVE", "s", "t", "b");
                Do("SPOP", "t");
                Do("SPOP", "s", 0);
                Do("SPOP", "s", 1);
                Do("SPOP", "s", 5);
                Do("SMOVE", "s", "t", "b");
              }),
              ElementsAre("sadd s", "srem s", "srem s", "sadd t", "sadd s", "srem s", "spop t", "del t", "spop s",
                          "spop s", "del s"));
  EXPECT_THAT(EventsOf([this] {
                Do("SADD", "x", 1);
                Do("SMOVE", "x", "y", 1);
                Do("SADD", "a", 1, 2);
                Do("SADD", "b", 2, 3);
                Do("SINTERSTORE", "r", "a", "b");
                Do("SUNIONSTORE", "r", "a", "b");
                Do("SDIFFSTORE", "r", "a", "b");
                Do("SDIFFSTORE", "r", "a", "a");
                Do("SINTERSTORE", "r", "a", "nothing");
              }),
              ElementsAre("sadd x", "srem x", "del x", "sadd y", "sadd a", "sadd b", "sinterstore r",
                          "sunionstore r", "sdiffstore r", "del r"));
}

TEST_F(SetCommandTest, ScanGivesSmallSetsWholeAndLargeOnesInParts) {
  Do("SADD", "ints", 1, 2, 3);
  EXPECT_THAT(Do("SSCAN", "ints", 0, "COUNT", 1), IsArray("0", IsUnorderedArray("1", "2", "3")));
  Do("SADD", "small", "a1", "b2", "a3");
  EXPECT_THAT(Do("SSCAN", "small", 7, "MATCH", "a*"), IsArray("0", IsUnorderedArray("a1", "a3")));
  AddRange("large", "m", 1, 1'000);
  std::set<std::string> seen;
  std::string cursor = "0";
  int calls = 0;
  do {
    const Reply part = Do("SSCAN", "large", cursor, "MATCH", "m*", "COUNT", 20);
    ASSERT_THAT(part, HasElements(SizeIs(2)));
    cursor = part.elements[0].text;
    for (const Reply& e : part.elements[1].elements) seen.insert(e.text);
    ++calls;
  } while (cursor != "0");
  EXPECT_THAT(seen, SizeIs(1'000));
  EXPECT_GT(calls, 10);
  EXPECT_THAT(Do("SSCAN", "large", "x"), IsError("ERR invalid cursor"));
  EXPECT_THAT(Do("SSCAN", "large", 0, "COUNT", 0), IsError(kSyntaxError));
  EXPECT_THAT(Do("SSCAN", "large", 0, "COUNT", "x"), IsError(kNotAnInteger));
  for (const char* option : {"TYPE", "NOVALUES", "NOSCORES", "MATCH"}) {
    EXPECT_THAT(Do("SSCAN", "large", 0, option), IsError(kSyntaxError)) << option;
  }
  EXPECT_THAT(Do("SSCAN", "large", 0, "TYPE", "set"), IsError(kSyntaxError));
}

// --- random members ------------------------------------------------------------------------------------------

TEST_F(SetCommandTest, SPopRemovesWhatItReplies) {
  for (const int size : {20, 100, 1'000}) {
    for (const bool numbers : {true, false}) {
      AddRange("s", numbers ? "" : "m", 1, size);
      std::set<std::string> left = MembersOf("s");
      const auto remove = [&](const Reply& popped) { ASSERT_EQ(left.erase(popped.text), 1u) << popped.text; };
      remove(Do("SPOP", "s"));
      for (const int count : {1, 3, size / 2, size / 2 - 6}) {
        const Reply popped = Do("SPOP", "s", count);
        ASSERT_THAT(popped, HasElements(SizeIs(static_cast<size_t>(count))));
        for (const Reply& p : popped.elements) remove(p);
        ASSERT_EQ(MembersOf("s"), left);
      }
      const Reply rest = Do("SPOP", "s", 1'000'000'000'000);
      EXPECT_EQ(Texts(rest), left);
      EXPECT_THAT(Do("EXISTS", "s"), IsInt(0));
    }
  }
}

TEST_F(SetCommandTest, CountsAreChecked) {
  constexpr const char* kNotPositive = "ERR value is out of range, must be positive";
  Do("SADD", "s", "a");
  EXPECT_THAT(Do("SPOP", "s", -1), IsError(kNotPositive));
  EXPECT_THAT(Do("SPOP", "s", "x"), IsError(kNotPositive));
  EXPECT_THAT(Do("SPOP", "s", 1, 2), IsError(kSyntaxError));
  EXPECT_THAT(Do("SRANDMEMBER", "s", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("SRANDMEMBER", "s", 1, 2), IsError(kSyntaxError));
  EXPECT_THAT(
      Do("SRANDMEMBER", "s", "-9223372036854775808"),
      IsError("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"));
  EXPECT_THAT(Do("SRANDMEMBER", "s", "9223372036854775807"), IsArray("a"));
  EXPECT_THAT(Do("SPOP", "s", "9223372036854775807"), IsArray("a"));
}

TEST_F(SetCommandTest, SRandMemberGivesDifferentMembersOrSoManyDraws) {
  AddRange("ints", "", 1, 50);
  AddRange("small", "m", 1, 50);
  AddRange("large", "m", 1, 500);
  for (const char* key : {"ints", "small", "large"}) {
    const std::set<std::string> all = MembersOf(key);
    const int size = static_cast<int>(all.size());
    EXPECT_TRUE(all.contains(Do("SRANDMEMBER", key).text));
    for (const int count : {0, 1, size / 10, size / 2, size - 1, size, size + 1}) {
      const std::set<std::string> chosen = Texts(Do("SRANDMEMBER", key, count));
      EXPECT_THAT(chosen, SizeIs(static_cast<size_t>(std::min(count, size))));
      EXPECT_TRUE(std::includes(all.begin(), all.end(), chosen.begin(), chosen.end()));
    }
    const Reply drawn = Do("SRANDMEMBER", key, -3 * size);
    ASSERT_THAT(drawn, HasElements(SizeIs(static_cast<size_t>(3 * size))));
    for (const Reply& d : drawn.elements) EXPECT_TRUE(all.contains(d.text));
    EXPECT_THAT(Do("SCARD", key), IsInt(size));
  }
}

// Chi-square over what a server draws, also right after most members went; the limit is passed by chance once in
// ten thousand runs.
TEST_F(SetCommandTest, SRandMemberDrawsEveryMemberAlike) {
  AddRange("ints", "", 1, 60);
  AddRange("small", "m", 1, 60);
  AddRange("large", "m", 1, 2'000);
  for (int i = 101; i <= 2'000; ++i) Do("SREM", "large", "m" + std::to_string(i));
  for (const char* key : {"ints", "small", "large"}) {
    const double cells = static_cast<double>(Do("SCARD", key).integer);
    const double expected = 100;
    std::map<std::string, double> counts;
    for (const Reply& d : Do("SRANDMEMBER", key, -static_cast<int>(cells * expected)).elements) ++counts[d.text];
    EXPECT_EQ(static_cast<double>(counts.size()), cells);
    double chi_square = 0;
    for (const auto& [member, n] : counts) chi_square += (n - expected) * (n - expected) / expected;
    EXPECT_LT(chi_square, cells + 5.5 * std::sqrt(2 * cells)) << key;
  }
}

// --- several sets --------------------------------------------------------------------------------------------

TEST_F(SetCommandTest, OperationsCombineSets) {
  Do("SADD", "a", 1, 2, 3, "x", "y");
  Do("SADD", "b", 2, 3, 4, "y");
  Do("SADD", "c", 3, "y", "z");
  EXPECT_THAT(Do("SINTER", "a", "b", "c"), IsUnorderedArray("3", "y"));
  EXPECT_THAT(Do("SINTER", "a"), IsUnorderedArray("1", "2", "3", "x", "y"));
  EXPECT_THAT(Do("SINTER", "a", "nothing", "b"), IsArray());
  EXPECT_THAT(Do("SUNION", "a", "b", "nothing", "c"), IsUnorderedArray("1", "2", "3", "4", "x", "y", "z"));
  EXPECT_THAT(Do("SDIFF", "a", "b", "c"), IsUnorderedArray("1", "x"));
  EXPECT_THAT(Do("SDIFF", "a", "nothing"), IsUnorderedArray("1", "2", "3", "x", "y"));
  EXPECT_THAT(Do("SDIFF", "nothing", "a"), IsArray());
  EXPECT_THAT(Do("SDIFF", "a", "b", "a"), IsArray());
  EXPECT_THAT(Do("SINTERSTORE", "r", "a", "b"), IsInt(3));
  EXPECT_THAT(Do("SMEMBERS", "r"), IsUnorderedArray("2", "3", "y"));
  EXPECT_THAT(Do("SUNIONSTORE", "a", "a", "b"), IsInt(6));
  EXPECT_THAT(Do("SDIFFSTORE", "a", "a", "b"), IsInt(2));
  EXPECT_THAT(Do("SMEMBERS", "a"), IsUnorderedArray("1", "x"));
}

TEST_F(SetCommandTest, StoringReplacesAnyTypeAndDropsTheDeadline) {
  Do("SADD", "a", 1, 2);
  Do("SADD", "b", 3);
  Do("SET", "r", "text", "EX", 100);
  EXPECT_THAT(Do("SUNIONSTORE", "r", "a", "b"), IsInt(3));
  EXPECT_THAT(Do("TTL", "r"), IsInt(-1));
  EXPECT_EQ(EncodingOf("r"), "intset");
  Do("EXPIRE", "r", 100);
  EXPECT_THAT(Do("SINTERSTORE", "r", "a", "b"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "r"), IsInt(0));
  Do("SET", "r", "text");
  EXPECT_THAT(Do("SDIFFSTORE", "r", "nothing", "b"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "r"), IsInt(0));
}

TEST_F(SetCommandTest, SInterCardCountsUpToTheLimit) {
  AddRange("a", "", 1, 100);
  AddRange("b", "", 51, 150);
  EXPECT_THAT(Do("SINTERCARD", 2, "a", "b"), IsInt(50));
  EXPECT_THAT(Do("SINTERCARD", 2, "a", "b", "LIMIT", 0), IsInt(50));
  EXPECT_THAT(Do("SINTERCARD", 2, "a", "b", "LIMIT", 7), IsInt(7));
  EXPECT_THAT(Do("SINTERCARD", 1, "a", "LIMIT", 7, "limit", 200), IsInt(100));
  EXPECT_THAT(Do("SINTERCARD", 2, "a", "nothing"), IsInt(0));
  EXPECT_THAT(Do("SINTERCARD", 0, "a"), IsError("ERR numkeys should be greater than 0"));
  EXPECT_THAT(Do("SINTERCARD", "x", "a"), IsError("ERR numkeys should be greater than 0"));
  EXPECT_THAT(Do("SINTERCARD", 3, "a", "b"), IsError("ERR Number of keys can't be greater than number of args"));
  EXPECT_THAT(Do("SINTERCARD", 1, "a", "LIMIT", -1), IsError("ERR LIMIT can't be negative"));
  EXPECT_THAT(Do("SINTERCARD", 1, "a", "LIMIT", "x"), IsError("ERR LIMIT can't be negative"));
  EXPECT_THAT(Do("SINTERCARD", 1, "a", "LIMIT"), IsError(kSyntaxError));
  EXPECT_THAT(Do("SINTERCARD", 1, "a", "b"), IsError(kSyntaxError));
}

TEST_F(SetCommandTest, Resp3RepliesSetsAsSets) {
  RespClient c = Connect(3);
  c.Command("SADD", "a", 1, "x");
  c.Command("SADD", "b", "x");
  EXPECT_THAT(c.Command("SMEMBERS", "a"), IsSet("1", "x"));
  EXPECT_THAT(c.Command("SMEMBERS", "nothing"), IsSet());
  EXPECT_THAT(c.Command("SINTER", "a", "b"), IsSet("x"));
  EXPECT_THAT(c.Command("SINTER", "a", "nothing"), IsSet());
  EXPECT_THAT(c.Command("SUNION", "a", "b"), IsSet("1", "x"));
  EXPECT_THAT(c.Command("SDIFF", "a", "b"), IsSet("1"));
  EXPECT_THAT(c.Command("SRANDMEMBER", "a", 5), IsUnorderedArray("1", "x"));
  EXPECT_THAT(c.Command("SRANDMEMBER", "nothing"), IsNil());
  EXPECT_THAT(c.Command("SPOP", "a", 0), IsSet());
  EXPECT_THAT(c.Command("SPOP", "a", 5), IsSet("1", "x"));
  EXPECT_THAT(c.Command("SPOP", "a", 5), IsSet());
  EXPECT_THAT(c.Command("SPOP", "a"), IsNil());
  EXPECT_THAT(c.Command("SMISMEMBER", "b", "x", "y"), IsArray(1, 0));
}

TEST_F(SetCommandTest, SetsAreCopiedRenamedAndWatchedWhole) {
  AddRange("s", "m", 1, 300);
  EXPECT_THAT(Do("COPY", "s", "copy"), IsInt(1));
  Do("SREM", "s", "m1");
  EXPECT_THAT(Do("SISMEMBER", "copy", "m1"), IsInt(1));
  EXPECT_THAT(Do("RENAME", "copy", "renamed"), IsOk());
  EXPECT_THAT(Do("SCARD", "renamed"), IsInt(300));
  EXPECT_THAT(Do("WATCH", "renamed"), IsOk());
  RespClient other = Connect();
  other.Command("SADD", "renamed", "m1");  // changes nothing
  Do("MULTI");
  Do("SCARD", "renamed");
  EXPECT_THAT(Do("EXEC"), IsArray(300));
  EXPECT_THAT(Do("WATCH", "renamed"), IsOk());
  other.Command("SADD", "renamed", "new");
  Do("MULTI");
  Do("SCARD", "renamed");
  EXPECT_THAT(Do("EXEC"), IsNil());
}

}  // namespace
}  // namespace pinion::test
