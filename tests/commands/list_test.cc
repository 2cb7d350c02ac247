// The list commands over a connection: replies, errors, encodings and events.
#include "tests/commands/string_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr const char* kWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
constexpr const char* kNotPositive = "ERR value is out of range, must be positive";

class ListCommandsTest : public StringTest {
 protected:
  void Configure(Options& options) override { options.Set("enable-debug-command", "yes"); }
  // The list as one string of words.
  std::string All(const std::string& key) {
    std::string out;
    for (const Reply& e : Do("LRANGE", key, 0, -1).elements) out += (out.empty() ? "" : " ") + e.text;
    return out;
  }
  void Fill(const std::string& key, int n) {
    for (int i = 0; i < n; ++i) Do("RPUSH", key, "item:" + std::to_string(i));
  }
};

// --- at the ends --------------------------------------------------------------------------------------------

TEST_F(ListCommandsTest, PushingPutsOneElementAfterTheOtherAtTheEnd) {
  EXPECT_THAT(Do("RPUSH", "k", "a", "b"), IsInt(2));
  EXPECT_THAT(Do("LPUSH", "k", "c", "d", ""), IsInt(5));
  EXPECT_THAT(Do("LRANGE", "k", 0, -1), IsArray("", "d", "c", "a", "b"));
  EXPECT_THAT(Do("LLEN", "k"), IsInt(5));
  EXPECT_THAT(Do("TYPE", "k"), IsStatus("list"));
}

TEST_F(ListCommandsTest, PushingToWhatMustExistCreatesNothing) {
  EXPECT_THAT(Do("LPUSHX", "k", "a"), IsInt(0));
  EXPECT_THAT(Do("RPUSHX", "k", "a", "b"), IsInt(0));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  Do("RPUSH", "k", "x");
  EXPECT_THAT(Do("LPUSHX", "k", "a"), IsInt(2));
  EXPECT_THAT(Do("RPUSHX", "k", "b", "c"), IsInt(4));
  EXPECT_EQ(All("k"), "a x b c");
}

TEST_F(ListCommandsTest, PoppingTakesFromTheEndAndTheLastOneDeletesTheKey) {
  Do("RPUSH", "k", "a", 12, "c");
  EXPECT_THAT(Do("LPOP", "k"), IsBulk("a"));
  EXPECT_THAT(Do("RPOP", "k"), IsBulk("c"));
  EXPECT_THAT(Do("LPOP", "k"), IsBulk("12"));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("LPOP", "k"), IsNil());
  EXPECT_THAT(Do("RPOP", "k"), IsNil());
}

TEST_F(ListCommandsTest, PoppingACountRepliesWithAnArray) {
  Do("RPUSH", "k", "a", "b", "c", "d", "e");
  EXPECT_THAT(Do("LPOP", "k", 0), IsArray());
  EXPECT_THAT(Do("LPOP", "k", 1), IsArray("a"));
  EXPECT_THAT(Do("RPOP", "k", 2), IsArray("e", "d"));
  EXPECT_THAT(Do("RPOP", "k", "9223372036854775807"), IsArray("c", "b"));
  EXPECT_THAT(Do("LPOP", "k", 1), IsNil());
  EXPECT_THAT(Do("LPOP", "k", 0), IsNil());
  EXPECT_THAT(Do("LPOP", "k", -1), IsError(kNotPositive));
  EXPECT_THAT(Do("RPOP", "k", "x"), IsError(kNotPositive));
  EXPECT_THAT(Do("LPOP", "k", 1, 2), IsError("ERR wrong number of arguments for 'lpop' command"));
}

TEST_F(ListCommandsTest, NullsAreTypedByProtocol) {
  client().SendRaw("LPOP k\r\nLPOP k 1\r\nBLPOP k 0.01\r\nBLMOVE k j LEFT LEFT 0.01\r\n");
  EXPECT_EQ(client().ReadBytes(20), "$-1\r\n*-1\r\n*-1\r\n*-1\r\n");
}

// --- by index -----------------------------------------------------------------------------------------------

TEST_F(ListCommandsTest, IndexesCountFromBothEnds) {
  Fill("small", 5);
  EXPECT_THAT(Do("LINDEX", "small", 0), IsBulk("item:0"));
  EXPECT_THAT(Do("LINDEX", "small", -1), IsBulk("item:4"));
  EXPECT_THAT(Do("LINDEX", "small", -5), IsBulk("item:0"));
  EXPECT_THAT(Do("LINDEX", "small", -6), IsNil());
  EXPECT_THAT(Do("LINDEX", "small", 5), IsNil());
  EXPECT_THAT(Do("LINDEX", "small", "-9223372036854775808"), IsNil());
  EXPECT_THAT(Do("LINDEX", "small", "9223372036854775807"), IsNil());
  EXPECT_THAT(Do("LINDEX", "small", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("LINDEX", "none", "x"), IsNil());
  Fill("large", 3000);
  EXPECT_THAT(Do("LINDEX", "large", 1499), IsBulk("item:1499"));
  EXPECT_THAT(Do("LINDEX", "large", -1499), IsBulk("item:1501"));
}

TEST_F(ListCommandsTest, RangesAreClippedToTheList) {
  struct Case { const char* first; const char* last; size_t from; size_t count; };
  constexpr Case kCases[] = {
      {"0", "-1", 0, 3000},    {"-3", "-1", 2997, 3}, {"1000", "1200", 1000, 201}, {"2999", "5000", 2999, 1},
      {"-9999", "0", 0, 1},    {"5", "4", 0, 0},      {"3000", "3001", 0, 0},      {"-1", "-2", 0, 0},
      {"0", "-3001", 0, 0},    {"-9223372036854775808", "9223372036854775807", 0, 3000},
  };
  Fill("k", 3000);
  for (const auto& [first, last, from, count] : kCases) {
    const Reply reply = Do("LRANGE", "k", first, last);
    ASSERT_THAT(reply, HasElements(SizeIs(count))) << first << " " << last;
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(reply.elements[i].text, "item:" + std::to_string(from + i));
  }
  EXPECT_THAT(Do("LRANGE", "none", 0, -1), IsArray());
  EXPECT_THAT(Do("LRANGE", "none", "x", -1), IsError(kNotAnInteger));
}

TEST_F(ListCommandsTest, EveryKindOfElementComesBackAsItWasPushed) {
  const std::vector<std::string> elements = {
      "", "0", "127", "128", "-1", "4095", "-4096", "4096", "32767", "-32769", "8388607", "-8388609", "2147483647",
      "-2147483649", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "007", "-0", " 1",
      std::string("\0\r\n", 3), std::string(63, 'a'), std::string(64, 'b'), std::string(4095, 'c'),
      std::string(4096, 'd'), std::string(100'000, 'e')};
  for (const std::string& e : elements) Do("RPUSH", "k", e);
  const Reply all = Do("LRANGE", "k", 0, -1);
  ASSERT_THAT(all, HasElements(SizeIs(elements.size())));
  for (size_t i = 0; i < elements.size(); ++i) {
    EXPECT_TRUE(all.elements[i].text == elements[i]) << i;
    EXPECT_THAT(Do("LPOS", "k", elements[i]), IsInt(static_cast<int64_t>(i)));
  }
  for (const std::string& e : elements) EXPECT_TRUE(Do("LPOP", "k").text == e);
}

TEST_F(ListCommandsTest, SettingReplacesAnElement) {
  Fill("k", 3);
  EXPECT_THAT(Do("LSET", "k", 1, "new"), IsOk());
  EXPECT_THAT(Do("LSET", "k", -1, 7), IsOk());
  EXPECT_EQ(All("k"), "item:0 new 7");
  EXPECT_THAT(Do("LSET", "k", 3, "x"), IsError("ERR index out of range"));
  EXPECT_THAT(Do("LSET", "k", -4, "x"), IsError("ERR index out of range"));
  EXPECT_THAT(Do("LSET", "k", "x", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("LSET", "none", "x", "x"), IsError("ERR no such key"));
}

TEST_F(ListCommandsTest, TrimmingKeepsARange) {
  Fill("k", 3000);
  EXPECT_THAT(Do("LTRIM", "k", 100, -101), IsOk());
  EXPECT_THAT(Do("LLEN", "k"), IsInt(2800));
  EXPECT_THAT(Do("LTRIM", "k", "-3", "9999999"), IsOk());
  EXPECT_EQ(All("k"), "item:2897 item:2898 item:2899");
  EXPECT_THAT(Do("LTRIM", "k", 0, 0), IsOk());
  EXPECT_EQ(All("k"), "item:2897");
  EXPECT_THAT(Do("LTRIM", "k", 1, 0), IsOk());
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("LTRIM", "k", 0, 1), IsOk());
  EXPECT_THAT(Do("LTRIM", "k", 0, "x"), IsError(kNotAnInteger));
}

// --- by element ---------------------------------------------------------------------------------------------

TEST_F(ListCommandsTest, InsertingPutsAnElementBesideAnother) {
  Do("RPUSH", "k", "a", "b", "b");
  EXPECT_THAT(Do("LINSERT", "k", "before", "b", 1), IsInt(4));
  EXPECT_THAT(Do("LINSERT", "k", "AFTER", "b", 2), IsInt(5));
  EXPECT_EQ(All("k"), "a 1 b 2 b");
  EXPECT_THAT(Do("LINSERT", "k", "BEFORE", "nope", 1), IsInt(-1));
  EXPECT_THAT(Do("LINSERT", "none", "BEFORE", "a", 1), IsInt(0));
  EXPECT_THAT(Do("LINSERT", "none", "BESIDE", "a", 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("EXISTS", "none"), IsInt(0));
}

TEST_F(ListCommandsTest, RemovingCountsFromEitherEnd) {
  Do("RPUSH", "k", "x", "1", "x", "1", "x", "1");
  EXPECT_THAT(Do("LREM", "k", 1, "x"), IsInt(1));
  EXPECT_EQ(All("k"), "1 x 1 x 1");
  EXPECT_THAT(Do("LREM", "k", -1, 1), IsInt(1));
  EXPECT_EQ(All("k"), "1 x 1 x");
  EXPECT_THAT(Do("LREM", "k", 0, "none"), IsInt(0));
  EXPECT_THAT(Do("LREM", "k", 0, "x"), IsInt(2));
  EXPECT_THAT(Do("LREM", "k", 5, "1"), IsInt(2));
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  EXPECT_THAT(Do("LREM", "k", 0, "x"), IsInt(0));
  EXPECT_THAT(Do("LREM", "k", "x", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("LREM", "k", "-9223372036854775808", "x"),
              IsError("ERR value is out of range, value must between -9223372036854775807 and "
                      "9223372036854775807"));
}

TEST_F(ListCommandsTest, RemovingFromALongListKeepsTheOrderOfTheRest) {
  for (int i = 0; i < 3000; ++i) Do("RPUSH", "k", i % 3 == 0 ? "drop" : std::to_string(i));
  EXPECT_THAT(Do("LREM", "k", -10, "drop"), IsInt(10));
  EXPECT_THAT(Do("LINDEX", "k", -1), IsBulk("2999"));
  EXPECT_THAT(Do("LPOS", "k", "drop", "RANK", -1), IsInt(2967));
  EXPECT_THAT(Do("LREM", "k", 0, "drop"), IsInt(990));
  EXPECT_THAT(Do("LRANGE", "k", 0, 3), IsArray("1", "2", "4", "5"));
  EXPECT_THAT(Do("LLEN", "k"), IsInt(2000));
}

TEST_F(ListCommandsTest, PositionsAreFoundByRankCountAndLength) {
  Do("RPUSH", "k", "a", "b", "c", "1", "2", "3", "c", "c");
  EXPECT_THAT(Do("LPOS", "k", "c"), IsInt(2));
  EXPECT_THAT(Do("LPOS", "k", "c", "RANK", 2), IsInt(6));
  EXPECT_THAT(Do("LPOS", "k", "c", "RANK", -1), IsInt(7));
  EXPECT_THAT(Do("LPOS", "k", "c", "RANK", 4), IsNil());
  EXPECT_THAT(Do("LPOS", "k", "c", "COUNT", 2), IsArray(2, 6));
  EXPECT_THAT(Do("LPOS", "k", "c", "COUNT", 0, "RANK", -2), IsArray(6, 2));
  EXPECT_THAT(Do("LPOS", "k", "c", "MAXLEN", 2), IsNil());
  EXPECT_THAT(Do("LPOS", "k", "c", "COUNT", 0, "MAXLEN", 7, "RANK", -1), IsArray(7, 6, 2));
  EXPECT_THAT(Do("LPOS", "none", "c"), IsNil());
  EXPECT_THAT(Do("LPOS", "none", "c", "COUNT", 0), IsArray());
  EXPECT_THAT(Do("LPOS", "k", "c", "COUNT", -1), IsError("ERR COUNT can't be negative"));
  EXPECT_THAT(Do("LPOS", "k", "c", "MAXLEN", -1), IsError("ERR MAXLEN can't be negative"));
  EXPECT_THAT(Do("LPOS", "k", "c", "RANK"), IsError(kSyntaxError));
  EXPECT_THAT(Do("LPOS", "k", "c", "FOO", 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("LPOS", "k", "c", "RANK", "x"), IsError(kNotAnInteger));
  EXPECT_THAT(Do("LPOS", "k", "c", "RANK", 0), IsErrorStarting("ERR RANK can't be zero: use 1 to start from"));
  EXPECT_THAT(Do("LPOS", "k", "c", "RANK", "-9223372036854775808"), IsErrorStarting("ERR value is out of range"));
}

// --- from list to list --------------------------------------------------------------------------------------

TEST_F(ListCommandsTest, MovingTakesFromOneListAndPutsOnAnother) {
  Do("RPUSH", "a", 1, 2, 3);
  EXPECT_THAT(Do("LMOVE", "a", "b", "LEFT", "right"), IsBulk("1"));
  EXPECT_THAT(Do("LMOVE", "a", "b", "RIGHT", "LEFT"), IsBulk("3"));
  EXPECT_EQ(All("b"), "3 1");
  EXPECT_THAT(Do("RPOPLPUSH", "a", "b"), IsBulk("2"));
  EXPECT_EQ(All("b"), "2 3 1");
  EXPECT_THAT(Do("EXISTS", "a"), IsInt(0));
  EXPECT_THAT(Do("RPOPLPUSH", "a", "b"), IsNil());
  EXPECT_THAT(Do("LMOVE", "a", "b", "UP", "LEFT"), IsError(kSyntaxError));
}

TEST_F(ListCommandsTest, MovingWithinAListRotatesIt) {
  Do("RPUSH", "k", 1, 2, 3);
  EXPECT_THAT(Do("RPOPLPUSH", "k", "k"), IsBulk("3"));
  EXPECT_EQ(All("k"), "3 1 2");
  EXPECT_THAT(Do("LMOVE", "k", "k", "LEFT", "LEFT"), IsBulk("3"));
  EXPECT_EQ(All("k"), "3 1 2");
  Do("RPUSH", "one", "x");
  EXPECT_THAT(Do("LMOVE", "one", "one", "LEFT", "RIGHT"), IsBulk("x"));
  EXPECT_EQ(All("one"), "x");
}

TEST_F(ListCommandsTest, NothingMovesToAKeyOfAnotherType) {
  Do("RPUSH", "k", 1);
  Do("SET", "s", "x");
  EXPECT_THAT(Do("RPOPLPUSH", "k", "s"), IsError(kWrongType));
  EXPECT_THAT(Do("LMOVE", "s", "k", "LEFT", "LEFT"), IsError(kWrongType));
  EXPECT_THAT(Do("RPOPLPUSH", "none", "s"), IsNil());
  EXPECT_EQ(All("k"), "1");
}

// --- out of the first list that has some --------------------------------------------------------------------

TEST_F(ListCommandsTest, ManyArePoppedFromTheFirstListThereIs) {
  Do("RPUSH", "b", 1, 2, 3);
  EXPECT_THAT(Do("LMPOP", 2, "a", "b", "LEFT"), IsArray("b", IsArray("1")));
  EXPECT_THAT(Do("LMPOP", 2, "b", "a", "right", "count", 10), IsArray("b", IsArray("3", "2")));
  EXPECT_THAT(Do("LMPOP", 2, "a", "b", "LEFT"), IsNil());
  Do("SET", "s", "x");
  EXPECT_THAT(Do("LMPOP", 2, "a", "s", "LEFT"), IsError(kWrongType));
}

TEST_F(ListCommandsTest, ManyAreNotPoppedByBadArguments) {
  EXPECT_THAT(Do("LMPOP", 0, "a", "LEFT"), IsError("ERR numkeys should be greater than 0"));
  EXPECT_THAT(Do("LMPOP", "x", "a", "LEFT"), IsError("ERR numkeys should be greater than 0"));
  EXPECT_THAT(Do("LMPOP", 2, "a", "LEFT"), IsError(kSyntaxError));
  EXPECT_THAT(Do("LMPOP", "9223372036854775807", "a", "LEFT"), IsError(kSyntaxError));
  EXPECT_THAT(Do("LMPOP", 1, "a", "TOP"), IsError(kSyntaxError));
  EXPECT_THAT(Do("LMPOP", 1, "a", "LEFT", "COUNT", 0), IsError("ERR count should be greater than 0"));
  EXPECT_THAT(Do("LMPOP", 1, "a", "LEFT", "COUNT"), IsError(kSyntaxError));
  EXPECT_THAT(Do("LMPOP", 1, "a", "LEFT", "COUNT", 1, "COUNT", 1), IsError(kSyntaxError));
  EXPECT_THAT(Do("BLMPOP", "x", 0, "a", "LEFT"), IsError("ERR numkeys should be greater than 0"));
  EXPECT_THAT(Do("BLMPOP", "x", 1, "a", "LEFT"), IsError("ERR timeout is not a float or out of range"));
}

TEST_F(ListCommandsTest, BlockingCommandsAnswerAtOnceWhenThereIsSomething) {
  Do("RPUSH", "k", 1, 2, 3, 4, 5, 6);
  EXPECT_THAT(Do("BLPOP", "none", "k", 0), IsArray("k", "1"));
  EXPECT_THAT(Do("BRPOP", "none", "k", "0.5"), IsArray("k", "6"));
  EXPECT_THAT(Do("BLMPOP", 0, 2, "none", "k", "LEFT", "COUNT", 2), IsArray("k", IsArray("2", "3")));
  EXPECT_THAT(Do("BLMOVE", "k", "other", "LEFT", "LEFT", 0), IsBulk("4"));
  EXPECT_THAT(Do("BRPOPLPUSH", "k", "other", 0), IsBulk("5"));
  EXPECT_EQ(All("other"), "5 4");
  EXPECT_THAT(Do("EXISTS", "k"), IsInt(0));
  Do("SET", "s", "x");
  EXPECT_THAT(Do("BLPOP", "none", "s", 0), IsError(kWrongType));
  EXPECT_THAT(Do("BLMOVE", "s", "none", "LEFT", "LEFT", 0), IsError(kWrongType));
}

TEST_F(ListCommandsTest, TimeoutsAreJudgedBeforeAnythingElse) {
  Do("RPUSH", "k", 1);
  EXPECT_THAT(Do("BLPOP", "k", "x"), IsError("ERR timeout is not a float or out of range"));
  EXPECT_THAT(Do("BRPOP", "k", "nan"), IsError("ERR timeout is not a float or out of range"));
  EXPECT_THAT(Do("BLPOP", "k", -1), IsError("ERR timeout is negative"));
  EXPECT_THAT(Do("BLPOP", "k", "-inf"), IsError("ERR timeout is negative"));
  EXPECT_THAT(Do("BLPOP", "k", "inf"), IsError("ERR timeout is out of range"));
  EXPECT_THAT(Do("BLPOP", "k", "9223372036854775"), IsError("ERR timeout is out of range"));
  EXPECT_THAT(Do("BRPOPLPUSH", "k", "k", ""), IsError("ERR timeout is not a float or out of range"));
  EXPECT_THAT(Do("BLMOVE", "k", "k", "LEFT", "LEFT", "1x"), IsError("ERR timeout is not a float or out of range"));
  EXPECT_THAT(Do("BLMOVE", "k", "k", "LEFT", "UP", "1x"), IsError(kSyntaxError));
  EXPECT_THAT(Do("BLPOP", "k", "-0.0001"), IsArray("k", "1"));
}

TEST_F(ListCommandsTest, BlockingCommandsDoNotWaitInATransaction) {
  client().SendRaw("MULTI\r\nBLPOP k 0\r\nBLMPOP 0 1 k LEFT\r\nBLMOVE k j LEFT LEFT 0\r\n"
                   "BRPOPLPUSH k j 0\r\nEXEC\r\n");
  const std::string replies =
      "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*4\r\n*-1\r\n*-1\r\n$-1\r\n$-1\r\n";
  EXPECT_EQ(client().ReadBytes(replies.size()), replies);
}

// --- types, encodings, events -------------------------------------------------------------------------------

TEST_F(ListCommandsTest, EveryCommandRefusesAKeyOfAnotherType) {
  Do("SET", "s", "x");
  const std::vector<std::vector<std::string>> commands = {
      {"LPUSH", "s", "x"}, {"RPUSH", "s", "x"}, {"LPUSHX", "s", "x"}, {"RPUSHX", "s", "x"}, {"LPOP", "s"},
      {"RPOP", "s"}, {"LPOP", "s", "1"}, {"LLEN", "s"}, {"LINDEX", "s", "0"}, {"LINSERT", "s", "BEFORE", "a", "b"},
      {"LPOS", "s", "x"}, {"LPOS", "s", "x", "COUNT", "1"}, {"LRANGE", "s", "0", "-1"}, {"LREM", "s", "0", "x"},
      {"LSET", "s", "0", "x"}, {"LTRIM", "s", "0", "1"}, {"RPOPLPUSH", "s", "k"}, {"BRPOP", "s", "0"}};
  for (const auto& command : commands) EXPECT_THAT(client().Command(command), IsError(kWrongType)) << command[0];
  EXPECT_THAT(Do("GET", "s"), IsBulk("x"));
}

TEST_F(ListCommandsTest, EncodingsFollowTheOption) {
  Do("CONFIG", "SET", "list-max-listpack-size", 3);
  Do("RPUSH", "k", 1, 2, 3);
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("listpack"));
  Do("LPUSH", "k", 0);
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("quicklist"));
  Do("LPOP", "k", 3);
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("listpack"));
  Do("CONFIG", "SET", "list-max-listpack-size", -1);
  Do("RPUSH", "large", std::string(5000, 'x'));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "large"), IsBulk("quicklist"));
  Do("LSET", "large", 0, "x");
  EXPECT_THAT(Do("OBJECT", "ENCODING", "large"), IsBulk("listpack"));
}

TEST_F(ListCommandsTest, ElementsFromAGivenSizeOnStandAlone) {
  for (const char* wrong : {"5gb", "x", "-1"}) {
    EXPECT_THAT(Do("DEBUG", "QUICKLIST-PACKED-THRESHOLD", wrong),
                IsError("ERR argument must be a memory value bigger than 1 and smaller than 4gb"));
  }
  EXPECT_THAT(Do("DEBUG", "QUICKLIST-PACKED-THRESHOLD", "3b"), IsOk());
  Do("CONFIG", "SET", "list-max-listpack-size", 4);
  Do("RPUSH", "k", "a", "long", "b", 5, "longer", 12345);
  EXPECT_EQ(All("k"), "a long b 5 longer 12345");
  EXPECT_THAT(Do("LPOS", "k", 12345), IsInt(5));
  EXPECT_THAT(Do("LREM", "k", 0, 12345), IsInt(1));
  Do("LTRIM", "k", 4, 4);
  EXPECT_THAT(Do("OBJECT", "ENCODING", "k"), IsBulk("quicklist"));
  EXPECT_THAT(Do("DEBUG", "QUICKLIST-PACKED-THRESHOLD", 0), IsOk());
}

TEST_F(ListCommandsTest, CopiesAreTheirOwn) {
  Fill("k", 3000);
  EXPECT_THAT(Do("COPY", "k", "copy"), IsInt(1));
  Do("LSET", "k", 1500, "changed");
  EXPECT_THAT(Do("LINDEX", "copy", 1500), IsBulk("item:1500"));
  EXPECT_THAT(Do("LLEN", "copy"), IsInt(3000));
  EXPECT_THAT(Do("OBJECT", "ENCODING", "copy"), IsBulk("quicklist"));
}

TEST_F(ListCommandsTest, DeadlinesOutliveChangesAndGoWithTheLastElement) {
  Do("RPUSH", "k", 1, 2);
  Do("EXPIRE", "k", 100);
  Do("RPUSH", "k", 3);
  Do("LPOP", "k");
  EXPECT_THAT(Do("PTTL", "k"), IsNearlySeconds(100));
  Do("LPOP", "k", 2);
  Do("RPUSH", "k", 1);
  EXPECT_THAT(Do("PTTL", "k"), IsInt(-1));
}

TEST_F(ListCommandsTest, ChangesAreAnnounced) {
  EXPECT_THAT(EventsOf([&] {
                Do("RPUSH", "k", 1, 2, 3);
                Do("LPUSHX", "k", 0);
                Do("RPUSHX", "none", 0);
                Do("LSET", "k", 0, "x");
                Do("LSET", "k", 100, "x");
                Do("LINSERT", "k", "BEFORE", "x", "y");
                Do("LINSERT", "k", "BEFORE", "nope", "y");
                Do("LREM", "k", 0, "nope");
                Do("LREM", "k", 0, "y");
                Do("LTRIM", "k", 0, -1);
                Do("LPOP", "k", 0);
                Do("RPOP", "k", 2);
                Do("LTRIM", "k", 1, 0);
              }),
              ElementsAre("rpush k", "lpush k", "lset k", "linsert k", "lrem k", "ltrim k", "rpop k", "ltrim k",
                          "del k"));
}

TEST_F(ListCommandsTest, MovesAreAnnouncedAsAPushAndAPop) {
  EXPECT_THAT(EventsOf([&] {
                Do("RPUSH", "a", 1);
                Do("LMOVE", "a", "a", "LEFT", "RIGHT");
                Do("RPOPLPUSH", "a", "b");
                Do("LMPOP", 1, "b", "LEFT");
                Do("BLPOP", "b", "0.01");
              }),
              ElementsAre("rpush a", "rpush a", "lpop a", "lpush b", "rpop a", "del a", "lpop b", "del b"));
}

TEST_F(ListCommandsTest, DigestsDependOnElementsAndTheirOrder) {
  Do("CONFIG", "SET", "list-max-listpack-size", 2);
  Do("RPUSH", "a", 1, 2, 3);
  Do("CONFIG", "SET", "list-max-listpack-size", 128);
  Do("RPUSH", "b", 1, 2, 3);
  Do("RPUSH", "c", 2, 1, 3);
  const Reply digests = Do("DEBUG", "DIGEST-VALUE", "a", "b", "c");
  ASSERT_THAT(digests, HasElements(SizeIs(3)));
  EXPECT_EQ(digests.elements[0].text, digests.elements[1].text);
  EXPECT_NE(digests.elements[0].text, digests.elements[2].text);
}

}  // namespace
}  // namespace pinion::test
