// XREAD, XREADGROUP, XACK, XACKDEL, XPENDING, XCLAIM, XAUTOCLAIM, XGROUP and XINFO over a connection.
#include <chrono>
#include <thread>

#include "tests/commands/stream_test_util.h"

namespace pinion::test {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

class StreamGroupsTest : public StreamTest {
 protected:
  // A stream of five entries, 1-0 to 5-0, and a group that was given none.
  void SetUp() override {
    StreamTest::SetUp();
    for (int i = 1; i <= 5; ++i) Run("XADD s " + std::to_string(i) + " f " + std::to_string(i));
    Expect("XGROUP CREATE s g 0", "OK");
  }
  static void Wait(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }
};

// --- XREAD --------------------------------------------------------------------------------------------------

TEST_F(StreamGroupsTest, XReadReadsBeyondIds) {
  Run("XADD t 7-7 g h");
  Expect("XREAD STREAMS s 3", "[[s [[4-0 [f 4]] [5-0 [f 5]]]]]");
  Expect("XREAD COUNT 1 STREAMS s none t 3-5 0 0", "[[s [[4-0 [f 4]]]] [t [[7-7 [g h]]]]]");
  Expect("XREAD STREAMS s t $ $", "(nil)");
  Expect("XREAD STREAMS s +", "[[s [[5-0 [f 5]]]]]");
  Expect("XREAD COUNT -1 BLOCK 1000 STREAMS s s 4 18446744073709551615-18446744073709551615",
         "[[s [[5-0 [f 5]]]]]");
  Expect("XREAD BLOCK 5 STREAMS s 5", "(nil)");
  Expect("XREAD STREAMS none 0", "(nil)");
  RespClient resp3 = Connect(3);
  EXPECT_EQ(Show(resp3.Command(Words("XREAD STREAMS s t 4 7"))), "{s: [[5-0 [f 5]]], t: [[7-7 [g h]]]}");
  EXPECT_EQ(Show(resp3.Command(Words("XREAD STREAMS s 5"))), "(nil)");
}

TEST_F(StreamGroupsTest, XReadChecksItsArguments) {
  Expect("XREAD STREAMS s t 0",
         "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.");
  Expect("XREAD COUNT 1 s 0", kSyntaxErrorLine);
  Expect("XREAD COUNT x STREAMS s 0", kNotAnIntegerLine);
  Expect("XREAD BLOCK x STREAMS s 0", "-ERR timeout is not an integer or out of range");
  Expect("XREAD BLOCK -1 STREAMS s 0", "-ERR timeout is negative");
  Expect("XREAD BLOCK 9223372036854775807 STREAMS s 0", "-ERR timeout is out of range");
  Expect("XREAD GROUP g c STREAMS s 0",
         "-ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.");
  Expect("XREAD NOACK STREAMS s 0",
         "-ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.");
  Expect("XREAD CLAIM 5 STREAMS s 0",
         "-ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.");
  Expect("XREAD STREAMS s >",
         "-ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.");
  Expect("XREAD STREAMS s x", kInvalidId);
  Expect("SET str x", "OK");
  Expect("XREAD STREAMS s str 0 0", kWrongTypeError);
}

// --- XREADGROUP ---------------------------------------------------------------------------------------------

TEST_F(StreamGroupsTest, XReadGroupGivesEachEntryOnce) {
  Expect("XREADGROUP GROUP g a COUNT 2 STREAMS s >", "[[s [[1-0 [f 1]] [2-0 [f 2]]]]]");
  Expect("XREADGROUP GROUP g b COUNT 1 STREAMS s >", "[[s [[3-0 [f 3]]]]]");
  Expect("XREADGROUP GROUP g a STREAMS s >", "[[s [[4-0 [f 4]] [5-0 [f 5]]]]]");
  Expect("XREADGROUP GROUP g a STREAMS s >", "(nil)");
  Expect("XPENDING s g", "[5 1-0 5-0 [[a 4] [b 1]]]");
  Run("XADD s 6 f 6");
  Expect("XREADGROUP GROUP g a NOACK STREAMS s >", "[[s [[6-0 [f 6]]]]]");
  Expect("XPENDING s g", "[5 1-0 5-0 [[a 4] [b 1]]]");
}

TEST_F(StreamGroupsTest, XReadGroupShowsAConsumerItsHistory) {
  Run("XREADGROUP GROUP g a COUNT 3 STREAMS s >");
  Run("XDEL s 2");
  Expect("XREADGROUP GROUP g a STREAMS s 0", "[[s [[1-0 [f 1]] [2-0 (nil)] [3-0 [f 3]]]]]");
  Expect("XREADGROUP GROUP g a COUNT 1 STREAMS s 1", "[[s [[2-0 (nil)]]]]");
  Expect("XREADGROUP GROUP g b STREAMS s 0", "[[s []]]");
  EXPECT_THAT(Run("XPENDING s g - + 10"),
              MatchesRegex("\\[\\[1-0 a [0-9]+ 2\\] \\[2-0 a [0-9]+ 1\\] \\[3-0 a [0-9]+ 2\\]\\]"));
  RespClient resp3 = Connect(3);
  EXPECT_EQ(Show(resp3.Command(Words("XREADGROUP GROUP g a COUNT 1 STREAMS s 0"))), "{s: [[1-0 [f 1]]]}");
}

TEST_F(StreamGroupsTest, XReadGroupGivesAgainAfterSetId) {
  Run("XREADGROUP GROUP g a STREAMS s >");
  Expect("XGROUP SETID s g 3", "OK");
  Expect("XREADGROUP GROUP g b STREAMS s >", "[[s [[4-0 [f 4]] [5-0 [f 5]]]]]");
  Expect("XPENDING s g", "[5 1-0 5-0 [[a 3] [b 2]]]");
}

TEST_F(StreamGroupsTest, XReadGroupClaimsWhatIsLongIdle) {
  Run("XREADGROUP GROUP g a COUNT 2 STREAMS s >");
  Wait(30);
  Run("XREADGROUP GROUP g a COUNT 1 STREAMS s >");
  EXPECT_THAT(Run("XREADGROUP GROUP g b COUNT 3 CLAIM 25 STREAMS s >"),
              MatchesRegex("\\[\\[s \\[\\[1-0 \\[f 1\\] [0-9]+ 1\\] \\[2-0 \\[f 2\\] [0-9]+ 1\\] "
                           "\\[4-0 \\[f 4\\] 0 0\\]\\]\\]\\]"));
  Expect("XPENDING s g", "[4 1-0 4-0 [[a 1] [b 3]]]");
  EXPECT_THAT(Run("XREADGROUP GROUP g b CLAIM 9223372036854775807 NOACK STREAMS s >"), "[[s [[5-0 [f 5] 0 0]]]]");
  Expect("XPENDING s g", "[4 1-0 4-0 [[a 1] [b 3]]]");
  Run("XDEL s 1 2 3 4");
  Expect("XREADGROUP GROUP g b CLAIM 0 STREAMS s >", "(nil)");
  Expect("XREADGROUP GROUP g b CLAIM 0 COUNT 1 STREAMS s 0", "[[s [[1-0 (nil)]]]]");
}

TEST_F(StreamGroupsTest, XReadGroupChecksItsArguments) {
  Expect("XREADGROUP GROUP g c STREAMS s t >",
         "-ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.");
  Expect("XREADGROUP COUNT 1 NOACK NOACK STREAMS s >", "-ERR Missing GROUP option for XREADGROUP");
  Expect("XREADGROUP GROUP g c STREAMS none >",
         "-NOGROUP No such key 'none' or consumer group 'g' in XREADGROUP with GROUP option");
  Expect("XREADGROUP GROUP h c STREAMS s >",
         "-NOGROUP No such key 's' or consumer group 'h' in XREADGROUP with GROUP option");
  Expect("XREADGROUP GROUP g c STREAMS s $",
         "-ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer "
         "by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty "
         "result set.");
  Expect("XREADGROUP GROUP g c CLAIM x STREAMS s >", "-ERR min-idle-time is not an integer or out of range");
  Expect("XREADGROUP GROUP g c CLAIM -1 STREAMS s >", "-ERR min-idle-time must be a positive integer");
  Expect("XREADGROUP GROUP g c STREAMS s x", kInvalidId);
  Expect("SET str x", "OK");
  Expect("XREADGROUP GROUP g c STREAMS str >", kWrongTypeError);
  // A failed command leaves no consumer behind.
  Expect("XINFO CONSUMERS s g", "[]");
}

// --- acknowledging and claiming -----------------------------------------------------------------------------

TEST_F(StreamGroupsTest, XAckSettlesEntries) {
  Run("XREADGROUP GROUP g a STREAMS s >");
  Expect("XACK s g 1 2 2 9", "2");
  Expect("XACK s g 3 x", kInvalidId);
  Expect("XPENDING s g", "[3 3-0 5-0 [[a 3]]]");
  Expect("XACK s none x", "0");
  Expect("XACK none g x", "0");
  Expect("SET str x", "OK");
  Expect("XACK str g 1", kWrongTypeError);
}

TEST_F(StreamGroupsTest, SettlingAndClaimingLookUpAsReadsDo) {
  RespClient listener = Connect();
  listener.Command("CONFIG", "SET", "notify-keyspace-events", "Em");
  listener.Command("SUBSCRIBE", "__keyevent@0__:keymiss");
  for (const char* command :
       {"XACK none g 1", "XACKDEL none g IDS 1 1", "XCLAIM none g c 0 1", "XAUTOCLAIM none g c 0 0"}) {
    Run(command);
    EXPECT_THAT(listener.ReadReply(), IsArray("message", "__keyevent@0__:keymiss", "none")) << command;
  }
}

TEST_F(StreamGroupsTest, XAckDelSettlesAndDeletes) {
  Run("XGROUP CREATE s h 0");
  Run("XREADGROUP GROUP g a STREAMS s >");
  Run("XREADGROUP GROUP h a COUNT 2 STREAMS s >");
  Expect("XACKDEL s g ACKED IDS 3 1 2 9", "[2 2 -1]");
  Expect("XACKDEL s h ACKED IDS 1 1", "[1]");
  Expect("XACKDEL s g DELREF IDS 2 3 1", "[1 -1]");
  Expect("XDEL s 4", "1");
  Expect("XACKDEL s g IDS 1 4", "[1]");
  Expect("XRANGE s - +", "[[2-0 [f 2]] [5-0 [f 5]]]");
  Expect("XACKDEL s none IDS 2 1 2", "[-1 -1]");
  Expect("XACKDEL none g IDS 1 1", "[-1]");
  Expect("XACKDEL s g ACKED KEEPREF IDS 1 1", kSyntaxErrorLine);
  Expect("XACKDEL s g ACKED IDS 0 1", "-ERR Number of IDs must be a positive integer");
}

TEST_F(StreamGroupsTest, XPendingListsEntries) {
  Expect("XPENDING s g", "[0 (nil) (nil) (nil)]");
  Run("XREADGROUP GROUP g a COUNT 2 STREAMS s >");
  Wait(25);
  Run("XREADGROUP GROUP g b STREAMS s >");
  const auto ids = [&](const std::string& line) {
    std::string all;
    for (const Reply& entry : client().Command(Words(line)).elements) {
      all += Show(entry.elements[0]) + Show(entry.elements[1]) + " ";
    }
    return all;
  };
  EXPECT_EQ(ids("XPENDING s g - + 10"), "1-0a 2-0a 3-0b 4-0b 5-0b ");
  EXPECT_EQ(ids("XPENDING s g (1 4 2"), "2-0a 3-0b ");
  EXPECT_EQ(ids("XPENDING s g - + 10 b"), "3-0b 4-0b 5-0b ");
  EXPECT_EQ(ids("XPENDING s g IDLE 20 - + 10"), "1-0a 2-0a ");
  EXPECT_EQ(ids("XPENDING s g IDLE 20 - + 10 b"), "");
  EXPECT_EQ(ids("XPENDING s g - + -1"), "");
  Expect("XPENDING s g - + 10 none", "[]");
}

TEST_F(StreamGroupsTest, XPendingChecksItsArguments) {
  Expect("XPENDING none g", "-NOGROUP No such key 'none' or consumer group 'g'");
  Expect("XPENDING s none", "-NOGROUP No such key 's' or consumer group 'none'");
  Expect("XPENDING s g - +", kSyntaxErrorLine);
  Expect("XPENDING s g IDLE 5 - +", kSyntaxErrorLine);
  Expect("XPENDING s g IDLE x - + 5", kNotAnIntegerLine);
  Expect("XPENDING s g x + y", kNotAnIntegerLine);
  Expect("XPENDING s g x + 5", kInvalidId);
  Expect("XPENDING s g - (0-0 5", "-ERR invalid end ID for the interval");
  Expect("SET str x", "OK");
  Expect("XPENDING str g", kWrongTypeError);
}

TEST_F(StreamGroupsTest, XClaimMovesEntries) {
  Run("XREADGROUP GROUP g a STREAMS s >");
  Expect("XCLAIM s g b 0 1 2 9", "[[1-0 [f 1]] [2-0 [f 2]]]");
  Expect("XCLAIM s g b 100000 3", "[]");
  Expect("XCLAIM s g b 0 3 JUSTID", "[3-0]");
  EXPECT_THAT(Run("XPENDING s g - + 3"),
              MatchesRegex("\\[\\[1-0 b [0-9]+ 2\\] \\[2-0 b [0-9]+ 2\\] \\[3-0 b [0-9]+ 1\\]\\]"));
  Expect("XCLAIM s g a 0 1 RETRYCOUNT 7 IDLE 5000 JUSTID LASTID 9", "[1-0]");
  EXPECT_THAT(Run("XPENDING s g 1 1 1"), MatchesRegex("\\[\\[1-0 a 50[0-9][0-9] 7\\]\\]"));
  Expect("XCLAIM s g a 0 1 TIME 99999999999999999 JUSTID", "[1-0]");
  EXPECT_THAT(Run("XPENDING s g 1 1 1"), MatchesRegex("\\[\\[1-0 a [0-9][0-9]? 7\\]\\]"));
  Run("XADD s 6 f 6");
  Expect("XREADGROUP GROUP g a STREAMS s >", "(nil)");  // LASTID went past it
  Expect("XCLAIM s g a 0 6 JUSTID", "[]");
  Expect("XCLAIM s g a 0 6 7 FORCE JUSTID", "[6-0]");
  Run("XDEL s 2");
  Expect("XCLAIM s g a 0 2", "[]");
  Expect("XPENDING s g 2 2 1", "[]");
}

TEST_F(StreamGroupsTest, XClaimChecksItsArguments) {
  Expect("XCLAIM none g a 0 1", "-NOGROUP No such key 'none' or consumer group 'g'");
  Expect("XCLAIM s none a x 1", "-NOGROUP No such key 's' or consumer group 'none'");
  Expect("XCLAIM s g a x 1", "-ERR Invalid min-idle-time argument for XCLAIM");
  Expect("XCLAIM s g a 0 1 TIME x", "-ERR Invalid TIME option argument for XCLAIM");
  Expect("XCLAIM s g a 0 1 IDLE x", "-ERR Invalid IDLE option argument for XCLAIM");
  Expect("XCLAIM s g a 0 1 RETRYCOUNT x", "-ERR Invalid RETRYCOUNT option argument for XCLAIM");
  Expect("XCLAIM s g a 0 1 LASTID x", kInvalidId);
  Expect("XCLAIM s g a 0 1 nothing", "-ERR Unrecognized XCLAIM option 'nothing'");
  Expect("XCLAIM s g a 0 1 IDLE", "-ERR Unrecognized XCLAIM option 'IDLE'");
  Expect("XINFO CONSUMERS s g", "[]");
}

TEST_F(StreamGroupsTest, XAutoClaimWalksPendingEntries) {
  Run("XREADGROUP GROUP g a STREAMS s >");
  Run("XDEL s 2");
  Expect("XAUTOCLAIM s g b 0 - COUNT 3", "[4-0 [[1-0 [f 1]] [3-0 [f 3]]] [2-0]]");
  Expect("XAUTOCLAIM s g b 0 (4 JUSTID", "[0-0 [5-0] []]");
  Expect("XAUTOCLAIM s g c 100000 0", "[0-0 [] []]");
  Expect("XAUTOCLAIM s g c 100000 0 COUNT 1", "[0-0 [] []]");
  Expect("XPENDING s g", "[4 1-0 5-0 [[a 1] [b 3]]]");
  for (int i = 10; i <= 40; ++i) Run("XADD s " + std::to_string(i) + " f v");
  Run("XREADGROUP GROUP g a STREAMS s >");
  Expect("XAUTOCLAIM s g c 100000 0 COUNT 1", "[16-0 [] []]");  // ten were looked at
}

TEST_F(StreamGroupsTest, XAutoClaimChecksItsArguments) {
  Expect("XAUTOCLAIM s g a x 0", "-ERR Invalid min-idle-time argument for XAUTOCLAIM");
  Expect("XAUTOCLAIM s g a 0 x", kInvalidId);
  Expect("XAUTOCLAIM s g a 0 0 COUNT 0", "-ERR COUNT must be > 0");
  Expect("XAUTOCLAIM s g a 0 0 COUNT x", "-ERR COUNT must be > 0");
  Expect("XAUTOCLAIM s g a 0 0 FORCE", kSyntaxErrorLine);
  Expect("XAUTOCLAIM none g a 0 0", "-NOGROUP No such key 'none' or consumer group 'g'");
}

// --- XGROUP and XINFO ---------------------------------------------------------------------------------------

TEST_F(StreamGroupsTest, XGroupMakesAndRemovesGroups) {
  const std::string no_key =
      "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM "
      "option to create an empty stream automatically.";
  Expect("XGROUP CREATE s g $", "-BUSYGROUP Consumer Group name already exists");
  Expect("XGROUP CREATE none g $", no_key);
  Expect("XGROUP CREATE made g $ MKSTREAM", "OK");
  Expect("XLEN made", "0");
  Expect("EXISTS made", "1");
  Expect("XGROUP CREATE s h 2 ENTRIESREAD 2", "OK");
  Expect("XREADGROUP GROUP h c COUNT 1 STREAMS s >", "[[s [[3-0 [f 3]]]]]");
  Expect("XGROUP DESTROY s h", "1");
  Expect("XGROUP DESTROY s h", "0");
  Expect("XGROUP DESTROY none h", no_key);
  Expect("XGROUP SETID none g 0", no_key);
  Expect("XGROUP SETID s none 0", "-NOGROUP No such consumer group 'none' for key name 's'");
  Expect("XGROUP SETID s g + ENTRIESREAD 5", "OK");
  Expect("XGROUP CREATE s x y", kInvalidId);
  Expect("XGROUP CREATE s x -", kInvalidId);
  Expect("XGROUP CREATE s x 0 ENTRIESREAD -2", "-ERR value for ENTRIESREAD must be positive or -1");
  Expect("XGROUP CREATE s x 0 ENTRIESREAD x", kNotAnIntegerLine);
  Expect("XGROUP CREATE s x 0 nothing",
         "-ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.");
  Expect("XGROUP SETID s g 0 MKSTREAM",
         "-ERR unknown subcommand or wrong number of arguments for 'SETID'. Try XGROUP HELP.");
  Expect("SET str x", "OK");
  Expect("XGROUP CREATE str g 0", kWrongTypeError);
}

TEST_F(StreamGroupsTest, XGroupMakesAndRemovesConsumers) {
  Expect("XGROUP CREATECONSUMER s g a", "1");
  Expect("XGROUP CREATECONSUMER s g a", "0");
  Expect("XGROUP CREATECONSUMER s none a", "-NOGROUP No such consumer group 'none' for key name 's'");
  Run("XREADGROUP GROUP g a COUNT 3 STREAMS s >");
  Expect("XGROUP DELCONSUMER s g a", "3");
  Expect("XGROUP DELCONSUMER s g a", "0");
  Expect("XPENDING s g", "[0 (nil) (nil) (nil)]");
  EXPECT_THAT(Run("XGROUP HELP"), ::testing::HasSubstr("CREATECONSUMER <key> <groupname> <consumer>"));
}

TEST_F(StreamGroupsTest, XInfoTellsAboutStreams) {
  Expect("XINFO STREAM s",
         "[length 5 radix-tree-keys 1 radix-tree-nodes 2 last-generated-id 5-0 max-deleted-entry-id 0-0 "
         "entries-added 5 recorded-first-entry-id 1-0 groups 1 first-entry [1-0 [f 1]] last-entry [5-0 [f 5]]]");
  Run("XREADGROUP GROUP g a COUNT 1 STREAMS s >");
  RespClient resp3 = Connect(3);
  EXPECT_THAT(Show(resp3.Command(Words("XINFO STREAM s FULL COUNT 1"))),
              MatchesRegex("\\{length: 5, radix-tree-keys: 1, radix-tree-nodes: 2, last-generated-id: 5-0, "
                           "max-deleted-entry-id: 0-0, entries-added: 5, recorded-first-entry-id: 1-0, entries: "
                           "\\[\\[1-0 \\[f 1\\]\\]\\], groups: \\[\\{name: g, last-delivered-id: 1-0, "
                           "entries-read: 1, lag: 4, pel-count: 1, pending: \\[\\[1-0 a [0-9]+ 1\\]\\], consumers: "
                           "\\[\\{name: a, seen-time: [0-9]+, active-time: [0-9]+, pel-count: 1, pending: "
                           "\\[\\[1-0 [0-9]+ 1\\]\\]\\}\\]\\}\\]\\}"));
  EXPECT_EQ(Field(resp3.Command("XINFO", "STREAM", "s", "FULL", "COUNT", "-1"), "length"), "5");
  Expect("XINFO STREAM none", "-ERR no such key");
  Expect("XINFO STREAM s FULL COUNT x", kNotAnIntegerLine);
  for (const char* tail : {"FULL COUNT", "HALF", "FULL LIMIT 1"}) {
    Expect(std::string("XINFO STREAM s ") + tail,
           "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.");
  }
}

TEST_F(StreamGroupsTest, XInfoTellsAboutGroupsAndConsumers) {
  Expect("XINFO GROUPS s", "[[name g consumers 0 pending 0 last-delivered-id 0-0 entries-read (nil) lag 5]]");
  Run("XREADGROUP GROUP g a COUNT 2 STREAMS s >");
  Run("XGROUP CREATECONSUMER s g b");
  Expect("XINFO GROUPS s", "[[name g consumers 2 pending 2 last-delivered-id 2-0 entries-read 2 lag 3]]");
  Run("XDEL s 4");
  Expect("XINFO GROUPS s", "[[name g consumers 2 pending 2 last-delivered-id 2-0 entries-read 2 lag (nil)]]");
  EXPECT_THAT(Run("XINFO CONSUMERS s g"),
              MatchesRegex("\\[\\[name a pending 2 idle [0-9]+ inactive [0-9]+\\] \\[name b pending 0 idle [0-9]+ "
                           "inactive -1\\]\\]"));
  RespClient resp3 = Connect(3);
  EXPECT_THAT(Show(resp3.Command(Words("XINFO CONSUMERS s g"))),
              ::testing::StartsWith("[{name: a, pending: 2, idle: "));
  Expect("XINFO CONSUMERS s none", "-NOGROUP No such consumer group 'none' for key name 's'");
  Expect("XINFO GROUPS none", "-ERR no such key");
  EXPECT_THAT(Run("XINFO HELP"), ::testing::HasSubstr("CONSUMERS <key> <groupname>"));
}

TEST_F(StreamGroupsTest, ChangesOfGroupsCauseEvents) {
  EXPECT_THAT(EventsOf([&] {
                Run("XGROUP CREATE t g $ MKSTREAM");
                Run("XGROUP SETID t g 0");
                Run("XGROUP CREATECONSUMER t g a");
                Run("XGROUP CREATECONSUMER t g a");
                Run("XREADGROUP GROUP g b STREAMS t >");
                Run("XCLAIM t g c 0 1");
                Run("XAUTOCLAIM t g d 0 0");
                Run("XACK t g 1");
                Run("XGROUP DELCONSUMER t g a");
                Run("XGROUP DELCONSUMER t g a");
                Run("XGROUP DESTROY t g");
              }),
              ElementsAre("xgroup-create t", "xgroup-setid t", "xgroup-createconsumer t", "xgroup-createconsumer t",
                          "xgroup-createconsumer t", "xgroup-createconsumer t", "xgroup-delconsumer t",
                          "xgroup-destroy t"));
}

TEST_F(StreamGroupsTest, ChangesOfGroupsAreHiddenFromWatchers) {
  RespClient watcher = Connect();
  const auto exec_after = [&](const std::string& line) {
    EXPECT_THAT(watcher.Command("WATCH", "s", "t"), IsOk());
    Run(line);
    EXPECT_THAT(watcher.Command("MULTI"), IsOk());
    return Show(watcher.Command("EXEC"));
  };
  for (const char* line : {"XGROUP CREATE s h 0", "XGROUP SETID s h 0", "XREADGROUP GROUP g a COUNT 2 STREAMS s >",
                           "XACK s g 1", "XCLAIM s g b 0 2", "XAUTOCLAIM s g c 0 0", "XGROUP DELCONSUMER s g b",
                           "XGROUP CREATECONSUMER s g d", "XGROUP DESTROY s h", "XSETID s 99"}) {
    EXPECT_EQ(exec_after(line), "[]") << line;
  }
  for (const char* line : {"XGROUP CREATE t g 0 MKSTREAM", "XADD s 100 f v", "XDEL s 100", "XTRIM s MAXLEN 1"}) {
    EXPECT_EQ(exec_after(line), "(nil)") << line;
  }
}

TEST_F(StreamGroupsTest, AGroupMayBeCalledAsAKeyword) {
  Expect("XGROUP CREATE s streams 0", "OK");
  Expect("XREADGROUP GROUP streams c COUNT 1 STREAMS s >", "[[s [[1-0 [f 1]]]]]");
}

}  // namespace
}  // namespace pinion::test
